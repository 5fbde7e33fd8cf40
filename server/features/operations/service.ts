import { db, withTransaction } from '../../core/db/index.ts'
import { ConflictError, ForbiddenError } from '../../core/errors.ts'
import { recordEvent } from '../../core/events/index.ts'
import { type Actor, hasEverywhere } from '../../core/rights/index.ts'
import type { Setting } from '../../core/settings.ts'
import { nowUtc } from '../../core/time.ts'
import { changeSetting } from '../settings/service.ts'

/** Closes the system to everybody but administrators, or opens it again. */
export const changeMaintenance = (actor: Actor, value: Setting<'maintenance'>): Promise<void> =>
  changeSetting(actor, 'maintenance', value)

/** A sentence above every page, until a day or until it is taken away. */
export const changeAnnouncement = (actor: Actor, value: Setting<'announcement'>): Promise<void> =>
  changeSetting(actor, 'announcement', value)

/**
 * Lets work that failed be tried once more from the beginning.
 * @throws ConflictError if it has not failed (any more)
 */
export async function retryJob(actor: Actor, id: number): Promise<void> {
  if (!hasEverywhere(actor, 'settings.edit')) throw new ForbiddenError()
  await withTransaction(async () => {
    const retried = await db()('jobs')
      .where({ id, state: 'failed' })
      .update({ state: 'queued', attempts: 0, run_at: nowUtc(), finished_at: null, error: null })
    if (!retried) throw new ConflictError()
    await recordEvent(actor, 'jobRetried', { type: 'job', id })
  })
}
