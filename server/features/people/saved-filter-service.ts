import { db, insertRow, toJson, withTransaction } from '../../core/db/index.ts'
import { InputError, NotFoundError } from '../../core/errors.ts'
import { recordEvent } from '../../core/events/index.ts'
import type { Actor } from '../../core/rights/index.ts'
import { nowUtc } from '../../core/time.ts'
import { type Criteria, criteria } from './input.ts'

const parse = (text: string): Criteria => {
  const parsed = criteria.safeParse(Object.fromEntries(new URLSearchParams(text)))
  if (!parsed.success) throw InputError.of('', 'errors.query')
  return parsed.data
}

/** Saves the filter of a list (its query string) under a name. @returns its id */
export async function saveFilter(
  actor: Actor,
  input: { name: string; isShared: boolean; criteria: string },
): Promise<number> {
  return withTransaction(async () => {
    const now = nowUtc()
    const row = {
      owner_id: actor.personId,
      subject: 'people',
      name: input.name,
      criteria: toJson(parse(input.criteria)),
    }
    const id = await insertRow('saved_filters', {
      ...row,
      is_shared: input.isShared ? 1 : 0,
      created_at: now,
      updated_at: now,
    })
    await recordEvent(actor, 'filterSaved', { type: 'savedFilter', id }, { name: input.name })
    return id
  })
}

/** Forgets a filter of one's own. */
export async function deleteFilter(actor: Actor, id: number): Promise<void> {
  await withTransaction(async () => {
    const deleted = await db()('saved_filters').where({ id, owner_id: actor.personId }).del()
    if (!deleted) throw new NotFoundError()
    await recordEvent(actor, 'filterDeleted', { type: 'savedFilter', id })
  })
}
