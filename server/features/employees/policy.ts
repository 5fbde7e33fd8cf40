import type { Knex } from 'knex'
import { type Actor, allows } from '../../core/rights/index.ts'
import { isShown, type VisibilitySwitch } from '../../core/visibility.ts'
import { ROUTE_TO_EMPLOYERS } from '../learning-routes/policy.ts'
import { enrolmentPolicy, reachableEnrolments } from '../progress/places.ts'

/** Following the learning of employees: who employs them today, their direct manager, staff of the training. */
export const PERMISSION = ['employees.view'] as const

/** The training of an employee, on this day. */
export const employeePolicy = (date: string) => enrolmentPolicy<'view'>({ view: PERMISSION }, date)

/** The enrolments that the actor may follow, with cohort, programme and person. */
export const followed = (actor: Actor, date: string, narrow?: (query: Knex.QueryBuilder) => void): Knex.QueryBuilder =>
  reachableEnrolments(actor, PERMISSION, date, narrow)

const MARKS = 'employees.visibility.marks'
const REASONS = 'employees.visibility.reasons'

/** What an administrator regulates; at first marks and reasons stay between the learner and the staff. */
export const employeeVisibility: Record<string, VisibilitySwitch> = {
  [MARKS]: { audience: 'employers', shown: false },
  [REASONS]: { audience: 'employers', shown: false },
}

/** How much of an employee's training is shown. Who runs the training sees all of it; what is shown to employers is regulated. */
export function shownOf(actor: Actor, employee: { cohort_id: number; programme_id: number }) {
  const { cohort_id: cohort, programme_id: programme } = employee
  const runsIt = allows(actor, 'employees.view', [
    { type: 'cohort', id: cohort },
    { type: 'programme', id: programme },
  ])
  const of = (key: string) => runsIt || isShown(key, cohort)
  return { marks: of(MARKS), reasons: of(REASONS), route: of(ROUTE_TO_EMPLOYERS) }
}
export type Shown = ReturnType<typeof shownOf>
