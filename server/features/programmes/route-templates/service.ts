import { db, insertRow, insertRows, toJson, withTransaction } from '../../../core/db/index.ts'
import { InputError, NotFoundError } from '../../../core/errors.ts'
import { recordEvent } from '../../../core/events/index.ts'
import { cleanTranslatedHtml } from '../../../core/rich-text.ts'
import type { Actor } from '../../../core/rights/index.ts'
import { changeVersioned, type Direction, demandSameEntries, moved, nextPosition, savePositions } from '../order.ts'
import { programmeEditing, programmePolicy } from '../policy.ts'
import { selectProgrammeToEdit } from '../queries.ts'
import type { RouteTemplateRow } from '../rows.ts'
import { listTopicChoices } from '../topics/queries.ts'
import type { TemplateInput } from './input.ts'

export type TemplateInPlace = RouteTemplateRow & { programme_title: string }

/** A recommended route that the actor is about to change. @throws NotFoundError, ForbiddenError */
export async function selectTemplateToEdit(actor: Actor, id: number): Promise<TemplateInPlace> {
  const row = await db()('route_templates as rt')
    .join('programmes as p', 'p.id', 'rt.programme_id')
    .modify(programmePolicy.visibleTo(actor, 'view'))
    .where('rt.id', id)
    .first('rt.*', 'p.title as programme_title')
  if (!row) throw new NotFoundError()
  programmeEditing.demand(actor, 'edit', { programmeId: row.programme_id })
  return row
}

/** The topics of a recommended route. */
export const listTemplateTopics = (id: number): Promise<number[]> =>
  db()('route_template_topics').where({ template_id: id }).pluck('topic_id')

async function demandOwnTopics(programmeId: number, topics: number[]) {
  if (!topics.length) throw InputError.of('topics', 'programmes.template.noTopics')
  const known = new Set((await listTopicChoices(programmeId)).map((topic) => topic.id))
  if (!topics.every((id) => known.has(id))) throw InputError.of('topics', 'programmes.topic.requiresUnknown')
}

const columnsOf = (input: TemplateInput) => ({
  title: toJson(input.title),
  description: toJson(cleanTranslatedHtml(input.description)),
})
const links = (id: number, topics: number[]) =>
  [...new Set(topics)].map((topic) => ({ template_id: id, topic_id: topic }))

/** Adds a recommended route that learners may begin with. @returns its id */
export async function createTemplate(actor: Actor, programmeId: number, input: TemplateInput): Promise<number> {
  return withTransaction(async () => {
    await selectProgrammeToEdit(actor, programmeId)
    await demandOwnTopics(programmeId, input.topics)
    const position = await nextPosition('route_templates', { programme_id: programmeId })
    const id = await insertRow('route_templates', { programme_id: programmeId, position, ...columnsOf(input) })
    await insertRows('route_template_topics', links(id, input.topics))
    await recordEvent(actor, 'routeTemplateAdded', { type: 'routeTemplate', id }, { programmeId, ...input })
    return id
  })
}

/** Changes a recommended route; routes begun with it stay as they are. @throws ConflictError */
export async function updateTemplate(
  actor: Actor,
  id: number,
  input: TemplateInput & { version: number },
): Promise<number> {
  return withTransaction(async () => {
    const before = await selectTemplateToEdit(actor, id)
    const { programme_id: programmeId } = before
    await demandOwnTopics(programmeId, input.topics)
    await changeVersioned('route_templates', id, input.version, columnsOf(input))
    await db()('route_template_topics').where({ template_id: id }).del()
    await insertRows('route_template_topics', links(id, input.topics))
    const data = { programmeId, before, after: input }
    await recordEvent(actor, 'routeTemplateChanged', { type: 'routeTemplate', id }, data)
    return programmeId
  })
}

/** Deletes a recommended route; routes begun with it stay. */
export async function deleteTemplate(actor: Actor, id: number): Promise<number> {
  return withTransaction(async () => {
    const before = await selectTemplateToEdit(actor, id)
    await db()('route_templates').where({ id }).del()
    const data = { programmeId: before.programme_id, title: before.title }
    await recordEvent(actor, 'routeTemplateDeleted', { type: 'routeTemplate', id }, data)
    return before.programme_id
  })
}

const shown = (programmeId: number): Promise<number[]> =>
  db()('route_templates').where({ programme_id: programmeId }).orderBy(['position', 'id']).pluck('id')

export async function moveTemplate(actor: Actor, id: number, direction: Direction): Promise<number> {
  const template = await selectTemplateToEdit(actor, id)
  await orderTemplates(actor, template.programme_id, moved(await shown(template.programme_id), id, direction))
  return template.programme_id
}

/** Puts the recommended routes into this order. @throws ConflictError if the list is not that of now */
export async function orderTemplates(actor: Actor, programmeId: number, order: number[]): Promise<void> {
  await withTransaction(async () => {
    await selectProgrammeToEdit(actor, programmeId)
    demandSameEntries(order, await shown(programmeId))
    await savePositions('route_templates', order)
    await recordEvent(actor, 'routeTemplatesReordered', { type: 'programme', id: programmeId }, { programmeId, order })
  })
}
