import type { Knex } from 'knex'
import { db, fromJson } from '../../core/db/index.ts'
import { NotFoundError } from '../../core/errors.ts'
import { type Paging, paged } from '../../core/http/paging.ts'
import type { Actor } from '../../core/rights/index.ts'
import type { Translated } from '../../core/text.ts'
import { withinOrganisations } from '../organisations/queries.ts'
import { countPatiently } from './begin.ts'
import { contactsOf } from './contacts.ts'
import { inDirectory } from './directories.ts'
import type { Criteria } from './input.ts'
import { named } from './named.ts'
import { currentEmployments, type PersonPlaces, personPolicy } from './policy.ts'

export type PersonRow = {
  id: number
  last_name: string
  first_name: string
  middle_name: string | null
  sort_name: string
  gender: string | null
  birth_date: string | null
  email: string | null
  phone: string | null
  category_id: number | null
  experience_years: number | null
  about: string | null
  photo_file_id: number | null
  state: string
  version: number
}

export type PersonListRow = PersonRow & {
  organisation: string | null
  position: string | null
  starts_on: string | null
  account_state: string | null
}

/**
 * How people are asked where they work. `set`: those who work so are looked up first, which is good for few. `each`: one
 * person after the other, in the order of the list, until a page is full: good where many do. `joined`: from the places of
 * work to their people, as far as a count goes; it may repeat a person.
 */
export type Way = 'set' | 'each' | 'joined'
export type Narrow = (query: Knex.QueryBuilder, way?: Way) => void

/** People that the actor may see. Who was erased is nobody any more. */
export const visiblePeople = (actor: Actor): Knex.QueryBuilder =>
  db()('people as p').whereNot('p.state', 'erased').modify(personPolicy.visibleTo(actor, 'view'))

const worksAt =
  (narrow: (query: Knex.QueryBuilder) => void, way: Way = 'set') =>
  (query: Knex.QueryBuilder) => {
    const so = (work: Knex.QueryBuilder) => work.modify((some) => currentEmployments(some)).modify(narrow)
    const work = () => so(db()('employments as e'))
    if (way === 'joined') void so(query.join('employments as e', 'e.person_id', 'p.id'))
    else if (way === 'set') void query.whereIn('p.id', work().select('e.person_id'))
    // Compared, since the database would look a mere `exists` up as a set.
    else void query.whereRaw('? = 1', [work().whereRaw('e.person_id = p.id').limit(1).select(db().raw('1'))])
  }

/** Narrows people to the criteria of the list or of an enrolment; the saved filter among them is `narrowing`'s. */
export const matching = (actor: Actor, criteria: Criteria) => (query: Knex.QueryBuilder, way: Way) => {
  void query.where('p.state', criteria.state)
  if (criteria.q) named(query, criteria.q)
  void query.modify(inDirectory(actor, criteria.directory))
  if (criteria.categoryId) void query.where('p.category_id', criteria.categoryId)
  const { organisationId, departmentId, kind, positionId, startedFrom, startedTo } = criteria
  if (organisationId || departmentId || kind || positionId || startedFrom || startedTo) {
    void query.modify(
      worksAt((work) => {
        if (organisationId) void work.whereIn('e.organisation_id', withinOrganisations([organisationId]))
        if (departmentId) void work.where('e.department_id', departmentId)
        if (kind) void work.whereIn('e.organisation_id', db()('organisations').where({ kind }).select('id'))
        if (positionId) void work.where('e.position_id', positionId)
        if (startedFrom) void work.where('e.starts_on', '>=', startedFrom)
        if (startedTo) void work.where('e.starts_on', '<=', startedTo)
      }, way),
    )
  }
  if (criteria.account === 'none') void query.whereNotExists(db()('accounts').whereRaw('accounts.person_id = p.id'))
  else if (criteria.account) {
    void query.whereIn('p.id', db()('accounts').where('state', criteria.account).select('person_id'))
  }
}

/** The first current main place of work of each person, beside a query of people `p`. */
export function withWork(query: Knex.QueryBuilder) {
  const first = db()('employments as e')
    .modify((work) => currentEmployments(work))
    .whereRaw('e.person_id = p.id')
    .orderBy([{ column: 'e.is_primary', order: 'desc' }, { column: 'e.id' }])
    .limit(1)
    .select('e.id')
  void query
    .leftJoin('employments as w', (on) => void on.on('w.id', '=', db().raw('(?)', [first])))
    .leftJoin('organisations as wo', 'wo.id', 'w.organisation_id')
    .leftJoin('positions as wp', 'wp.id', 'w.position_id')
    .leftJoin('accounts as a', 'a.person_id', 'p.id')
    .select('p.*', 'wo.short_name as organisation', 'wp.name as position', 'w.starts_on', 'a.state as account_state')
}

/** Where these people work, each in the main place. */
export const listWorkOf = (ids: readonly number[]): Promise<PersonListRow[]> =>
  db()('people as p')
    .modify(withWork)
    .whereIn('p.id', [...ids])

/** Rows without the contacts that are not for this reader. */
async function withoutHidden(actor: Actor, rows: PersonListRow[]): Promise<PersonListRow[]> {
  const sees = await contactsOf(
    actor,
    rows.map(({ id }) => id),
  )
  return rows.map((row) => (sees(row.id) ? row : { ...row, email: null, phone: null }))
}

/**
 * One page of people by name: two queries, the second for this page's places of work.
 * @param isCommon many match: the page is filled from the names, not from all who match
 */
