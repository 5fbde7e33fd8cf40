import type { Knex } from 'knex'
import { db, fromJson } from '../../core/db/index.ts'
import { PAGE_SIZE, type Paged, paged } from '../../core/http/paging.ts'
import type { Actor } from '../../core/rights/index.ts'
import { beginningWith, fold, type Translated } from '../../core/text.ts'
import type { QueueQuery } from './input.ts'
import { visibleRoutes } from './queries.ts'
import type { RouteState } from './route-data.ts'

export interface OwnRoute {
  enrolmentId: number
  programme: Translated
  cohort: string
  startsOn: string
  endsOn: string
  enrolmentState: string
  state: RouteState | null
}

/** The enrolments of one person with the state of the route in each, the latest first. */
export async function listOwnRoutes(personId: number): Promise<OwnRoute[]> {
  const rows = await db()('enrolments as e')
    .join('cohorts as c', 'c.id', 'e.cohort_id')
    .join('programmes as p', 'p.id', 'c.programme_id')
    .leftJoin('learning_routes as r', 'r.enrolment_id', 'e.id')
    .where('e.person_id', personId)
    .orderBy([
      { column: 'c.starts_on', order: 'desc' },
      { column: 'e.id', order: 'desc' },
    ])
    .select('e.id', 'p.title', 'c.title as cohort', 'c.starts_on', 'c.ends_on', 'e.state as enrolment_state', 'r.state')
  return rows.map((row) => ({
    enrolmentId: row.id,
    programme: fromJson(row.title, {}),
    cohort: row.cohort,
    startsOn: row.starts_on,
    endsOn: row.ends_on,
    enrolmentState: row.enrolment_state,
    state: row.state,
  }))
}

export interface WaitingRow {
  enrolment_id: number
  person_id: number
  last_name: string
  first_name: string
  middle_name: string | null
  cohort: string
  programme: string
  submitted_at: string
  version_number: number
  hours: number
  had_force: number
  organisation: string | null
}

const waiting = (actor: Actor, date: string) =>
  visibleRoutes(actor, date, 'approve')
    .where('r.state', 'submitted')
    .whereNot('e.person_id', actor.personId ?? 0)

const matching = (filter: QueueQuery) => (query: Knex.QueryBuilder) => {
  if (filter.cohort) void query.where('e.cohort_id', filter.cohort)
  if (filter.q) void query.whereBetween('x.sort_name', beginningWith(fold(filter.q)))
}

/** Submitted routes that this actor may decide upon, those that wait longest first. */
export const listWaiting = (
  actor: Actor,
  date: string,
  filter: QueueQuery,
  size = PAGE_SIZE,
): Promise<Paged<WaitingRow>> =>
  paged<WaitingRow>(
    waiting(actor, date)
      .modify(matching(filter))
      .join('route_versions as v', (on) => on.on('v.route_id', 'r.id').andOn('v.number', 'r.version_number'))
      .select('e.id as enrolment_id', 'x.id as person_id', 'x.last_name', 'x.first_name', 'x.middle_name')
      .select('c.title as cohort', 'p.title as programme', 'r.submitted_at', 'r.version_number', 'v.hours')
      .select(
        db()('route_versions as f')
          .whereRaw('f.route_id = r.id')
          .where('f.state', 'approved')
          .count('*')
          .as('had_force'),
        db()('employments as emp')
          .join('organisations as org', 'org.id', 'emp.organisation_id')
          .whereRaw('emp.person_id = x.id')
          .where({ 'emp.state': 'confirmed', 'emp.is_primary': 1 })
          .whereNull('emp.ends_on')
          .select(db().raw('min(org.short_name)'))
          .as('organisation'),
      ),
    filter,
    'r.submitted_at',
    'e.id',
    (row) => ({ key: row.submitted_at, id: row.enrolment_id }),
    { size },
  )

/** Cohorts that have something waiting for this actor. */
export const listWaitingCohorts = (actor: Actor, date: string): Promise<{ id: number; title: string }[]> =>
  waiting(actor, date).groupBy('c.id', 'c.title').orderBy('c.title').limit(500).select('c.id', 'c.title')
