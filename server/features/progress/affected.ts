import type { Knex } from 'knex'
import { chunks, db } from '../../core/db/index.ts'
import type { DomainEvent } from '../../core/events/index.ts'
import { enqueueJob } from '../../core/jobs/index.ts'

const numbers = (value: unknown): number[] =>
  (Array.isArray(value) ? value : [value]).map(Number).filter((id) => Number.isInteger(id) && id > 0)

/** The ids of a kind that an event names: in its data as `xId` or `xIds`, or as its subject. */
function named(event: DomainEvent, kind: string, ...otherNames: string[]): number[] {
  const ids = [...numbers(event.data[`${kind}Id`]), ...numbers(event.data[`${kind}Ids`])]
  const isSubject = [kind, ...otherNames].includes(event.subject.type)
  return [...new Set(isSubject ? [...ids, event.subject.id] : ids)]
}

const ofCohorts = (narrow: (query: Knex.QueryBuilder) => void) =>
  db()('enrolments as e').join('cohorts as c', 'c.id', 'e.cohort_id').modify(narrow).select('e.id')

const ofProgramme = (programmes: (query: Knex.QueryBuilder) => void) =>
  ofCohorts((query) => void query.whereIn('c.programme_id', db()('programmes as p').modify(programmes).select('p.id')))

const ofGroups = (narrow: (query: Knex.QueryBuilder) => void) =>
  db()('group_members as gm')
    .join('groups as g', 'g.id', 'gm.group_id')
    .modify(narrow)
    .distinct('gm.enrolment_id as id')

const ofPart = (table: string, ids: number[]) =>
  ofProgramme((query) => void query.whereIn('p.id', db()(table).whereIn('id', ids).select('programme_id')))

/**
 * The enrolments whose sums an event may change, found by the narrowest thing that it names: enrolments, a route, a lesson
 * or group, a cohort, at last a programme or a part of one. Events need no common form: any of them may name any of these.
 */
export async function enrolmentsOf(event: DomainEvent): Promise<number[]> {
  const own = named(event, 'enrolment')
  if (own.length) return own
  const query = queryFor(event)
  const rows: { id: number }[] = query ? await query : []
  return rows.map((row) => row.id)
}

function queryFor(event: DomainEvent): Knex.QueryBuilder | undefined {
  const routes = named(event, 'route', 'learningRoute', 'learning_route')
  if (routes.length) return db()('learning_routes').whereIn('id', routes).select('enrolment_id as id')
  const groups = named(event, 'group')
  if (groups.length) return ofGroups((query) => void query.whereIn('g.id', groups))
  const lessons = named(event, 'lesson')
  if (lessons.length) {
    return ofGroups((query) => void query.whereIn('g.id', db()('lessons').whereIn('id', lessons).select('group_id')))
  }
  const cohorts = named(event, 'cohort')
  if (cohorts.length) return ofCohorts((query) => void query.whereIn('c.id', cohorts))
  const programmes = named(event, 'programme')
  if (programmes.length) return ofProgramme((query) => void query.whereIn('p.id', programmes))
  for (const [kind, table] of [
    ['milestone', 'milestones'],
    ['module', 'modules'],
  ] as const) {
    const ids = named(event, kind)
    if (ids.length) return ofPart(table, ids)
  }
  const topics = named(event, 'topic')
  if (!topics.length) return undefined
  const modules = db()('topics as t').join('modules as m', 'm.id', 't.module_id').whereIn('t.id', topics)
  return ofProgramme((query) => void query.whereIn('p.id', modules.select('m.programme_id')))
}

/** As many are followed at once; more become jobs, so that other happenings do not wait for a whole city. */
const AT_ONCE = 200
const JOB_SIZE = 500

/**
 * A subscription's handler that does `work` for the enrolments that an event concerns.
 * @param jobKind the job of the same feature that does `work` for `{ ids }`
 */
export const following =
  (jobKind: string, work: (ids: number[]) => Promise<void>) =>
  async (event: DomainEvent): Promise<void> => {
    const ids = await enrolmentsOf(event)
    if (ids.length <= AT_ONCE) return work(ids)
    let piece = 0
    for (const chunk of chunks(ids, JOB_SIZE)) {
      await enqueueJob(jobKind, { ids: chunk }, { uniqueKey: `${jobKind}-${event.id}-${piece++}` })
    }
  }
