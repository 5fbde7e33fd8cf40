import { db, withTransaction } from '../../core/db/index.ts'
import { ForbiddenError, NotFoundError } from '../../core/errors.ts'
import { recordEvent } from '../../core/events/index.ts'
import { type Actor, hasEverywhere } from '../../core/rights/index.ts'
import { nowUtc } from '../../core/time.ts'

const demand = (actor: Actor) => {
  if (!hasEverywhere(actor, 'notices.deliveries')) throw new ForbiddenError()
}

/** As if it had just been queued. One that is on its way is left alone: it would go twice. */
const anew = () => ({ state: 'waiting', attempts: 0, next_attempt_at: nowUtc() })

/**
 * Sends a letter again that failed or waits for its next try.
 * @returns how many that were: none if it has gone meanwhile
 */
export async function retryLetter(actor: Actor, id: number): Promise<number> {
  return withTransaction(async () => {
    demand(actor)
    if (!(await db()('mail_outbox').where({ id }).first('id'))) throw new NotFoundError()
    const count = await db()('mail_outbox').where({ id }).whereIn('state', ['failed', 'waiting']).update(anew())
    if (count) await recordEvent(actor, 'deliveriesRetried', { type: 'letter', id }, { count })
    return count
  })
}

/** Sends everything again that failed, or tries at once what waits for its next try. @returns how many that were */
export async function retryAll(actor: Actor, state: 'failed' | 'waiting'): Promise<number> {
  return withTransaction(async () => {
    demand(actor)
    let count = await db()('mail_outbox').where({ state }).where('attempts', '>', 0).update(anew())
    if (state === 'failed') count += await db()('notice_deliveries').where({ state }).update(anew())
    if (count) await recordEvent(actor, 'deliveriesRetried', { type: 'list', id: 0 }, { count })
    return count
  })
}
