import type { Knex } from 'knex'
import { db, fromJson } from '../../../core/db/index.ts'
import { NotFoundError } from '../../../core/errors.ts'
import { COUNT_CAP } from '../../../core/http/paging.ts'
import type { Actor } from '../../../core/rights/index.ts'
import { authorityToday, setting } from '../../../core/settings.ts'
import { fullName } from '../../../core/text.ts'
import { beginning, countPatiently } from '../begin.ts'
import { withContacts } from '../contacts.ts'
import { idsIn } from '../directories.ts'
import { OWN, ownFilterFields } from '../fields/filter-fields.ts'
import type { Criteria } from '../input.ts'
import { matching, type Narrow, visiblePeople } from '../queries.ts'
import { BUILT_IN } from './built-in.ts'
import { type Asking, matchingFilter, narrowings } from './compile.ts'
import type { FilterField } from './field.ts'
import { conditionsOf, type Filter, readFilter } from './model.ts'

export type SavedFilter = {
  id: number
  ownerId: number
  owner: string
  name: string
  isShared: boolean
  version: number
  /** Undefined: it cannot be read, and matches nobody. */
  filter: Filter | undefined
}

/** Everything that the actor may ask people for, by key. */
export async function fieldsFor(actor: Actor): Promise<ReadonlyMap<string, FilterField>> {
  return usable(actor, [...BUILT_IN, ...(await ownFilterFields())])
}

const usable = (actor: Actor, fields: readonly FilterField[]): ReadonlyMap<string, FilterField> =>
  new Map(fields.filter(({ mayUse }) => !mayUse || mayUse(actor)).map((field) => [field.key, field]))

async function askingOf(actor: Actor, filter: Filter): Promise<Asking> {
  const isOwn = conditionsOf(filter).some(({ field }) => field.startsWith(OWN))
  const [fields, { timeZone }] = await Promise.all([
    isOwn ? fieldsFor(actor) : usable(actor, BUILT_IN),
    setting('authority'),
  ])
  return { actor, fields, today: authorityToday(), zone: timeZone }
}

type SavedRow = {
  id: number
  owner_id: number
  name: string
  is_shared: number
  version: number
  criteria: string
  last_name: string
  first_name: string
  middle_name: string | null
}

const toSaved = (row: SavedRow): SavedFilter => ({
  id: row.id,
  ownerId: row.owner_id,
  owner: fullName(row),
  name: row.name,
  isShared: row.is_shared === 1,
  version: row.version,
  filter: readFilter(fromJson<unknown>(row.criteria, null)),
})

/** Filters of the actor's own and those that others share. */
const visibleFilters = (actor: Actor) =>
  db()('saved_filters as f')
    .join('people as owner', 'owner.id', 'f.owner_id')
    .where('f.subject', 'people')
    .where((either) => void either.where('f.owner_id', actor.personId).orWhere('f.is_shared', 1))
    .select('f.*', 'owner.last_name', 'owner.first_name', 'owner.middle_name')

/** Filters to choose from, by name. */
export async function listSavedFilters(actor: Actor): Promise<SavedFilter[]> {
  const rows: SavedRow[] = await visibleFilters(actor).orderBy(['f.name', 'f.id']).limit(200)
  return rows.map(toSaved)
}

/** @throws NotFoundError if it is not there, or neither the actor's own nor shared */
export async function selectSavedFilter(actor: Actor, id: number): Promise<SavedFilter> {
  const row: SavedRow | undefined = await visibleFilters(actor).where('f.id', id).first()
  if (!row) throw new NotFoundError()
  return toSaved(row)
}

/**
 * Narrows a query of people (`p`) to those who match a saved filter, or one just made: `query.modify(await
 * peopleMatching(actor, filterId))`. It says nothing of whom the actor may see (`visiblePeople(actor)` does), but never
 * lets them ask for what they may not know. Without a filter it narrows nothing; one that is gone matches nobody.
 */
export async function peopleMatching(
  actor: Actor,
  filter: Filter | number | undefined,
): Promise<(query: Knex.QueryBuilder) => void> {
  if (filter === undefined) return () => {}
  const meant =
    typeof filter === 'number' ? (await selectSavedFilter(actor, filter).catch(() => undefined))?.filter : filter
  if (!meant) return (query) => void query.whereRaw('1 = 0')
  const asking = await askingOf(actor, meant)
  const { sets, isWhole } = narrowings(meant, asking)
  // Whoever is in the one set matches: a thousand of them fill a page sooner by name than by number.
  const begin = await beginning(actor, sets, isWhole ? COUNT_CAP : undefined)
  const matching = matchingFilter(meant, asking)
  return (query) => {
    begin(query)
    matching(query)
  }
}

/** Narrows people to the criteria of a list, the saved filter among them included. */
export async function narrowing(actor: Actor, criteria: Criteria): Promise<Narrow> {
  const directory = idsIn(actor, criteria.directory)
  const [saved, begin] = await Promise.all([
    peopleMatching(actor, criteria.filter),
    // A saved filter knows where to begin; without one the directory is the next best.
    criteria.filter ? undefined : beginning(actor, directory ? [directory] : []),
  ])
  return (query, way = 'set') => {
    begin?.(query)
    matching(actor, criteria)(query, way)
    if (criteria.q?.includes('@')) withContacts(actor)(query)
    saved(query)
  }
}

/** How many active people whom the actor sees match. */
export async function countMatching(actor: Actor, filter: Filter): Promise<{ count: number; capped: boolean }> {
  const matching = await peopleMatching(actor, filter)
  return countPatiently(visiblePeople(actor).where('p.state', 'active').modify(matching))
}
