import type { Knex } from 'knex'
import type { Actor } from '../../core/rights/index.ts'
import { enrolmentPolicy, reachableEnrolments } from '../progress/places.ts'

/** Following the learning of employees: who employs them today, their direct manager, staff of the training. */
export const PERMISSION = ['employees.view'] as const

/** The training of an employee, on this day. */
export const employeePolicy = (date: string) => enrolmentPolicy<'view'>({ view: PERMISSION }, date)

/** The enrolments that the actor may follow, with cohort, programme and person. */
export const followed = (actor: Actor, date: string, narrow?: (query: Knex.QueryBuilder) => void): Knex.QueryBuilder =>
  reachableEnrolments(actor, PERMISSION, date, narrow)
