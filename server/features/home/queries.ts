import type { Knex } from 'knex'
import { db, fromJson } from '../../core/db/index.ts'
import type { Actor } from '../../core/rights/index.ts'
import type { Translated } from '../../core/text.ts'

/** An enrolment of the person themselves, with everything that the home page says of it. */
export type OwnEnrolment = {
  id: number
  state: string
  cohort_id: number
  programme_id: number
  cohort_title: string
  cohort_state: string
  programmeTitle: Translated
  starts_on: string
  ends_on: string
  learners_from: string | null
  route_opens_on: string | null
  route_closes_on: string | null
  route_state: 'draft' | 'submitted' | 'approved' | 'returned' | null
  isInForce: boolean
  milestones_done: number
  milestones_total: number
  credits_passed: number
  modules_total: number
  lessons_held: number
  lessons_attended: number
}

const exists = (query: Knex.QueryBuilder) => db().raw('exists ?', [query.select(db().raw('1'))])

type Begun = Pick<OwnEnrolment, 'id' | 'state' | 'cohort_state' | 'starts_on'>

const isUnderWay = ({ state, cohort_state }: Begun) =>
  state === 'active' && (cohort_state === 'running' || cohort_state === 'planned')

const underWayFirst = (a: Begun, b: Begun) =>
  Number(isUnderWay(b)) - Number(isUnderWay(a)) ||
  (b.starts_on > a.starts_on ? 1 : b.starts_on < a.starts_on ? -1 : b.id - a.id)

/**
 * One's own enrolments, those under way first, the latest first among them. They are a handful, put in order here: to
 * sort rows with texts MariaDB makes a table on the disk.
 */
export async function listOwnEnrolments(actor: Actor): Promise<OwnEnrolment[]> {
  const rows = await db()('enrolments as e')
    .join('cohorts as c', 'c.id', 'e.cohort_id')
    .join('programmes as pr', 'pr.id', 'c.programme_id')
    .leftJoin('learning_routes as r', 'r.enrolment_id', 'e.id')
    .leftJoin('enrolment_progress as ep', 'ep.enrolment_id', 'e.id')
    .where('e.person_id', actor.personId)
    .whereNot('e.state', 'withdrawn')
    .select('e.id', 'e.state', 'e.cohort_id', 'c.programme_id', 'c.title as cohort_title', 'c.state as cohort_state')
    .select('c.starts_on', 'c.ends_on', 'c.learners_from', 'c.route_opens_on', 'c.route_closes_on')
    .select('pr.title as programme_title', 'r.state as route_state', 'ep.milestones_done', 'ep.milestones_total')
    .select('ep.credits_passed', 'ep.modules_total', 'ep.lessons_held', 'ep.lessons_attended')
    .select({
      choices_in_force: exists(db()('route_choices as rc').whereRaw('rc.route_id = r.id').where('rc.in_force', 1)),
      items_in_force: exists(db()('route_own_items as oi').whereRaw('oi.route_id = r.id').where('oi.in_force', 1)),
    })
  return rows.sort(underWayFirst).map((row) => ({
    ...row,
    programmeTitle: fromJson<Translated>(row.programme_title, {}),
    isInForce: row.route_state === 'approved' || Number(row.choices_in_force) + Number(row.items_in_force) > 0,
    milestones_done: row.milestones_done ?? 0,
    milestones_total: row.milestones_total ?? 0,
    credits_passed: row.credits_passed ?? 0,
    modules_total: row.modules_total ?? 0,
    lessons_held: row.lessons_held ?? 0,
    lessons_attended: row.lessons_attended ?? 0,
  }))
}

export type ModuleChoice = {
  id: number
  title: Translated
  min_topics: number | null
  min_hours: number | null
  topics: number
  hours: number
}

/** Per module of a programme what the draft of an enrolment holds: compulsory topics belong to it by themselves. */
export async function listDraftModules(enrolmentId: number, programmeId: number): Promise<ModuleChoice[]> {
  const counted = 'case when t.is_compulsory = 1 or rc.in_draft = 1 then 1 else 0 end'
  const rows = await db()('modules as m')
    .leftJoin('topics as t', (on) => on.on('t.module_id', 'm.id').andOnNull('t.archived_at'))
    .leftJoin('learning_routes as r', (on) => on.onVal('r.enrolment_id', enrolmentId))
    .leftJoin('route_choices as rc', (on) => on.on('rc.route_id', 'r.id').andOn('rc.topic_id', 't.id'))
    .where('m.programme_id', programmeId)
    .whereNull('m.archived_at')
    .groupBy('m.id', 'm.position', 'm.title', 'm.min_topics', 'm.min_hours')
    .orderBy(['m.position', 'm.id'])
    .select('m.id', 'm.title', 'm.min_topics', 'm.min_hours')
    .select(db().raw(`sum(${counted}) as topics, sum(${counted} * coalesce(t.hours, 0)) as hours`))
  return rows.map((row) => ({
    ...row,
    title: fromJson<Translated>(row.title, {}),
    topics: Number(row.topics ?? 0),
    hours: Number(row.hours ?? 0),
  }))
}

export type ComingLesson = {
  id: number
  starts_at: string
  ends_at: string
  title: string | null
  topicTitle: Translated | null
  topic_id: number | null
  module_id: number
  moduleTitle: Translated
  place: string | null
  link: string | null
}

