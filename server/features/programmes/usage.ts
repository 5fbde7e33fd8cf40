import type { Knex } from 'knex'
import { db } from '../../core/db/index.ts'
import type { Limits } from './rows.ts'

/** Whom a change of a programme reaches: the learners of its planned and running cohorts. */
export type Usage = { cohorts: number; learners: number }

const LEARNING = ['active', 'suspended']
const GOING_ON = ['planned', 'running']

/** Learners of the cohorts that have not ended yet, and how many such cohorts there are. */
export async function selectUsage(programmeId: number): Promise<Usage> {
  const row = await db()('cohorts as c')
    .leftJoin('enrolments as e', (on) => void on.on('e.cohort_id', 'c.id').andOnIn('e.state', LEARNING))
    .where('c.programme_id', programmeId)
    .whereIn('c.state', GOING_ON)
    .select(db().raw('count(distinct c.id) as cohorts, count(e.id) as learners'))
    .first()
  return { cohorts: Number(row?.cohorts ?? 0), learners: Number(row?.learners ?? 0) }
}

/** Choices of topics (`rc`) in the routes (`lr`) of those who are still learning (`e`). */
const choices = () =>
  db()('route_choices as rc')
    .join('learning_routes as lr', 'lr.id', 'rc.route_id')
    .join('enrolments as e', 'e.id', 'lr.enrolment_id')
    .join('cohorts as c', 'c.id', 'e.cohort_id')
    .whereIn('e.state', LEARNING)
    .whereIn('c.state', GOING_ON)

const count = async (query: Knex.QueryBuilder): Promise<number> => Number((await query.first())?.learners ?? 0)

/** How many learners have the topic in their route, as a draft or in force. */
export const countChoosers = (topicId: number): Promise<number> =>
  count(
    choices()
      .where('rc.topic_id', topicId)
      .where((either) => either.where('rc.in_draft', 1).orWhere('rc.in_force', 1))
      .countDistinct({ learners: 'e.id' }),
  )

/** How many learners have topics of the module in their route. */
export const countModuleChoosers = (moduleId: number): Promise<number> =>
  count(
    choices()
      .whereIn('rc.topic_id', db()('topics').where('module_id', moduleId).select('id'))
      .where((either) => either.where('rc.in_draft', 1).orWhere('rc.in_force', 1))
      .countDistinct({ learners: 'e.id' }),
  )

/** How many learners have a route in force that lacks the topic. */
export async function countRoutesWithout(programmeId: number, topicId: number): Promise<number> {
  const inForce = () => choices().where({ 'c.programme_id': programmeId, 'rc.in_force': 1 })
  const having = inForce().where('rc.topic_id', topicId).select('e.id')
  return count(inForce().whereNotIn('e.id', having).countDistinct({ learners: 'e.id' }))
}

/** How many routes in force would break these limits: those of one module, or of the whole programme. */
export async function countRoutesOutside(programmeId: number, limits: Limits, moduleId?: number): Promise<number> {
  const inside = moduleId === undefined ? '1 = 1' : `t.module_id = ${Number(moduleId)}`
  const topics = `sum(case when ${inside} then 1 else 0 end)`
  const hours = `sum(case when ${inside} then t.hours else 0 end)`
  const broken = [
    limits.minTopics !== null && `${topics} < ${Number(limits.minTopics)}`,
    limits.maxTopics !== null && `${topics} > ${Number(limits.maxTopics)}`,
    limits.minHours !== null && `${hours} < ${Number(limits.minHours)}`,
    limits.maxHours !== null && `${hours} > ${Number(limits.maxHours)}`,
  ].filter(Boolean)
  if (!broken.length) return 0
  const routes = choices()
    .join('topics as t', 't.id', 'rc.topic_id')
    .where({ 'c.programme_id': programmeId, 'rc.in_force': 1 })
    .groupBy('e.id')
    .havingRaw(broken.join(' or '))
    .select('e.id')
  return count(db().from(routes.as('outside')).count({ learners: '*' }))
}

/** Whether anything was planned or chosen with the topic: then it is archived rather than deleted. */
export async function isTopicUsed(topicId: number): Promise<boolean> {
  const row = await db()
    .select(
      db()('offerings').where({ topic_id: topicId }).count('*').as('offerings'),
      db()('lessons').where({ topic_id: topicId }).count('*').as('lessons'),
      db()('route_choices').where({ topic_id: topicId }).count('*').as('choices'),
    )
    .first()
  return Number(row.offerings) + Number(row.lessons) + Number(row.choices) > 0
}

/** The same for a module: groups were formed, or credits given. */
export async function isModuleUsed(moduleId: number): Promise<boolean> {
  const topics = db()('topics').where('module_id', moduleId).select('id')
  const row = await db()
    .select(
      db()('groups').where({ module_id: moduleId }).count('*').as('groups'),
      db()('module_credits').where({ module_id: moduleId }).count('*').as('credits'),
      db()('offerings').whereIn('topic_id', topics).count('*').as('offerings'),
      db()('route_choices').whereIn('topic_id', topics.clone()).count('*').as('choices'),
      db()('milestones').where({ module_id: moduleId }).count('*').as('milestones'),
      db()('grants').where({ scope_type: 'module', scope_id: moduleId }).count('*').as('grants'),
    )
    .first()
  return Object.values(row as Record<string, unknown>).some((number) => Number(number) > 0)
}

/** Whether something was entered in anyone's tracking journal for the milestone. */
export async function isMilestoneUsed(milestoneId: number): Promise<boolean> {
  const row = await db()('milestone_states').where({ milestone_id: milestoneId }).whereNot('state', 'open').first('id')
  return row !== undefined
}

/** Whether anyone was ever enrolled in a cohort of the programme. */
export async function hasEnrolments(programmeId: number): Promise<boolean> {
  const row = await db()('enrolments as e')
    .join('cohorts as c', 'c.id', 'e.cohort_id')
    .where('c.programme_id', programmeId)
    .first('e.id')
  return row !== undefined
}
