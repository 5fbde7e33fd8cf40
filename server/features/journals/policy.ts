import { type Actor, reachOf } from '../../core/rights/index.ts'
import { definePolicy } from '../../core/rights/policy.ts'

/** What a journal lies in: its group, the group's module and cohort, and their programme. */
export type JournalPlace = { id: number; module_id: number; cohort_id: number; programme_id: number }

/** The journal of a group. SQL needs the aliases `g` (groups) and `c` (cohorts). */
export const journalPolicy = definePolicy<JournalPlace, 'view' | 'edit' | 'plan' | 'credit'>({
  scopes: (group) => [
    { type: 'group', id: group.id },
    { type: 'module', id: group.module_id },
    { type: 'cohort', id: group.cohort_id },
    { type: 'programme', id: group.programme_id },
  ],
  actions: {
    view: ['journals.view', 'journals.edit'],
    edit: 'journals.edit',
    plan: 'journals.plan',
    credit: 'journals.credit',
  },
  reached: { group: 'g.id', module: 'g.module_id', cohort: 'g.cohort_id', programme: 'c.programme_id' },
})

/** Whether the journals that this person sees are their own: they keep those of certain groups or modules. */
export function keepsOwnJournals(actor: Actor): boolean {
  const reach = reachOf(actor, 'journals.edit')
  return !reach.everywhere && (reach.ids('group').length > 0 || reach.ids('module').length > 0)
}
