import { db, insertRow, isUniqueViolation } from '../../core/db/index.ts'
import { ConflictError } from '../../core/errors.ts'
import { recordEvent } from '../../core/events/index.ts'
import type { Actor } from '../../core/rights/index.ts'
import { nowUtc } from '../../core/time.ts'
import { requiredOf } from './kinds.ts'
import { type LearnerHead, type LearnerMilestone, selectMilestone } from './milestone-queries.ts'
import { type MilestoneState, stateOfEvidence } from './state.ts'

/** What a change writes into the row of a milestone's state. */
export type Change = {
  state: MilestoneState
  countDone: number
  doneOn: string | null
  confirmedBy: number | null
  comment: string | null
}

/**
 * Holds a learner's milestones until the transaction ends: people who decide at once follow one another, and so does what
 * the system ticks by itself.
 */
export const holdMilestones = (enrolmentIds: readonly number[]) =>
  db()('enrolments').whereIn('id', enrolmentIds).orderBy('id').forUpdate().select('id')

/**
 * The milestone as it stands now, held until the transaction ends.
 * @param version what the person saw; undefined where any will do
 * @throws ConflictError if it has changed since
 */
export async function holdMilestone(
  learner: LearnerHead,
  milestoneId: number,
  version?: number,
): Promise<LearnerMilestone> {
  await holdMilestones([learner.enrolmentId])
  const milestone = await selectMilestone(learner, milestoneId)
  if (version !== undefined && milestone.version !== version) throw new ConflictError('tracking.conflict')
  return milestone
}

/**
 * Stores a change of a milestone's state and records what happened, with before and after.
 * @returns the id of the state
 */
export async function storeChange(
  actor: Actor,
  learner: LearnerHead,
  before: LearnerMilestone,
  change: Change,
  event: { type: string; data?: Record<string, unknown> },
): Promise<number> {
  const values = {
    ...{ state: change.state, count_done: change.countDone, done_on: change.doneOn, source: 'manual' },
    ...{ confirmed_by: change.confirmedBy, comment: change.comment, updated_at: nowUtc() },
  }
  const id = before.stateId ?? (await insertState(learner, before, values))
  if (before.stateId !== null) {
    const changed = await db()('milestone_states')
      .where({ id, version: before.version })
      .update({ ...values, version: before.version + 1 })
    if (!changed) throw new ConflictError('tracking.conflict')
  }
  await recordEvent(
    actor,
    event.type,
    { type: 'milestoneState', id },
    {
      ...{ enrolmentId: learner.enrolmentId, milestoneId: before.id, personId: learner.places.personId },
      before: { state: before.state, countDone: before.countDone },
      after: { state: change.state, countDone: change.countDone },
      ...(change.comment ? { comment: change.comment } : {}),
      ...event.data,
    },
  )
  return id
}

async function insertState(learner: LearnerHead, milestone: LearnerMilestone, values: object): Promise<number> {
  try {
    const key = { enrolment_id: learner.enrolmentId, milestone_id: milestone.id }
    return await insertRow('milestone_states', { ...key, ...values, version: 1 })
  } catch (error) {
    if (isUniqueViolation(error)) throw new ConflictError('tracking.conflict')
    throw error
  }
}

/** Counts a milestone's evidence as it stands in the transaction. */
export async function countEvidence(stateId: number | null): Promise<{ accepted: number; offered: number }> {
  const counts = { accepted: 0, offered: 0 }
  if (stateId === null) return counts
  const rows = await db()('milestone_evidence')
    .where({ milestone_state_id: stateId })
    .whereIn('state', ['accepted', 'offered'])
    .groupBy('state')
    .select('state', db().raw('count(*) as number'))
  for (const row of rows) counts[row.state as 'accepted' | 'offered'] = Number(row.number)
  return counts
}

/** The change that follows from the evidence as it stands now. */
export function changeFromEvidence(
  milestone: LearnerMilestone,
  counts: { accepted: number; offered: number },
  by: { personId: number | null; today: string; comment?: string | null; returned?: boolean },
): Change {
  const state = stateOfEvidence({ required: requiredOf(milestone), ...counts }, by.returned)
  const done = state === 'done'
  return {
    state,
    countDone: counts.accepted,
    doneOn: done ? by.today : null,
    confirmedBy: done ? by.personId : null,
    comment: by.comment ?? null,
  }
}
