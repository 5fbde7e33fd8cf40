import type { Knex } from 'knex'
import { db, fromJson } from '../../core/db/index.ts'
import { NotFoundError } from '../../core/errors.ts'
import type { ScopeType } from '../../core/rights/scopes.ts'
import { authorityToday } from '../../core/settings.ts'
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

/** What a role may be granted in, by name, whatever of it is not closed. */
export async function listScopeChoices(lang: string): Promise<ScopeChoice[]> {
  const said = (name: string) => (name.startsWith('{') ? pick(JSON.parse(name), lang) : name)
  const named = (type: ScopeType, rows: { id: number; name: string; within?: string }[]): ScopeChoice[] =>
    rows.map(({ id, name, within }) => ({ type, id, name: [within, said(name)].filter(Boolean).join(': ') }))
  const [organisations, departments, programmes, modules, cohorts, groups] = await Promise.all([
    db()('organisations')
      .where({ state: 'active' })
      .orderBy('short_name_folded')
      .limit(2000)
      .select('id', 'short_name as name'),
    db()('departments as d')
      .join('organisations as o', 'o.id', 'd.organisation_id')
      .where({ 'd.state': 'active', 'o.state': 'active' })
      .orderBy(['o.short_name_folded', 'd.name'])
      .limit(2000)
      .select('d.id', 'd.name', 'o.short_name as within'),
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
    db()('groups as gr')
      .join('cohorts as c', 'c.id', 'gr.cohort_id')
      .whereNot({ 'c.state': 'archived' })
      .whereNull('gr.archived_at')
      .orderBy('c.starts_on', 'desc')
      .orderBy('gr.id')
      .limit(1000)
      .select('gr.id', 'gr.name', 'c.title as within'),
  ])
  return [
    ...named('organisation', organisations),
    ...named('department', departments),
    ...named('programme', programmes),
    ...named('module', modules),
    ...named('cohort', cohorts),
    ...named('group', groups),
  ]
}

type Scope = { type: ScopeType; id: number }

/** What scopes are called, by `type:id`: one query for all of them. */
export async function scopeNamesOf(scopes: readonly Scope[]): Promise<Map<string, string | null>> {
  const keys = [...new Map(scopes.map((scope) => [`${scope.type}:${scope.id}`, scope])).values()]
  if (!keys.length) return new Map()
  const [first, ...others] = keys.map(({ type, id }) =>
    db().select(db().raw('? as scope_type, ? as scope_id', [type, id])),
  ) as [Knex.QueryBuilder, ...Knex.QueryBuilder[]]
  const rows: { scope_type: string; scope_id: number; scope_name: string | null }[] = await db()
    .select('g.scope_type', 'g.scope_id', db().raw(scopeName))
    .from(first.unionAll(others).as('g'))
  return new Map(rows.map((row) => [`${row.scope_type}:${row.scope_id}`, row.scope_name]))
}

export type HolderRow = GrantRow & { last_name: string; first_name: string; middle_name: string | null }

/** Who holds a role now or later, those whom it was given last first. */
export const listHolders = async (roleId: number, most: number): Promise<HolderRow[]> => {
  const rows = await db()('grants as g')
    .join('roles as r', 'r.id', 'g.role_id')
    .join('people as p', 'p.id', 'g.person_id')
    .where('g.role_id', roleId)
    .where((open) => open.whereNull('g.ends_on').orWhere('g.ends_on', '>=', authorityToday()))
    .orderBy('g.id', 'desc')
    .limit(most)
    .select('g.*', 'r.name as role', 'p.last_name', 'p.first_name', 'p.middle_name', db().raw(scopeName))
  return rows.map((row) => ({ ...row, role: fromJson<Translated>(row.role, {}) }))
}
