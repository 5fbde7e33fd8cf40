import type { Knex } from 'knex'
import { chunks, db, fromJson } from '../../core/db/index.ts'
import { countCapped, type Paged, paged } from '../../core/http/paging.ts'
import type { Actor } from '../../core/rights/index.ts'
import { fold, likePrefix, type Translated } from '../../core/text.ts'
import { knownEmployers, presentEmployments } from '../progress/places.ts'
import { type AttentionFacts, needsAttention } from './attention.ts'
import type { EmployeeFilter, ListQuery } from './input.ts'
import { followed, PERMISSION } from './policy.ts'

export type EmployeeRow = AttentionFacts & {
  id: number
  person_id: number
  last_name: string
  first_name: string
  middle_name: string | null
  sort_name: string
  cohort_title: string
  organisation: string | null
  position: string | null
  lessons_missed: number | null
  credits_passed: number | null
  modules_total: number | null
  milestones_done: number | null
  milestones_total: number | null
  route_hours: number | null
  nextMilestone: Translated | null
  nextMilestoneKind: string | null
}

const withProgress = (query: Knex.QueryBuilder) =>
  void query.leftJoin('enrolment_progress as ep', 'ep.enrolment_id', 'e.id')

const CURRENT_COHORTS = ['planned', 'running']

const shownAs = (shown: EmployeeFilter['shown']) => (query: Knex.QueryBuilder) => {
  if (shown === 'withdrawn') return void query.where('e.state', 'withdrawn')
  if (shown === 'finished') {
    void query.whereNot('e.state', 'withdrawn')
    return void query.where((over) => over.where('e.state', 'completed').orWhereNotIn('c.state', CURRENT_COHORTS))
  }
  return void query.whereIn('e.state', ['active', 'suspended']).whereIn('c.state', CURRENT_COHORTS)
}

const matching = (actor: Actor, filter: EmployeeFilter, date: string) => (query: Knex.QueryBuilder) => {
  void query.modify(shownAs(filter.shown))
  if (filter.q) {
    for (const word of fold(filter.q).split(' ')) void query.where('p.sort_name', 'like', `%${likePrefix(word)}`)
  }
  if (filter.attention) void query.whereRaw(needsAttention(date))
  if (filter.route) void query.whereRaw("coalesce(ep.route_state, 'none') = ?", [filter.route])
  if (filter.cohort) void query.where('e.cohort_id', filter.cohort)
  if (filter.organisation) {
    const employed = presentEmployments(date).modify(knownEmployers(actor, PERMISSION))
    void query.whereIn(
      'e.person_id',
      employed.where('emp.organisation_id', filter.organisation).select('emp.person_id'),
    )
  }
}

/** The employment that is shown: of those that the actor may know, the main one. */
const shownEmployment = (actor: Actor, date: string) =>
  presentEmployments(date)
    .modify(knownEmployers(actor, PERMISSION))
    .whereRaw('emp.person_id = e.person_id')
    .orderBy([{ column: 'emp.is_primary', order: 'desc' }, 'emp.id'])
    .limit(1)
    .select('emp.id')

/** The columns of a row over `e`, `c`, `p` and `ep`. */
export const columnsOf = (actor: Actor, date: string) => (query: Knex.QueryBuilder) =>
  void query
    .leftJoin('milestones as nm', 'nm.id', 'ep.next_milestone_id')
    .leftJoin('employments as job', (on) => void on.on('job.id', db().raw('?', [shownEmployment(actor, date)])))
    .leftJoin('organisations as eo', 'eo.id', 'job.organisation_id')
    .leftJoin('positions as ps', 'ps.id', 'job.position_id')
    .select('e.id', 'e.person_id', 'e.state', 'e.cohort_id', 'c.state as cohort_state', 'c.title as cohort_title')
    .select('c.route_opens_on', 'c.route_closes_on', 'p.last_name', 'p.first_name', 'p.middle_name', 'p.sort_name')
    .select('ep.lessons_held', 'ep.lessons_attended', 'ep.lessons_missed', 'ep.credits_passed', 'ep.modules_total')
    .select('ep.milestones_done', 'ep.milestones_total', 'ep.next_due_on', 'ep.route_state', 'ep.route_hours')
    .select('nm.title as next_title', 'nm.kind as next_kind', 'eo.short_name as organisation', 'ps.name as position')

