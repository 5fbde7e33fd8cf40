import type { Knex } from 'knex'
import { db } from '../../core/db/index.ts'
import { type Actor, reachOf, type Scope } from '../../core/rights/index.ts'
import { definePolicy, type Policy } from '../../core/rights/policy.ts'
import type { ScopeType } from '../../core/rights/scopes.ts'

/** Everything that an enrolment lies in today. Loaded with it (`withPlaces`), so that checks need no query. */
export type EnrolmentPlaces = {
  personId: number
  cohortId: number
  programmeId: number
  groups: { id: number; moduleId: number }[]
  /** Of the present employments, with all organisations above. Empty until the cohort lets directors in. */
  organisationIds: number[]
  departmentIds: number[]
  /** Direct managers. */
  managerIds: number[]
}

const scopes = (type: ScopeType, ids: readonly number[]): Scope[] => ids.map((id) => ({ type, id }))

/** Whoever has something to do with the learner's work or training, as scopes. */
export const enrolmentScopes = (places: EnrolmentPlaces): Scope[] => [
  { type: 'person', id: places.personId },
  { type: 'cohort', id: places.cohortId },
  { type: 'programme', id: places.programmeId },
  ...scopes('group', groupIdsOf(places)),
  ...scopes('module', moduleIdsOf(places)),
  ...scopes('organisation', places.organisationIds),
  ...scopes('department', places.departmentIds),
  ...scopes('reports', places.managerIds),
]

/** Where those stand who run the training or teach in it. */
export const trainingScopes = (places: EnrolmentPlaces): Scope[] => [
  { type: 'cohort', id: places.cohortId },
  { type: 'programme', id: places.programmeId },
]

/** Where those stand who answer for the learner at work. */
export const employerScopes = (places: EnrolmentPlaces): Scope[] => [
  ...scopes('organisation', places.organisationIds),
  ...scopes('department', places.departmentIds),
  ...scopes('reports', places.managerIds),
]

const groupIdsOf = (places: EnrolmentPlaces) => places.groups.map((group) => group.id)
const moduleIdsOf = (places: EnrolmentPlaces) => places.groups.map((group) => group.moduleId)

/** Present confirmed employments (`emp`): both the first and the last day count. */
export const presentEmployments = (date: string): Knex.QueryBuilder =>
  db()('employments as emp')
    .where('emp.state', 'confirmed')
    .where((open) => open.whereNull('emp.starts_on').orWhere('emp.starts_on', '<=', date))
    .where((open) => open.whereNull('emp.ends_on').orWhere('emp.ends_on', '>=', date))

const STAFF_SCOPES: ScopeType[] = ['programme', 'module', 'cohort', 'group']

/**
 * Narrows employments (`emp`) to those that the actor may know of: staff of the training all, an employer their own. Where
 * else an employee works is not a director's business.
 */
export const knownEmployers =
  (actor: Actor, permissions: readonly string[]) =>
  (query: Knex.QueryBuilder): void => {
    const reaches = permissions.map((permission) => reachOf(actor, permission))
    const ids = (type: ScopeType) => [...new Set(reaches.flatMap((reach) => reach.ids(type)))]
    if (reaches.some((reach) => reach.everywhere) || STAFF_SCOPES.some((type) => ids(type).length)) return
    const organisations = ids('organisation')
    const departments = ids('department')
    void query.where((either) => {
      void either.whereIn('emp.manager_id', ids('reports'))
      if (organisations.length) void either.orWhereIn('emp.organisation_id', organisations)
      if (departments.length) void either.orWhereIn('emp.department_id', within('departments', departments))
    })
  }

/** Present memberships (`gm`) of groups (`g`): who leaves a group today is no longer in it. */
export const presentMemberships = (date: string): Knex.QueryBuilder =>
  db()('group_members as gm')
    .join('groups as g', 'g.id', 'gm.group_id')
    .where((open) => open.whereNull('gm.ends_on').orWhere('gm.ends_on', '>', date))

const within = (table: string, ids: number[]) =>
  db()(`${table} as inside`)
    .join(`${table} as root`, (on) => void on.on(db().raw("inside.path like concat(root.path, '%')")))
    .whereIn('root.id', ids)
    .select('inside.id')

const open = (column: string, date: string) => (query: Knex.QueryBuilder) =>
  void query.where((either) => either.whereNull(column).orWhere(column, '<=', date))

type Branch = (ids: number[]) => Knex.QueryBuilder

