import type { Knex } from 'knex'
import { db } from '../db/index.ts'
import { settingAsSeen } from '../settings.ts'
import { beginningWith, fullName } from '../text.ts'
import { fromUtc, today, toUtc } from '../time.ts'
import type { Actor, Grant } from './index.ts'
import type { ScopeType } from './scopes.ts'

type RoleCache = { version: number; permissions: ReadonlySet<string> }

// Checked against the role's version, which every request reads anyway: other processes' changes count at once.
const roleCache = new Map<number, RoleCache>()

/** A person with one of the roles that they hold today: what `withGrants` selects. */
type ActorRow = {
  person_id: number
  first_name: string
  last_name: string
  language: string | null
  time_zone: string | null
  photo_file_id: number | null
  unread_notices: number
  consents_through: number
  seen_tours: string
  reports: number | string
  role_id: number
  code: string
  version: number
  scope_type: ScopeType | null
  scope_id: number | null
  source: string | null
  source_id: number | null
  /** Of an organisation. */
  scope_path: string | null
  granted_at: string | null
  second_factor_since: string | null
  /** When the person's own second step was set up. */
  factor_at: string | null
}

/**
 * Adds to a query of people (`p`) a row per role that each of them holds on a civil date: the implicit ones, which
 * everybody has for themselves, and those granted. `actorOf` reads the rows.
 */
export const withGrants = (query: Knex.QueryBuilder, date: string): Knex.QueryBuilder =>
  query
    .crossJoin(db().raw('roles as r'))
    .leftJoin('grants as g', (on) =>
      on
        .on('g.person_id', 'p.id')
        .andOn('g.role_id', 'r.id')
        .andOn((begun) => begun.onNull('g.starts_on').orOn('g.starts_on', '<=', db().raw('?', [date])))
        .andOn((open) => open.onNull('g.ends_on').orOn('g.ends_on', '>=', db().raw('?', [date]))),
    )
    .leftJoin('organisations as place', (on) =>
      on.on('place.id', 'g.scope_id').andOnVal('g.scope_type', 'organisation'),
    )
    .leftJoin('second_factors as sf', 'sf.person_id', 'p.id')
    .where((held) => held.where('r.is_implicit', 1).orWhereNotNull('g.id'))
    .select('p.id as person_id', 'p.first_name', 'p.last_name', 'p.language', 'p.time_zone', 'p.photo_file_id')
    .select('p.unread_notices', 'p.consents_through', 'p.seen_tours')
    .select(reportingTo(date).count('*').as('reports'))
    .select('r.id as role_id', 'r.code', 'r.version', 'r.second_factor_since')
    .select('g.created_at as granted_at', 'sf.confirmed_at as factor_at')
    .select('g.scope_type', 'g.scope_id', 'g.source', 'g.source_id', 'place.path as scope_path')

/**
 * Loads a person who may sign in, with the grants that hold today: one query, one more for organisations and one when a
 * role changed.
 * @returns undefined if the person is gone or the account may no longer be used
 */
export async function loadActor(personId: number, zone: string): Promise<Actor | undefined> {
  const people = db()('people as p')
    .join('accounts as a', 'a.person_id', 'p.id')
    .where({ 'p.id': personId, 'p.state': 'active', 'a.state': 'active' })
  return actorOf(await withGrants(people, today(zone)))
}

/** The actor of whom `withGrants` speaks; undefined if there are no rows, hence no such person. */
export async function actorOf(rows: ActorRow[]): Promise<Actor | undefined> {
  const person = rows[0]
  if (!person) return undefined
  const held = rows.filter((row) => row.code !== 'manager' || Number(row.reports) > 0)
  await refreshRoles(held)
  const organisations = await listOrganisations(held)
  return {
    personId: person.person_id,
    name: `${person.first_name} ${person.last_name}`,
    fullName: fullName(person),
    language: person.language,
    timeZone: person.time_zone,
    photoFileId: person.photo_file_id,
    unreadNotices: person.unread_notices,
    consentsThrough: person.consents_through,
    seenTours: person.seen_tours.split(' ').filter(Boolean),
    ...secondFactorOf(held),
    grants: held.map((row) => toGrant(row, organisations)),
  }
}

const DAY_MS = 86_400_000

/** Until when a person may do without the second step who has had to have it since `begun`. */
export const factorDueAt = (begun: string): string =>
  toUtc(new Date(fromUtc(begun).getTime() + settingAsSeen('security').factorGraceDays * DAY_MS))

/** Since when some role demands the second step: since it does so, or since the person has it. */
function secondFactorOf(held: readonly ActorRow[]): Pick<Actor, 'secondFactor'> {
  const begun = held.flatMap(({ second_factor_since: since, granted_at: granted }) =>
    since ? [granted && granted > since ? granted : since] : [],
  )
  const [first] = begun.sort()
  return first ? { secondFactor: { isOn: Boolean(held[0]?.factor_at), dueAt: factorDueAt(first) } } : {}
}

/** Who reports to people `p` on a civil date: they are managers if anybody does. */
export const reportingTo = (date: string): Knex.QueryBuilder =>
  db()('employments as e')
    .whereRaw('e.manager_id = p.id')
    .where('e.state', 'confirmed')
    .where((begun) => begun.whereNull('e.starts_on').orWhere('e.starts_on', '<=', date))
    .where((open) => open.whereNull('e.ends_on').orWhere('e.ends_on', '>=', date))

type Place = { id: number; path: string }

/**
 * The organisations in which grants hold, with all below them. Looked up once for the actor: as ids they lead every query
 * of visibility along its index, where the condition on a path would make the database begin at the wrong end.
 */
async function listOrganisations(rows: ActorRow[]): Promise<Place[]> {
  const paths = [...new Set(rows.flatMap(({ scope_path }) => scope_path ?? []))]
  if (!paths.length) return []
  return db()('organisations')
    .where((either) => {
      for (const path of paths) void either.orWhereBetween('path', beginningWith(path))
    })
    .select('id', 'path')
}

const idsBelow = (path: string, organisations: readonly Place[]): number[] =>
  organisations.filter((place) => place.path.startsWith(path)).map(({ id }) => id)

/** Implicit roles are granted to nobody: they hold for the person themselves, a manager's for those who report to them. */
const toGrant = (row: ActorRow, organisations: readonly Place[]): Grant => ({
  roleId: row.role_id,
  roleCode: row.code,
  permissions: roleCache.get(row.role_id)?.permissions ?? new Set(),
  scope: row.scope_type
    ? { type: row.scope_type, id: Number(row.scope_id) }
    : { type: row.code === 'manager' ? 'reports' : 'person', id: row.person_id },
  ...(row.scope_path ? { within: idsBelow(row.scope_path, organisations) } : {}),
  source: row.source ?? 'implicit',
  sourceId: Number(row.source_id ?? 0),
})

async function refreshRoles(rows: ActorRow[]) {
  const stale = rows.filter((row) => roleCache.get(row.role_id)?.version !== row.version)
  if (!stale.length) return
  const ids = [...new Set(stale.map((row) => row.role_id))]
  const permissions: { role_id: number; permission: string }[] = await db()('role_permissions').whereIn('role_id', ids)
  for (const row of stale) {
    const own = permissions.filter((entry) => entry.role_id === row.role_id).map((entry) => entry.permission)
    roleCache.set(row.role_id, { version: row.version, permissions: new Set(own) })
  }
}

/** Forgets cached roles; tests change databases under the process. */
export const forgetRoles = (): void => roleCache.clear()
