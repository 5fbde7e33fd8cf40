import { db, insertRow, insertRows, toJson, withTransaction } from '../../../core/db/index.ts'
import { ConflictError, InputError } from '../../../core/errors.ts'
import { recordEvent } from '../../../core/events/index.ts'
import { cleanTranslatedHtml } from '../../../core/rich-text.ts'
import type { Actor } from '../../../core/rights/index.ts'
import { nowUtc } from '../../../core/time.ts'
import { consequence, demandConfirmed, keepingRulesPossible } from '../effects.ts'
import { selectModuleToEdit, selectProgrammeOf } from '../modules/queries.ts'
import { deleteLinks } from '../modules/service.ts'
import { changeVersioned, type Direction, moved, nextPosition, optionalJson, savePositions } from '../order.ts'
import { countChoosers, countRoutesWithout, isTopicUsed } from '../usage.ts'
import type { TopicInput, TopicUpdate } from './input.ts'
import { makesCircle } from './prerequisites.ts'
import { listPrerequisites, listTopicChoices, selectTopicToEdit, type TopicInPlace } from './queries.ts'

const columnsOf = (input: TopicInput) => ({
  title: toJson(input.title),
  description: toJson(cleanTranslatedHtml(input.description)),
  hours: input.hours,
  format: input.format,
  is_compulsory: input.compulsory ? 1 : 0,
  capacity: input.capacity,
  place: optionalJson(input.place),
  link: input.link,
  day_offset: input.dayOffset,
})

/** @throws InputError if a required topic is not of this programme, or the requirements would form a circle */
async function demandSoundPrerequisites(programmeId: number, topicId: number, requires: number[]) {
  if (!requires.length) return
  const known = new Set((await listTopicChoices(programmeId)).map((topic) => topic.id))
  if (!requires.every((id) => known.has(id))) throw InputError.of('requires', 'programmes.topic.requiresUnknown')
  if (requires.includes(topicId)) throw InputError.of('requires', 'programmes.topic.requiresItself')
  if (makesCircle(topicId, requires, await listPrerequisites(programmeId))) {
    throw InputError.of('requires', 'programmes.topic.requiresCircle')
  }
}

const requirements = (topicId: number, requires: number[]) =>
  [...new Set(requires)].map((id) => ({ topic_id: topicId, requires_topic_id: id }))

/** Adds a topic at the end of a module. In a running programme learners may choose it at once. @returns its id */
export async function createTopic(actor: Actor, moduleId: number, input: TopicInput): Promise<number> {
  return withTransaction(async () => {
    const module = await selectModuleToEdit(actor, moduleId)
    await demandSoundPrerequisites(module.programme_id, 0, input.requires)
    const now = nowUtc()
    const position = await nextPosition('topics', { module_id: moduleId })
    const row = { module_id: moduleId, position, ...columnsOf(input), created_at: now, updated_at: now }
    const id = await keepingRulesPossible(await selectProgrammeOf(module), 'compulsory', async () => {
      const made = await insertRow('topics', row)
      await insertRows('topic_prerequisites', requirements(made, input.requires))
      return made
    })
    const data = { programmeId: module.programme_id, moduleId, topicId: id, title: input.title, hours: input.hours }
    await recordEvent(actor, 'topicAdded', { type: 'topic', id }, data)
    return id
  })
}

/** What the change means for those who learn by the programme now. */
async function consequencesOf(before: TopicInPlace, input: TopicUpdate) {
  const hours = before.hours !== input.hours
  const becomesCompulsory = input.compulsory && !before.is_compulsory
  return [
    hours && consequence('hoursOfChosen', await countChoosers(before.id)),
    becomesCompulsory && consequence('routesWithout', await countRoutesWithout(before.programme_id, before.id)),
  ]
}

/**
 * Changes a topic.
 * @throws InputError for requirements that form a circle, for consequences that were not confirmed, and if the rules of a
 *   programme in use would become impossible; ConflictError if someone changed it since `version` was read
 */
export async function updateTopic(actor: Actor, id: number, input: TopicUpdate): Promise<void> {
  await withTransaction(async () => {
    const before = await selectTopicToEdit(actor, id)
    await demandSoundPrerequisites(before.programme_id, id, input.requires)
    demandConfirmed(await consequencesOf(before, input), input.confirmed)
    await keepingRulesPossible(await selectProgrammeOf(before), 'compulsory', async () => {
      await changeVersioned('topics', id, input.version, { ...columnsOf(input), updated_at: nowUtc() })
      await db()('topic_prerequisites').where({ topic_id: id }).del()
      await insertRows('topic_prerequisites', requirements(id, input.requires))
    })
    const { confirmed: _confirmed, version: _version, ...after } = input
    const data = { programmeId: before.programme_id, moduleId: before.module_id, topicId: id, before, after }
    await recordEvent(actor, 'topicChanged', { type: 'topic', id }, data)
  })
}

