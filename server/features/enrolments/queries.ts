import type { Knex } from 'knex'
import { db, fromJson } from '../../core/db/index.ts'
import { NotFoundError } from '../../core/errors.ts'
import { countCapped, EXPORT_PAGE, eachPage, type Paging, paged } from '../../core/http/paging.ts'
import type { Actor } from '../../core/rights/index.ts'
import { beginningWith, fold, type Translated } from '../../core/text.ts'
import { cohortPolicy, enrolmentSight } from '../cohorts/policy.ts'
import { selectCohort } from '../cohorts/queries.ts'
import { withinOrganisations } from '../organisations/queries.ts'
import { currentEmployments } from '../people/policy.ts'
import type { EnrolmentState } from './change-service.ts'
import type { PeopleFilter } from './input.ts'

export type EnrolmentRow = {
  id: number
  cohort_id: number
  person_id: number
  state: EnrolmentState
  enrolled_on: string
  ended_on: string | null
  version: number
  last_name: string
  first_name: string
  middle_name: string | null
  sort_name: string
  email: string | null
  organisation: string | null
  position: string | null
  route: string | null
}

/** Enrolments that the actor sees: `e`, its cohort `c`, the person `p` and the route `r`. */
const visibleEnrolments = (actor: Actor): Knex.QueryBuilder =>
  db()('enrolments as e')
    .join('cohorts as c', 'c.id', 'e.cohort_id')
    .join('people as p', 'p.id', 'e.person_id')
    .leftJoin('learning_routes as r', 'r.enrolment_id', 'e.id')
    .modify(enrolmentSight.visibleTo(actor, 'view'))

const groupsOf = () =>
  db()('group_members as gm')
    .join('groups as g', 'g.id', 'gm.group_id')
    .whereNull('gm.ends_on')
    .select('gm.enrolment_id')

const matching = (cohortId: number, filter: PeopleFilter) => (query: Knex.QueryBuilder) => {
  void query.where('e.cohort_id', cohortId)
  if (filter.state === 'current') void query.whereIn('e.state', ['active', 'suspended'])
  else if (filter.state !== 'all') void query.where('e.state', filter.state)
  for (const word of fold(filter.q ?? '')
    .split(/[\s.,-]+/)
    .filter(Boolean)
    .slice(0, 5)) {
    void query.whereIn('p.id', db()('person_words').whereBetween('word', beginningWith(word)).select('person_id'))
  }
  const { organisation, group, without, route } = filter
  if (organisation) {
    const employed = db()('employments as w')
      .modify((work) => currentEmployments(work, 'w'))
      .whereIn('w.organisation_id', withinOrganisations([organisation]))
    void query.whereIn('p.id', employed.select('w.person_id'))
  }
  if (group) void query.whereIn('e.id', groupsOf().where('g.id', group))
  if (without) void query.whereNotIn('e.id', groupsOf().where({ 'g.module_id': without, 'g.cohort_id': cohortId }))
  if (route === 'none') void query.whereNull('r.id')
  else if (route === 'missing') {
    void query.where('e.state', 'active')
    void query.where((open) => void open.whereNull('r.id').orWhereIn('r.state', ['draft', 'returned']))
  } else if (route) void query.where('r.state', route)
}

/** Each person's main place of work today, as `wo` (organisation) and `wp` (position). */
export function joinWork(query: Knex.QueryBuilder): void {
  const first = db()('employments as w')
    .modify((work) => currentEmployments(work, 'w'))
    .whereRaw('w.person_id = p.id')
    .orderBy([{ column: 'w.is_primary', order: 'desc' }, { column: 'w.id' }])
    .limit(1)
    .select('w.id')
  void query
    .leftJoin('employments as pw', (on) => void on.on('pw.id', '=', db().raw('(?)', [first])))
    .leftJoin('organisations as wo', 'wo.id', 'pw.organisation_id')
    .leftJoin('positions as wp', 'wp.id', 'pw.position_id')
    .select('wo.short_name as organisation', 'wp.name as position')
}

const COLUMNS = [
  ...['e.id', 'e.cohort_id', 'e.person_id', 'e.state', 'e.enrolled_on', 'e.ended_on', 'e.version'],
  ...['p.last_name', 'p.first_name', 'p.middle_name', 'p.sort_name', 'p.email', 'r.state as route'],
]

/** One page of a cohort's people by name. */
export async function listEnrolments(actor: Actor, cohortId: number, filter: PeopleFilter, paging: Paging, size = 50) {
  // Places of work are looked up for the rows of the page only, never for everybody who matches.
  const found = await paged<{ id: number; sort_name: string }>(
    visibleEnrolments(actor).modify(matching(cohortId, filter)).select('e.id', 'p.sort_name'),
    paging,
    'p.sort_name',
    'e.id',
    (row) => ({ key: row.sort_name, id: row.id }),
    { size },
  )
  const ids = found.rows.map((row) => row.id)
  return { ...found, rows: await rowsOf(ids) }
}

const rowsOf = (ids: readonly number[]): Promise<EnrolmentRow[]> =>
  db()('enrolments as e')
    .join('people as p', 'p.id', 'e.person_id')
    .leftJoin('learning_routes as r', 'r.enrolment_id', 'e.id')
    .whereIn('e.id', [...ids])
    .modify(joinWork)
    .orderBy(['p.sort_name', 'e.id'])
    .select(COLUMNS)

