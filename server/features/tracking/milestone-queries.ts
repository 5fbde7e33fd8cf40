import { db, fromJson } from '../../core/db/index.ts'
import { NotFoundError } from '../../core/errors.ts'
import type { Actor } from '../../core/rights/index.ts'
import type { Translated } from '../../core/text.ts'
import { addDays } from '../../core/time.ts'
import { type EnrolmentPlaces, type PlacesRow, reachableEnrolments, toPlaces, withPlaces } from '../progress/places.ts'
import type { EvidenceState, MilestoneState } from './state.ts'

/** Who may come near a learner's milestones at all: staff and employers, and the learner. */
export const SEEING = ['tracking.view', 'tracking.offer'] as const

/** One milestone of one learner with its state; nothing stored yet means open, version 0. */
export type LearnerMilestone = {
  id: number
  position: number
  kind: string
  title: Translated
  hint: Translated
  module_id: number | null
  required_count: number
  isRequired: boolean
  dueOn: string | null
  stateId: number | null
  state: MilestoneState
  countDone: number
  /** Offered participations that await a decision. */
  offered: number
  doneOn: string | null
  source: string | null
  confirmedBy: string | null
  comment: string | null
  version: number
}

/** An enrolment as its tracking journal needs it. */
export type LearnerHead = {
  enrolmentId: number
  state: string
  places: EnrolmentPlaces
  lastName: string
  firstName: string
  middleName: string | null
  cohortTitle: string
  cohortState: string
  startsOn: string
  learnersFrom: string | null
  programmeTitle: Translated
}

const head = [
  ...['e.id as enrolment_id', 'e.state as enrolment_state', 'p.last_name', 'p.first_name', 'p.middle_name'],
  ...['c.title as cohort_title', 'c.state as cohort_state', 'c.starts_on', 'c.learners_from'],
  'pr.title as programme_title',
]

// biome-ignore lint/suspicious/noExplicitAny: a raw row
const toHead = (row: any, date: string): LearnerHead => ({
  enrolmentId: row.enrolment_id,
  state: row.enrolment_state,
  places: toPlaces(row as PlacesRow, date),
  lastName: row.last_name,
  firstName: row.first_name,
  middleName: row.middle_name,
  cohortTitle: row.cohort_title,
  cohortState: row.cohort_state,
  startsOn: row.starts_on,
  learnersFrom: row.learners_from,
  programmeTitle: fromJson<Translated>(row.programme_title, {}),
})

/** The learners among these enrolments whom the actor may see, with all that rights depend on: one query. */
export async function listHeads(actor: Actor, enrolmentIds: readonly number[], date: string): Promise<LearnerHead[]> {
  // biome-ignore lint/suspicious/noExplicitAny: raw rows
  const rows: any[] = await reachableEnrolments(
    actor,
    SEEING,
    date,
    (query) => void query.whereIn('e.id', enrolmentIds),
  )
    .modify(withPlaces(date))
    .select(head)
  return rows.map((row) => toHead(row, date))
}

/** @throws NotFoundError if there is no such enrolment or the actor may not see it */
export async function selectHead(actor: Actor, enrolmentId: number, date: string): Promise<LearnerHead> {
  const [found] = await listHeads(actor, [enrolmentId], date)
  if (!found) throw new NotFoundError()
  return found
}

/** The milestones of a learner's programme with their states, in order. */
export const listMilestones = (learner: LearnerHead, milestoneId?: number): Promise<LearnerMilestone[]> =>
  listMilestonesOf(learner.enrolmentId, learner.places.programmeId, learner.startsOn, milestoneId)

/** The same, where the enrolment is known already. @param startsOn the civil date from which due dates are counted */
export async function listMilestonesOf(
  enrolmentId: number,
  programmeId: number,
  startsOn: string,
  milestoneId?: number,
): Promise<LearnerMilestone[]> {
  // biome-ignore lint/suspicious/noExplicitAny: raw rows
  const rows: any[] = await db()('milestones as m')
    .leftJoin('milestone_states as s', (on) => on.on('s.milestone_id', 'm.id').andOnVal('s.enrolment_id', enrolmentId))
    .leftJoin('people as by', 'by.id', 's.confirmed_by')
    .where('m.programme_id', programmeId)
    .whereNull('m.archived_at')
    .modify((query) => void (milestoneId && query.where('m.id', milestoneId)))
    .orderBy(['m.position', 'm.id'])
    .select('m.id', 'm.position', 'm.kind', 'm.title', 'm.hint', 'm.module_id', 'm.required_count', 'm.is_required')
    .select('m.due_day_offset', 's.id as state_id', 's.state', 's.count_done', 's.done_on', 's.source', 's.comment')
    .select('s.version', 'by.last_name as by_last_name', 'by.first_name as by_first_name')
    .select(
      db()('milestone_evidence as me')
        .whereRaw('me.milestone_state_id = s.id')
        .where('me.state', 'offered')
        .count('*')
        .as('offered'),
    )
  return rows.map((row) => toMilestone(row, startsOn))
}

