import { db } from '../../core/db/index.ts'
import type { Feature } from '../../core/feature.ts'
import { explainBy } from '../../core/rights/explanations.ts'
import { cohortPolicy } from './policy.ts'
import { cohortRoutes } from './router.ts'
import { startDueCohorts } from './service.ts'

/** Cohorts of a programme with their groups, instructors and timetable. */
export const cohorts: Feature = {
  name: 'cohorts',
  permissions: {
    'cohorts.view': { roles: ['methodist', 'instructor'] },
    'cohorts.edit': { roles: ['methodist'] },
  },
  routes: cohortRoutes,
  endsRights: ['instructorRemoved', 'cohortChanged'],
  explanations: {
    cohort: explainBy(cohortPolicy, ['oversee', 'edit', 'enrol'], async (id) => {
      const row = await db()('cohorts').where({ id }).first('id', 'programme_id', 'title')
      return row && { name: row.title, resource: row }
    }),
  },
  navigation: [{ key: 'cohorts.nav', href: '/cohorts', icon: 'users-group', order: 30, permission: 'cohorts.view' }],
  jobs: [{ kind: 'cohorts.start', schedule: '0 5 * * * *', run: startDueCohorts }],
}
