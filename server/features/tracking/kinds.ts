/**
 * What each kind of milestone means: the one place to touch when a kind is added or when a later feature (questionnaires,
 * open lessons, volunteer actions, portfolio) begins to know by itself what is confirmed by hand until then.
 */
export type MilestoneKind = {
  /** What the system itself knows of it: such a milestone ticks and unticks by itself and nobody confirms it. */
  known: 'route' | 'credit' | null
  /** Whether confirming demands something to look at. */
  evidence: 'required' | 'optional'
  /** Done only after `required_count` accepted participations; others are done by one confirmation. */
  counted: boolean
  icon: string
}

const kind = (icon: string, values: Partial<MilestoneKind> = {}): MilestoneKind => ({
  known: null,
  evidence: 'optional',
  counted: false,
  icon,
  ...values,
})

const KINDS: Record<string, MilestoneKind> = {
  questionnaire: kind('clipboard-text'),
  route: kind('route', { known: 'route' }),
  module_credit: kind('certificate', { known: 'credit' }),
  reviewed_lesson: kind('school', { evidence: 'required' }),
  counted_participation: kind('heart-handshake', { evidence: 'required', counted: true }),
  presentation: kind('presentation'),
  portfolio: kind('briefcase'),
  manual: kind('checklist'),
}

type Milestone = { kind: string; module_id: number | null; required_count: number }

/** The meaning of a milestone's kind. A kind that nobody knows (from a later version) is confirmed by hand. */
export const kindOf = (milestone: { kind: string }): MilestoneKind =>
  Object.hasOwn(KINDS, milestone.kind) ? (KINDS[milestone.kind] as MilestoneKind) : (KINDS.manual as MilestoneKind)

/** Kinds that the system knows, as the database names them. */
export const KNOWN_KINDS: readonly string[] = Object.entries(KINDS).flatMap(([name, { known }]) =>
  known ? [name] : [],
)

/** Whether the system ticks it. A credit without a module cannot be known: a person confirms it. */
export const isKnown = (milestone: Milestone): boolean => {
  const { known } = kindOf(milestone)
  return known === 'route' || (known === 'credit' && milestone.module_id !== null)
}

/** How many participations it takes. */
export const requiredOf = (milestone: Milestone): number =>
  kindOf(milestone).counted ? Math.max(1, milestone.required_count) : 1
