import { db, insertRow, withTransaction } from '../../core/db/index.ts'
import { ConflictError, ForbiddenError, InputError, NotFoundError } from '../../core/errors.ts'
import { attachFile, detachFile, keepFile } from '../../core/files/index.ts'
import type { UploadedFile } from '../../core/http/uploads.ts'
import type { Actor } from '../../core/rights/index.ts'
import { authorityToday } from '../../core/settings.ts'
import { nowUtc } from '../../core/time.ts'
import { changeFromEvidence, countEvidence, holdMilestone, storeChange } from './change.ts'
import type { CommentInput, EvidenceInput } from './input.ts'
import { isKnown, kindOf } from './kinds.ts'
import {
  type LearnerHead,
  type LearnerMilestone,
  selectEvidencePlace,
  selectHead,
  selectMilestone,
} from './milestone-queries.ts'
import { isOwn, mayConfirm, maySeeEvidence } from './policy.ts'
import { type EvidenceState, isMet } from './state.ts'

export const EVIDENCE_OWNER = 'milestone_evidence'

/** More undecided evidence than this is a mistake or mischief. */
const MOST_UNDECIDED = 10

/** Stores a piece of evidence on a state that is there already. @returns its id */
export async function insertEvidence(
  actor: Actor,
  stateId: number,
  evidence: { note: string | null; link: string | null; fileId: number | null; state: EvidenceState },
): Promise<number> {
  const { note, link, fileId, state } = evidence
  const row = { milestone_state_id: stateId, note, link, file_id: fileId, state }
  const id = await insertRow('milestone_evidence', { ...row, created_by: actor.personId, created_at: nowUtc() })
  if (fileId !== null) await attachFile(fileId, EVIDENCE_OWNER, id)
  return id
}

/** Whether the learner may offer evidence now; the page asks the same before it shows the form. */
export function canOffer(actor: Actor, learner: LearnerHead, milestone: LearnerMilestone, date: string): boolean {
  if (!isOwn(actor, learner.places) || learner.state !== 'active') return false
  if (learner.learnersFrom !== null && learner.learnersFrom > date) return false
  if (learner.cohortState === 'archived' || isKnown(milestone)) return false
  return !isMet(milestone.state) && milestone.offered < MOST_UNDECIDED
}

/**
 * The learner offers evidence of a milestone: words, a link, a file, any of them.
 * @throws InputError if there is nothing in it or the file is not of an allowed kind
 * @throws ConflictError if the milestone has changed since the page was shown (also by sending twice)
 */
export async function offerEvidence(
  actor: Actor,
  enrolmentId: number,
  milestoneId: number,
  input: EvidenceInput,
  file?: UploadedFile,
): Promise<void> {
  const date = authorityToday()
  const learner = await selectHead(actor, enrolmentId, date)
  if (!isOwn(actor, learner.places)) throw new ForbiddenError()
  const seen = await selectMilestone(learner, milestoneId)
  if (seen.version !== input.version) throw new ConflictError('tracking.conflict')
  if (!canOffer(actor, learner, seen, date)) throw new ForbiddenError('tracking.offer.closed')
  if (!input.note && !input.link && !file) throw InputError.of('note', 'tracking.offer.empty')
  const fileId = file ? await keepFile(actor, file, 'file') : null
  await withTransaction(async () => {
    const milestone = await holdMilestone(learner, milestoneId, input.version)
    const counts = await countEvidence(milestone.stateId)
    const change = changeFromEvidence(
      milestone,
      { ...counts, offered: counts.offered + 1 },
      { personId: null, today: date },
    )
    const data = { note: input.note, link: input.link, fileId }
    const stateId = await storeChange(actor, learner, milestone, change, { type: 'milestoneOffered', data })
    await insertEvidence(actor, stateId, { note: input.note, link: input.link, fileId, state: 'offered' })
  })
}

