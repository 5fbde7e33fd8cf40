import { db, insertRow, toJson } from '../../core/db/index.ts'
import {
  makeCohort,
  makeEnrolment,
  makeGroup,
  makeLesson,
  makeMember,
  makeModule,
  makeOffering,
  makeProgramme,
  makeTopic,
  makeUser,
} from '../../testing/builders.ts'

/** A programme with a cohort for the tests of routes: two modules, one compulsory topic, one topic with few places. */
export interface RouteWorld {
  programme: number
  cohort: number
  modules: [number, number]
  groups: [number, number]
  /** By name; `base` is compulsory, `next` requires `first`, `clash` is at the time of `first`, `scarce` has ten places. */
  topics: Record<'base' | 'first' | 'next' | 'clash' | 'scarce' | 'other' | 'third', number>
  offerings: RouteWorld['topics']
  template: number
}

const titled = (text: string) => toJson({ ru: text, en: `${text} (en)` })

/** @param rules overrides of the programme's rules, @param cohort overrides of the cohort's row */
export async function makeRouteWorld(rules: Record<string, unknown> = {}, cohort: Record<string, unknown> = {}) {
  const none = { minTopics: null, maxTopics: null, minHours: null, maxHours: null, ownItemsMaxHours: 8 }
  const programme = await makeProgramme({ rules: toJson({ ...none, approval: 'methodist', ...rules }) })
  const cohortId = await makeCohort({ programme_id: programme, ...cohort })
  const module = (title: string, limits: object) =>
    makeModule({ programme_id: programme, title: titled(title), ...limits })
  const first = await module('Первые шаги', { min_topics: 2, max_topics: 3 })
  const second = await module('Урок', { min_topics: 1, min_hours: 4, max_hours: 8 })
  const groups: [number, number] = [await makeGroup(cohortId, first), await makeGroup(cohortId, second)]
  const topics = {} as RouteWorld['topics']
  const offerings = {} as RouteWorld['topics']
  const add = async (
    name: keyof RouteWorld['topics'],
    at: 0 | 1,
    inDays: number,
    topic: Record<string, unknown> = {},
    offering: Record<string, unknown> = {},
  ) => {
    topics[name] = await makeTopic({ module_id: at === 0 ? first : second, title: titled(`Тема ${name}`), ...topic })
    offerings[name] = await makeOffering(groups[at], topics[name], { capacity: 60, place: 'Кабинет 12', ...offering })
    await makeLesson(groups[at], inDays, { offering_id: offerings[name], topic_id: topics[name] })
  }
  await add('base', 0, 10, { is_compulsory: 1 })
  await add('first', 0, 12)
  await add('next', 0, 14)
  await add('clash', 0, 12)
  await add('scarce', 1, 20, {}, { capacity: 10 })
  await add('other', 1, 22)
  await add('third', 1, 24)
  await db()('topic_prerequisites').insert({ topic_id: topics.next, requires_topic_id: topics.first })
  const template = await insertRow('route_templates', {
    programme_id: programme,
    title: titled('Для начала'),
    description: titled('Темы первого года'),
  })
  for (const topic of [topics.next, topics.first, topics.scarce, topics.other])
    await db()('route_template_topics').insert({ template_id: template, topic_id: topic })
  return { programme, cohort: cohortId, modules: [first, second], groups, topics, offerings, template } as RouteWorld
}

/** A learner of the world who signs in as `login`, in both groups. @returns the enrolment */
export async function makeRouteLearner(world: RouteWorld, login: string): Promise<number> {
  const enrolment = await makeEnrolment(await makeUser(login), world.cohort)
  for (const group of world.groups) await makeMember(group, enrolment)
  return enrolment
}

/** Places taken of an offering, as stored and as counted from the choices that hold one. */
export async function placesOf(offering: number): Promise<{ taken: number; held: number }> {
  const row = await db()('offerings').where({ id: offering }).first('taken')
  const held = await db()('route_choices').where({ offering_id: offering }).count({ count: '*' }).first()
  return { taken: row.taken, held: Number(held?.count) }
}
