/** The words in which the rules of a learning route are spoken. Pure data: no titles, no languages, no database. */

/** Limits of a whole programme. `null` means "no limit". Hours are academic hours. */
export interface ProgrammeRules {
  minTopics: number | null
  maxTopics: number | null
  minHours: number | null
  maxHours: number | null
  /** How many hours of own items a route may hold. */
  ownItemsMaxHours: number | null
}

/** Limits of one module; compulsory topics count like any other topic of the route. */
export interface ModuleRules {
  id: number
  position: number
  minTopics: number | null
  maxTopics: number | null
  minHours: number | null
  maxHours: number | null
}

export interface TopicRules {
  id: number
  moduleId: number
  position: number
  hours: number
  isCompulsory: boolean
  /** Topics that must be in the same route. */
  requires: readonly number[]
}

/** A span of time, UTC text `YYYY-MM-DD HH:MM:SS.mmm`, so that spans compare as text. */
export interface Span {
  startsAt: string
  endsAt: string
}

/** A topic offered to a group on certain dates with a certain number of places. */
export interface Offering {
  id: number
  topicId: number
  capacity: number | null
  taken: number
  /** False when the learner has chosen it earlier and has since left its group. */
  isOfOwnGroup: boolean
  dates: readonly Span[]
}

/** A class of the learner's whole group, which everybody attends whatever they chose. */
export interface GroupLesson extends Span {
  moduleId: number
}

export interface Choice {
  topicId: number
  /** Null for a compulsory topic that is not offered yet or has no place left. */
  offeringId: number | null
}

/** Why nothing can be changed at this moment. */
export type ClosedReason = 'not_open_yet' | 'window_over' | 'submitted' | 'approved' | 'enrolment_ended'

/** Everything an evaluation depends on. */
export interface RouteSituation {
  rules: ProgrammeRules
  modules: readonly ModuleRules[]
  topics: readonly TopicRules[]
  offerings: readonly Offering[]
  groupLessons: readonly GroupLesson[]
  /** The draft. */
  choices: readonly Choice[]
  /** The route in force, whose places are held whatever the draft says. */
  inForce: readonly Choice[]
  /** Hours of each own item of the draft. */
  ownItems: readonly { hours: number }[]
  closed: ClosedReason | null
  /** UTC text. */
  now: string
}

/** The other side of a clash: a topic of the route, or a class of the whole group of a module. */
export type ClashWith = { kind: 'topic'; id: number } | { kind: 'group_lesson'; id: number }

/** Why a topic, or one of its offerings, cannot be chosen now. */
export type Obstacle =
  | { code: 'closed'; because: ClosedReason }
  | { code: 'not_offered' }
  | { code: 'prerequisite'; topicIds: number[] }
  | { code: 'module_max_topics'; max: number }
  | { code: 'module_max_hours'; max: number; left: number }
  | { code: 'total_max_topics'; max: number }
  | { code: 'total_max_hours'; max: number; left: number }
  | { code: 'full'; capacity: number }
  | { code: 'begun'; at: string }
  | { code: 'past'; at: string }
  | { code: 'clash'; with: ClashWith; at: string }

/** Why a topic of the draft cannot be taken out of it now. */
export type RemovalObstacle =
  | { code: 'closed'; because: ClosedReason }
  | { code: 'compulsory' }
  | { code: 'begun'; at: string }

/** What must be mended before the route can be submitted. `anchor` is the id of the place where it is mended. */
export type Gap = { anchor: string } & (
  | { code: 'module_topics_under'; moduleId: number; min: number; missing: number; selectable: number }
  | { code: 'module_hours_under'; moduleId: number; min: number; missing: number; selectable: number }
  | { code: 'module_topics_over'; moduleId: number; max: number; over: number }
  | { code: 'module_hours_over'; moduleId: number; max: number; over: number }
  | { code: 'total_topics_under'; min: number; missing: number }
  | { code: 'total_hours_under'; min: number; missing: number }
  | { code: 'total_topics_over'; max: number; over: number }
  | { code: 'total_hours_over'; max: number; over: number }
  | { code: 'own_hours_over'; max: number; over: number }
  | { code: 'compulsory_missing'; topicId: number }
  | { code: 'choice_not_offered'; topicId: number }
  | { code: 'prerequisite'; topicId: number; requires: number }
  | { code: 'clash'; topicId: number; with: ClashWith; at: string }
)

/** What the learner should know but cannot mend and need not: it never stands in the way of submitting. */
export type Notice = { anchor: string } & (
  | { code: 'compulsory_clash'; topicId: number; with: ClashWith; at: string }
  | { code: 'compulsory_without_place'; topicId: number }
  | { code: 'prerequisite_later'; topicId: number; requires: number }
)

export interface OfferingStatus {
  offeringId: number
  /** Null: no limit of places. Never negative. */
  placesLeft: number | null
  available: boolean
  obstacles: Obstacle[]
}

export interface TopicStatus {
  topicId: number
  isChosen: boolean
  /** In the route in force, whatever the draft says. */
  isInForce: boolean
  chosenOfferingId: number | null
  /** Not chosen, and at least one offering could be taken now. */
  available: boolean
  /** Obstacles of the topic itself; those of a date and place are in `offerings`. */
  obstacles: Obstacle[]
  offerings: OfferingStatus[]
  /** Null when the topic is not chosen or can be removed. */
  removalObstacle: RemovalObstacle | null
}

export interface ModuleStatus {
  moduleId: number
  topics: number
  hours: number
  /** All of its own limits are kept and all its compulsory topics are in. */
  satisfied: boolean
}

/** A pair of spans that overlap; each pair is listed once, the lower topic id first. */
export interface Clash {
  topicId: number
  with: ClashWith
  at: string
  until: string
}

export interface RouteEvaluation {
  topics: number
  topicHours: number
  ownHours: number
  /** `topicHours + ownHours`. */
  hours: number
  /** Hours of own items that may still be added; null: no limit. */
  ownHoursLeft: number | null
  modules: ModuleStatus[]
  satisfiedModules: number
  topicStatuses: Map<number, TopicStatus>
  clashes: Clash[]
  gaps: Gap[]
  notices: Notice[]
  /** The route is open for changes and nothing is missing. */
  canSubmit: boolean
}

export const moduleAnchor = (moduleId: number) => `module-${moduleId}`
export const topicAnchor = (topicId: number) => `topic-${topicId}`
export const ownItemsAnchor = 'own-items'
export const modulesAnchor = 'modules'