/** The lessons of an enrolment that are still to come: of the whole group, of compulsory topics and of chosen ones. */
export async function listComingLessons(
  enrolmentId: number,
  now: string,
  date: string,
  limit: number,
): Promise<ComingLesson[]> {
  // Left joins, so that MariaDB begins with the few memberships. The texts join the few that were picked: rows with texts
  // would be sorted on the disk.
  const picked = db()('group_members as gm')
    .join('lessons as l', 'l.group_id', 'gm.group_id')
    .leftJoin('topics as t', 't.id', 'l.topic_id')
    .leftJoin('learning_routes as r', 'r.enrolment_id', 'gm.enrolment_id')
    .leftJoin('route_choices as rc', (on) =>
      on.on('rc.route_id', 'r.id').andOn('rc.topic_id', 'l.topic_id').andOn('rc.offering_id', 'l.offering_id'),
    )
    .where('gm.enrolment_id', enrolmentId)
    .where((open) => open.whereNull('gm.ends_on').orWhere('gm.ends_on', '>', date))
    .where('l.ends_at', '>', now)
    .whereNot('l.state', 'cancelled')
    .where((mine) => mine.whereNull('l.offering_id').orWhere('t.is_compulsory', 1).orWhere('rc.in_force', 1))
    .orderBy(['l.starts_at', 'l.id'])
    .limit(limit)
    .select('l.id')
  const rows = await db()
    .from(picked.as('picked'))
    .join('lessons as l', 'l.id', 'picked.id')
    .join('groups as g', 'g.id', 'l.group_id')
    .join('modules as m', 'm.id', 'g.module_id')
    .leftJoin('topics as t', 't.id', 'l.topic_id')
    .leftJoin('offerings as o', 'o.id', 'l.offering_id')
    .select('l.id', 'l.starts_at', 'l.ends_at', 'l.title', 't.title as topic_title', 'l.topic_id', 'g.module_id')
    .select('m.title as module_title')
    .select(db().raw('coalesce(l.place, o.place) as place, coalesce(l.link, o.link) as link'))
  rows.sort((a, b) => (a.starts_at < b.starts_at ? -1 : a.starts_at > b.starts_at ? 1 : a.id - b.id))
  return rows.map((row) => ({
    ...row,
    topicTitle: row.topic_title === null ? null : fromJson<Translated>(row.topic_title, {}),
    moduleTitle: fromJson<Translated>(row.module_title, {}),
  }))
}

export type ChosenMaterial = {
  id: number
  kind: string
  title: Translated
  minutes: number | null
  ownerTitle: Translated
}

/**
 * Materials of the topics and modules of the route in force, those of the next lessons first.
 * @param lessons the lessons to come, the next first
 */
export async function listChosenMaterials(
  enrolmentId: number,
  lessons: readonly Pick<ComingLesson, 'topic_id' | 'module_id'>[],
  limit: number,
): Promise<ChosenMaterial[]> {
  const chosen = () =>
    db()('learning_routes as r')
      .join('route_choices as rc', 'rc.route_id', 'r.id')
      .join('topics as ct', 'ct.id', 'rc.topic_id')
      .where('r.enrolment_id', enrolmentId)
      .where('rc.in_force', 1)
  const ofTopics = chosen()
    .join('material_links as ml', (on) => on.onVal('ml.owner_type', 'topic').andOn('ml.owner_id', 'ct.id'))
    .select('ml.material_id', 'ml.position', 'ml.owner_type', 'ml.owner_id')
    .select(
      turn(
        'ct.id',
        lessons.flatMap((lesson) => lesson.topic_id ?? []),
      ),
    )
  const ofModules = db()
    .from(chosen().distinct('ct.module_id').as('cm'))
    .join('material_links as ml', (on) => on.onVal('ml.owner_type', 'module').andOn('ml.owner_id', 'cm.module_id'))
    .select('ml.material_id', 'ml.position', 'ml.owner_type', 'ml.owner_id')
    .select(
      turn(
        'cm.module_id',
        lessons.map((lesson) => lesson.module_id),
      ),
    )
  const rows = await db()
    .from(ofTopics.unionAll([ofModules]).as('x'))
    .join('materials as mat', 'mat.id', 'x.material_id')
    .leftJoin('topics as t', (on) => on.on('t.id', 'x.owner_id').andOnVal('x.owner_type', 'topic'))
    .leftJoin('modules as m', (on) => on.on('m.id', 'x.owner_id').andOnVal('x.owner_type', 'module'))
    .where('mat.state', 'published')
    .orderBy(['x.turn', 'x.position', 'mat.id'])
    .limit(limit)
    .select('mat.id', 'mat.kind', 'mat.title', 'mat.minutes')
    .select(db().raw('coalesce(t.title, m.title) as owner_title'))
  return rows.map((row) => ({
    ...row,
    title: fromJson<Translated>(row.title, {}),
    ownerTitle: fromJson<Translated>(row.owner_title, {}),
  }))
}

/** Which turn an owner of materials has: the place of its id among these, the rest after them. */
function turn(column: string, ids: readonly number[]): Knex.Raw {
  const order = [...new Set(ids)]
  const cases = order.map((_, at) => `when ? then ${at}`).join(' ')
  return order.length
    ? db().raw(`case ?? ${cases} else ${order.length} end as turn`, [column, ...order])
    : db().raw('0 as turn')
}
