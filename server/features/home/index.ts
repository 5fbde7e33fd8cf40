import type { Feature } from '../../core/feature.ts'
import type { Actor } from '../../core/rights/index.ts'
import { homeVisibility } from './companions.ts'
import { homeRoutes } from './router.ts'

/** Who learns somewhere has the page in the navigation, as its first entry; an administrator, who may do all, has not. */
const isLearner = (actor: Actor): boolean => actor.grants.some((grant) => grant.source === 'enrolment')

/** The learner's home: one sentence that says what to do now, and everything beside it that one may need today. */
export const home: Feature = {
  name: 'home',
  permissions: { 'home.view': { roles: ['everyone'] } },
  routes: homeRoutes,
  visibility: homeVisibility,
  tours: [
    {
      name: 'learner',
      path: '/home',
      visible: isLearner,
      steps: [
        { at: '.home-now', key: 'home.tour.now' },
        { at: '.home-steps', key: 'home.tour.steps' },
        { at: '#dates-title', key: 'home.tour.dates' },
        { at: 'nav a[href="/learning-routes"]', key: 'home.tour.route' },
        { at: '[data-tour=help]', key: 'help.tour.help' },
      ],
    },
  ],
  navigation: [{ key: 'home.nav', href: '/home', icon: 'home', order: 0, visible: isLearner }],
}
