import type { Knex } from 'knex'
import { db, fromJson } from '../../core/db/index.ts'
import { NotFoundError } from '../../core/errors.ts'
import { paged } from '../../core/http/paging.ts'
import type { Actor } from '../../core/rights/index.ts'
import type { Translated } from '../../core/text.ts'
import { nowUtc } from '../../core/time.ts'
import type { TimetableQuery } from './input.ts'
import { groupPolicy } from './policy.ts'

export type LessonRow = {
  id: number
  group_id: number
  cohort_id: number
  module_id: number
  programme_id: number
  offering_id: number | null
  topic_id: number | null
  title: string | null
  starts_at: string
  ends_at: string
  place: string | null
  link: string | null
  state: string
  version: number
  group_name: string
  moduleTitle: Translated
  topicTitle: Translated | null
  capacity: number | null
  taken: number | null
}

/** Lessons of groups that the actor sees: `l`, `g`, `c`, `m`, the topic `t` and the offering `o`. */
const visibleLessons = (actor: Actor): Knex.QueryBuilder =>
  db()('lessons as l')
    .join('groups as g', 'g.id', 'l.group_id')
    .join('cohorts as c', 'c.id', 'g.cohort_id')
    .join('modules as m', 'm.id', 'g.module_id')
    .leftJoin('topics as t', 't.id', 'l.topic_id')
    .leftJoin('offerings as o', 'o.id', 'l.offering_id')
    .modify(groupPolicy.visibleTo(actor, 'view'))

const COLUMNS = [
  ...['l.id', 'l.group_id', 'l.offering_id', 'l.topic_id', 'l.title', 'l.starts_at', 'l.ends_at', 'l.place', 'l.link'],
  ...['l.state', 'l.version', 'g.name as group_name', 'g.cohort_id', 'g.module_id', 'c.programme_id'],
  ...['m.title as module_title', 't.title as topic_title', 'o.capacity', 'o.taken'],
]

// biome-ignore lint/suspicious/noExplicitAny: a raw row
const toLesson = ({ module_title, topic_title, ...row }: any): LessonRow => ({
  ...row,
  moduleTitle: fromJson<Translated>(module_title, {}),
  topicTitle: topic_title === null ? null : fromJson<Translated>(topic_title, {}),
})

const matching = (cohortId: number, filter: TimetableQuery) => (query: Knex.QueryBuilder) => {
  void query.where('g.cohort_id', cohortId)
  if (filter.module) void query.where('g.module_id', filter.module)
  if (filter.group) void query.where('g.id', filter.group)
  if (filter.from === 'now') void query.where('l.ends_at', '>', nowUtc())
}

/** One page of a cohort's classes by date; those called off are among them, marked. */
export async function listLessons(actor: Actor, cohortId: number, filter: TimetableQuery) {
  const result = await paged<{ id: number; starts_at: string }>(
    visibleLessons(actor).modify(matching(cohortId, filter)).select(COLUMNS),
    filter,
    'l.starts_at',
    'l.id',
    (row) => ({ key: row.starts_at, id: row.id }),
  )
  return { ...result, rows: result.rows.map(toLesson) }
}

/** Whether the cohort has any class at all. */
export const hasLessons = async (cohortId: number): Promise<boolean> =>
  Boolean(
    await db()('lessons as l').join('groups as g', 'g.id', 'l.group_id').where('g.cohort_id', cohortId).first('l.id'),
  )

export type TimetableGroup = {
  id: number
  name: string
  module_id: number
  moduleTitle: Translated
  offerings: number
  /** Offered topics that have no class yet. */
  withoutDates: number
}

/** The groups that the actor sees, with how many topics are offered to them and how many of these lack dates. */
export async function listTimetableGroups(actor: Actor, cohortId: number): Promise<TimetableGroup[]> {
  const offered = () => db()('offerings as o').whereRaw('o.group_id = g.id').whereNull('o.cancelled_at')
  const rows = await db()('groups as g')
    .join('cohorts as c', 'c.id', 'g.cohort_id')
    .join('modules as m', 'm.id', 'g.module_id')
    .modify(groupPolicy.visibleTo(actor, 'view'))
    .where('g.cohort_id', cohortId)
    .whereNull('g.archived_at')
    .orderBy(['m.position', 'm.id', 'g.id'])
    .select('g.id', 'g.name', 'g.module_id', 'm.title as module_title', offered().count('*').as('offerings'))
    .select(offered().whereNotExists(lessonsOf()).count('*').as('without_dates'))
  // biome-ignore lint/suspicious/noExplicitAny: a raw row
  return rows.map(({ module_title, offerings, without_dates, ...row }: any) => ({
    ...row,
    moduleTitle: fromJson<Translated>(module_title, {}),
    offerings: Number(offerings),
    withoutDates: Number(without_dates),
  }))
}

