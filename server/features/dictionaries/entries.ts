import { db } from '../../core/db/index.ts'
import { ConflictError, ForbiddenError } from '../../core/errors.ts'
import { type Actor, hasEverywhere } from '../../core/rights/index.ts'

/** @throws ForbiddenError unless the actor keeps the dictionaries of the authority */
export function demandEdit(actor: Actor): void {
  if (!hasEverywhere(actor, 'dictionaries.edit')) throw new ForbiddenError()
}

/** Changes an entry of a dictionary. @throws ConflictError if someone changed it since `version` was read */
export async function updateEntry(
  table: 'positions' | 'person_categories',
  id: number,
  version: number,
  after: object,
): Promise<void> {
  const changed = await db()(table)
    .where({ id, version })
    .update({ ...after, version: version + 1 })
  if (!changed) throw new ConflictError()
}