/**
 * Takes a topic out of its module. One that nothing was planned or chosen with is deleted; otherwise it is archived: who
 * has chosen it keeps it in the route and in the journal, others can no longer choose it. Topics that required it no
 * longer do.
 * @returns which of the two was done
 */
export async function removeTopic(actor: Actor, id: number, version: number): Promise<'deleted' | 'archived'> {
  return withTransaction(async () => {
    const before = await selectTopicToEdit(actor, id)
    const used = await isTopicUsed(id)
    let parts = {}
    await keepingRulesPossible(await selectProgrammeOf(before), '', async () => {
      await changeVersioned('topics', id, version, { archived_at: nowUtc(), updated_at: nowUtc() })
      await db()('topic_prerequisites').where({ requires_topic_id: id }).del()
      if (used) return
      parts = { materials: await deleteLinks('topic', [id]) }
      await db()('topics').where({ id }).del()
    })
    const type = used ? 'topicArchived' : 'topicDeleted'
    const data = {
      programmeId: before.programme_id,
      moduleId: before.module_id,
      topicId: id,
      title: before.title,
      ...parts,
    }
    await recordEvent(actor, type, { type: 'topic', id }, data)
    return used ? 'archived' : 'deleted'
  })
}

/** Brings an archived topic back. */
export async function restoreTopic(actor: Actor, id: number, version: number): Promise<TopicInPlace> {
  return withTransaction(async () => {
    const before = await selectTopicToEdit(actor, id)
    await keepingRulesPossible(await selectProgrammeOf(before), '', () =>
      changeVersioned('topics', id, version, { archived_at: null, updated_at: nowUtc() }),
    )
    const data = { programmeId: before.programme_id, moduleId: before.module_id, topicId: id, title: before.title }
    await recordEvent(actor, 'topicRestored', { type: 'topic', id }, data)
    return before
  })
}

const shownTopics = (moduleId: number): Promise<number[]> =>
  db()('topics').where({ module_id: moduleId }).whereNull('archived_at').orderBy(['position', 'id']).pluck('id')

/** Moves a topic by one place within its module. */
export async function moveTopic(actor: Actor, id: number, direction: Direction): Promise<TopicInPlace> {
  const topic = await selectTopicToEdit(actor, id)
  await orderTopics(actor, topic.module_id, moved(await shownTopics(topic.module_id), id, direction))
  return topic
}

/**
 * Puts the topics of a module into this order. A topic of another module of the programme named in it moves here, unless
 * groups already work with it there.
 * @throws ConflictError if topics were added or removed meanwhile, or the topic cannot move
 */
export async function orderTopics(actor: Actor, moduleId: number, order: number[]): Promise<void> {
  await withTransaction(async () => {
    const module = await selectModuleToEdit(actor, moduleId)
    const here = await shownTopics(moduleId)
    const added = order.filter((id) => !here.includes(id))
    const complete = here.every((id) => order.includes(id)) && new Set(order).size === order.length
    if (!complete || added.length > 1) throw new ConflictError('programmes.order.stale')
    const [newcomer] = added
    if (newcomer !== undefined) await takeTopic(actor, newcomer, module)
    await savePositions('topics', order)
    const data = { programmeId: module.programme_id, moduleId, order, moved: newcomer ?? null }
    await recordEvent(actor, 'topicsReordered', { type: 'module', id: moduleId }, data)
  })
}

async function takeTopic(actor: Actor, id: number, module: { id: number; programme_id: number }) {
  const topic = await selectTopicToEdit(actor, id)
  if (topic.programme_id !== module.programme_id || topic.archived_at) {
    throw new ConflictError('programmes.order.stale')
  }
  if (await isTopicUsed(id)) throw new ConflictError('programmes.order.topicInUse')
  const move = () => db()('topics').where({ id }).update({ module_id: module.id, updated_at: nowUtc() })
  await keepingRulesPossible(await selectProgrammeOf(module), '', move).catch((error) => {
    // Dragging has no field to say a reason beside.
    throw error instanceof InputError ? new ConflictError('programmes.order.rulesBroken') : error
  })
}