/** @throws NotFoundError if it is no lesson of this cohort, or not visible */
export async function selectLesson(actor: Actor, cohortId: number, id: number): Promise<LessonRow> {
  const row = await visibleLessons(actor).where({ 'l.id': id, 'g.cohort_id': cohortId }).first(COLUMNS)
  if (!row) throw new NotFoundError()
  return toLesson(row)
}

/** Classes of one offering, by date. */
export async function listLessonsOf(actor: Actor, offeringId: number): Promise<LessonRow[]> {
  const rows = await visibleLessons(actor)
    .where('l.offering_id', offeringId)
    .orderBy(['l.starts_at', 'l.id'])
    .limit(200)
    .select(COLUMNS)
  return rows.map(toLesson)
}

export type OfferingRow = {
  id: number
  cohort_id: number
  group_id: number
  module_id: number
  programme_id: number
  topic_id: number
  capacity: number | null
  taken: number
  place: string | null
  link: string | null
  cancelled_at: string | null
  version: number
  group_name: string
  moduleTitle: Translated
  topicTitle: Translated
  hours: number
  is_compulsory: number
  lessons: number
  first_at: string | null
}

const lessonsOf = () => db()('lessons as l').whereRaw('l.offering_id = o.id').whereNot('l.state', 'cancelled')

const visibleOfferings = (actor: Actor) =>
  db()('offerings as o')
    .join('groups as g', 'g.id', 'o.group_id')
    .join('cohorts as c', 'c.id', 'o.cohort_id')
    .join('modules as m', 'm.id', 'g.module_id')
    .join('topics as t', 't.id', 'o.topic_id')
    .modify(groupPolicy.visibleTo(actor, 'view'))

const selectOfferings = (query: Knex.QueryBuilder) =>
  query
    .select('o.*', 'g.name as group_name', 'g.module_id', 'c.programme_id', 'm.title as module_title')
    .select('t.title as topic_title', 't.hours', 't.is_compulsory')
    .select(lessonsOf().count('*').as('lessons'), lessonsOf().min('l.starts_at').as('first_at'))

// biome-ignore lint/suspicious/noExplicitAny: a raw row
const toOffering = ({ module_title, topic_title, lessons, ...row }: any): OfferingRow => ({
  ...row,
  lessons: Number(lessons),
  moduleTitle: fromJson<Translated>(module_title, {}),
  topicTitle: fromJson<Translated>(topic_title, {}),
})

/** What is offered to which group, by module and topic; at most 2,000. */
export async function listOfferings(
  actor: Actor,
  cohortId: number,
  filter: { module?: number | null; group?: number | null },
): Promise<OfferingRow[]> {
  const query = visibleOfferings(actor).where('o.cohort_id', cohortId)
  if (filter.module) void query.where('g.module_id', filter.module)
  if (filter.group) void query.where('g.id', filter.group)
  const rows = await selectOfferings(query).orderBy(['m.position', 'm.id', 't.position', 't.id', 'g.id']).limit(2000)
  return rows.map(toOffering)
}

/** @throws NotFoundError if it is not offered in this cohort, or not visible */
export async function selectOffering(actor: Actor, cohortId: number, id: number): Promise<OfferingRow> {
  const [row] = await selectOfferings(visibleOfferings(actor).where({ 'o.id': id, 'o.cohort_id': cohortId }))
  if (!row) throw new NotFoundError()
  return toOffering(row)
}

/** Those whom a change of a group's lessons concerns: everyone in it today. */
export const listMemberIds = (groupId: number): Promise<number[]> =>
  db()('group_members').where({ group_id: groupId }).whereNull('ends_on').distinct().pluck('enrolment_id')
