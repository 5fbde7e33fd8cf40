import type { Knex } from 'knex'
import { db } from '../../core/db/index.ts'
import { type Paged, type Paging, paged } from '../../core/http/paging.ts'
import type { Actor } from '../../core/rights/index.ts'
import { fold, likePrefix } from '../../core/text.ts'
import {
  type EnrolmentPlaces,
  knownEmployers,
  type PlacesRow,
  presentEmployments,
  reachableEnrolments,
  toPlaces,
  withPlaces,
} from '../progress/places.ts'
import { type CohortHead, narrowTo, offeredOf, VIEW } from './cohort-queries.ts'
import type { JournalFilter } from './input.ts'
import { type LearnerMilestone, toMilestone } from './milestone-queries.ts'

/** The milestones of a programme with the dates of a cohort, without anybody's state. */
export async function listColumns(cohort: CohortHead): Promise<LearnerMilestone[]> {
  const rows = await db()('milestones as m')
    .where('m.programme_id', cohort.programme_id)
    .whereNull('m.archived_at')
    .orderBy(['m.position', 'm.id'])
    .select('m.id', 'm.position', 'm.kind', 'm.title', 'm.hint', 'm.module_id', 'm.required_count', 'm.is_required')
    .select('m.due_day_offset')
  return rows.map((row) =>
    toMilestone({ ...row, state_id: null, done_on: null, source: null, comment: null }, cohort.starts_on),
  )
}

export type JournalRow = {
  id: number
  state: string
  last_name: string
  first_name: string
  middle_name: string | null
  sort_name: string
  email: string | null
  language: string | null
  organisation: string | null
  milestones_done: number | null
  milestones_total: number | null
  places: EnrolmentPlaces
}

type Journal = { cohort: CohortHead; columns: LearnerMilestone[]; filter: JournalFilter; date: string }

/** Learners of a cohort whom the actor may see and who pass the filter. Lists, counts, exports and letters share it. */
function matching(actor: Actor, journal: Journal): Knex.QueryBuilder {
  const { cohort, filter, date } = journal
  return reachableEnrolments(actor, VIEW, date, narrowTo(cohort.id))
    .leftJoin('enrolment_progress as ep', 'ep.enrolment_id', 'e.id')
    .whereNot('e.state', 'withdrawn')
    .modify((query) => {
      if (filter.q) void query.where('p.sort_name', 'like', `%${likePrefix(fold(filter.q))}`)
      if (filter.organisation) {
        const employed = presentEmployments(date)
          .modify(knownEmployers(actor, VIEW))
          .where('emp.organisation_id', filter.organisation)
        void query.whereIn('e.person_id', employed.select('emp.person_id'))
      }
      if (filter.group) {
        const members = db()('group_members as fm').where('fm.group_id', filter.group)
        void query.whereIn('e.id', members.whereNull('fm.ends_on').select('fm.enrolment_id'))
      }
      if (filter.state || filter.milestone) void query.modify(inState(journal))
    })
}

/** Of a chosen milestone, or of any that completion demands. */
const inState = ({ columns, filter, date }: Journal) => {
  const chosen = columns.filter((column) => (filter.milestone ? column.id === filter.milestone : column.isRequired))
  const late = chosen.filter((column) => column.dueOn !== null && column.dueOn < date)
  const inStates = (ids: number[], states: string[]) =>
    db()('milestone_states as fs')
      .whereRaw('fs.enrolment_id = e.id')
      .whereIn('fs.milestone_id', ids)
      .whereIn('fs.state', states)
  const some = (states: string[]) => inStates(idsOf(chosen), states).select(db().raw('1'))
  /** Not all of these milestones are in one of these states. */
  const notAll = (list: LearnerMilestone[], states: string[]) => (query: Knex.QueryBuilder) =>
    void query.whereRaw('? < ?', [inStates(idsOf(list), states).count('*'), list.length])
  return (query: Knex.QueryBuilder) => {
    switch (filter.state ?? 'missing') {
      case 'missing':
        return notAll(chosen, ['done', 'waived'])(query)
      case 'late':
        return notAll(late, ['done', 'waived', 'submitted'])(query)
      case 'returned':
        return void query.whereExists(some(['returned']))
      case 'done':
        return void query.whereRaw('? = ?', [inStates(idsOf(chosen), ['done', 'waived']).count('*'), chosen.length])
      case 'submitted':
        return void query.where((waits) => {
          void waits.whereExists(offeredOf('e.id', filter.milestone)).orWhereExists(some(['submitted']))
        })
    }
  }
}

const idsOf = (list: LearnerMilestone[]) => list.map((one) => one.id)

