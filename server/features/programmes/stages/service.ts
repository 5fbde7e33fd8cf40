import { db, insertRow, toJson, withTransaction } from '../../../core/db/index.ts'
import { NotFoundError } from '../../../core/errors.ts'
import { recordEvent } from '../../../core/events/index.ts'
import type { Actor } from '../../../core/rights/index.ts'
import type { Translated } from '../../../core/text.ts'
import { arrange, type Direction, demandSameEntries, moved, nextPosition, savePositions } from '../order.ts'
import { listStages, selectProgrammeToEdit } from '../queries.ts'
import type { StageRow } from '../rows.ts'
import { touchProgramme } from '../service.ts'

// Stages have no version of their own: they are few words, and the programme's version guards them.

async function selectStage(programmeId: number, stageId: number): Promise<StageRow> {
  const row = await db()('programme_stages').where({ id: stageId, programme_id: programmeId }).first()
  if (!row) throw new NotFoundError()
  return row
}

const changed = (actor: Actor, programmeId: number, data: Record<string, unknown>) =>
  recordEvent(actor, 'programmeStagesChanged', { type: 'programme', id: programmeId }, { programmeId, ...data })

/** Adds a stage behind the last one. @returns its id */
export async function createStage(actor: Actor, programmeId: number, title: Translated, version: number) {
  return withTransaction(async () => {
    await selectProgrammeToEdit(actor, programmeId)
    await touchProgramme(programmeId, version)
    const position = await nextPosition('programme_stages', { programme_id: programmeId })
    const id = await insertRow('programme_stages', { programme_id: programmeId, position, title: toJson(title) })
    await changed(actor, programmeId, { added: title })
    return id
  })
}

export async function renameStage(
  actor: Actor,
  programmeId: number,
  stageId: number,
  title: Translated,
  version: number,
): Promise<void> {
  await withTransaction(async () => {
    await selectProgrammeToEdit(actor, programmeId)
    const before = await selectStage(programmeId, stageId)
    await touchProgramme(programmeId, version)
    await db()('programme_stages')
      .where({ id: stageId })
      .update({ title: toJson(title) })
    await changed(actor, programmeId, { stageId, before: before.title, after: title })
  })
}

/** Deletes a stage; its modules stay in the programme, without a stage. */
export async function deleteStage(actor: Actor, programmeId: number, stageId: number, version: number): Promise<void> {
  await withTransaction(async () => {
    await selectProgrammeToEdit(actor, programmeId)
    const before = await selectStage(programmeId, stageId)
    await touchProgramme(programmeId, version)
    await db()('modules').where({ stage_id: stageId }).update({ stage_id: null })
    await db()('programme_stages').where({ id: stageId }).del()
    await arrangeModules(programmeId)
    await changed(actor, programmeId, { deleted: before.title })
  })
}

export async function moveStage(actor: Actor, programmeId: number, stageId: number, direction: Direction) {
  const stages = (await listStages(programmeId)).map((stage) => stage.id)
  await orderStages(actor, programmeId, moved(stages, stageId, direction))
}

/** Puts the stages, with their modules, into this order. @throws ConflictError if the list is not that of now */
export async function orderStages(actor: Actor, programmeId: number, order: number[]): Promise<void> {
  await withTransaction(async () => {
    await selectProgrammeToEdit(actor, programmeId)
    const stages = await listStages(programmeId)
    demandSameEntries(
      order,
      stages.map((stage) => stage.id),
    )
    await savePositions('programme_stages', order)
    await arrangeModules(programmeId)
    await changed(actor, programmeId, { order })
  })
}

/** Numbers all modules anew, stage by stage, so that their positions follow what the page shows. */
async function arrangeModules(programmeId: number) {
  const stages = (await listStages(programmeId)).map((stage) => stage.id)
  const rows: { id: number; stage_id: number | null }[] = await db()('modules')
    .where({ programme_id: programmeId })
    .orderBy(['position', 'id'])
    .select('id', 'stage_id')
  const modules = rows.map((row) => ({ id: row.id, group: row.stage_id }))
  const loose = modules.filter((module) => module.group === null).map((module) => module.id)
  await savePositions('modules', arrange(modules, stages, null, loose))
}
