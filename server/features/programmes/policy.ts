import { db } from '../../core/db/index.ts'
import { definePolicy } from '../../core/rights/policy.ts'
import { currentGroups } from './teaching.ts'

/** A programme and what lies in it: whoever has to do with one of its modules, cohorts or groups sees the programme. */
export type ProgrammePlace = { programmeId: number; modules: number[]; cohorts: number[]; groups: number[] }

const scopes = ({ programmeId, modules, cohorts, groups }: ProgrammePlace) => [
  { type: 'programme' as const, id: programmeId },
  ...modules.map((id) => ({ type: 'module' as const, id })),
  ...cohorts.map((id) => ({ type: 'cohort' as const, id })),
  ...groups.map((id) => ({ type: 'group' as const, id })),
]

/**
 * Who sees a programme (`view`: how it is built; `read`: its modules, topics and materials, which learners read too).
 * Queries name the programme `p`.
 */
export const programmePolicy = definePolicy<ProgrammePlace, 'view' | 'read'>({
  scopes,
  actions: { view: 'programmes.view', read: ['programmes.view', 'materials.view'] },
  reached: {
    programme: 'p.id',
    module: (either, ids) => void either.orWhereIn('p.id', db()('modules').whereIn('id', ids).select('programme_id')),
    cohort: (either, ids) => void either.orWhereIn('p.id', db()('cohorts').whereIn('id', ids).select('programme_id')),
    group: (either, ids) =>
      void either.orWhereIn(
        'p.id',
        db()('groups as g')
          .join('cohorts as gc', 'gc.id', 'g.cohort_id')
          .whereIn('g.id', ids)
          .select('gc.programme_id'),
      ),
  },
})

/** Who changes a programme as a whole: structure, rules, milestones. Not whoever runs one of its cohorts. */
export const programmeEditing = definePolicy<{ programmeId: number }, 'edit'>({
  scopes: ({ programmeId }) => [{ type: 'programme', id: programmeId }],
  actions: { edit: 'programmes.edit' },
  reached: { programme: 'p.id' },
})

/** A module with the groups that learn in it now. */
export type ModulePlace = { programmeId: number; moduleId: number; groups: readonly number[] }

/**
 * Who changes the content of a module: aim, topics, materials. Whoever teaches a group of it now writes its content too.
 * Queries name the module `m` and the programme `p`.
 */
export const moduleEditing = definePolicy<ModulePlace, 'edit'>({
  scopes: ({ programmeId, moduleId, groups }) => [
    { type: 'programme', id: programmeId },
    { type: 'module', id: moduleId },
    ...groups.map((id) => ({ type: 'group' as const, id })),
  ],
  actions: { edit: 'modules.edit' },
  reached: {
    programme: 'p.id',
    module: 'm.id',
    group: (either, ids) => void either.orWhereIn('m.id', currentGroups().whereIn('g.id', ids).select('g.module_id')),
  },
})
