import { withTransaction } from '../../core/db/index.ts'
import { ForbiddenError } from '../../core/errors.ts'
import { recordEvent } from '../../core/events/index.ts'
import { type Actor, hasEverywhere } from '../../core/rights/index.ts'
import { requestRebuild } from '../../core/search/index.ts'

/** Has everything indexed anew; once is enough while it is under way. */
export async function rebuildIndex(actor: Actor): Promise<void> {
  if (!hasEverywhere(actor, 'settings.edit')) throw new ForbiddenError()
  await withTransaction(async () => {
    const id = await requestRebuild(actor.personId)
    if (id !== undefined) await recordEvent(actor, 'searchRebuildStarted', { type: 'job', id })
  })
}
