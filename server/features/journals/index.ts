import type { Feature } from '../../core/feature.ts'
import { explainBy } from '../../core/rights/explanations.ts'
import { SYSTEM } from '../../core/rights/index.ts'
import { journalData } from './personal-data.ts'
import { journalPolicy, keepsOwnJournals } from './policy.ts'
import { selectOptionalGroup } from './queries.ts'
import { journalRoutes } from './router.ts'
import { journalSockets } from './sockets.ts'

const entry = { href: '/journals', icon: 'notebook', order: 20, permission: 'journals.view' }

/** Module journals: the register of each group, its lessons, and the credits of its module. */
export const journals: Feature = {
  name: 'journals',
  personalData: journalData,
  permissions: {
    'journals.view': { roles: ['instructor', 'methodist'] },
    'journals.edit': { roles: ['instructor'] },
    'journals.plan': { roles: ['instructor', 'methodist'] },
    'journals.credit': { roles: ['instructor'] },
  },
  routes: journalRoutes,
  navigation: [
    { ...entry, key: 'journals.navOwn', visible: keepsOwnJournals },
    { ...entry, key: 'journals.nav', visible: (actor) => !keepsOwnJournals(actor) },
  ],
  tours: [
    {
      name: 'instructor',
      path: '/journals',
      visible: keepsOwnJournals,
      steps: [
        { at: 'main .data-table tbody tr:first-child th', key: 'journals.tour.group' },
        { at: 'main .filter-bar', key: 'journals.tour.filter' },
        { at: 'nav a[href="/programmes"]', key: 'journals.tour.content' },
        { at: '[data-tour=help]', key: 'help.tour.help' },
      ],
    },
  ],
  sockets: journalSockets,
  explanations: {
    journal: explainBy(journalPolicy, ['view', 'edit', 'plan', 'credit'], async (id) => {
      const group = await selectOptionalGroup(SYSTEM, id)
      return group && { name: `${group.name}, ${group.cohortTitle}`, resource: group }
    }),
  },
}
