import { insertRow, toJson, withTransaction } from '../../core/db/index.ts'
import { InputError } from '../../core/errors.ts'
import { recordEvent } from '../../core/events/index.ts'
import type { Actor } from '../../core/rights/index.ts'
import { fold, type Translated } from '../../core/text.ts'
import { nowUtc } from '../../core/time.ts'
import { type Direction, moved, nextPosition, savePositions } from '../programmes/order.ts'
import { demandEdit, updateEntry } from './entries.ts'
import { listCategories, selectCategory } from './queries.ts'

const record = (actor: Actor, type: string, id: number, data: Record<string, unknown>) =>
  recordEvent(actor, type, { type: 'personCategory', id }, data)

/** Lists from outside name categories by words: two open ones never share a name in any language. */
async function demandFreeName(name: Translated, exceptId = 0) {
  const wanted = new Set(Object.values(name).map(fold))
  const others = (await listCategories()).filter(({ id, state }) => id !== exceptId && state === 'active')
  if (others.some((other) => Object.values(other.name).some((text) => wanted.has(fold(text)))))
    throw InputError.of('name', 'dictionaries.categories.nameTaken')
}

/** Adds a category behind the last one. @returns its id */
export async function createCategory(actor: Actor, name: Translated): Promise<number> {
  return withTransaction(async () => {
    demandEdit(actor)
    await demandFreeName(name)
    const position = await nextPosition('person_categories', {})
    const code = `category-${nowUtc().replace(/\D/g, '')}`
    const id = await insertRow('person_categories', { code, name: toJson(name), position })
    await record(actor, 'personCategoryCreated', id, { after: { name } })
    return id
  })
}

/** Renames a category for everybody who is in it. */
export async function renameCategory(
  actor: Actor,
  id: number,
  { name, version }: { name: Translated; version: number },
): Promise<void> {
  await withTransaction(async () => {
    demandEdit(actor)
    const before = await selectCategory(id)
    if (before.state === 'active') await demandFreeName(name, id)
    await updateEntry('person_categories', id, version, { name: toJson(name) })
    await record(actor, 'personCategoryRenamed', id, { before: { name: before.name }, after: { name } })
  })
}

/** Closes a category, so that nobody new gets it, or opens it again. Those who are in it stay. */
export async function setCategoryState(
  actor: Actor,
  id: number,
  { state, version }: { state: 'active' | 'closed'; version: number },
): Promise<void> {
  await withTransaction(async () => {
    demandEdit(actor)
    const before = await selectCategory(id)
    if (state === 'active') await demandFreeName(before.name, id)
    await updateEntry('person_categories', id, version, { state })
    const type = state === 'closed' ? 'personCategoryClosed' : 'personCategoryReopened'
    await record(actor, type, id, { before: { state: before.state }, after: { state } })
  })
}

/** Moves a category by one place among the open ones. */
export async function moveCategory(actor: Actor, id: number, direction: Direction): Promise<void> {
  await withTransaction(async () => {
    demandEdit(actor)
    await selectCategory(id)
    const all = await listCategories()
    const open = all.filter((category) => category.state === 'active').map((category) => category.id)
    const closed = all.filter((category) => category.state !== 'active').map((category) => category.id)
    await savePositions('person_categories', [...moved(open, id, direction), ...closed])
    await record(actor, 'personCategoryMoved', id, { direction })
  })
}
