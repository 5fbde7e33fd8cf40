import type { Feature } from '../../core/feature.ts'
import { countCapped } from '../../core/http/paging.ts'
import { setting } from '../../core/settings.ts'
import { today } from '../../core/time.ts'
import { whenLeavingCohort } from '../enrolments/hooks.ts'
import { explainRoute } from './explain.ts'
import { followMove, releaseRoutes } from './follow-enrolments.ts'
import { routeNotices, tellApprovers, tellAuthor } from './notices.ts'
import { routeData } from './personal-data.ts'
import { routeVisibility } from './policy.ts'
import { visibleRoutes } from './queries.ts'
import { learningRouteRoutes } from './router.ts'

// Their places are free in the very transaction in which people leave.
whenLeavingCohort(releaseRoutes)

/** Learning routes: built by learners, approved where the programme asks for it, kept in every version. */
export const learningRoutes: Feature = {
  name: 'learning-routes',
  personalData: routeData,
  permissions: {
    'routes.view': { roles: ['everyone', 'instructor', 'director', 'manager', 'methodist'] },
    'routes.edit': { roles: ['everyone', 'methodist'] },
    'routes.approve': { roles: ['methodist'] },
  },
  routes: learningRouteRoutes,
  explanations: { route: explainRoute },
  navigation: [
    {
      key: 'learning-routes.nav.mine',
      href: '/learning-routes',
      icon: 'route',
      order: 20,
      visible: (actor) => actor.grants.some((grant) => grant.source === 'enrolment'),
    },
    {
      key: 'learning-routes.nav.queue',
      href: '/route-approvals',
      icon: 'clipboard-check',
      order: 35,
      permission: 'routes.approve',
    },
  ],
  attention: async (actor) => {
    const { timeZone } = await setting('authority')
    const waiting = visibleRoutes(actor, today(timeZone), 'approve').where('r.state', 'submitted')
    const { count } = await countCapped(waiting)
    return [{ key: 'learning-routes.attention.submitted', count, href: '/route-approvals' }]
  },
  visibility: routeVisibility,
  notices: routeNotices,
  subscriptions: [
    { name: 'learning-routes.author', events: ['routeApproved', 'routeReturned'], handle: tellAuthor },
    { name: 'learning-routes.approvers', events: ['routeSubmitted'], handle: tellApprovers },
    { name: 'learning-routes.move', events: ['enrolmentMoved'], handle: followMove },
  ],
}