const selected = (actor: Actor, date: string) => (query: Knex.QueryBuilder) =>
  void query
    .modify(withPlaces(date))
    .select('e.id', 'e.state', 'p.last_name', 'p.first_name', 'p.middle_name', 'p.sort_name', 'p.email', 'p.language')
    .select('ep.milestones_done', 'ep.milestones_total')
    .select(
      presentEmployments(date)
        .modify(knownEmployers(actor, VIEW))
        .join('organisations as eo', 'eo.id', 'emp.organisation_id')
        .whereRaw('emp.person_id = e.person_id')
        .orderBy([{ column: 'emp.is_primary', order: 'desc' }, 'emp.id'])
        .limit(1)
        .select('eo.short_name')
        .as('organisation'),
    )

const toRow = (row: JournalRow & PlacesRow, date: string): JournalRow => ({ ...row, places: toPlaces(row, date) })

/** One page of a tracking journal's learners, by name. */
export async function listLearners(actor: Actor, journal: Journal, paging: Paging): Promise<Paged<JournalRow>> {
  const query = matching(actor, journal).modify(selected(actor, journal.date))
  const result = await paged<JournalRow & PlacesRow>(query, paging, 'p.sort_name', 'e.id', (row) => ({
    key: row.sort_name,
    id: row.id,
  }))
  return { ...result, rows: result.rows.map((row) => toRow(row, journal.date)) }
}

/** All of them, by name: for exports, print and letters. At most 2,000: a cohort is no larger. */
export async function listAllLearners(actor: Actor, journal: Journal): Promise<JournalRow[]> {
  const query = matching(actor, journal)
    .modify(selected(actor, journal.date))
    .orderBy(['p.sort_name', 'e.id'])
    .limit(2000)
  const rows: (JournalRow & PlacesRow)[] = await query
  return rows.map((row) => toRow(row, journal.date))
}

/** How many learners pass the filter, how many of them are late and how many wait for a decision. */
export async function countLearners(actor: Actor, journal: Journal) {
  const row = await matching(actor, journal)
    .select(db().raw('count(*) as total'))
    .select(
      db().raw("sum(case when ep.next_due_on < ? and e.state = 'active' then 1 else 0 end) as late", [journal.date]),
      db().raw('sum(case when exists ? then 1 else 0 end) as waiting', [offeredOf('e.id')]),
    )
    .first()
  return { total: Number(row.total), late: Number(row.late ?? 0), waiting: Number(row.waiting ?? 0) }
}

export type StoredState = {
  enrolment_id: number
  milestone_id: number
  state: string
  count_done: number
  done_on: string | null
  source: string
  offered: number
}

/** Everything stored about the milestones of these learners: one query. */
export const listStates = (enrolmentIds: number[]): Promise<StoredState[]> =>
  db()('milestone_states as s')
    .leftJoin(
      db()('milestone_evidence')
        .where('state', 'offered')
        .whereIn('milestone_state_id', db()('milestone_states').whereIn('enrolment_id', enrolmentIds).select('id'))
        .groupBy('milestone_state_id')
        .select('milestone_state_id', db().raw('count(*) as offered'))
        .as('o'),
      'o.milestone_state_id',
      's.id',
    )
    .whereIn('s.enrolment_id', enrolmentIds)
    .select('s.enrolment_id', 's.milestone_id', 's.state', 's.count_done', 's.done_on', 's.source')
    .select(db().raw('coalesce(o.offered, 0) as offered'))

export type Choice = { kind: 'group' | 'organisation'; id: number; name: string }

/** Groups and employers to filter by: those of learners whom the actor sees. */
export const listChoices = (actor: Actor, cohort: CohortHead, date: string): Promise<Choice[]> => {
  const seen = () => reachableEnrolments(actor, VIEW, date, narrowTo(cohort.id)).whereNot('e.state', 'withdrawn')
  const groups = seen()
    .join('group_members as cm', 'cm.enrolment_id', 'e.id')
    .join('groups as cg', 'cg.id', 'cm.group_id')
    .whereNull('cm.ends_on')
    .whereNull('cg.archived_at')
    .distinct(db().raw("'group' as kind"), 'cg.id', 'cg.name')
  const organisations = presentEmployments(date)
    .modify(knownEmployers(actor, VIEW))
    .join('organisations as co', 'co.id', 'emp.organisation_id')
    .whereIn('emp.person_id', seen().select('e.person_id'))
    .distinct(db().raw("'organisation' as kind"), 'co.id', 'co.short_name as name')
  return db()
    .from(groups.unionAll([organisations]).as('choice'))
    .orderBy(['kind', 'name', 'id'])
    .select('*')
}

/** Chosen learners of a cohort, as letters need them. */
export async function listAddressees(
  actor: Actor,
  cohort: CohortHead,
  ids: number[],
  date: string,
): Promise<JournalRow[]> {
  const query = reachableEnrolments(actor, VIEW, date, narrowTo(cohort.id))
    .leftJoin('enrolment_progress as ep', 'ep.enrolment_id', 'e.id')
    .whereIn('e.id', ids)
    .whereNot('e.state', 'withdrawn')
  const rows: (JournalRow & PlacesRow)[] = await query.modify(selected(actor, date)).orderBy(['p.sort_name', 'e.id'])
  return rows.map((row) => toRow(row, date))
}