/** For each scope the enrolments (`e`, with their cohort `c`) that lie in it: the SQL side of `enrolmentScopes`. */
function branches(date: string): Partial<Record<ScopeType, Branch>> {
  const enrolments = () => db()('enrolments as e').join('cohorts as c', 'c.id', 'e.cohort_id')
  const employed = (narrow: (query: Knex.QueryBuilder) => void) =>
    presentEmployments(date)
      .modify(narrow)
      .join('enrolments as e', 'e.person_id', 'emp.person_id')
      .join('cohorts as c', 'c.id', 'e.cohort_id')
      .modify(open('c.directors_from', date))
  const grouped = (column: string, ids: number[]) =>
    presentMemberships(date)
      .whereIn(column, ids)
      .join('enrolments as e', 'e.id', 'gm.enrolment_id')
      .join('cohorts as c', 'c.id', 'e.cohort_id')
  return {
    person: (ids) => enrolments().whereIn('e.person_id', ids),
    cohort: (ids) => enrolments().whereIn('e.cohort_id', ids),
    programme: (ids) => enrolments().whereIn('c.programme_id', ids),
    group: (ids) => grouped('g.id', ids),
    module: (ids) => grouped('g.module_id', ids),
    organisation: (ids) => employed((query) => void query.whereIn('emp.organisation_id', ids)),
    department: (ids) => employed((query) => void query.whereIn('emp.department_id', within('departments', ids))),
    reports: (ids) => employed((query) => void query.whereIn('emp.manager_id', ids)),
  }
}

/** The policy of something that hangs on an enrolment. @param date today's civil date: employment counts while it lasts */
export const enrolmentPolicy = <Action extends string>(
  actions: Record<Action, string | readonly string[]>,
  date: string,
): Policy<EnrolmentPlaces, Action> =>
  definePolicy<EnrolmentPlaces, Action>({
    scopes: enrolmentScopes,
    actions,
    reached: Object.fromEntries(
      Object.entries(branches(date)).map(([type, branch]) => [
        type,
        (either: Knex.QueryBuilder, ids: number[]) => void either.orWhereIn('e.id', branch(ids).select('e.id')),
      ]),
    ),
  })

/**
 * Enrolments (`e`) with cohort (`c`), programme (`pr`) and person (`p`) that the actor reaches by any of the permissions.
 * The reached ids are gathered first, branch by branch: each branch runs along an index, which an `or` over all of them
 * would not, and a director who is also a manager must not wait for a scan of the whole city.
 * @param narrow looks no further than this: conditions on `e` and `c`, put into every branch
 */
export function reachableEnrolments(
  actor: Actor,
  permissions: readonly string[],
  date: string,
  narrow: (query: Knex.QueryBuilder) => void = () => {},
): Knex.QueryBuilder {
  const reaches = permissions.map((permission) => reachOf(actor, permission))
  if (reaches.some((reach) => reach.everywhere)) return joined(db()('enrolments as e')).modify(narrow)
  const parts = (Object.entries(branches(date)) as [ScopeType, Branch][]).flatMap(([type, branch]) => {
    const ids = [...new Set(reaches.flatMap((reach) => reach.ids(type)))]
    return ids.length ? [branch(ids).modify(narrow).select('e.id')] : []
  })
  const [first, ...rest] = parts
  if (!first) return joined(db()('enrolments as e').whereRaw('1 = 0'))
  const seen = rest.length ? first.union(rest) : first.distinct()
  return joined(db().from(seen.as('seen')).join('enrolments as e', 'e.id', 'seen.id'))
}

const joined = (query: Knex.QueryBuilder) =>
  query
    .join('cohorts as c', 'c.id', 'e.cohort_id')
    .join('programmes as pr', 'pr.id', 'c.programme_id')
    .join('people as p', 'p.id', 'e.person_id')

/** Adds the columns that `toPlaces` reads to a query over `e` and `c`. */
export const withPlaces = (date: string) => (query: Knex.QueryBuilder) => {
  const list = (what: string, from: Knex.QueryBuilder) => from.select(db().raw(`group_concat(${what})`))
  const memberships = presentMemberships(date).whereRaw('gm.enrolment_id = e.id')
  const employments = () => presentEmployments(date).whereRaw('emp.person_id = e.person_id')
  void query.select(
    ...['e.person_id', 'e.cohort_id', 'c.programme_id', 'c.directors_from'],
    list("concat(g.id, ':', g.module_id)", memberships).as('place_groups'),
    list('org.path', employments().join('organisations as org', 'org.id', 'emp.organisation_id')).as('place_orgs'),
    list('dep.path', employments().join('departments as dep', 'dep.id', 'emp.department_id')).as('place_departments'),
    list('emp.manager_id', employments()).as('place_managers'),
  )
}

export type PlacesRow = {
  person_id: number
  cohort_id: number
  programme_id: number
  directors_from: string | null
  place_groups: string | null
  place_orgs: string | null
  place_departments: string | null
  place_managers: string | null
}

const idsOf = (text: string | null) => [...new Set((text ?? '').split(/[,/]/).filter(Boolean).map(Number))]

/** What `withPlaces` selected, as scopes want it. */
export function toPlaces(row: PlacesRow, date: string): EnrolmentPlaces {
  const directorsAreIn = row.directors_from === null || row.directors_from <= date
  const employer = (text: string | null) => (directorsAreIn ? idsOf(text) : [])
  const pairs = (row.place_groups ?? '').split(',').filter(Boolean)
  return {
    personId: row.person_id,
    cohortId: row.cohort_id,
    programmeId: row.programme_id,
    groups: pairs.map((pair) => {
      const [id = 0, moduleId = 0] = pair.split(':').map(Number)
      return { id, moduleId }
    }),
    organisationIds: employer(row.place_orgs),
    departmentIds: employer(row.place_departments),
    managerIds: employer(row.place_managers),
  }
}
