import { db } from '../../core/db/index.ts'
import { isShown, type VisibilitySwitch } from '../../core/visibility.ts'
import { presentMemberships } from '../progress/places.ts'
import type { OwnEnrolment } from './queries.ts'

const MEAN = 'home.visibility.mean'
const COMPANIONS = 'home.visibility.companions'

/** What an administrator regulates; at first a learner sees nobody but themselves. */
export const homeVisibility: Record<string, VisibilitySwitch> = {
  [MEAN]: { audience: 'learners', shown: false },
  [COMPANIONS]: { audience: 'learners', shown: false },
}

// A group is as large as a class; more names would be no list to read.
const MOST_NAMES = 60
/** Fewer learners than this, and a mean would tell of single people. */
const LEAST_LEARNERS = 5

/** The share of lessons attended by all who learn in the cohort; null: not shown, or it would say too much. */
export async function meanAttendance(enrolment: OwnEnrolment): Promise<number | null> {
  if (!isShown(MEAN, enrolment.cohort_id)) return null
  const row = await db()('enrolments as e')
    .join('enrolment_progress as ep', 'ep.enrolment_id', 'e.id')
    .where({ 'e.cohort_id': enrolment.cohort_id, 'e.state': 'active' })
    .where('ep.lessons_held', '>', 0)
    .first(db().raw('count(*) as learners, sum(ep.lessons_attended) as attended, sum(ep.lessons_held) as held'))
  return Number(row.learners) < LEAST_LEARNERS ? null : Number(row.attended) / Number(row.held)
}

/** Who else is in the groups of an enrolment today, by name; null: not shown. */
export async function listCompanions(enrolment: OwnEnrolment, date: string): Promise<string[] | null> {
  if (!isShown(COMPANIONS, enrolment.cohort_id)) return null
  const own = presentMemberships(date).where('gm.enrolment_id', enrolment.id).select('gm.group_id')
  const rows: { first_name: string; last_name: string }[] = await db()('people as p')
    .whereIn(
      'p.id',
      presentMemberships(date)
        .join('enrolments as e', 'e.id', 'gm.enrolment_id')
        .whereIn('gm.group_id', own)
        .whereNot('e.id', enrolment.id)
        .where('e.state', 'active')
        .select('e.person_id'),
    )
    .orderBy(['p.sort_name', 'p.id'])
    .limit(MOST_NAMES)
    .select('p.first_name', 'p.last_name')
  return rows.map((row) => `${row.last_name} ${row.first_name}`)
}
