import type { Knex } from 'knex'
import { db } from '../../core/db/index.ts'
import { addDays } from '../../core/time.ts'

/** Fewer held lessons say nothing of a person yet. */
export const LEAST_LESSONS = 3
/** Below this share of attended lessons a person needs attention, whatever a module's own rule asks. */
export const LEAST_PERCENT = 70
/** A route not sent is worth a word when so many days are left. */
export const ROUTE_DAYS = 7

/** What the judgement looks at: one row of `enrolment_progress` with its cohort. */
export type AttentionFacts = {
  state: string
  cohort_state: string
  next_due_on: string | null
  lessons_held: number | null
  lessons_attended: number | null
  route_state: string | null
  route_opens_on: string | null
  route_closes_on: string | null
}

export type Reason = 'late' | 'missed' | 'routeReturned' | 'routeMissing'

const runs = (cohortState: string) => cohortState === 'planned' || cohortState === 'running'

/** Why somebody who learns needs attention, the most pressing first; empty: nothing is amiss. */
export function reasonsOf(facts: AttentionFacts, today: string): Reason[] {
  if (facts.state !== 'active' || !runs(facts.cohort_state)) return []
  const reasons: Reason[] = []
  if (facts.next_due_on !== null && facts.next_due_on < today) reasons.push('late')
  const held = facts.lessons_held ?? 0
  if (held >= LEAST_LESSONS && (facts.lessons_attended ?? 0) * 100 < LEAST_PERCENT * held) reasons.push('missed')
  if (facts.route_state === 'returned') reasons.push('routeReturned')
  if (isRouteMissing(facts, today)) reasons.push('routeMissing')
  return reasons
}

function isRouteMissing({ route_state, route_opens_on, route_closes_on }: AttentionFacts, today: string): boolean {
  if (route_state !== null && route_state !== 'draft') return false
  if (route_opens_on !== null && route_opens_on > today) return false
  return route_closes_on !== null && route_closes_on <= addDays(today, ROUTE_DAYS)
}

/** The same judgement in SQL, over `e` (enrolments), `c` (cohorts) and `ep` (enrolment_progress). */
export const needsAttention = (today: string): Knex.Raw =>
  db().raw(
    `(e.state = 'active' and c.state in ('planned', 'running') and (
      coalesce(ep.next_due_on, '9999-12-31') < ?
      or (coalesce(ep.lessons_held, 0) >= ? and ep.lessons_attended * 100 < ? * ep.lessons_held)
      or coalesce(ep.route_state, '') = 'returned'
      or (coalesce(ep.route_state, 'draft') = 'draft' and coalesce(c.route_opens_on, '') <= ?
        and coalesce(c.route_closes_on, '9999-12-31') <= ?)))`,
    [today, LEAST_LESSONS, LEAST_PERCENT, today, addDays(today, ROUTE_DAYS)],
  )
