import { db } from '../../core/db/index.ts'
import { keptDays } from '../../core/housekeeping/index.ts'
import { daysAgo } from '../../core/time.ts'

/**
 * Registrations that were declined, or by which nobody ever came in. Whom an employer has confirmed, or who was given a
 * right or a place in a course, is wanted here and only has not come yet.
 */
const registrations = (before: string) =>
  db()('people as p')
    .join('accounts as a', 'a.person_id', 'p.id')
    .where('p.source', 'registration')
    .whereNull('a.last_sign_in_at')
    .whereIn('a.state', ['blocked', 'invited'])
    .where('a.updated_at', '<', before)
    .whereNotExists(db()('enrolments').whereRaw('enrolments.person_id = p.id').select('enrolments.id'))
    .whereNotExists(
      db()('employments')
        .where('employments.state', 'confirmed')
        .whereRaw('employments.person_id = p.id')
        .select('employments.id'),
    )
    .whereNotExists(db()('grants').whereRaw('grants.person_id = p.id').select('grants.id'))

/** People who were put away so long ago. */
const left = (before: string) => db()('people as p').where('p.state', 'archived').where('p.updated_at', '<', before)

/** The periods after which people are erased. Who left may stand in a legal record: off until it is switched on. */
export const PERIODS = [
  { name: 'registrations', days: 30, least: 1, found: registrations },
  { name: 'left', days: null, least: 365, found: left },
] as const

/** Whether a person's time is over now, whatever it was when their erasure was ordered. */
export async function isTimeOver(personId: number): Promise<boolean> {
  for (const { found, ...period } of PERIODS) {
    const days = keptDays(period)
    if (days !== null && (await found(daysAgo(days)).where('p.id', personId).first('p.id'))) return true
  }
  return false
}