// biome-ignore lint/suspicious/noExplicitAny: a raw row
export const toMilestone = (row: any, startsOn: string): LearnerMilestone => ({
  id: row.id,
  position: row.position,
  kind: row.kind,
  title: fromJson<Translated>(row.title, {}),
  hint: fromJson<Translated>(row.hint, {}),
  module_id: row.module_id,
  required_count: row.required_count,
  isRequired: row.is_required === 1,
  dueOn: row.due_day_offset === null ? null : addDays(startsOn, row.due_day_offset),
  stateId: row.state_id,
  state: row.state ?? 'open',
  countDone: row.count_done ?? 0,
  offered: Number(row.offered ?? 0),
  doneOn: row.done_on,
  source: row.source,
  confirmedBy: row.by_last_name ? `${row.by_first_name} ${row.by_last_name}` : null,
  comment: row.comment,
  version: row.version ?? 0,
})

/** @throws NotFoundError if the learner's programme has no such milestone */
export async function selectMilestone(learner: LearnerHead, milestoneId: number): Promise<LearnerMilestone> {
  const [found] = await listMilestones(learner, milestoneId)
  if (!found) throw new NotFoundError()
  return found
}

export type EvidenceRow = {
  id: number
  milestone_state_id: number
  milestone_id: number
  note: string | null
  link: string | null
  file_id: number | null
  file_name: string | null
  media_type: string | null
  size: number | string | null
  state: EvidenceState
  created_by: number | null
  created_at: string
  author_last_name: string | null
  author_first_name: string | null
}

/** Evidence of a learner's milestones, oldest first; what was taken back is not shown. */
export const listEvidence = (enrolmentId: number, milestoneId?: number): Promise<EvidenceRow[]> =>
  db()('milestone_evidence as me')
    .join('milestone_states as s', 's.id', 'me.milestone_state_id')
    .leftJoin('files as f', 'f.id', 'me.file_id')
    .leftJoin('people as by', 'by.id', 'me.created_by')
    .where('s.enrolment_id', enrolmentId)
    .whereNot('me.state', 'withdrawn')
    .modify((query) => void (milestoneId && query.where('s.milestone_id', milestoneId)))
    .orderBy('me.id')
    .select(
      'me.id',
      'me.milestone_state_id',
      's.milestone_id',
      'me.note',
      'me.link',
      'me.file_id',
      'f.name as file_name',
      'f.media_type',
      'f.size',
    )
    .select('me.state', 'me.created_by', 'me.created_at')
    .select('by.last_name as author_last_name', 'by.first_name as author_first_name')

export type HistoryRow = {
  id: number
  type: string
  occurred_at: string
  data: Record<string, unknown>
  by: string | null
}

/** What happened to a milestone of a learner, newest first. */
export async function listHistory(stateId: number | null): Promise<HistoryRow[]> {
  if (stateId === null) return []
  const rows = await db()('domain_events as d')
    .leftJoin('people as by', 'by.id', 'd.actor_id')
    .where({ 'd.subject_type': 'milestoneState', 'd.subject_id': stateId })
    .orderBy('d.id', 'desc')
    .limit(100)
    .select('d.id', 'd.type', 'd.occurred_at', 'd.data', 'by.last_name', 'by.first_name')
  return rows.map((row) => ({
    ...{ id: Number(row.id), type: row.type, occurred_at: row.occurred_at },
    data: fromJson<Record<string, unknown>>(row.data, {}),
    by: row.last_name ? `${row.first_name} ${row.last_name}` : null,
  }))
}

/** Where a piece of evidence belongs. @throws NotFoundError */
export async function selectEvidencePlace(
  evidenceId: number,
): Promise<{ enrolmentId: number; milestoneId: number; createdBy: number | null; state: EvidenceState }> {
  const row = await db()('milestone_evidence as me')
    .join('milestone_states as s', 's.id', 'me.milestone_state_id')
    .where('me.id', evidenceId)
    .first('s.enrolment_id', 's.milestone_id', 'me.created_by', 'me.state')
  if (!row) throw new NotFoundError()
  return { enrolmentId: row.enrolment_id, milestoneId: row.milestone_id, createdBy: row.created_by, state: row.state }
}