// biome-ignore lint/suspicious/noExplicitAny: a raw row
export const toRow = (row: any): EmployeeRow => ({
  ...row,
  nextMilestone: row.next_title === null ? null : fromJson<Translated>(row.next_title, {}),
  nextMilestoneKind: row.next_kind,
})

/**
 * Rows by their ids, in the order of the ids. Ids are found and ordered first and dressed afterwards: sorting whole rows
 * with texts costs the database a table on disk. The caller has found the ids within the actor's reach.
 */
export async function selectRows(actor: Actor, ids: readonly number[], date: string): Promise<EmployeeRow[]> {
  if (!ids.length) return []
  // biome-ignore lint/suspicious/noExplicitAny: raw rows
  const rows: any[] = await db()('enrolments as e')
    .join('cohorts as c', 'c.id', 'e.cohort_id')
    .join('people as p', 'p.id', 'e.person_id')
    .modify(withProgress)
    .whereIn('e.id', ids)
    .modify(columnsOf(actor, date))
  const byId = new Map<number, EmployeeRow>(rows.map((row) => [row.id, toRow(row)]))
  return ids.flatMap((id) => byId.get(id) ?? [])
}

/** What a list is sorted by, as one comparable value; those of whom nothing is known come first or last together. */
const SORT_KEYS: Record<EmployeeFilter['sort'], { sql: string; numeric: boolean }> = {
  name: { sql: 'p.sort_name', numeric: false },
  due: { sql: "coalesce(ep.next_due_on, '9999-12-31')", numeric: false },
  attendance: {
    sql: 'case when coalesce(ep.lessons_held, 0) = 0 then 2000 else round(ep.lessons_attended * 1000.0 / ep.lessons_held) end',
    numeric: true,
  },
  credits: { sql: 'coalesce(ep.credits_passed, 0)', numeric: true },
  milestones: { sql: 'coalesce(ep.milestones_done, 0)', numeric: true },
}

export type Found = { id: number; sort_key: string | number }

/** One page of employees under a filter: their ids, for `selectRows`. */
export function findEmployees(actor: Actor, filter: ListQuery, date: string): Promise<Paged<Found>> {
  const key = SORT_KEYS[filter.sort]
  const query = followed(actor, date)
    .modify(withProgress)
    .modify(matching(actor, filter, date))
    .select('e.id', db().raw(`${key.sql} as sort_key`))
  // Names are a column with an index; what is computed is compared outside, where it has a name.
  const isName = filter.sort === 'name'
  return paged<Found>(
    isName ? query : db().from(query.as('x')),
    filter,
    isName ? 'p.sort_name' : 'x.sort_key',
    isName ? 'e.id' : 'x.id',
    (row) => ({ key: String(row.sort_key), id: row.id }),
    { descending: filter.dir === 'desc', numeric: key.numeric },
  )
}

/** Those who need attention, the most overdue first: their ids. */
export const findAttention = (actor: Actor, date: string, limit: number): Promise<number[]> =>
  followed(actor, date)
    .modify(withProgress)
    .modify(shownAs('current'))
    .whereRaw(needsAttention(date))
    .orderByRaw("coalesce(ep.next_due_on, '9999-12-31')")
    .orderBy(['p.sort_name', 'e.id'])
    .limit(limit)
    .pluck('e.id')

