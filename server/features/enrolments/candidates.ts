import type { Knex } from 'knex'
import { db } from '../../core/db/index.ts'
import { type Paging, paged } from '../../core/http/paging.ts'
import { type Actor, hasEverywhere } from '../../core/rights/index.ts'
import { fold, likePrefix } from '../../core/text.ts'
import { narrowing } from '../people/filters/queries.ts'
import { currentEmployments } from '../people/policy.ts'
import { visiblePeople } from '../people/queries.ts'
import { MOST_AT_ONCE } from './enrol-service.ts'
import type { CandidateQuery } from './input.ts'
import { joinWork } from './queries.ts'

export type Candidate = {
  id: number
  last_name: string
  first_name: string
  middle_name: string | null
  sort_name: string
  email: string | null
  organisation: string | null
  position: string | null
}

const COLUMNS = ['p.id', 'p.last_name', 'p.first_name', 'p.middle_name', 'p.sort_name', 'p.email']

/** People who are in the cohort already; those who withdrew may come back. */
const enrolledIn = (cohortId: number) =>
  db()('enrolments').where('cohort_id', cohortId).whereNot('state', 'withdrawn').select('person_id')

const worksAt = (text: string) => (query: Knex.QueryBuilder) => {
  const name = `%${likePrefix(fold(text))}`
  void query.whereExists(
    db()('employments as w')
      .join('organisations as o', 'o.id', 'w.organisation_id')
      .whereRaw('w.person_id = p.id')
      .modify((work) => currentEmployments(work, 'w'))
      .where((either) => void either.where('o.short_name_folded', 'like', name).orWhere('o.name_folded', 'like', name)),
  )
}

/** Imports whose people the actor may pick: their own, or any for those who keep the list of people. */
const visibleImports = (actor: Actor) => {
  const query = db()('imports as i').where({ 'i.kind': 'people', 'i.state': 'done' })
  return hasEverywhere(actor, 'people.edit') ? query : query.where('i.created_by', actor.personId)
}

const broughtInBy = (actor: Actor, importId: number) => (query: Knex.QueryBuilder) =>
  void query.whereIn(
    'p.id',
    visibleImports(actor)
      .join('import_rows as ir', 'ir.import_id', 'i.id')
      .where('i.id', importId)
      .whereIn('ir.action', ['create', 'update', 'same'])
      .select('ir.target_id'),
  )

/** People whom the actor sees, who match and are not in the cohort yet. */
const candidates = async (actor: Actor, cohortId: number, filter: CandidateQuery) => {
  const narrow = await narrowing(actor, { ...filter, state: 'active' })
  const query = visiblePeople(actor).modify(narrow).whereNotIn('p.id', enrolledIn(cohortId))
  if (filter.organisation) void query.modify(worksAt(filter.organisation))
  if (filter.import) void query.modify(broughtInBy(actor, filter.import))
  // In an object: a query that is awaited is asked.
  return { query }
}

/** One page of people who may be enrolled, by name. */
export async function listCandidates(actor: Actor, cohortId: number, filter: CandidateQuery, paging: Paging) {
  // Places of work are looked up for the fifty of the page only, never for everybody who matches.
  const { query: chosen } = await candidates(actor, cohortId, filter)
  const found = await paged<{ id: number; sort_name: string }>(
    chosen.select('p.id', 'p.sort_name'),
    paging,
    'p.sort_name',
    'p.id',
    (row) => ({ key: row.sort_name, id: row.id }),
  )
  const ids = found.rows.map((row) => row.id)
  const query = db()('people as p').whereIn('p.id', ids).orderBy(['p.sort_name', 'p.id'])
  const rows: Candidate[] = await query.modify(joinWork).select(COLUMNS)
  return { ...found, rows }
}

/** Ids of all of them: one more than can be enrolled at once, so that too many are seen. */
export async function listMatchingIds(actor: Actor, cohortId: number, filter: CandidateQuery): Promise<number[]> {
  const { query } = await candidates(actor, cohortId, filter)
  return query
    .orderBy('p.id')
    .limit(MOST_AT_ONCE + 1)
    .pluck('p.id')
}

/** Imports to choose from, the latest first. */
export const listImports = (actor: Actor): Promise<{ id: number; file_name: string; committed_at: string | null }[]> =>
  visibleImports(actor).orderBy('i.id', 'desc').limit(20).select('i.id', 'i.file_name', 'i.committed_at')

/** Which of these people are in the cohort already. */
export const listEnrolledAmong = (cohortId: number, personIds: readonly number[]): Promise<number[]> =>
  db()('enrolments')
    .where('cohort_id', cohortId)
    .whereNot('state', 'withdrawn')
    .whereIn('person_id', [...personIds])
    .pluck('person_id')
