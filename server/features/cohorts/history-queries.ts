import { db, fromJson } from '../../core/db/index.ts'
import { type Paging, paged } from '../../core/http/paging.ts'

export type PersonHappening = {
  id: number
  action: string
  reason: string | null
  data: Record<string, unknown>
  at: string
  enrolment_id: number
  /** Whom it happened to. */
  last_name: string
  first_name: string
  middle_name: string | null
  /** Who did it; null: the system. */
  actor_last_name: string | null
  actor_first_name: string | null
}

// biome-ignore lint/suspicious/noExplicitAny: a raw row
const toHappening = (row: any): PersonHappening => ({ ...row, data: fromJson<Record<string, unknown>>(row.data, {}) })

const happenings = () =>
  db()('enrolment_history as h')
    .join('enrolments as e', 'e.id', 'h.enrolment_id')
    .join('people as p', 'p.id', 'e.person_id')
    .leftJoin('people as a', 'a.id', 'h.actor_id')
    .select('h.id', 'h.action', 'h.reason', 'h.data', 'h.at', 'h.enrolment_id')
    .select('p.last_name', 'p.first_name', 'p.middle_name')
    .select('a.last_name as actor_last_name', 'a.first_name as actor_first_name')

/** What happened to the people of a cohort, the latest first. The caller has seen that the actor oversees the cohort. */
export async function listPeopleHistory(cohortId: number, paging: Paging) {
  const result = await paged<{ id: number; at: string }>(
    happenings().where('e.cohort_id', cohortId),
    paging,
    'h.at',
    'h.id',
    (row) => ({ key: row.at, id: row.id }),
    { descending: true },
  )
  return { ...result, rows: result.rows.map(toHappening) }
}

/** Everything that happened to one enrolment, the latest first. */
export async function listEnrolmentHistory(enrolmentId: number): Promise<PersonHappening[]> {
  const rows = await happenings().where('h.enrolment_id', enrolmentId).orderBy('h.id', 'desc').limit(200)
  return rows.map(toHappening)
}

export type CohortHappening = {
  id: number
  type: string
  data: Record<string, unknown>
  occurred_at: string
  last_name: string | null
  first_name: string | null
  group_name: string | null
}

/** Happenings of a cohort and its groups that the history tells of. */
export const COHORT_EVENTS = [
  ...['cohortCreated', 'cohortChanged', 'cohortStateChanged', 'timetableCreated', 'peopleMovedOut'],
  ...['groupCreated', 'groupChanged', 'groupArchived', 'groupRestored', 'instructorAdded', 'instructorRemoved'],
] as const

/** What was done with the cohort and its groups, the latest first. */
export async function listCohortHistory(cohortId: number, paging: Paging) {
  const groups = db()('groups').where('cohort_id', cohortId).select('id')
  const result = await paged<{ id: number; occurred_at: string }>(
    db()('domain_events as d')
      .leftJoin('people as a', 'a.id', 'd.actor_id')
      .leftJoin('groups as g', (on) => void on.on('g.id', 'd.subject_id').andOnVal('d.subject_type', 'group'))
      .whereIn('d.type', [...COHORT_EVENTS])
      .where((either) => {
        void either.where({ 'd.subject_type': 'cohort', 'd.subject_id': cohortId })
        void either.orWhere((group) => void group.where('d.subject_type', 'group').whereIn('d.subject_id', groups))
      })
      .select('d.id', 'd.type', 'd.data', 'd.occurred_at', 'a.last_name', 'a.first_name', 'g.name as group_name'),
    paging,
    'd.occurred_at',
    'd.id',
    (row) => ({ key: row.occurred_at, id: row.id }),
    { descending: true },
  )
  return { ...result, rows: result.rows.map(toHappening) as unknown as CohortHappening[] }
}
