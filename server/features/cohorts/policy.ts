import type { Knex } from 'knex'
import { db } from '../../core/db/index.ts'
import { definePolicy } from '../../core/rights/policy.ts'

/** What rights to a cohort are judged by. `group_ids` and `module_ids` are needed for seeing only. */
export type CohortRef = { id: number; programme_id: number }
export type CohortWithParts = CohortRef & { group_ids: number[]; module_ids: number[] }

const around = (cohort: CohortRef) => [
  { type: 'cohort', id: cohort.id } as const,
  { type: 'programme', id: cohort.programme_id } as const,
]

/** Seeing a cohort: whoever works with one of its groups or modules sees the frame around them. */
export const cohortSight = definePolicy<CohortWithParts, 'view'>({
  scopes: (cohort) => [
    ...around(cohort),
    ...cohort.group_ids.map((id) => ({ type: 'group', id }) as const),
    ...cohort.module_ids.map((id) => ({ type: 'module', id }) as const),
  ],
  actions: { view: 'cohorts.view' },
  reached: {
    cohort: 'c.id',
    programme: 'c.programme_id',
    group: (either, ids) => void either.orWhereIn('c.id', db()('groups').whereIn('id', ids).select('cohort_id')),
    module: (either, ids) =>
      void either.orWhereIn('c.programme_id', db()('modules').whereIn('id', ids).select('programme_id')),
  },
})

/** The cohort as a whole (also its history and every clash): rights to one group of it are not enough. */
export const cohortPolicy = definePolicy<CohortRef, 'oversee' | 'edit' | 'enrol'>({
  scopes: around,
  actions: { oversee: 'cohorts.view', edit: 'cohorts.edit', enrol: 'enrolments.edit' },
  reached: { cohort: 'c.id', programme: 'c.programme_id' },
})

/** In which programmes cohorts may be opened. */
export const openingPolicy = definePolicy<{ id: number }, 'open'>({
  scopes: (programme) => [{ type: 'programme', id: programme.id }],
  actions: { open: 'cohorts.edit' },
  reached: { programme: 'p.id' },
})

export type GroupRef = { id: number; module_id: number; cohort_id: number; programme_id: number }

export const groupPolicy = definePolicy<GroupRef, 'view' | 'edit'>({
  scopes: (group) => [
    { type: 'group', id: group.id },
    { type: 'module', id: group.module_id },
    { type: 'cohort', id: group.cohort_id },
    { type: 'programme', id: group.programme_id },
  ],
  actions: { view: 'cohorts.view', edit: 'cohorts.edit' },
  reached: { group: 'g.id', module: 'g.module_id', cohort: 'g.cohort_id', programme: 'c.programme_id' },
})

export type EnrolmentRef = { cohort_id: number; programme_id: number; group_ids: number[]; module_ids: number[] }

const membersOf = (narrow: (query: Knex.QueryBuilder) => void) =>
  db()('group_members as gm').join('groups as g', 'g.id', 'gm.group_id').modify(narrow).select('gm.enrolment_id')

/** Seeing an enrolment (as `e`, its cohort as `c`): instructors see those who are or were in their groups. */
export const enrolmentSight = definePolicy<EnrolmentRef, 'view'>({
  scopes: (enrolment) => [
    { type: 'cohort', id: enrolment.cohort_id },
    { type: 'programme', id: enrolment.programme_id },
    ...enrolment.group_ids.map((id) => ({ type: 'group', id }) as const),
    ...enrolment.module_ids.map((id) => ({ type: 'module', id }) as const),
  ],
  actions: { view: 'cohorts.view' },
  reached: {
    cohort: 'e.cohort_id',
    programme: 'c.programme_id',
    group: (either, ids) =>
      void either.orWhereIn(
        'e.id',
        membersOf((query) => void query.whereIn('g.id', ids)),
      ),
    module: (either, ids) =>
      void either.orWhereIn(
        'e.id',
        membersOf((query) => void query.whereIn('g.module_id', ids)),
      ),
  },
})