export async function listPeople(actor: Actor, narrow: Narrow, paging: Paging, isCommon: boolean) {
  const found = await paged<{ id: number; sort_name: string }>(
    visiblePeople(actor)
      .modify(narrow, isCommon ? 'each' : 'set')
      .select('p.id', 'p.sort_name'),
    paging,
    'p.sort_name',
    'p.id',
    (row) => ({ key: row.sort_name, id: row.id }),
  )
  const ids = found.rows.map((row) => row.id)
  const rows: PersonListRow[] = await db()('people as p')
    .modify(withWork)
    .whereIn('p.id', ids)
    .orderBy(['p.sort_name', 'p.id'])
  return { ...found, rows: await withoutHidden(actor, rows) }
}

export const countPeople = (actor: Actor, narrow: Narrow) =>
  countPatiently(visiblePeople(actor).modify(narrow, 'joined'), 'p.id')

/** The ids of those who match, at most `most`: for what is done with everybody at once. */
export const listPeopleIds = (actor: Actor, narrow: Narrow, most: number): Promise<number[]> =>
  visiblePeople(actor).modify(narrow).orderBy('p.id').limit(most).pluck('p.id')

/** Everybody who matches by name, a thousand at a time: exports stream them. */
export async function* exportPeople(actor: Actor, narrow: Narrow): AsyncGenerator<PersonListRow[]> {
  let after: { sort_name: string; id: number } | undefined
  for (;;) {
    const query = visiblePeople(actor).modify(narrow).modify(withWork).orderBy(['p.sort_name', 'p.id']).limit(1000)
    const from = after
    if (from) {
      void query.where(
        (later) =>
          void later
            .where('p.sort_name', '>', from.sort_name)
            .orWhere((same) => void same.where('p.sort_name', from.sort_name).where('p.id', '>', from.id)),
      )
    }
    const rows: PersonListRow[] = await query
    yield await withoutHidden(actor, rows)
    after = rows.at(-1)
    if (rows.length < 1000) return
  }
}

/** Where a person lies, for the policy. */
export async function selectPlaces(id: number): Promise<PersonPlaces> {
  const [employments, enrolments, groups] = await Promise.all([
    db()('employments as e')
      .join('organisations as o', 'o.id', 'e.organisation_id')
      .where('e.person_id', id)
      .modify((query) => currentEmployments(query))
      .select('o.path', 'e.manager_id as managerId'),
    db()('enrolments as n')
      .join('cohorts as c', 'c.id', 'n.cohort_id')
      .where('n.person_id', id)
      .select('n.cohort_id as cohortId', 'c.programme_id as programmeId'),
    db()('group_members as m')
      .join('enrolments as n', 'n.id', 'm.enrolment_id')
      .where('n.person_id', id)
      .whereNull('m.ends_on')
      .select('m.group_id as id'),
  ])
  return { id, employments, enrolments, groupIds: groups.map((group: { id: number }) => group.id) }
}

/** @throws NotFoundError if the person is not there or not visible */
export async function selectPerson(
  actor: Actor,
  id: number,
): Promise<PersonRow & { account_state: string | null; login: string | null; factor_since: string | null }> {
  const row = await visiblePeople(actor)
    .leftJoin('accounts as a', 'a.person_id', 'p.id')
    .leftJoin('second_factors as sf', 'sf.person_id', 'p.id')
    .where('p.id', id)
    .first('p.*', 'a.state as account_state', 'a.login', 'sf.confirmed_at as factor_since')
  if (!row) throw new NotFoundError()
  const sees = await contactsOf(actor, [id])
  // A login is an address more often than not.
  return sees(id) ? row : { ...row, email: null, phone: null, login: null }
}

export type EmploymentRow = {
  id: number
  person_id: number
  organisation_id: number
  department_id: number | null
  position_id: number | null
  organisation: string
  organisation_name: string
  path: string
  department: string | null
  position: string | null
  manager_id: number | null
  manager: string | null
  is_head: number
  is_primary: number
  state: string
  starts_on: string | null
  ends_on: string | null
  version: number
}

const employments = () =>
  db()('employments as e')
    .join('organisations as o', 'o.id', 'e.organisation_id')
    .leftJoin('departments as d', 'd.id', 'e.department_id')
    .leftJoin('positions as pos', 'pos.id', 'e.position_id')
    .leftJoin('people as m', 'm.id', 'e.manager_id')
    .select('e.*', 'o.short_name as organisation', 'o.name as organisation_name', 'o.path', 'd.name as department')
    .select(db().raw('coalesce(pos.name, e.claimed_position) as position'))
    .select(db().raw("concat(m.last_name, ' ', m.first_name) as manager"))

/** All places of work of a person, the current ones first. */
export const listEmployments = (personId: number): Promise<EmploymentRow[]> =>
  employments().where('e.person_id', personId).orderByRaw('e.ends_on is not null, e.ends_on desc, e.id')

/** @throws NotFoundError */
export async function selectEmployment(personId: number, id: number): Promise<EmploymentRow> {
  const row = await employments().where({ 'e.id': id, 'e.person_id': personId }).first()
  if (!row) throw new NotFoundError()
  return row
}

/** Positions to choose among. @param closed with those that are closed: people still hold them, or held them */
export const listPositions = (closed = false): Promise<{ id: number; name: string }[]> =>
  db()('positions')
    .whereIn('state', closed ? ['active', 'closed'] : ['active'])
    .orderBy('name_folded')
    .limit(300)
    .select('id', 'name')

/** Categories to choose among. @param kept the one that a person has, though it may be closed */
export async function listCategories(kept: number | null = null): Promise<{ id: number; name: Translated }[]> {
  const rows: { id: number; name: string }[] = await db()('person_categories')
    .where('state', 'active')
    .modify((query) => {
      if (kept !== null) void query.orWhere('id', kept)
    })
    .orderBy(['position', 'id'])
    .select('id', 'name')
  return rows.map((row) => ({ id: row.id, name: fromJson<Translated>(row.name, {}) }))
}
