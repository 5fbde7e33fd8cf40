import { db, fromJson } from '../../core/db/index.ts'
import { NotFoundError } from '../../core/errors.ts'
import type { ScopeType } from '../../core/rights/scopes.ts'
import { fullName, pick, type Translated } from '../../core/text.ts'

export type GrantRow = {
  id: number
  person_id: number
  role_id: number
  role: Translated
  scope_type: ScopeType
  scope_id: number
  scope_name: string | null
  starts_on: string | null
  ends_on: string | null
  source: string
}

// What a scope is called, whatever its type; JSON titles are picked by language later.
const scopeName = `case g.scope_type
  when 'organisation' then (select short_name from organisations where id = g.scope_id)
  when 'department' then (select name from departments where id = g.scope_id)
  when 'programme' then (select title from programmes where id = g.scope_id)
  when 'module' then (select title from modules where id = g.scope_id)
  when 'cohort' then (select title from cohorts where id = g.scope_id)
  when 'group' then (select name from ${'`groups`'} where id = g.scope_id)
  end as scope_name`

const grants = () =>
  db()('grants as g')
    .join('roles as r', 'r.id', 'g.role_id')
    .select('g.*', 'r.name as role', db().raw(scopeName))
    .orderBy(['r.id', 'g.id'])

const parsed = (rows: (Omit<GrantRow, 'role'> & { role: string })[]): GrantRow[] =>
  rows.map((row) => ({ ...row, role: fromJson<Translated>(row.role, {}) }))

/** All grants of a person, past and future ones too. */
export const listGrantsOf = async (personId: number): Promise<GrantRow[]> =>
  parsed(await grants().where('g.person_id', personId))

export type RoleRow = {
  id: number
  code: string
  name: Translated
  scopeTypes: ScopeType[]
  isImplicit: boolean
  isSystem: boolean
  version: number
  people: number
  /** Since when its holders have to sign in by two steps. */
  secondFactorSince: string | null
}

/** Every role with the number of people who hold it now. */
export async function listRoles(): Promise<RoleRow[]> {
  const rows = await db()('roles as r')
    .orderBy('r.id')
    .select('r.*', db()('grants as g').whereRaw('g.role_id = r.id').countDistinct('g.person_id').as('people'))
  return rows.map((row) => ({
    id: row.id,
    code: row.code,
    name: fromJson<Translated>(row.name, {}),
    scopeTypes: fromJson<ScopeType[]>(row.scope_types, []),
    isImplicit: row.is_implicit === 1,
    isSystem: row.is_system === 1,
    version: row.version,
    people: Number(row.people),
    secondFactorSince: row.second_factor_since,
  }))
}

/** @throws NotFoundError */
export async function selectRole(id: number): Promise<RoleRow> {
  const role = (await listRoles()).find((row) => row.id === id)
  if (!role) throw new NotFoundError()
  return role
}

export const listRolePermissions = (): Promise<{ role_id: number; permission: string }[]> =>
  db()('role_permissions').select('role_id', 'permission')

/** @throws NotFoundError if there is no such person */
export async function selectPersonName(id: number): Promise<string> {
  const person = await db()('people').where({ id }).first('last_name', 'first_name', 'middle_name')
  if (!person) throw new NotFoundError()
  return fullName(person)
}

type ScopeChoice = { type: ScopeType; id: number; name: string }

/** What a role may be granted in, by name: organisations, programmes, modules and cohorts that are not closed. */
export async function listScopeChoices(lang: string): Promise<ScopeChoice[]> {
  const named = (type: ScopeType, rows: { id: number; name: string }[]): ScopeChoice[] =>
    rows.map((row) => ({
      type,
      id: row.id,
      name: row.name.startsWith('{') ? pick(JSON.parse(row.name), lang) : row.name,
    }))
  const [organisations, programmes, modules, cohorts] = await Promise.all([
    db()('organisations')
      .where({ state: 'active' })
      .orderBy('short_name_folded')
      .limit(2000)
      .select('id', 'short_name as name'),
    db()('programmes').whereNot({ state: 'archived' }).orderBy('id').select('id', 'title as name'),
    db()('modules')
      .whereNull('archived_at')
      .orderBy(['programme_id', 'position'])
      .limit(500)
      .select('id', 'title as name'),
    db()('cohorts')
      .whereNot({ state: 'archived' })
      .orderBy('starts_on', 'desc')
      .limit(500)
      .select('id', 'title as name'),
  ])
  return [
    ...named('organisation', organisations),
    ...named('programme', programmes),
    ...named('module', modules),
    ...named('cohort', cohorts),
  ]
}

/** What a scope is called, for one grant. */
export async function scopeNameOf(scope: { type: ScopeType; id: number }): Promise<string | null> {
  const where = { 'g.scope_type': scope.type, 'g.scope_id': scope.id }
  const row = await db()
    .select(db().raw(scopeName))
    .from(
      db()
        .select(db().raw('? as scope_type, ? as scope_id', [scope.type, scope.id]))
        .as('g'),
    )
    .where(where)
    .first()
  return row?.scope_name ?? null
}
