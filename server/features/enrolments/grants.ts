import { db, insertRows } from '../../core/db/index.ts'
import type { Actor } from '../../core/rights/index.ts'
import { roleId } from '../../core/rights/roles.ts'
import { nowUtc } from '../../core/time.ts'

export type EnrolledPerson = { enrolmentId: number; personId: number }

/** The grants that follow from these enrolments. People are named too: by them the rows are found. */
const grantsOf = (people: readonly EnrolledPerson[]) =>
  db()('grants')
    .where('source', 'enrolment')
    .whereIn(
      'person_id',
      people.map(({ personId }) => personId),
    )
    .whereIn(
      'source_id',
      people.map(({ enrolmentId }) => enrolmentId),
    )

/**
 * The role `learner` in the cohort, from the day on which learners are let in. A grant that had ended, or held in another
 * cohort, is opened again here.
 */
export async function grantLearning(
  actor: Actor,
  cohort: { id: number; learners_from: string | null },
  people: readonly EnrolledPerson[],
): Promise<void> {
  const place = { scope_type: 'cohort', scope_id: cohort.id, starts_on: cohort.learners_from, ends_on: null }
  const reopened: number[] = await grantsOf(people).pluck('source_id')
  if (reopened.length) await grantsOf(people).update(place)
  const known = new Set(reopened)
  const common = {
    role_id: await roleId('learner'),
    ...place,
    source: 'enrolment',
    created_by: actor.personId,
    created_at: nowUtc(),
  }
  const rows = people
    .filter(({ enrolmentId }) => !known.has(enrolmentId))
    .map(({ enrolmentId, personId }) => ({ ...common, person_id: personId, source_id: enrolmentId }))
  if (rows.length) await insertRows('grants', rows)
}

/** Ends learners' rights. @param on the last day on which they hold; yesterday ends them at once */
export const endLearning = async (people: readonly EnrolledPerson[], on: string): Promise<void> => {
  await grantsOf(people).update({ ends_on: on })
}
