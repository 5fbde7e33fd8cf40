import { db } from '../../core/db/index.ts'
import type { Feature } from '../../core/feature.ts'
import { explainBy } from '../../core/rights/explanations.ts'
import { type Actor, hasAnywhere, hasEverywhere } from '../../core/rights/index.ts'
import { cohortData } from './personal-data.ts'
import { cohortPolicy } from './policy.ts'
import { cohortRoutes } from './router.ts'
import { cohortSearch } from './search.ts'
import { startDueCohorts } from './service.ts'

/** Who runs programmes and lands on the journals of all groups; an administrator has a first page of their own. */
const isMethodist = (actor: Actor): boolean =>
  hasAnywhere(actor, 'routes.approve') && !hasEverywhere(actor, 'settings.edit')

/** Cohorts of a programme with their groups, instructors and timetable. */
export const cohorts: Feature = {
  name: 'cohorts',
  personalData: cohortData,
  permissions: {
    'cohorts.view': { roles: ['methodist', 'instructor'] },
    'cohorts.edit': { roles: ['methodist'] },
  },
  routes: cohortRoutes,
  search: [cohortSearch],
  endsRights: ['instructorRemoved', 'cohortChanged'],
  explanations: {
    cohort: explainBy(cohortPolicy, ['oversee', 'edit', 'enrol'], async (id) => {
      const row = await db()('cohorts').where({ id }).first('id', 'programme_id', 'title')
      return row && { name: row.title, resource: row }
    }),
  },
  tours: [
    {
      name: 'methodist',
      path: '/journals',
      visible: isMethodist,
      steps: [
        { at: 'nav a[href="/cohorts"]', key: 'cohorts.tour.cohorts' },
        { at: 'nav a[href="/route-approvals"]', key: 'cohorts.tour.queue' },
        { at: 'nav a[href="/programmes"]', key: 'cohorts.tour.programmes' },
        { at: 'nav a[href="/tracking"]', key: 'cohorts.tour.tracking' },
        { at: '[data-tour=help]', key: 'help.tour.help' },
      ],
    },
  ],
  navigation: [{ key: 'cohorts.nav', href: '/cohorts', icon: 'users-group', order: 30, permission: 'cohorts.view' }],
  jobs: [{ kind: 'cohorts.start', schedule: '0 5 * * * *', run: startDueCohorts }],
}
