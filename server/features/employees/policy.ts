import type { Knex } from 'knex'
import type { Actor } from '../../core/rights/index.ts'
import { reachableEnrolments } from '../progress/places.ts'

/** Following the learning of employees: who employs them today, their direct manager, staff of the training. */
export const PERMISSION = ['employees.view'] as const

/** The enrolments that the actor may follow, with cohort, programme and person. */
export const followed = (actor: Actor, date: string, narrow?: (query: Knex.QueryBuilder) => void): Knex.QueryBuilder =>
  reachableEnrolments(actor, PERMISSION, date, narrow)
