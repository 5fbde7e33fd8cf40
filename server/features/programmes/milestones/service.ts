import { db, insertRow, toJson, withTransaction } from '../../../core/db/index.ts'
import { InputError } from '../../../core/errors.ts'
import { recordEvent } from '../../../core/events/index.ts'
import type { Actor } from '../../../core/rights/index.ts'
import { nowUtc } from '../../../core/time.ts'
import { consequence, demandConfirmed } from '../effects.ts'
import { changeVersioned, type Direction, demandSameEntries, moved, nextPosition, savePositions } from '../order.ts'
import { selectProgrammeToEdit } from '../queries.ts'
import { hasEnrolments, isMilestoneUsed, selectUsage } from '../usage.ts'
import type { MilestoneInput, MilestoneUpdate } from './input.ts'
import { listModuleChoices, type MilestoneInPlace, selectMilestoneToEdit } from './queries.ts'

const columnsOf = (input: MilestoneInput) => ({
  kind: input.kind,
  title: toJson(input.title),
  hint: toJson(input.hint),
  module_id: input.moduleId,
  required_count: input.kind === 'counted_participation' ? input.requiredCount : 1,
  due_day_offset: input.dueDayOffset,
  is_required: input.required ? 1 : 0,
})

async function demandOwnModule(programmeId: number, moduleId: number | null) {
  if (moduleId === null) return
  const modules = await listModuleChoices(programmeId)
  if (!modules.some((module) => module.id === moduleId)) {
    throw InputError.of('moduleId', 'programmes.milestone.moduleUnknown')
  }
}

/** Adds a line to the tracking journals of a programme, at the end; those enrolled get it at once. @returns its id */
export async function createMilestone(actor: Actor, programmeId: number, input: MilestoneInput): Promise<number> {
  return withTransaction(async () => {
    await selectProgrammeToEdit(actor, programmeId)
    await demandOwnModule(programmeId, input.moduleId)
    const now = nowUtc()
    const position = await nextPosition('milestones', { programme_id: programmeId })
    const row = { programme_id: programmeId, position, settings: toJson({}), ...columnsOf(input) }
    const id = await insertRow('milestones', { ...row, created_at: now, updated_at: now })
    await recordEvent(actor, 'milestoneAdded', { type: 'milestone', id }, { programmeId, ...input })
    return id
  })
}

/**
 * Changes a line of the tracking journals. Its kind stays once anyone's journal has something in it.
 * @throws InputError if more is demanded than before of those who learn now and this was not confirmed; ConflictError
 */
export async function updateMilestone(actor: Actor, id: number, input: MilestoneUpdate): Promise<void> {
  await withTransaction(async () => {
    const before = await selectMilestoneToEdit(actor, id)
    const { programme_id: programmeId } = before
    await demandOwnModule(programmeId, input.moduleId)
    if (input.kind !== before.kind && (await isMilestoneUsed(id))) {
      throw InputError.of('kind', 'programmes.milestone.kindInUse')
    }
    const demandsMore =
      (input.required && !before.is_required) || (before.is_required && input.requiredCount > before.required_count)
    if (demandsMore) {
      const { learners } = await selectUsage(programmeId)
      demandConfirmed([consequence('milestoneDemandsMore', learners)], input.confirmed)
    }
    await changeVersioned('milestones', id, input.version, { ...columnsOf(input), updated_at: nowUtc() })
    const { confirmed: _confirmed, version: _version, ...after } = input
    await recordEvent(actor, 'milestoneChanged', { type: 'milestone', id }, { programmeId, before, after })
  })
}

/**
 * Takes a line out of the tracking journals: deleted if nobody was ever enrolled, else archived with what was
 * entered.
 * @returns which of the two was done, and the programme
 */
export async function removeMilestone(actor: Actor, id: number, version: number) {
  return withTransaction(async () => {
    const before = await selectMilestoneToEdit(actor, id)
    const { programme_id: programmeId } = before
    const used = await hasEnrolments(programmeId)
    await changeVersioned('milestones', id, version, { archived_at: nowUtc(), updated_at: nowUtc() })
    if (!used) await db()('milestones').where({ id }).del()
    const type = used ? 'milestoneArchived' : 'milestoneDeleted'
    await recordEvent(actor, type, { type: 'milestone', id }, { programmeId, title: before.title })
    return { done: used ? ('archived' as const) : ('deleted' as const), programmeId }
  })
}

/** Brings an archived line back. */
export async function restoreMilestone(actor: Actor, id: number, version: number): Promise<MilestoneInPlace> {
  return withTransaction(async () => {
    const before = await selectMilestoneToEdit(actor, id)
    await changeVersioned('milestones', id, version, { archived_at: null, updated_at: nowUtc() })
    const data = { programmeId: before.programme_id, title: before.title }
    await recordEvent(actor, 'milestoneRestored', { type: 'milestone', id }, data)
    return before
  })
}

const shown = (programmeId: number): Promise<number[]> =>
  db()('milestones')
    .where({ programme_id: programmeId })
    .whereNull('archived_at')
    .orderBy(['position', 'id'])
    .pluck('id')

/** Moves a line by one place. */
export async function moveMilestone(actor: Actor, id: number, direction: Direction): Promise<MilestoneInPlace> {
  const milestone = await selectMilestoneToEdit(actor, id)
  const order = moved(await shown(milestone.programme_id), id, direction)
  await orderMilestones(actor, milestone.programme_id, order)
  return milestone
}

/** Puts the lines into this order. @throws ConflictError if the list is not that of now */
export async function orderMilestones(actor: Actor, programmeId: number, order: number[]): Promise<void> {
  await withTransaction(async () => {
    await selectProgrammeToEdit(actor, programmeId)
    demandSameEntries(order, await shown(programmeId))
    await savePositions('milestones', order)
    await recordEvent(actor, 'milestonesReordered', { type: 'programme', id: programmeId }, { programmeId, order })
  })
}
