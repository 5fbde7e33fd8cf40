import { db, insertRow, isUniqueViolation, withTransaction } from '../../core/db/index.ts'
import { InputError } from '../../core/errors.ts'
import { recordEvent } from '../../core/events/index.ts'
import type { Actor } from '../../core/rights/index.ts'
import { fold } from '../../core/text.ts'
import { nowUtc } from '../../core/time.ts'
import { demandEdit, updateEntry } from './entries.ts'
import { selectPosition } from './queries.ts'

const folded = (name: string) => fold(name).slice(0, 191)

const record = (actor: Actor, type: string, id: number, data: object) =>
  recordEvent(actor, type, { type: 'position', id }, data as Record<string, unknown>)

async function orNameTaken<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (isUniqueViolation(error)) throw InputError.of('name', 'dictionaries.positions.nameTaken')
    throw error
  }
}

/**
 * Adds a position. A spelling that was merged into another position becomes one of its own again.
 * @throws InputError if there is one of this name
 */
export async function createPosition(actor: Actor, name: string): Promise<number> {
  return withTransaction(async () => {
    demandEdit(actor)
    const name_folded = folded(name)
    const spelling = await db()('positions').where({ name_folded, state: 'merged' }).first('id')
    if (spelling) {
      await db()('positions')
        .where({ id: spelling.id })
        .update({ name, state: 'active', merged_into: null, version: db().raw('version + 1') })
    }
    const row = { name, name_folded, created_at: nowUtc() }
    const id: number = spelling?.id ?? (await orNameTaken(() => insertRow('positions', row)))
    await record(actor, 'positionCreated', id, { after: { name } })
    return id
  })
}

/** Renames a position, in present and past places of work alike. */
export async function renamePosition(
  actor: Actor,
  id: number,
  { name, version }: { name: string; version: number },
): Promise<void> {
  await withTransaction(async () => {
    demandEdit(actor)
    const before = await selectPosition(id)
    // The spelling that was merged into this position may become its name.
    await db()('positions')
      .where({ name_folded: folded(name), merged_into: id })
      .del()
    await orNameTaken(() => updateEntry('positions', id, version, { name, name_folded: folded(name) }))
    await record(actor, 'positionRenamed', id, { before: { name: before.name }, after: { name } })
  })
}

/** Closes a position, so that nobody new gets it, or opens it again. Those who hold it keep it. */
export async function setPositionState(
  actor: Actor,
  id: number,
  { state, version }: { state: 'active' | 'closed'; version: number },
): Promise<void> {
  await withTransaction(async () => {
    demandEdit(actor)
    const before = await selectPosition(id)
    await updateEntry('positions', id, version, { state })
    const type = state === 'closed' ? 'positionClosed' : 'positionReopened'
    await record(actor, type, id, { before: { state: before.state }, after: { state } })
  })
}

/**
 * Merges a position into another one: places of work and saved filters follow, and whoever types the old name later gets
 * the other position.
 * @param into the name of the other one
 * @returns its id
 */
export async function mergePosition(
  actor: Actor,
  id: number,
  { into, version }: { into: string; version: number },
): Promise<number> {
  return withTransaction(async () => {
    demandEdit(actor)
    const before = await selectPosition(id)
    const target = await db()('positions')
      .where({ name_folded: folded(into), state: 'active' })
      .forUpdate()
      .first('id', 'name')
    if (!target) throw InputError.of('into', 'dictionaries.positions.mergeUnknown')
    if (target.id === id) throw InputError.of('into', 'dictionaries.positions.mergeItself')
    await updateEntry('positions', id, version, { state: 'merged', merged_into: target.id })
    await db()('positions').where({ merged_into: id }).update({ merged_into: target.id })
    const moved = await db()('employments').where({ position_id: id }).update({ position_id: target.id })
    const data = { before: { name: before.name }, after: { id: target.id, name: target.name }, employments: moved }
    await record(actor, 'positionMerged', id, data)
    return target.id
  })
}
