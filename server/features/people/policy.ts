import type { Knex } from 'knex'
import { db } from '../../core/db/index.ts'
import type { Scope } from '../../core/rights/index.ts'
import { definePolicy } from '../../core/rights/policy.ts'
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

/** A person lies in themselves, their places of work, their managers, their cohorts and their groups. */
export const personPolicy = definePolicy<PersonPlaces, 'view' | 'edit'>({
  scopes: scopesOf,
  actions: { view: 'people.view', edit: 'people.edit' },
  reached: {
    person: 'p.id',
    organisation: (either, ids) => void either.orWhereIn('p.id', employed().whereIn('e.organisation_id', ids)),
    reports: (either, ids) => void either.orWhereIn('p.id', employed().whereIn('e.manager_id', ids)),
    cohort: (either, ids) => void either.orWhereIn('p.id', enrolled().whereIn('n.cohort_id', ids)),
    programme: (either, ids) => void either.orWhereIn('p.id', enrolled().whereIn('c.programme_id', ids)),
    group: (either, ids) => void either.orWhereIn('p.id', grouped().whereIn('m.group_id', ids)),
  },
})
