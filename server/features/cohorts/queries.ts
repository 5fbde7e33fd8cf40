import type { Knex } from 'knex'
import { db, fromJson } from '../../core/db/index.ts'
import { NotFoundError } from '../../core/errors.ts'
import { countCapped, paged } from '../../core/http/paging.ts'
import type { Actor } from '../../core/rights/index.ts'
import { likePrefix, type Translated } from '../../core/text.ts'
import type { CohortState, ListQuery } from './input.ts'
import { cohortSight, openingPolicy } from './policy.ts'

export type CohortRow = {
  id: number
  programme_id: number
  title: string
  starts_on: string
  ends_on: string
  route_opens_on: string | null
  route_closes_on: string | null
  learners_from: string | null
  directors_from: string | null
  capacity: number | null
  taken: number
  state: CohortState
  version: number
}

type WithProgramme = CohortRow & { programmeTitle: Translated }
/** `most_groups`: of the module that has the most; null without groups. */
export type CohortCard = WithProgramme & { most_groups: number | null }
export type CohortListRow = WithProgramme & { groups: number }

/** Cohorts that the actor sees, as `c`, with their programme as `p`. */
export const visibleCohorts = (actor: Actor): Knex.QueryBuilder =>
  db()('cohorts as c').join('programmes as p', 'p.id', 'c.programme_id').modify(cohortSight.visibleTo(actor, 'view'))

const matching = (filter: ListQuery) => (query: Knex.QueryBuilder) => {
  if (filter.state === 'current') void query.whereIn('c.state', ['planned', 'running'])
  else if (filter.state !== 'all') void query.where('c.state', filter.state)
  if (filter.programme) void query.where('c.programme_id', filter.programme)
  if (filter.q) {
    // Titles have no folded twin; there are few enough cohorts, and the usual ways to write a word are tried.
    const variants = new Set([filter.q, filter.q.toLowerCase(), filter.q.toUpperCase(), capitalised(filter.q)])
    void query.where((either) => {
      for (const text of variants) void either.orWhere('c.title', 'like', `%${likePrefix(text)}`)
    })
  }
}

const capitalised = (text: string) => text.charAt(0).toUpperCase() + text.slice(1).toLowerCase()

const groupCount = () =>
  db()('groups as g').whereRaw('g.cohort_id = c.id').whereNull('g.archived_at').count('*').as('groups')

type Raw = Record<string, unknown>
const withTitle = <Row extends object>(row: Raw): Row => {
  const { programme_title, ...rest } = row
  return { ...rest, programmeTitle: fromJson<Translated>(programme_title as string, {}) } as unknown as Row
}

/** One page of cohorts, the latest first. */
export async function listCohorts(actor: Actor, filter: ListQuery) {
  const result = await paged<Raw & { starts_on: string; id: number }>(
    visibleCohorts(actor).modify(matching(filter)).select('c.*', 'p.title as programme_title', groupCount()),
    filter,
    'c.starts_on',
    'c.id',
    (row) => ({ key: row.starts_on, id: row.id }),
    { descending: true },
  )
  return { ...result, rows: result.rows.map((row) => withTitle<CohortListRow>(row)) }
}

export const countCohorts = (actor: Actor, filter: ListQuery) =>
  countCapped(visibleCohorts(actor).modify(matching(filter)))

/** How many open groups the module with the most of them has. */
const mostGroups = () =>
  db()('groups as g')
    .whereRaw('g.cohort_id = c.id')
    .whereNull('g.archived_at')
    .groupBy('g.module_id')
    .orderByRaw('count(*) desc')
    .limit(1)
    .count('*')
    .as('most_groups')

/** A cohort that the actor sees. @throws NotFoundError if it is not there or not visible */
export async function selectCohort(actor: Actor, id: number): Promise<CohortCard> {
  const row = await visibleCohorts(actor).where('c.id', id).first('c.*', 'p.title as programme_title', mostGroups())
  if (!row) throw new NotFoundError()
  return withTitle<CohortCard>(row)
}

/** Programmes that have cohorts which the actor sees, for the filter of the list. */
export async function listCohortProgrammes(actor: Actor): Promise<{ id: number; title: Translated }[]> {
  const rows = await visibleCohorts(actor).distinct('p.id', 'p.title').orderBy('p.id').limit(500)
  return rows.map((row: { id: number; title: string }) => ({ id: row.id, title: fromJson<Translated>(row.title, {}) }))
}

/** Programmes in which the actor may open a cohort. */
export async function listOpeningProgrammes(
  actor: Actor,
): Promise<{ id: number; title: Translated; modules: number }[]> {
  const rows = await db()('programmes as p')
    .modify(openingPolicy.visibleTo(actor, 'open'))
    .whereNot('p.state', 'archived')
    .orderBy('p.id')
    .limit(500)
    .select(
      'p.id',
      'p.title',
      db()('modules as m').whereRaw('m.programme_id = p.id').whereNull('m.archived_at').count('*').as('modules'),
    )
  return rows.map((row: { id: number; title: string; modules: number }) => ({
    id: row.id,
    title: fromJson<Translated>(row.title, {}),
    modules: Number(row.modules),
  }))
}

/** Takes the cohort's row for the rest of the transaction: places, groups and the timetable change one at a time. */
export async function lockCohort(id: number): Promise<void> {
  // A write to the row is the one lock that both databases have.
  await db()('cohorts')
    .where({ id })
    .update({ taken: db().ref('taken') })
}

/** The names of a cohort's groups with their modules' numbers, for lines of a history. */
export async function listGroupNames(cohortId: number): Promise<Map<number, string>> {
  const rows: { id: number; name: string }[] = await db()('groups').where('cohort_id', cohortId).select('id', 'name')
  return new Map(rows.map((row) => [row.id, row.name]))
}
