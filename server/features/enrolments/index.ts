import type { Feature } from '../../core/feature.ts'
import { enrolmentNotices, tellDirectors, welcomeLearner } from './notices.ts'
import { enrolmentData } from './personal-data.ts'
import { enrolmentRoutes } from './router.ts'

/** People's enrolment in cohorts: taking in, groups, suspension, withdrawal, completion, and the history of all that. */
export const enrolments: Feature = {
  name: 'enrolments',
  personalData: enrolmentData,
  permissions: { 'enrolments.edit': { roles: ['methodist'] } },
  routes: enrolmentRoutes,
  endsRights: ['enrolmentSuspended', 'enrolmentCompleted', 'enrolmentWithdrawn', 'enrolmentMoved'],
  notices: enrolmentNotices,
  subscriptions: [
    { name: 'enrolments.welcome', events: ['personEnrolled'], handle: welcomeLearner },
    { name: 'enrolments.directors', events: ['personEnrolled'], handle: tellDirectors },
  ],
}
