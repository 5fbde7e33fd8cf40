import { db, withTransaction } from '../../core/db/index.ts'
import { ConflictError, InputError } from '../../core/errors.ts'
import { keepFile } from '../../core/files/index.ts'
import type { UploadedFile } from '../../core/http/uploads.ts'
import type { Actor } from '../../core/rights/index.ts'
import { authorityToday } from '../../core/settings.ts'
import { changeFromEvidence, countEvidence, holdMilestone, storeChange } from './change.ts'
import { insertEvidence, selectDecidable } from './evidence-service.ts'
import type { CommentInput, ConfirmInput } from './input.ts'
import { isKnown, kindOf } from './kinds.ts'
import type { LearnerMilestone } from './milestone-queries.ts'
import { isMet } from './state.ts'
import { syncKnownMilestones } from './sync.ts'

/** Nobody confirms by hand what the system knows, nor twice. */
function demandUnmet(milestone: LearnerMilestone) {
  if (isKnown(milestone)) throw InputError.of('', 'tracking.confirm.known')
  if (isMet(milestone.state)) throw new ConflictError('tracking.conflict')
}

/**
 * Confirms a milestone of a learner; what was offered is accepted with it, and what the confirming person adds is kept
 * as evidence. A counted milestone gets what was added as one more participation, or else everything offered.
 * @throws InputError if this kind demands evidence and there is none
 * @throws ConflictError if it has changed since the page was shown
 */
export async function confirmMilestone(
  actor: Actor,
  enrolmentId: number,
  milestoneId: number,
  input: ConfirmInput,
  file?: UploadedFile,
): Promise<void> {
  const date = authorityToday()
  if (input.on !== null && input.on > date) throw InputError.of('on', 'tracking.confirm.inFuture')
  const { learner, milestone: seen } = await selectDecidable(actor, enrolmentId, milestoneId, date)
  if (seen.version !== input.version) throw new ConflictError('tracking.conflict')
  demandUnmet(seen)
  const isGiven = Boolean(input.note || input.link || file)
  const fileId = file ? await keepFile(actor, file, 'file') : null
  await withTransaction(async () => {
    const milestone = await holdMilestone(learner, milestoneId, input.version)
    demandUnmet(milestone)
    const { counted, evidence } = kindOf(milestone)
    const { accepted, offered } = await countEvidence(milestone.stateId)
    if (evidence === 'required' && accepted + offered === 0 && !isGiven) {
      throw InputError.of('note', 'tracking.confirm.evidenceNeeded')
    }
    if (counted && !isGiven && offered === 0) throw InputError.of('note', 'tracking.confirm.participationNeeded')
    const acceptOffered = !counted || !isGiven
    const total = accepted + (acceptOffered ? offered : 0) + (isGiven ? 1 : 0)
    const day = input.on ?? date
    const by = { personId: actor.personId, today: day }
    const change = counted
      ? changeFromEvidence(milestone, { accepted: total, offered: acceptOffered ? 0 : offered }, by)
      : { state: 'done' as const, countDone: 1, doneOn: day, confirmedBy: actor.personId, comment: null }
    const data = isGiven ? { note: input.note, link: input.link, fileId } : {}
    const stateId = await storeChange(actor, learner, milestone, change, { type: 'milestoneConfirmed', data })
    if (acceptOffered) await moveAll(stateId, 'offered', 'accepted')
    if (isGiven) await insertEvidence(actor, stateId, { note: input.note, link: input.link, fileId, state: 'accepted' })
  })
}

const moveAll = (stateId: number, from: string, to: string) =>
  db()('milestone_evidence').where({ milestone_state_id: stateId, state: from }).update({ state: to })

/** Sends everything offered back to the learner, with the reason. */
export async function returnMilestone(actor: Actor, enrolmentId: number, milestoneId: number, input: CommentInput) {
  const date = authorityToday()
  const { learner } = await selectDecidable(actor, enrolmentId, milestoneId, date)
  await withTransaction(async () => {
    const milestone = await holdMilestone(learner, milestoneId, input.version)
    if (isMet(milestone.state)) throw new ConflictError('tracking.conflict')
    const { accepted, offered } = await countEvidence(milestone.stateId)
    if (offered === 0) throw InputError.of('comment', 'tracking.return.nothing')
    const by = { personId: null, today: date, comment: input.comment, returned: true }
    const change = changeFromEvidence(milestone, { accepted, offered: 0 }, by)
    const stateId = await storeChange(actor, learner, milestone, change, { type: 'milestoneReturned' })
    await moveAll(stateId, 'offered', 'declined')
  })
}

/** Frees a learner from a milestone, with the reason: prior learning, illness, a decision of the commission. */
export async function waiveMilestone(actor: Actor, enrolmentId: number, milestoneId: number, input: CommentInput) {
  const date = authorityToday()
  const { learner } = await selectDecidable(actor, enrolmentId, milestoneId, date)
  await withTransaction(async () => {
    const milestone = await holdMilestone(learner, milestoneId, input.version)
    if (isMet(milestone.state)) throw new ConflictError('tracking.conflict')
    const change = {
      ...{ state: 'waived' as const, countDone: milestone.countDone, doneOn: date },
      ...{ confirmedBy: actor.personId, comment: input.comment },
    }
    await storeChange(actor, learner, milestone, change, { type: 'milestoneWaived' })
  })
}

/**
 * Takes a confirmation or a waiver back, with the reason. Evidence awaits a decision again; what the system knows is ticked
 * again at once if it holds.
 */
export async function reopenMilestone(actor: Actor, enrolmentId: number, milestoneId: number, input: CommentInput) {
  const date = authorityToday()
  const { learner } = await selectDecidable(actor, enrolmentId, milestoneId, date)
  await withTransaction(async () => {
    const milestone = await holdMilestone(learner, milestoneId, input.version)
    if (!isMet(milestone.state)) throw new ConflictError('tracking.conflict')
    if (milestone.state === 'done' && milestone.source === 'auto') throw InputError.of('', 'tracking.confirm.known')
    const counts = await countEvidence(milestone.stateId)
    const by = { personId: null, today: date, comment: input.comment }
    const wasConfirmed = milestone.state === 'done'
    const after = wasConfirmed ? { accepted: 0, offered: counts.accepted + counts.offered } : counts
    const change = changeFromEvidence(milestone, after, by)
    const stateId = await storeChange(actor, learner, milestone, change, { type: 'milestoneReopened' })
    if (wasConfirmed) await moveAll(stateId, 'accepted', 'offered')
    if (isKnown(milestone)) await syncKnownMilestones([enrolmentId])
  })
}
