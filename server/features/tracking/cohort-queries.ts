import type { Knex } from 'knex'
import { db, fromJson } from '../../core/db/index.ts'
import { NotFoundError } from '../../core/errors.ts'
import { type Paged, type Paging, paged } from '../../core/http/paging.ts'
import { type Actor, allows } from '../../core/rights/index.ts'
import { likePrefix, type Translated } from '../../core/text.ts'
import { reachableEnrolments } from '../progress/places.ts'

export const VIEW = ['tracking.view']

export type CohortHead = {
  id: number
  title: string
  state: string
  starts_on: string
  ends_on: string
  programme_id: number
  programmeTitle: Translated
}

export const narrowTo = (cohortId: number) => (query: Knex.QueryBuilder) => void query.where('e.cohort_id', cohortId)

/** A cohort whose tracking journal the actor may open. @throws NotFoundError */
export async function selectCohort(actor: Actor, id: number, date: string): Promise<CohortHead> {
  const reached = reachableEnrolments(actor, VIEW, date, narrowTo(id)).select(db().raw('1'))
  const row = await db()('cohorts as c')
    .join('programmes as pr', 'pr.id', 'c.programme_id')
    .where('c.id', id)
    .first('c.id', 'c.title', 'c.state', 'c.starts_on', 'c.ends_on', 'c.programme_id', 'pr.title as programme_title', {
      reached: db().raw('exists ?', [reached]),
    })
  if (!row) throw new NotFoundError()
  const runs = allows(actor, 'tracking.view', [
    { type: 'cohort', id },
    { type: 'programme', id: row.programme_id },
  ])
  if (!runs && !Number(row.reached)) throw new NotFoundError()
  return { ...row, programmeTitle: fromJson<Translated>(row.programme_title, {}) }
}

export type CohortListRow = {
  id: number
  title: string
  state: string
  starts_on: string
  programmeTitle: Translated
  learners: number
  waiting: number
  late: number
}

type CohortFilter = Paging & { q?: string | undefined; all?: boolean | undefined }

/** One page of the cohorts with learners whom the actor may see, from the latest: two queries. */
export async function listCohorts(
  actor: Actor,
  filter: CohortFilter,
  date: string,
  size = 25,
): Promise<Paged<CohortListRow>> {
  // biome-ignore lint/suspicious/noExplicitAny: raw rows
  const result = await paged<any>(
    reachableEnrolments(actor, VIEW, date)
      .whereNot('e.state', 'withdrawn')
      .modify((query) => {
        if (!filter.all) void query.whereIn('c.state', ['planned', 'running'])
        if (filter.q) void query.where('c.title', 'like', `%${likePrefix(filter.q)}`)
      })
      .groupBy('c.id', 'c.title', 'c.state', 'c.starts_on', 'pr.title')
      .select('c.id', 'c.title', 'c.state', 'c.starts_on', 'pr.title as programme_title')
      .select(db().raw('count(*) as learners')),
    filter,
    'c.starts_on',
    'c.id',
    (row) => ({ key: row.starts_on, id: row.id }),
    { size, descending: true },
  )
  const ids = result.rows.map((row) => row.id)
  const counts = new Map((await countWork(actor, ids, date)).map((row) => [row.id, row]))
  return {
    ...result,
    rows: result.rows.map((row) => ({
      ...row,
      programmeTitle: fromJson<Translated>(row.programme_title, {}),
      learners: Number(row.learners),
      waiting: Number(counts.get(row.id)?.waiting ?? 0),
      late: Number(counts.get(row.id)?.late ?? 0),
    })),
  }
}

/** How many learners of these cohorts wait for a decision, and how many are late. */
const countWork = (
  actor: Actor,
  ids: number[],
  date: string,
): Promise<{ id: number; waiting: number; late: number }[]> =>
  reachableEnrolments(actor, VIEW, date, (query) => void query.whereIn('e.cohort_id', ids))
    .leftJoin('enrolment_progress as ep', 'ep.enrolment_id', 'e.id')
    .whereNot('e.state', 'withdrawn')
    .groupBy('c.id')
    .select('c.id')
    .select(db().raw('sum(case when exists ? then 1 else 0 end) as waiting', [offeredOf('e.id')]))
    .select(db().raw("sum(case when ep.next_due_on < ? and e.state = 'active' then 1 else 0 end) as late", [date]))

/** Evidence of an enrolment that awaits a decision. */
export const offeredOf = (enrolment: string, milestoneId?: number) =>
  db()('milestone_evidence as me')
    .join('milestone_states as ws', 'ws.id', 'me.milestone_state_id')
    .whereRaw(`ws.enrolment_id = ${enrolment}`)
    .where('me.state', 'offered')
    .whereNotIn('ws.state', ['done', 'waived'])
    .modify((query) => void (milestoneId && query.where('ws.milestone_id', milestoneId)))
    .select(db().raw('1'))
