import type { Knex } from 'knex'
import { db } from '../../core/db/index.ts'
import { NotFoundError } from '../../core/errors.ts'
import { countCapped, paged } from '../../core/http/paging.ts'
import type { Actor } from '../../core/rights/index.ts'
import { authorityToday } from '../../core/settings.ts'
import { fold, likePrefix } from '../../core/text.ts'
import type { ListQuery } from './input.ts'
import { organisationPolicy } from './policy.ts'

export type OrganisationRow = {
  id: number
  parent_id: number | null
  path: string
  kind: string
  name: string
  short_name: string
  short_name_folded: string
  inn: string | null
  address: string | null
  phone: string | null
  email: string | null
  website: string | null
  head_name: string | null
  state: string
  version: number
}

export type OrganisationListRow = OrganisationRow & { employees: number }

/** Subquery: these organisations and everything below them. */
export const withinOrganisations = (ids: number[]): Knex.QueryBuilder =>
  db()('organisations as inside')
    .join('organisations as root', (on) => void on.on(db().raw("inside.path like concat(root.path, '%')")))
    .whereIn('root.id', ids)
    .select('inside.id')

const visible = (actor: Actor) => db()('organisations as o').modify(organisationPolicy.visibleTo(actor, 'view'))

const matching = (filter: ListQuery) => (query: Knex.QueryBuilder) => {
  void query.where('o.state', filter.state)
  if (filter.kind) void query.where('o.kind', filter.kind)
  if (filter.q) {
    const text = fold(filter.q)
    void query.where((either) => {
      void either
        .where('o.short_name_folded', 'like', `%${likePrefix(text)}`)
        .orWhere('o.name_folded', 'like', `%${likePrefix(text)}`)
      void either.orWhere('o.inn', text)
    })
  }
}

/** Work that counts today, as in the policy of people. */
const current = (query: Knex.QueryBuilder) => {
  const date = authorityToday()
  void query
    .where('e.state', 'confirmed')
    .where((begun) => void begun.whereNull('e.starts_on').orWhere('e.starts_on', '<=', date))
    .where((open) => void open.whereNull('e.ends_on').orWhere('e.ends_on', '>=', date))
}

const employees = () =>
  db()('employments as e').whereRaw('e.organisation_id = o.id').modify(current).count('*').as('employees')

/** One page of organisations by short name. */
export const listOrganisations = (actor: Actor, filter: ListQuery) =>
  paged<OrganisationListRow>(
    visible(actor).modify(matching(filter)).select('o.*', employees()),
    filter,
    'o.short_name_folded',
    'o.id',
    (row) => ({ key: row.short_name_folded, id: row.id }),
  )

export const countOrganisations = (actor: Actor, filter: ListQuery) =>
  countCapped(visible(actor).modify(matching(filter)))

/** All of them, for exports. */
export const exportOrganisations = (actor: Actor, filter: ListQuery): Promise<OrganisationListRow[]> =>
  visible(actor).modify(matching(filter)).select('o.*', employees()).orderBy(['o.short_name_folded', 'o.id'])

/** Names for choosing among, at most 2,000. */
export const listOrganisationChoices = (actor: Actor): Promise<{ id: number; short_name: string }[]> =>
  visible(actor).where('o.state', 'active').orderBy('o.short_name_folded').limit(2000).select('o.id', 'o.short_name')

/** Active organisations whose full or short name contains the text. */
export const findOrganisationsByName = (
  actor: Actor,
  text: string,
  limit: number,
): Promise<{ id: number; short_name: string; short_name_folded: string; name_folded: string }[]> =>
  visible(actor)
    .where('o.state', 'active')
    .where((either) => {
      const contains = `%${likePrefix(fold(text))}`
      void either.where('o.short_name_folded', 'like', contains).orWhere('o.name_folded', 'like', contains)
    })
    .orderBy(['o.short_name_folded', 'o.id'])
    .limit(limit)
    .select('o.id', 'o.short_name', 'o.short_name_folded', 'o.name_folded')

/** @throws NotFoundError if it is not there or not visible */
export async function selectOrganisation(actor: Actor, id: number): Promise<OrganisationRow> {
  const row = await visible(actor).where('o.id', id).first('o.*')
  if (!row) throw new NotFoundError()
  return row
}

export type DepartmentRow = {
  id: number
  organisation_id: number
  name: string
  state: string
  closed_on: string | null
  version: number
}

/** All departments of an organisation, with the number of those who work there today. */
export const listDepartments = (organisationId: number): Promise<(DepartmentRow & { employees: number })[]> =>
  db()('departments as d')
    .where({ 'd.organisation_id': organisationId })
    .orderBy(['d.name_folded', 'd.id'])
    .select(
      'd.*',
      db()('employments as e').whereRaw('e.department_id = d.id').modify(current).count('*').as('employees'),
    )

/** @throws NotFoundError */
export async function selectDepartment(organisationId: number, id: number): Promise<DepartmentRow> {
  const row = await db()('departments').where({ id, organisation_id: organisationId }).first()
  if (!row) throw new NotFoundError()
  return row
}

/** A department with its organisation, as far as the actor may see that, for the heading of a list. */
export const selectOptionalPlace = (
  actor: Actor,
  departmentId: number,
): Promise<{ name: string; organisation: string } | undefined> =>
  visible(actor)
    .join('departments as d', 'd.organisation_id', 'o.id')
    .where('d.id', departmentId)
    .first('d.name', 'o.short_name as organisation')
