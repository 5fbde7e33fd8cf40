import { db } from '../db/index.ts'
import { today } from '../time.ts'
import type { Actor, Grant } from './index.ts'
import type { ScopeType } from './scopes.ts'

type RoleCache = { version: number; permissions: ReadonlySet<string> }

// Checked against the role's version, which every request reads anyway: other processes' changes count at once.
const roleCache = new Map<number, RoleCache>()

type GrantRow = {
  role_id: number
  code: string
  version: number
  scope_type: ScopeType
  scope_id: number
  source: string
  source_id: number
}

/**
 * Loads a signed-in person with the grants that hold today: two queries (and one when a role changed).
 * @returns undefined if the person is gone or the account may no longer be used
 */
export async function loadActor(personId: number, zone: string): Promise<Actor | undefined> {
  const date = today(zone)
  const person = await db()('people as p')
    .join('accounts as a', 'a.person_id', 'p.id')
    .where({ 'p.id': personId, 'p.state': 'active', 'a.state': 'active' })
    .first('p.first_name', 'p.last_name', 'p.language', 'p.time_zone', reportsOf(personId, date))
  if (!person) return undefined
  const rows: GrantRow[] = await db()('grants as g')
    .join('roles as r', 'r.id', 'g.role_id')
    .where('g.person_id', personId)
    .where((open) => open.whereNull('g.starts_on').orWhere('g.starts_on', '<=', date))
    .where((open) => open.whereNull('g.ends_on').orWhere('g.ends_on', '>=', date))
    .select('g.role_id', 'r.code', 'r.version', 'g.scope_type', 'g.scope_id', 'g.source', 'g.source_id')
    .unionAll([
      db()('roles as r')
        .where('r.is_implicit', 1)
        .select(
          'r.id as role_id',
          'r.code',
          'r.version',
          db().raw("case when r.code = 'manager' then 'reports' else 'person' end as scope_type"),
          db().raw('? as scope_id', [personId]),
          db().raw("'implicit' as source"),
          db().raw('0 as source_id'),
        ),
    ])
  const held = rows.filter((row) => row.code !== 'manager' || Number(person.reports) > 0)
  await refreshRoles(held)
  return {
    personId,
    name: `${person.first_name} ${person.last_name}`,
    language: person.language,
    timeZone: person.time_zone,
    grants: held.map(toGrant),
  }
}

/** How many people report to this person today: they are a manager if any does. */
const reportsOf = (personId: number, date: string) =>
  db()('employments as e')
    .where({ 'e.manager_id': personId, 'e.state': 'confirmed' })
    .where((open) => open.whereNull('e.ends_on').orWhere('e.ends_on', '>=', date))
    .count('*')
    .as('reports')

const toGrant = (row: GrantRow): Grant => ({
  roleId: row.role_id,
  roleCode: row.code,
  permissions: roleCache.get(row.role_id)?.permissions ?? new Set(),
  scope: { type: row.scope_type, id: Number(row.scope_id) },
  source: row.source,
  sourceId: Number(row.source_id),
})

async function refreshRoles(rows: GrantRow[]) {
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
