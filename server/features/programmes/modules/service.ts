import { db, insertRow, toJson, withTransaction } from '../../../core/db/index.ts'
import { InputError } from '../../../core/errors.ts'
import { recordEvent } from '../../../core/events/index.ts'
import { cleanTranslatedHtml } from '../../../core/rich-text.ts'
import type { Actor } from '../../../core/rights/index.ts'
import { nowUtc } from '../../../core/time.ts'
import { consequence, demandConfirmed, keepingRulesPossible } from '../effects.ts'
import type { ModuleInput, ModuleUpdate } from '../input.ts'
import { arrange, changeVersioned, type Direction, moved, nextPosition, savePositions } from '../order.ts'
import { listStages, selectProgrammeToEdit } from '../queries.ts'
import { moduleLimits } from '../rows.ts'
import { countRoutesOutside, isModuleUsed } from '../usage.ts'
import { selectModuleToArrange, selectModuleToEdit, selectProgrammeOf } from './queries.ts'

const columnsOf = (input: ModuleInput) => ({
  stage_id: input.stageId,
  title: toJson(input.title),
  aim: toJson(cleanTranslatedHtml(input.aim)),
  hours: input.hours,
  min_topics: input.minTopics,
  max_topics: input.maxTopics,
  min_hours: input.minHours,
  max_hours: input.maxHours,
  credit_rule: toJson({ minAttendancePercent: input.minAttendancePercent, minMark: input.minMark }),
})

async function demandOwnStage(programmeId: number, stageId: number | null) {
  if (stageId === null) return
  const stage = await db()('programme_stages').where({ id: stageId, programme_id: programmeId }).first('id')
  if (!stage) throw InputError.of('stageId', 'programmes.module.stageUnknown')
}

/** Adds a module at the end of its stage. In a running programme everybody enrolled sees it at once. @returns its id */
export async function createModule(actor: Actor, programmeId: number, input: ModuleInput): Promise<number> {
  return withTransaction(async () => {
    const programme = await selectProgrammeToEdit(actor, programmeId)
    await demandOwnStage(programmeId, input.stageId)
    const now = nowUtc()
    const position = await nextPosition('modules', { programme_id: programmeId })
    const row = { programme_id: programmeId, position, ...columnsOf(input), created_at: now, updated_at: now }
    const id = await keepingRulesPossible(programme, 'minTopics', () => insertRow('modules', row))
    await rearrange(programmeId)
    const data = { programmeId, moduleId: id, title: input.title }
    await recordEvent(actor, 'moduleAdded', { type: 'module', id }, data)
    return id
  })
}

/**
 * Changes a module with its rules.
 * @throws InputError if routes in force would break the new rules and this was not confirmed, or if the rules of a
 *   programme in use would become impossible; ConflictError if someone changed it since `version` was read
 */
export async function updateModule(actor: Actor, id: number, input: ModuleUpdate): Promise<void> {
  await withTransaction(async () => {
    const before = await selectModuleToArrange(actor, id)
    await demandOwnStage(before.programme_id, input.stageId)
    const limits = { ...moduleLimits(before) }
    const rulesChanged =
      limits.minTopics !== input.minTopics ||
      limits.maxTopics !== input.maxTopics ||
      limits.minHours !== input.minHours ||
      limits.maxHours !== input.maxHours
    if (rulesChanged) {
      const broken = await countRoutesOutside(before.programme_id, input, id)
      demandConfirmed([consequence('routesOutsideModule', broken)], input.confirmed)
    }
    const programme = await selectProgrammeOf(before)
    await keepingRulesPossible(programme, 'minTopics', () =>
      changeVersioned('modules', id, input.version, { ...columnsOf(input), updated_at: nowUtc() }),
    )
    if (before.stage_id !== input.stageId) await rearrange(before.programme_id)
    const { confirmed: _confirmed, version: _version, ...after } = input
    const data = { programmeId: before.programme_id, moduleId: id, before, after, rulesChanged }
    await recordEvent(actor, 'moduleChanged', { type: 'module', id }, data)
  })
}

/** Changes the aim of a module: what its instructors write themselves. @throws ConflictError */
export async function updateAim(
  actor: Actor,
  id: number,
  input: { aim: Record<string, string>; version: number },
): Promise<void> {
  await withTransaction(async () => {
    const before = await selectModuleToEdit(actor, id)
    const aim = toJson(cleanTranslatedHtml(input.aim))
    await changeVersioned('modules', id, input.version, { aim, updated_at: nowUtc() })
    const data = { programmeId: before.programme_id, moduleId: id, before: before.aim, after: aim }
    await recordEvent(actor, 'moduleAimChanged', { type: 'module', id }, data)
  })
}

/**
 * Takes a module out of the programme. One that nobody works with is deleted with its topics and materials; otherwise it
 * is archived: journals, routes and credits keep it.
 * @returns which of the two was done
 */
