import { db, toJson } from '../../core/db/index.ts'
import { ConflictError } from '../../core/errors.ts'

export type Direction = 'up' | 'down'

/** The list with one entry moved by one place; at an end nothing changes. */
export function moved(ids: readonly number[], id: number, direction: Direction): number[] {
  const at = ids.indexOf(id)
  const to = direction === 'up' ? at - 1 : at + 1
  const list = [...ids]
  if (at < 0 || to < 0 || to >= list.length) return list
  list.splice(at, 1)
  list.splice(to, 0, id)
  return list
}

/** @throws ConflictError unless the sent order holds exactly these entries: someone added or removed one meanwhile. */
export function demandSameEntries(order: readonly number[], existing: readonly number[]): void {
  const known = new Set(existing)
  const complete = new Set(order).size === known.size && order.length === known.size
  if (!complete || !order.every((id) => known.has(id))) throw new ConflictError('programmes.order.stale')
}

/** Numbers the entries of a list from 1 in the given order: one statement, whatever their number. */
export async function savePositions(table: string, order: readonly number[]): Promise<void> {
  if (!order.length) return
  const cases = order.map(() => 'when ? then ?').join(' ')
  const bindings = order.flatMap((id, index) => [id, index + 1])
  await db()(table)
    .whereIn('id', [...order])
    .update({ position: db().raw(`case id ${cases} end`, bindings) })
}

/** The position behind the last entry. */
export async function nextPosition(table: string, where: Record<string, unknown>): Promise<number> {
  const row = await db()(table).where(where).max({ last: 'position' }).first()
  return Number(row?.last ?? 0) + 1
}

type Grouped = { id: number; group: number | null }

/**
 * The order of all modules when `order` becomes the content of one stage (null: of no stage). Entries that `order` takes
 * from other stages leave them.
 * @param stages the stages in their order; modules without a stage come last
 * @throws ConflictError if `order` leaves out a module of the stage or names an unknown one
 */
export function arrange(modules: readonly Grouped[], stages: readonly number[], stage: number | null, order: number[]) {
  const known = new Set(modules.map((module) => module.id))
  const chosen = new Set(order)
  const complete = modules.every((module) => module.group !== stage || chosen.has(module.id))
  if (!complete || chosen.size !== order.length || !order.every((id) => known.has(id))) {
    throw new ConflictError('programmes.order.stale')
  }
  const inStage = (id: number | null) =>
    id === stage ? order : modules.filter((module) => module.group === id && !chosen.has(module.id)).map(({ id }) => id)
  return [...stages, null].flatMap(inStage)
}

/** Changes a row if it is still the one that the person saw. @throws ConflictError otherwise */
export async function changeVersioned(
  table: string,
  id: number,
  version: number,
  values: Record<string, unknown>,
): Promise<void> {
  const changed = await db()(table)
    .where({ id, version })
    .update({ ...values, version: version + 1 })
  if (!changed) throw new ConflictError()
}

export const optionalJson = (value: Record<string, string>): string | null =>
  Object.keys(value).length ? toJson(value) : null
