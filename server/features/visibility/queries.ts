import { db } from '../../core/db/index.ts'
import { NotFoundError } from '../../core/errors.ts'

export type Cohort = { id: number; title: string }

/** The cohorts for which something may be set: those in preparation and running, and those that have settings. */
export const listCohorts = (withSettings: readonly number[]): Promise<Cohort[]> =>
  db()('cohorts')
    .whereIn('state', ['planned', 'running'])
    .orWhereIn('id', withSettings)
    .orderBy('id', 'desc')
    .limit(500)
    .select('id', 'title')

/** @throws NotFoundError */
export async function selectCohort(id: number): Promise<Cohort> {
  const row = await db()('cohorts').where({ id }).first('id', 'title')
  if (!row) throw new NotFoundError()
  return row
}