export async function removeModule(actor: Actor, id: number, version: number): Promise<'deleted' | 'archived'> {
  return withTransaction(async () => {
    const before = await selectModuleToArrange(actor, id)
    const used = await isModuleUsed(id)
    const programme = await selectProgrammeOf(before)
    let parts = {}
    await keepingRulesPossible(programme, '', async () => {
      await changeVersioned('modules', id, version, { archived_at: nowUtc(), updated_at: nowUtc() })
      if (!used) parts = await deleteModule(id)
    })
    const type = used ? 'moduleArchived' : 'moduleDeleted'
    const data = { programmeId: before.programme_id, moduleId: id, title: before.title, ...parts }
    await recordEvent(actor, type, { type: 'module', id }, data)
    return used ? 'archived' : 'deleted'
  })
}

/** @returns the ids of what went with it */
async function deleteModule(id: number): Promise<{ topics: number[]; materials: number[] }> {
  const topics: number[] = await db()('topics').where({ module_id: id }).pluck('id')
  const materials = [...(await deleteLinks('topic', topics)), ...(await deleteLinks('module', [id]))]
  await db()('topics').whereIn('id', topics).del()
  await db()('modules').where({ id }).del()
  return { topics, materials }
}

/** Deletes the links of materials, and the materials that nothing else links to. @returns the ids of all of them */
export async function deleteLinks(ownerType: 'module' | 'topic', ownerIds: number[]): Promise<number[]> {
  const links = db()('material_links').where({ owner_type: ownerType }).whereIn('owner_id', ownerIds)
  const materials: number[] = await links.clone().pluck('material_id')
  await links.del()
  const linked: number[] = await db()('material_links').whereIn('material_id', materials).pluck('material_id')
  const loose = materials.filter((id) => !linked.includes(id))
  await db()('attachments').where({ owner_type: 'material' }).whereIn('owner_id', loose).del()
  await db()('materials').whereIn('id', loose).del()
  return materials
}

/** Brings an archived module back to where it was. */
export async function restoreModule(actor: Actor, id: number, version: number): Promise<void> {
  await withTransaction(async () => {
    const before = await selectModuleToArrange(actor, id)
    const programme = await selectProgrammeOf(before)
    await keepingRulesPossible(programme, '', () =>
      changeVersioned('modules', id, version, { archived_at: null, updated_at: nowUtc() }),
    )
    const data = { programmeId: before.programme_id, moduleId: id, title: before.title }
    await recordEvent(actor, 'moduleRestored', { type: 'module', id }, data)
  })
}

type Placed = { id: number; stage_id: number | null; archived_at: string | null }

const placed = (programmeId: number): Promise<Placed[]> =>
  db()('modules')
    .where({ programme_id: programmeId })
    .orderBy(['position', 'id'])
    .select('id', 'stage_id', 'archived_at')

const grouped = (rows: Placed[]) => rows.map((row) => ({ id: row.id, group: row.stage_id }))

async function rearrange(programmeId: number) {
  const stages = (await listStages(programmeId)).map((stage) => stage.id)
  const modules = grouped(await placed(programmeId))
  const loose = modules.filter((module) => module.group === null).map((module) => module.id)
  await savePositions('modules', arrange(modules, stages, null, loose))
}

/** Moves a module by one place within its stage. */
export async function moveModule(actor: Actor, id: number, direction: Direction): Promise<number> {
  const module = await selectModuleToArrange(actor, id)
  const rows = await placed(module.programme_id)
  const inStage = rows.filter((row) => row.stage_id === module.stage_id && !row.archived_at).map((row) => row.id)
  await orderModules(actor, module.programme_id, module.stage_id, moved(inStage, id, direction))
  return module.programme_id
}

/**
 * Makes `order` the content of a stage (null: the modules without a stage); modules of other stages named in it move here.
 * @throws ConflictError if modules were added or removed meanwhile
 */
export async function orderModules(
  actor: Actor,
  programmeId: number,
  stageId: number | null,
  order: number[],
): Promise<void> {
  await withTransaction(async () => {
    await selectProgrammeToEdit(actor, programmeId)
    await demandOwnStage(programmeId, stageId)
    const stages = (await listStages(programmeId)).map((stage) => stage.id)
    const rows = await placed(programmeId)
    // Archived modules are not among what the page shows: they keep their stage and come behind.
    const shown = grouped(rows.filter((row) => !row.archived_at))
    const all = arrange(shown, stages, stageId, order)
    const archived = rows.filter((row) => row.archived_at).map((row) => row.id)
    await savePositions('modules', [...all, ...archived])
    await db()('modules').whereIn('id', order).update({ stage_id: stageId })
    const data = { programmeId, stageId, order }
    await recordEvent(actor, 'modulesReordered', { type: 'programme', id: programmeId }, data)
  })
}