/** Who offered evidence takes it back while nobody has decided on it. */
export async function withdrawEvidence(
  actor: Actor,
  evidenceId: number,
): Promise<{ enrolmentId: number; milestoneId: number }> {
  const date = authorityToday()
  const place = await selectEvidencePlace(evidenceId)
  const learner = await selectHead(actor, place.enrolmentId, date)
  if (!isOwn(actor, learner.places) || place.createdBy !== actor.personId) throw new ForbiddenError()
  await withTransaction(async () => {
    const milestone = await holdMilestone(learner, place.milestoneId)
    await moveEvidence(evidenceId, ['offered'], 'withdrawn')
    const counts = await countEvidence(milestone.stateId)
    const change = changeFromEvidence(milestone, counts, { personId: null, today: date })
    await storeChange(actor, learner, milestone, change, { type: 'milestoneEvidenceWithdrawn', data: { evidenceId } })
    const row = await db()('milestone_evidence').where({ id: evidenceId }).first('file_id')
    if (row?.file_id) await detachFile(row.file_id, EVIDENCE_OWNER, evidenceId)
  })
  return place
}

/** @throws ConflictError if somebody decided on it meanwhile */
async function moveEvidence(id: number, from: EvidenceState[], to: EvidenceState) {
  const changed = await db()('milestone_evidence').where({ id }).whereIn('state', from).update({ state: to })
  if (!changed) throw new ConflictError('tracking.conflict')
}

/**
 * The learner and the milestone of someone who decides on it.
 * @throws NotFoundError if the learner is not visible, ForbiddenError if the actor does not decide on this milestone
 */
export async function selectDecidable(actor: Actor, enrolmentId: number, milestoneId: number, date: string) {
  const learner = await selectHead(actor, enrolmentId, date)
  const milestone = await selectMilestone(learner, milestoneId)
  if (!mayConfirm(actor, { places: learner.places, moduleId: milestone.module_id })) throw new ForbiddenError()
  if (learner.state === 'withdrawn' || learner.cohortState === 'archived') throw new ForbiddenError('tracking.closed')
  return { learner, milestone }
}

/** Accepts one participation of a counted milestone. */
export async function acceptEvidence(actor: Actor, evidenceId: number, version: number) {
  return decide(actor, evidenceId, { version, comment: null }, 'accepted')
}

/** Sends one participation of a counted milestone back, with the reason; also one that was accepted by mistake. */
export async function declineEvidence(actor: Actor, evidenceId: number, input: CommentInput) {
  return decide(actor, evidenceId, input, 'declined')
}

async function decide(
  actor: Actor,
  evidenceId: number,
  input: { version: number; comment: string | null },
  to: 'accepted' | 'declined',
): Promise<{ enrolmentId: number; milestoneId: number }> {
  const date = authorityToday()
  const place = await selectEvidencePlace(evidenceId)
  const { learner, milestone: seen } = await selectDecidable(actor, place.enrolmentId, place.milestoneId, date)
  if (!kindOf(seen).counted) throw new NotFoundError()
  await withTransaction(async () => {
    const milestone = await holdMilestone(learner, place.milestoneId, input.version)
    if (milestone.state === 'waived') throw new ConflictError('tracking.conflict')
    await moveEvidence(evidenceId, to === 'accepted' ? ['offered'] : ['offered', 'accepted'], to)
    const counts = await countEvidence(milestone.stateId)
    const returned = to === 'declined'
    const by = { personId: actor.personId, today: date, comment: input.comment, returned }
    const type = to === 'accepted' ? 'milestoneConfirmed' : 'milestoneReturned'
    await storeChange(actor, learner, milestone, changeFromEvidence(milestone, counts, by), {
      type,
      data: { evidenceId },
    })
  })
  return place
}

/** Whether the actor may fetch a file that hangs on a piece of evidence. */
export async function mayReadEvidenceFile(actor: Actor, evidenceId: number): Promise<boolean> {
  const date = authorityToday()
  try {
    const place = await selectEvidencePlace(evidenceId)
    const learner = await selectHead(actor, place.enrolmentId, date)
    const milestone = await selectMilestone(learner, place.milestoneId)
    return maySeeEvidence(actor, { places: learner.places, moduleId: milestone.module_id })
  } catch (error) {
    if (error instanceof NotFoundError) return false
    throw error
  }
}
