import type { Feature } from '../../core/feature.ts'
import type { Actor } from '../../core/rights/index.ts'
import { explainEnrolment } from '../tracking/explain.ts'
import { employeePolicy, employeeVisibility } from './policy.ts'
import { employeeRoutes } from './router.ts'

const isEmployerIn =
  (scopes: readonly string[]) =>
  (actor: Actor): boolean =>
    actor.grants.some((grant) => scopes.includes(grant.scope.type) && grant.permissions.has('employees.view'))

/** Who answers for people at work; staff of the training come to an employee's page from their own lists. */
const isEmployer = isEmployerIn(['organisation', 'department', 'reports'])

/** The view of directors and managers: how their own people learn, and who of them needs attention. Read-only. */
export const employees: Feature = {
  name: 'employees',
  permissions: { 'employees.view': { roles: ['director', 'manager', 'methodist'] } },
  routes: employeeRoutes,
  explanations: { employee: explainEnrolment(employeePolicy, ['view']) },
  visibility: employeeVisibility,
  tours: [
    {
      name: 'director',
      path: '/employees',
      visible: isEmployerIn(['organisation', 'department']),
      steps: [
        { at: '[data-tour=sentence]', key: 'employees.tour.sentence' },
        { at: 'main .filter-bar', key: 'employees.tour.filter' },
        { at: 'main .filter-actions', key: 'employees.tour.paper' },
        { at: '[data-tour=help]', key: 'help.tour.help' },
      ],
    },
    {
      name: 'manager',
      path: '/employees',
      visible: isEmployerIn(['reports']),
      steps: [
        { at: '[data-tour=sentence]', key: 'employees.tour.managed' },
        { at: 'main .filter-bar', key: 'employees.tour.filter' },
        { at: 'main .filter-actions', key: 'employees.tour.paper' },
        { at: '[data-tour=help]', key: 'help.tour.help' },
      ],
    },
  ],
  navigation: [{ key: 'employees.nav', href: '/employees', icon: 'users-group', order: 10, visible: isEmployer }],
}
