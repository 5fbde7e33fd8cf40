/** How a milestone stands for a learner. */
export const STATES = ['open', 'submitted', 'returned', 'done', 'waived'] as const
export type MilestoneState = (typeof STATES)[number]

/** Evidence offered by the learner, accepted or declined by an entitled person, or taken back by who offered it. */
export type EvidenceState = 'offered' | 'accepted' | 'declined' | 'withdrawn'

type Counts = { required: number; accepted: number; offered: number }

/**
 * The state that follows from the evidence. `submitted` means that nothing more is wanted of the learner: a counted
 * milestone with one of three offered stays open, and its date goes on running.
 * @param returned the last decision sent evidence back
 */
export function stateOfEvidence({ required, accepted, offered }: Counts, returned = false): MilestoneState {
  if (accepted >= required) return 'done'
  if (accepted + offered >= required) return 'submitted'
  return returned && offered === 0 ? 'returned' : 'open'
}

/** Whether a milestone counts towards completion. */
export const isMet = (state: string): boolean => state === 'done' || state === 'waived'

/** Whether it is the learner's turn: what awaits a decision is not late through them. */
export const isWithLearner = (state: string): boolean => state === 'open' || state === 'returned'

/** Whether the date has passed while it was the learner's turn. */
export const isLate = (state: string, dueOn: string | null, today: string): boolean =>
  dueOn !== null && dueOn < today && isWithLearner(state)
