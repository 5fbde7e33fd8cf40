import { db, insertRow, toJson, withTransaction } from '../../../core/db/index.ts'
import { ConflictError, ForbiddenError, InputError } from '../../../core/errors.ts'
import { recordEvent } from '../../../core/events/index.ts'
import type { Actor } from '../../../core/rights/index.ts'
import { nowUtc } from '../../../core/time.ts'
import { conditionsOf, type Filter } from './model.ts'
import { fieldsFor, selectSavedFilter } from './queries.ts'

type Saved = { name: string; isShared: boolean; filter: Filter }

/** Nobody keeps, and shares, a question that they may not ask. */
async function demandFields(actor: Actor, filter: Filter) {
  const fields = await fieldsFor(actor)
  if (conditionsOf(filter).some(({ field }) => !fields.has(field))) throw new ForbiddenError()
  if (!conditionsOf(filter).length) throw InputError.of('', 'people-filters.problem.none')
}

const columnsOf = ({ name, isShared, filter }: Saved) => ({
  name,
  is_shared: isShared ? 1 : 0,
  criteria: toJson(filter),
  updated_at: nowUtc(),
})

/** Keeps a filter under a name. @returns its id */
export async function saveFilter(actor: Actor, saved: Saved): Promise<number> {
  return withTransaction(async () => {
    await demandFields(actor, saved.filter)
    const row = { ...columnsOf(saved), owner_id: actor.personId, subject: 'people', created_at: nowUtc() }
    const id = await insertRow('saved_filters', row)
    await recordEvent(actor, 'filterSaved', { type: 'savedFilter', id }, { after: saved })
    return id
  })
}

/** A filter of one's own, else nobody may change it. */
async function selectOwn(actor: Actor, id: number) {
  const filter = await selectSavedFilter(actor, id)
  if (filter.ownerId !== actor.personId) throw new ForbiddenError()
  return filter
}

/** Changes a filter of one's own. @throws ConflictError if it was changed since `version` was read */
export async function updateFilter(actor: Actor, id: number, saved: Saved & { version: number }): Promise<void> {
  await withTransaction(async () => {
    const { version, ...after } = saved
    const before = await selectOwn(actor, id)
    await demandFields(actor, after.filter)
    const changed = await db()('saved_filters')
      .where({ id, version })
      .update({ ...columnsOf(after), version: version + 1 })
    if (!changed) throw new ConflictError()
    const { name, isShared, filter } = before
    await recordEvent(
      actor,
      'filterChanged',
      { type: 'savedFilter', id },
      { before: { name, isShared, filter }, after },
    )
  })
}

/** Forgets a filter of one's own. */
export async function deleteFilter(actor: Actor, id: number): Promise<void> {
  await withTransaction(async () => {
    const { name } = await selectOwn(actor, id)
    await db()('saved_filters').where({ id, owner_id: actor.personId }).del()
    await recordEvent(actor, 'filterDeleted', { type: 'savedFilter', id }, { before: { name } })
  })
}
