import type { Translated } from '../../core/text.ts'
import type { ProgrammeRules, Span } from './rules-types.ts'

/** A learning route as it is stored, decoded and gathered for one look: what rules, pages and snapshots are made from. */
export interface RouteData {
  head: RouteHead
  modules: RouteModule[]
  topics: RouteTopic[]
  /** Classes of the whole group, attended whatever one chose. */
  groupLessons: (Span & { moduleId: number; title: string | null; place: string | null })[]
  ownItems: RouteOwnItem[]
}

export type RouteState = 'draft' | 'submitted' | 'approved' | 'returned'

export interface RouteHead {
  enrolmentId: number
  enrolmentState: string
  personId: number
  personName: string
  cohort: {
    id: number
    title: string
    startsOn: string
    endsOn: string
    routeOpensOn: string | null
    routeClosesOn: string | null
    learnersFrom: string | null
    directorsFrom: string | null
  }
  programme: { id: number; title: Translated; hours: number; rules: ProgrammeRules; approval: 'none' | 'methodist' }
  /** Null until the learner makes the first step: then the route is created. */
  routeId: number | null
  state: RouteState
  /** Number of the last version sent; 0: none yet. */
  versionNumber: number
  draftRevision: number
  submittedAt: string | null
  decidedAt: string | null
  decidedByName: string | null
  comment: string | null
}

export interface RouteModule {
  id: number
  position: number
  title: Translated
  hours: number
  minTopics: number | null
  maxTopics: number | null
  minHours: number | null
  maxHours: number | null
  /** The learner's group in this module, if any. */
  groupId: number | null
  groupName: string | null
}

export interface RouteTopic {
  id: number
  moduleId: number
  position: number
  title: Translated
  /** Sanitised HTML per language. */
  description: Translated
  hours: number
  format: string
  isCompulsory: boolean
  requires: number[]
  /** Of the learner's present group. */
  offering: RouteOffering | null
  /** The offering taken, if the learner has since left its group or it was cancelled. */
  formerOffering: RouteOffering | null
  inDraft: boolean
  inForce: boolean
}

export interface RouteOffering {
  id: number
  capacity: number | null
  taken: number
  place: string | null
  link: string | null
  /** In order of time. */
  dates: Span[]
}

export type OwnItemKind = 'self_education' | 'public_activity'
export type OwnItemPlace = 'inside' | 'outside'

export interface RouteOwnItem {
  id: number
  kind: OwnItemKind
  place: OwnItemPlace
  title: string
  description: string
  hours: number
  startsOn: string | null
  endsOn: string | null
  inDraft: boolean
  inForce: boolean
  version: number
}

/** The offering that a topic of the route is taken in: of the present group, unless it was taken in an earlier one. */
export const takenOffering = (topic: RouteTopic): RouteOffering | null => topic.formerOffering ?? topic.offering

/** Topics of the draft in the order of the map; compulsory ones are always among them. */
export const draftTopics = (data: RouteData): RouteTopic[] =>
  data.topics.filter((topic) => topic.inDraft || topic.isCompulsory)

/** Whether some version of the route is in force. */
export const hasForce = (data: RouteData): boolean => [...data.topics, ...data.ownItems].some((one) => one.inForce)

/** Whether the draft differs from the route in force (always true while nothing is in force). */
export const differsFromForce = (data: RouteData): boolean =>
  !hasForce(data) || [...data.topics, ...data.ownItems].some((one) => one.inForce !== one.inDraft)

/** Whether the learner has chosen anything: compulsory topics are not their doing. */
export const hasElectives = (data: RouteData): boolean =>
  data.topics.some((topic) => topic.inDraft && !topic.isCompulsory)

/**
 * The route as onlookers see it: what is in force, without the draft over it, which is its author's working paper. While
 * nothing is in force they see the draft.
 */
export function asOnlookersSee(data: RouteData): RouteData {
  if (!hasForce(data)) return data
  const shown = <T extends { inDraft: boolean; inForce: boolean }>(one: T): T => ({ ...one, inDraft: one.inForce })
  return {
    ...data,
    head: { ...data.head, state: 'approved' },
    topics: data.topics.map(shown),
    ownItems: data.ownItems.map(shown),
  }
}
