import type { Knex } from 'knex'
import { db, fromJson } from '../../core/db/index.ts'
import { NotFoundError } from '../../core/errors.ts'
import type { Actor } from '../../core/rights/index.ts'
import { presentEmployments, presentMemberships } from '../progress/places.ts'
import { type RoutePlaces, routePolicy } from './policy.ts'
import type { RouteTemplate } from './presenter.ts'
import type { RouteData, RouteHead, RouteOffering, RouteTopic } from './route-data.ts'
import {
  type HeadRow,
  type LessonRow,
  type ModuleRow,
  type OwnItemRow,
  requiresOf,
  type TopicRow,
  toHead,
  toModule,
  toOwnItem,
  toPlaces,
} from './route-rows.ts'
import type { Span } from './rules-types.ts'

/** Enrolments with their cohort, programme, person and (left join) route, narrowed to what the actor may see. */
export const visibleRoutes = (actor: Actor, date: string, action: 'view' | 'approve' = 'view') =>
  db()('enrolments as e')
    .join('cohorts as c', 'c.id', 'e.cohort_id')
    .join('programmes as p', 'p.id', 'c.programme_id')
    .join('people as x', 'x.id', 'e.person_id')
    .leftJoin('learning_routes as r', 'r.enrolment_id', 'e.id')
    .modify(routePolicy(date).visibleTo(actor, action))

const concat = (column: string, query: Knex.QueryBuilder, alias: string) =>
  query.select(db().raw(`group_concat(${column})`)).as(alias)

/**
 * The head of a route and everything it lies in: one query.
 * @param date today's civil date of the authority
 * @throws NotFoundError if there is no such enrolment or it is not visible
 */
export async function selectHead(
  actor: Actor,
  enrolmentId: number,
  date: string,
): Promise<{ head: RouteHead; places: RoutePlaces }> {
  const memberships = () => presentMemberships(date).whereRaw('gm.enrolment_id = e.id')
  const employments = () => presentEmployments(date).whereRaw('emp.person_id = e.person_id')
  const row: HeadRow | undefined = await visibleRoutes(actor, date)
    .where('e.id', enrolmentId)
    .leftJoin('people as d', 'd.id', 'r.decided_by')
    .first([
      ...['e.id as enrolment_id', 'e.state as enrolment_state', 'e.person_id', 'e.cohort_id'],
      ...['x.last_name', 'x.first_name', 'x.middle_name'],
      ...['c.title as cohort_title', 'c.starts_on', 'c.ends_on', 'c.route_opens_on', 'c.route_closes_on'],
      ...['c.learners_from', 'c.directors_from'],
      ...['p.id as programme_id', 'p.title as programme_title', 'p.hours as programme_hours', 'p.rules'],
      ...['r.id as route_id', 'r.state', 'r.version_number', 'r.draft_revision'],
      ...['r.submitted_at', 'r.decided_at', 'r.comment'],
      ...['d.first_name as decider_first_name', 'd.last_name as decider_last_name'],
      concat('gm.group_id', memberships(), 'group_ids'),
      concat('g.module_id', memberships(), 'module_ids'),
      concat(
        'org.path',
        employments().join('organisations as org', 'org.id', 'emp.organisation_id'),
        'organisation_paths',
      ),
      concat('emp.department_id', employments(), 'department_ids'),
      concat('emp.manager_id', employments(), 'manager_ids'),
    ])
  if (!row) throw new NotFoundError()
  return { head: toHead(row), places: toPlaces(row, date) }
}

/** The whole route in four more queries, whatever its size. The caller has checked that the head is visible. */
export async function selectRoute(head: RouteHead, date: string): Promise<RouteData> {
  const modules = (await listModules(head, date)).map(toModule)
  const groups = new Map(modules.flatMap((module) => (module.groupId === null ? [] : [[module.groupId, module.id]])))
  const rows = await listTopics(
    head.routeId,
    modules.map((module) => module.id),
    [...groups.keys()],
  )
  const former = rows.flatMap((row) => (row.f_id !== null && row.f_id !== row.o_id ? [row.f_id] : []))
  const lessons = await listLessons([...groups.keys()], former)
  const ownItems = head.routeId === null ? [] : await listOwnItems(head.routeId)
  const dates = datesByOffering(lessons)
  return {
    head,
    modules,
    topics: rows.map((row) => toTopic(row, dates)),
    groupLessons: lessons
      .filter((lesson) => lesson.offering_id === null)
      .map((lesson) => ({
        moduleId: groups.get(lesson.group_id) as number,
        title: lesson.title,
        place: lesson.place,
        startsAt: lesson.starts_at,
        endsAt: lesson.ends_at,
      })),
    ownItems: ownItems.map(toOwnItem),
  }
}

/** The learner's group in each module (`own`); someone in two groups of one module counts in the later. */
const ownGroups = (head: RouteHead, date: string) =>
  // From the few latest memberships outwards: as a condition of `in` MariaDB would look at every membership there is.
  db()
    .from(
      presentMemberships(date)
        .where('gm.enrolment_id', head.enrolmentId)
        .groupBy('g.module_id')
        .max('gm.id as id')
        .as('latest'),
    )
    .join('group_members as last', 'last.id', 'latest.id')
    .join('groups as lg', 'lg.id', 'last.group_id')
    .select('lg.id', 'lg.name', 'lg.module_id')
    .as('own')