export const countEnrolments = (actor: Actor, cohortId: number, filter: PeopleFilter) =>
  countCapped(visibleEnrolments(actor).modify(matching(cohortId, filter)))

/** Ids of all who match, at most `limit`. */
export const listEnrolmentIds = (
  actor: Actor,
  cohortId: number,
  filter: PeopleFilter,
  limit: number,
): Promise<number[]> =>
  visibleEnrolments(actor).modify(matching(cohortId, filter)).orderBy('e.id').limit(limit).pluck('e.id')

/** Enrolments of the cohort by id, for the question before a change; by name. */
export const listChosen = (actor: Actor, cohortId: number, ids: readonly number[]): Promise<EnrolmentRow[]> =>
  visibleEnrolments(actor)
    .where('e.cohort_id', cohortId)
    .whereIn('e.id', [...ids])
    .orderBy(['p.sort_name', 'e.id'])
    .select(COLUMNS)

/** @throws NotFoundError if it is no enrolment of this cohort, or not visible */
export async function selectEnrolment(actor: Actor, cohortId: number, id: number): Promise<EnrolmentRow> {
  const row = await visibleEnrolments(actor)
    .where({ 'e.id': id, 'e.cohort_id': cohortId })
    .modify(joinWork)
    .select(COLUMNS)
    .first()
  if (!row) throw new NotFoundError()
  return row
}

/** The same, for who may change it. @throws NotFoundError, ForbiddenError */
export async function selectEnrolmentToEdit(actor: Actor, cohortId: number, id: number): Promise<EnrolmentRow> {
  cohortPolicy.demand(actor, 'enrol', await selectCohort(actor, cohortId))
  return selectEnrolment(actor, cohortId, id)
}

export type MembershipRow = { enrolment_id: number; group_id: number; name: string; module_id: number }

/** The groups of these enrolments today, by module. */
export const listMemberships = (enrolmentIds: readonly number[]): Promise<MembershipRow[]> =>
  db()('group_members as gm')
    .join('groups as g', 'g.id', 'gm.group_id')
    .join('modules as m', 'm.id', 'g.module_id')
    .whereNull('gm.ends_on')
    .whereIn('gm.enrolment_id', [...enrolmentIds])
    .orderBy(['m.position', 'm.id', 'g.id'])
    .select('gm.enrolment_id', 'gm.group_id', 'g.name', 'g.module_id')

export function byEnrolment(rows: readonly MembershipRow[]): Map<number, MembershipRow[]> {
  const groups = new Map<number, MembershipRow[]>()
  for (const row of rows) groups.set(row.enrolment_id, [...(groups.get(row.enrolment_id) ?? []), row])
  return groups
}

export type GroupChoice = {
  id: number
  name: string
  module_id: number
  moduleTitle: Translated
  capacity: number | null
  members: number
}

/** Open groups of a cohort by module: for filters and for moving people. */
export async function listGroupChoices(cohortId: number): Promise<GroupChoice[]> {
  const members = db()('group_members as gm')
    .join('enrolments as e', 'e.id', 'gm.enrolment_id')
    .whereRaw('gm.group_id = g.id')
    .whereNull('gm.ends_on')
    .whereIn('e.state', ['active', 'suspended'])
    .count('*')
    .as('members')
  const rows = await db()('groups as g')
    .join('modules as m', 'm.id', 'g.module_id')
    .where('g.cohort_id', cohortId)
    .whereNull('g.archived_at')
    .orderBy(['m.position', 'm.id', 'g.id'])
    .select('g.id', 'g.name', 'g.module_id', 'g.capacity', 'm.title', members)
  // biome-ignore lint/suspicious/noExplicitAny: a raw row
  return rows.map(({ title, members: count, ...row }: any) => ({
    ...row,
    members: Number(count),
    moduleTitle: fromJson<Translated>(title, {}),
  }))
}

/** Places of work of the people in a cohort, for the filter. */
export const listOrganisationsOf = (actor: Actor, cohortId: number): Promise<{ id: number; short_name: string }[]> =>
  db()('organisations as o')
    .whereIn(
      'o.id',
      visibleEnrolments(actor)
        .join('employments as w', 'w.person_id', 'p.id')
        .modify((work) => currentEmployments(work, 'w'))
        .where('e.cohort_id', cohortId)
        .select('w.organisation_id'),
    )
    .orderBy(['o.short_name_folded', 'o.id'])
    .limit(500)
    .select('o.id', 'o.short_name')

/** Other cohorts of the programme that take people. */
export const listOtherCohorts = (
  programmeId: number,
  exceptId: number,
): Promise<{ id: number; title: string; taken: number; capacity: number | null }[]> =>
  db()('cohorts')
    .where('programme_id', programmeId)
    .whereNot('id', exceptId)
    .whereIn('state', ['planned', 'running'])
    .orderBy('starts_on', 'desc')
    .limit(100)
    .select('id', 'title', 'taken', 'capacity')

/** Everybody who matches, in pieces of a thousand by name, with their groups: exports stream them. */
export async function* exportEnrolments(actor: Actor, cohortId: number, filter: PeopleFilter) {
  for await (const rows of eachPage((paging) => listEnrolments(actor, cohortId, filter, paging, EXPORT_PAGE))) {
    const groups = byEnrolment(await listMemberships(rows.map((row) => row.id)))
    for (const row of rows) yield { row, groups: groups.get(row.id) ?? [] }
  }
}
