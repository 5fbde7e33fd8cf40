import { chunks, db, insertRows, withTransaction } from '../../core/db/index.ts'
import { ForbiddenError, InputError, NotFoundError } from '../../core/errors.ts'
import { recordEvents } from '../../core/events/index.ts'
import type { Actor } from '../../core/rights/index.ts'
import { authorityToday } from '../../core/settings.ts'
import { nowUtc } from '../../core/time.ts'
import { holdMilestones } from './change.ts'
import { selectCohort } from './cohort-queries.ts'
import type { BulkInput } from './input.ts'
import { isKnown, kindOf, requiredOf } from './kinds.ts'
import { type LearnerHead, type LearnerMilestone, listHeads, selectMilestone } from './milestone-queries.ts'
import { mayConfirm } from './policy.ts'
import { isMet, stateOfEvidence } from './state.ts'

type Stored = {
  id: number
  enrolment_id: number
  state: string
  version: number
  accepted: number
  offered: number
  /** Accepted participations with the very note that is to be added. */
  same: number
}
type Outcome = { learner: LearnerHead; before: Stored | undefined; state: string; countDone: number }

/**
 * Confirms one milestone for several learners of a cohort. A note is kept as evidence for each of them (in a counted
 * milestone: one more participation); without it what they have offered is accepted.
 * @returns how many were confirmed, and how many left as they were because there was nothing to confirm
 * @throws ForbiddenError if the actor does not decide on this milestone for one of them: then nothing is changed
 */
export async function confirmMany(
  actor: Actor,
  cohortId: number,
  input: BulkInput,
): Promise<{ confirmed: number; skipped: number }> {
  const date = authorityToday()
  const cohort = await selectCohort(actor, cohortId, date)
  const ids = [...new Set(input.enrolments)]
  const learners = await listHeads(actor, ids, date)
  if (learners.length < ids.length || learners.some((one) => one.places.cohortId !== cohort.id))
    throw new NotFoundError()
  const milestone = await selectMilestone(learners[0] as LearnerHead, input.milestone)
  if (isKnown(milestone)) throw InputError.of('milestone', 'tracking.confirm.known')
  const moduleId = milestone.module_id
  if (!learners.every(({ places }) => mayConfirm(actor, { places, moduleId }))) throw new ForbiddenError()
  if (cohort.state === 'archived') throw new ForbiddenError('tracking.closed')
  return withTransaction(async () => {
    await holdMilestones(ids)
    const stored = await listStored(ids, milestone.id, input.note)
    const outcomes = learners.flatMap((learner) => {
      const outcome = judge(milestone, learner, stored.get(learner.enrolmentId), input.note !== null)
      return outcome ? [outcome] : []
    })
    if (outcomes.length) await store(actor, milestone, outcomes, input.note, date)
    return { confirmed: outcomes.length, skipped: learners.length - outcomes.length }
  })
}

async function listStored(ids: number[], milestoneId: number, note: string | null): Promise<Map<number, Stored>> {
  const count = (state: string) =>
    db()('milestone_evidence as me').whereRaw('me.milestone_state_id = s.id').where('me.state', state).count('*')
  const rows: Stored[] = await db()('milestone_states as s')
    .where('s.milestone_id', milestoneId)
    .whereIn('s.enrolment_id', ids)
    .select(
      's.id',
      's.enrolment_id',
      's.state',
      's.version',
      count('accepted').as('accepted'),
      count('offered').as('offered'),
    )
    .select(
      count('accepted')
        .where('me.note', note ?? '')
        .as('same'),
    )
  return new Map(rows.map((row) => [row.enrolment_id, row]))
}

/** What confirming does to one learner; undefined: nothing, because it is met already or there is nothing to confirm. */
function judge(
  milestone: LearnerMilestone,
  learner: LearnerHead,
  before: Stored | undefined,
  hasNote: boolean,
): Outcome | undefined {
  if (learner.state === 'withdrawn' || isMet(before?.state ?? 'open')) return undefined
  const accepted = Number(before?.accepted ?? 0)
  const offered = Number(before?.offered ?? 0)
  const { counted, evidence } = kindOf(milestone)
  if (counted) {
    // The same note twice is the same action, sent twice.
    if (hasNote ? Number(before?.same ?? 0) > 0 : offered === 0) return undefined
    const counts = hasNote ? { accepted: accepted + 1, offered } : { accepted: accepted + offered, offered: 0 }
    return {
      learner,
      before,
      state: stateOfEvidence({ required: requiredOf(milestone), ...counts }),
      countDone: counts.accepted,
    }
  }
  if (evidence === 'required' && !hasNote && accepted + offered === 0) return undefined
  return { learner, before, state: 'done', countDone: 1 }
}

async function store(
  actor: Actor,
  milestone: LearnerMilestone,
  outcomes: Outcome[],
  note: string | null,
  date: string,
) {
  const now = nowUtc()
  const rows = outcomes.map(({ learner, before, state, countDone }) => ({
    ...{ enrolment_id: learner.enrolmentId, milestone_id: milestone.id, state, count_done: countDone },
    ...{ done_on: state === 'done' ? date : null, confirmed_by: state === 'done' ? actor.personId : null },
    ...{ source: 'manual', comment: null, version: (before?.version ?? 0) + 1, updated_at: now },
  }))
  for (const chunk of chunks(rows, 1000)) {
    await db()('milestone_states')
      .insert(chunk)
      .onConflict(['enrolment_id', 'milestone_id'])
      .merge(['state', 'count_done', 'done_on', 'confirmed_by', 'source', 'comment', 'version', 'updated_at'])
  }
  const ids = await stateIds(
    milestone.id,
    rows.map((row) => row.enrolment_id),
  )
  if (!(kindOf(milestone).counted && note)) {
    await db()('milestone_evidence')
      .whereIn('milestone_state_id', [...ids.values()])
      .where({ state: 'offered' })
      .update({ state: 'accepted' })
  }
  if (note) {
    const evidence = { note, state: 'accepted', created_by: actor.personId, created_at: now }
    await insertRows(
      'milestone_evidence',
      [...ids.values()].map((id) => ({ milestone_state_id: id, ...evidence })),
    )
  }
  await recordEvents(
    actor,
    'milestoneConfirmed',
    outcomes.map(({ learner, before, state, countDone }) => ({
      subject: { type: 'milestoneState', id: ids.get(learner.enrolmentId) as number },
      data: {
        ...{ enrolmentId: learner.enrolmentId, milestoneId: milestone.id, personId: learner.places.personId },
        ...{ before: { state: before?.state ?? 'open' }, after: { state, countDone }, ...(note ? { note } : {}) },
      },
    })),
  )
}

async function stateIds(milestoneId: number, enrolmentIds: number[]): Promise<Map<number, number>> {
  const rows: { id: number; enrolment_id: number }[] = await db()('milestone_states')
    .where({ milestone_id: milestoneId })
    .whereIn('enrolment_id', enrolmentIds)
    .select('id', 'enrolment_id')
  return new Map(rows.map((row) => [row.enrolment_id, row.id]))
}
