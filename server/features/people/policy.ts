import type { Knex } from 'knex'
import { db } from '../../core/db/index.ts'
import { type Actor, reachOf, type Scope } from '../../core/rights/index.ts'
import { definePolicy } from '../../core/rights/policy.ts'
import type { ScopeType } from '../../core/rights/scopes.ts'
import { authorityToday } from '../../core/settings.ts'
import { organisationScopes } from '../organisations/policy.ts'

/** What the policy needs to know of a person. */
export type PersonPlaces = {
  id: number
  employments: { path: string; managerId: number | null }[]
  enrolments: { cohortId: number; programmeId: number }[]
  groupIds: number[]
}

const scopesOf = (person: PersonPlaces): Scope[] => [
  { type: 'person', id: person.id },
  ...person.employments.flatMap(({ path, managerId }): Scope[] => [
    ...organisationScopes(path),
    ...(managerId ? [{ type: 'reports', id: managerId } as Scope] : []),
  ]),
  ...person.enrolments.flatMap(({ cohortId, programmeId }): Scope[] => [
    { type: 'cohort', id: cohortId },
    { type: 'programme', id: programmeId },
  ]),
  ...person.groupIds.map((id): Scope => ({ type: 'group', id })),
]

/** Work that counts today: confirmed, begun (or without a date) and not ended. */
export function currentEmployments(query: Knex.QueryBuilder, alias = 'e'): void {
  const date = authorityToday()
  void query
    .where(`${alias}.state`, 'confirmed')
    .where((begun) => void begun.whereNull(`${alias}.starts_on`).orWhere(`${alias}.starts_on`, '<=', date))
    .where((open) => void open.whereNull(`${alias}.ends_on`).orWhere(`${alias}.ends_on`, '>=', date))
}

const employed = () =>
  db()('employments as e')
    .modify((query) => currentEmployments(query))
    .select('e.person_id')
const enrolled = () => db()('enrolments as n').join('cohorts as c', 'c.id', 'n.cohort_id').select('n.person_id')
const grouped = () =>
  db()('group_members as m')
    .join('enrolments as n', 'n.id', 'm.enrolment_id')
    .whereNull('m.ends_on')
    .select('n.person_id')

type Branch = (ids: number[]) => Knex.QueryBuilder

/** People by where they lie, each along an index. */
const BRANCHES = {
  organisation: (ids) => employed().whereIn('e.organisation_id', ids),
  reports: (ids) => employed().whereIn('e.manager_id', ids),
  cohort: (ids) => enrolled().whereIn('n.cohort_id', ids),
  programme: (ids) => enrolled().whereIn('c.programme_id', ids),
  group: (ids) => grouped().whereIn('m.group_id', ids),
} satisfies Partial<Record<ScopeType, Branch>>

const reached = (branch: Branch) => (either: Knex.QueryBuilder, ids: number[]) =>
  void either.orWhereIn('p.id', branch(ids))

/** A person lies in themselves, their places of work, their managers, their cohorts and their groups. */
export const personPolicy = definePolicy<PersonPlaces, 'view' | 'edit'>({
  scopes: scopesOf,
  actions: { view: 'people.view', edit: 'people.edit' },
  reached: {
    person: 'p.id',
    organisation: reached(BRANCHES.organisation),
    reports: reached(BRANCHES.reports),
    cohort: reached(BRANCHES.cohort),
    programme: reached(BRANCHES.programme),
    group: reached(BRANCHES.group),
  },
})

/**
 * The ids of people whom the actor sees, the branches one after another, which an `or` over all of them would not follow
 * along their indexes. Undefined: everybody.
 */
export function seenIds(actor: Actor): Knex.QueryBuilder | undefined {
  const reach = reachOf(actor, 'people.view')
  if (reach.everywhere) return undefined
  const self = db()('people').whereIn('id', reach.ids('person')).select('id as person_id')
  const parts = (Object.entries(BRANCHES) as [ScopeType, Branch][]).flatMap(([type, branch]) => {
    const ids = reach.ids(type)
    return ids.length ? [branch(ids)] : []
  })
  return parts.length ? self.union(parts) : self
}
