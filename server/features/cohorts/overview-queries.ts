import { db, fromJson } from '../../core/db/index.ts'
import type { Actor } from '../../core/rights/index.ts'
import type { Translated } from '../../core/text.ts'
import { nowUtc } from '../../core/time.ts'
import { heldToday } from './group-queries.ts'
import { enrolmentSight, groupPolicy } from './policy.ts'

export type Numbers = {
  /** Enrolments by state. */
  states: Record<string, number>
  /** Routes of those who learn, by state; `none`: not begun. */
  routes: Record<string, number>
}

/** How many enrolments and routes are in which state: one query. */
export async function countStates(actor: Actor, cohortId: number): Promise<Numbers> {
  const rows = await db()('enrolments as e')
    .join('cohorts as c', 'c.id', 'e.cohort_id')
    .leftJoin('learning_routes as r', 'r.enrolment_id', 'e.id')
    .modify(enrolmentSight.visibleTo(actor, 'view'))
    .where('e.cohort_id', cohortId)
    .groupBy('e.state', 'r.state')
    .select('e.state', 'r.state as route')
    .count({ count: '*' })
  const numbers: Numbers = { states: {}, routes: {} }
  for (const row of rows) {
    const count = Number(row.count)
    numbers.states[row.state] = (numbers.states[row.state] ?? 0) + count
    if (row.state !== 'active') continue
    const route = row.route ?? 'none'
    numbers.routes[route] = (numbers.routes[route] ?? 0) + count
  }
  return numbers
}

export type ModuleSummary = {
  id: number
  title: Translated
  groups: number
  /** Groups without an instructor. */
  withoutInstructor: number
  /** Learners (active or suspended) who are in none of the module's groups. */
  withoutGroup: number
  offerings: number
  /** Offerings without a class. */
  withoutDates: number
  /** Offerings with no place left. */
  full: number
}

/** What each module of the cohort has and lacks: one query with a handful of subqueries per module. */
export async function listModuleSummaries(cohortId: number, programmeId: number): Promise<ModuleSummary[]> {
  const groups = () =>
    db()('groups as g').whereRaw('g.module_id = m.id').where('g.cohort_id', cohortId).whereNull('g.archived_at')
  const taught = db()('grants as gr').where('gr.scope_type', 'group').modify(heldToday).whereRaw('gr.scope_id = g.id')
  const placed = db()('group_members as gm')
    .join('groups as g', 'g.id', 'gm.group_id')
    .whereRaw('gm.enrolment_id = e.id')
    .whereRaw('g.module_id = m.id')
    .whereNull('gm.ends_on')
  const learners = db()('enrolments as e').where('e.cohort_id', cohortId).whereIn('e.state', ['active', 'suspended'])
  const offerings = () =>
    db()('offerings as o')
      .join('groups as g', 'g.id', 'o.group_id')
      .whereRaw('g.module_id = m.id')
      .where('o.cohort_id', cohortId)
      .whereNull('o.cancelled_at')
  const dates = db()('lessons as l').whereRaw('l.offering_id = o.id').whereNot('l.state', 'cancelled')
  const rows = await db()('modules as m')
    .where('m.programme_id', programmeId)
    .whereNull('m.archived_at')
    .orderBy(['m.position', 'm.id'])
    .select('m.id', 'm.title', groups().count('*').as('groups'))
    .select(groups().whereNotExists(taught).count('*').as('without_instructor'))
    .select(learners.whereNotExists(placed).count('*').as('without_group'))
    .select(offerings().count('*').as('offerings'))
    .select(offerings().whereNotExists(dates).count('*').as('without_dates'))
    .select(offerings().whereRaw('o.taken >= o.capacity').count('*').as('full'))
  return rows.map((row) => ({
    ...{ id: row.id, title: fromJson<Translated>(row.title, {}), groups: Number(row.groups) },
    ...{ withoutInstructor: Number(row.without_instructor), withoutGroup: Number(row.without_group) },
    ...{ offerings: Number(row.offerings), withoutDates: Number(row.without_dates), full: Number(row.full) },
  }))
}

export type ComingLesson = {
  id: number
  starts_at: string
  ends_at: string
  title: string | null
  topicTitle: Translated | null
  groupName: string
  place: string | null
}

/** The next classes of groups that the actor sees. */
export async function listComingLessons(actor: Actor, cohortId: number, limit = 5): Promise<ComingLesson[]> {
  const rows = await db()('lessons as l')
    .join('groups as g', 'g.id', 'l.group_id')
    .join('cohorts as c', 'c.id', 'g.cohort_id')
    .leftJoin('topics as t', 't.id', 'l.topic_id')
    .modify(groupPolicy.visibleTo(actor, 'view'))
    .where('g.cohort_id', cohortId)
    .where('l.ends_at', '>', nowUtc())
    .whereNot('l.state', 'cancelled')
    .orderBy(['l.starts_at', 'l.id'])
    .limit(limit)
    .select('l.id', 'l.starts_at', 'l.ends_at', 'l.title', 'l.place', 't.title as topic_title', 'g.name as group_name')
  // biome-ignore lint/suspicious/noExplicitAny: a raw row
  return rows.map(({ topic_title, group_name, ...row }: any) => ({
    ...row,
    groupName: group_name,
    topicTitle: topic_title === null ? null : fromJson<Translated>(topic_title, {}),
  }))
}