/** Everybody under a filter, in its order: for exports and print. */
export async function listAllEmployees(
  actor: Actor,
  filter: EmployeeFilter,
  date: string,
  limit: number,
): Promise<EmployeeRow[]> {
  const ids: number[] = await followed(actor, date)
    .modify(withProgress)
    .modify(matching(actor, filter, date))
    .orderByRaw(`${SORT_KEYS[filter.sort].sql} ${filter.dir}`)
    .orderBy('e.id', filter.dir)
    .limit(limit)
    .pluck('e.id')
  const rows: EmployeeRow[] = []
  for (const chunk of chunks(ids, 1000)) rows.push(...(await selectRows(actor, chunk, date)))
  return rows
}

export const countEmployees = (actor: Actor, filter: EmployeeFilter, date: string) =>
  countCapped(
    followed(actor, date)
      .modify(withProgress)
      .modify(matching(actor, filter, date)),
  )

export type Counts = {
  /** People who learn now, and those of them who need attention. */
  learning: number
  attention: number
  /** Enrolments under way: somebody may learn in two cohorts. */
  rows: number
}

/** What the first sentence says. */
export async function countLearning(actor: Actor, date: string): Promise<Counts> {
  const row = await followed(actor, date)
    .modify(withProgress)
    .modify(shownAs('current'))
    .select(db().raw('count(distinct e.person_id) as learning, count(*) as row_count'))
    .select(db().raw('count(distinct case when ? then e.person_id end) as attention', [needsAttention(date)]))
    .first()
  return { learning: Number(row.learning), attention: Number(row.attention), rows: Number(row.row_count) }
}

export type Choice = { id: number; name: string }

/** Cohorts to filter by, the latest first: those of people whom the actor follows. */
export const listCohortChoices = (actor: Actor, date: string): Promise<Choice[]> =>
  followed(actor, date).distinct('c.id', 'c.title as name').orderBy('c.id', 'desc').limit(200)

/** Places of work to filter by, for who follows people of more than one. */
export async function listOrganisationChoices(actor: Actor, date: string): Promise<Choice[]> {
  if (isOfOnePlace(actor)) return []
  return presentEmployments(date)
    .modify(knownEmployers(actor, PERMISSION))
    .join('organisations as co', 'co.id', 'emp.organisation_id')
    .whereIn(
      'emp.person_id',
      db().from(followed(actor, date).distinct('e.person_id').as('seen_people')).select('person_id'),
    )
    .distinct('co.id', 'co.short_name as name')
    .orderBy(['name', 'co.id'])
    .limit(200)
}

/** A director of one organisation, or a manager: nothing to choose between. */
function isOfOnePlace(actor: Actor): boolean {
  const scopes = actor.grants.filter((grant) =>
    PERMISSION.some((name) => grant.permissions.has(name) || grant.permissions.has('*')),
  )
  const places = new Set(scopes.map(({ scope }) => `${scope.type} ${scope.id}`))
  return places.size === 1 && scopes.every(({ scope }) => scope.type === 'organisation' || scope.type === 'reports')
}

export type WeekRow = { week: string; held: number; attended: number; credits: number }

/** Attendance and credits by week since a Monday: of everyone followed who learns now, or of one enrolment. */
export async function listWeeks(actor: Actor, date: string, since: string, enrolmentId?: number): Promise<WeekRow[]> {
  // biome-ignore lint/suspicious/noExplicitAny: raw rows
  const rows: any[] = await followed(actor, date, (query) => void (enrolmentId && query.where('e.id', enrolmentId)))
    .modify((query) => void (enrolmentId || query.modify(shownAs('current'))))
    .join('progress_weeks as w', 'w.enrolment_id', 'e.id')
    .where('w.week_starts_on', '>=', since)
    .groupBy('w.week_starts_on')
    .orderBy('w.week_starts_on')
    .select('w.week_starts_on as week')
    .select(db().raw('sum(w.held) as held, sum(w.attended) as attended, sum(w.credits) as credits'))
  return rows.map((row) => ({
    week: row.week,
    held: Number(row.held),
    attended: Number(row.attended),
    credits: Number(row.credits),
  }))
}