/** The modules in their order. Put in order here: to sort rows with texts MariaDB makes a table on the disk. */
async function listModules(head: RouteHead, date: string): Promise<ModuleRow[]> {
  const rows: ModuleRow[] = await db()('modules as m')
    .leftJoin(ownGroups(head, date), 'own.module_id', 'm.id')
    .where('m.programme_id', head.programme.id)
    .whereNull('m.archived_at')
    .select('m.id', 'm.position', 'm.title', 'm.hours', 'm.min_topics', 'm.max_topics', 'm.min_hours', 'm.max_hours')
    .select('own.id as group_id', 'own.name as group_name')
  return rows.sort((a, b) => a.position - b.position || a.id - b.id)
}

const OFFERING = ['id', 'capacity', 'taken', 'place', 'link'] as const

/**
 * The topics of these modules, module by module, with their offering to the learner's group of the module (`o`) and the
 * offering that was taken (`f`).
 */
async function listTopics(
  routeId: number | null,
  moduleIds: readonly number[],
  groupIds: readonly number[],
): Promise<TopicRow[]> {
  const rows: TopicRow[] = await db()('topics as t')
    .leftJoin('route_choices as rc', (on) => on.on('rc.topic_id', 't.id').andOnVal('rc.route_id', routeId ?? 0))
    .leftJoin('offerings as o', (on) =>
      on.on('o.topic_id', 't.id').andOnIn('o.group_id', groupIds).andOnNull('o.cancelled_at'),
    )
    .leftJoin('offerings as f', 'f.id', 'rc.offering_id')
    .whereIn('t.module_id', moduleIds)
    .where((either) => either.whereNull('t.archived_at').orWhere('rc.in_draft', 1).orWhere('rc.in_force', 1))
    .orderBy(['t.position', 't.id'])
    .select('t.id', 't.module_id', 't.position', 't.title', 't.description', 't.hours', 't.format', 't.is_compulsory')
    .select('rc.in_draft', 'rc.in_force')
    .select(OFFERING.flatMap((column) => [`o.${column} as o_${column}`, `f.${column} as f_${column}`]))
    .select(
      db()('topic_prerequisites as tp')
        .whereRaw('tp.topic_id = t.id')
        .select(db().raw('group_concat(tp.requires_topic_id)'))
        .as('requires'),
    )
  const order = new Map(moduleIds.map((id, at) => [id, at]))
  return rows.sort((a, b) => (order.get(a.module_id) ?? 0) - (order.get(b.module_id) ?? 0))
}

const listLessons = (groupIds: number[], formerOfferings: number[]): Promise<LessonRow[]> =>
  db()('lessons as l')
    .whereNot('l.state', 'cancelled')
    .where((either) => {
      void either.whereIn('l.group_id', groupIds)
      if (formerOfferings.length > 0) void either.orWhereIn('l.offering_id', formerOfferings)
    })
    .orderBy(['l.starts_at', 'l.id'])
    .select('l.group_id', 'l.offering_id', 'l.title', 'l.place', 'l.starts_at', 'l.ends_at')

const listOwnItems = (routeId: number): Promise<OwnItemRow[]> =>
  db()('route_own_items')
    .where({ route_id: routeId })
    .where((either) => either.where('in_draft', 1).orWhere('in_force', 1))
    .orderBy('id')

function datesByOffering(lessons: readonly LessonRow[]): Map<number, Span[]> {
  const dates = new Map<number, Span[]>()
  for (const lesson of lessons) {
    if (lesson.offering_id === null) continue
    const span = { startsAt: lesson.starts_at, endsAt: lesson.ends_at }
    const list = dates.get(lesson.offering_id)
    if (list) list.push(span)
    else dates.set(lesson.offering_id, [span])
  }
  return dates
}

function toTopic(row: TopicRow, dates: Map<number, Span[]>): RouteTopic {
  const offering = (prefix: 'o' | 'f'): RouteOffering | null => {
    const id = row[`${prefix}_id`]
    if (id === null) return null
    return {
      id,
      capacity: row[`${prefix}_capacity`],
      taken: row[`${prefix}_taken`] ?? 0,
      place: row[`${prefix}_place`],
      link: row[`${prefix}_link`],
      dates: dates.get(id) ?? [],
    }
  }
  return {
    id: row.id,
    moduleId: row.module_id,
    position: row.position,
    title: fromJson(row.title, {}),
    description: fromJson(row.description, {}),
    hours: row.hours,
    format: row.format,
    isCompulsory: row.is_compulsory === 1,
    requires: requiresOf(row),
    offering: offering('o'),
    formerOffering: row.f_id !== null && row.f_id !== row.o_id ? offering('f') : null,
    inDraft: row.in_draft === 1,
    inForce: row.in_force === 1,
  }
}

/** Recommended routes of a programme, in their order, with the ids of their topics. */
export async function listTemplates(programmeId: number): Promise<RouteTemplate[]> {
  const rows: { id: number; title: string; description: string; topics: string | null }[] = await db()(
    'route_templates as rt',
  )
    .where('rt.programme_id', programmeId)
    .orderBy(['rt.position', 'rt.id'])
    .select('rt.id', 'rt.title', 'rt.description')
    .select(
      db()('route_template_topics as rtt')
        .whereRaw('rtt.template_id = rt.id')
        .select(db().raw('group_concat(rtt.topic_id)'))
        .as('topics'),
    )
  return rows.map((row) => ({
    id: row.id,
    title: fromJson(row.title, {}),
    description: fromJson(row.description, {}),
    topicIds: (row.topics ?? '').split(',').filter(Boolean).map(Number),
  }))
}
