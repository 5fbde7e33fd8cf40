import type { Feature } from '../../core/feature.ts'
import type { Actor } from '../../core/rights/index.ts'
import { explainEnrolment } from '../tracking/explain.ts'
import { employeePolicy } from './policy.ts'
import { employeeRoutes } from './router.ts'

const EMPLOYER_SCOPES = ['organisation', 'department', 'reports']

/** Who answers for people at work; staff of the training come to an employee's page from their own lists. */
const isEmployer = (actor: Actor): boolean =>
  actor.grants.some((grant) => EMPLOYER_SCOPES.includes(grant.scope.type) && grant.permissions.has('employees.view'))

/** The view of directors and managers: how their own people learn, and who of them needs attention. Read-only. */
export const employees: Feature = {
  name: 'employees',
  permissions: { 'employees.view': { roles: ['director', 'manager', 'methodist'] } },
  routes: employeeRoutes,
  explanations: { employee: explainEnrolment(employeePolicy, ['view']) },
  navigation: [{ key: 'employees.nav', href: '/employees', icon: 'users-group', order: 10, visible: isEmployer }],
}
