import type { Knex } from 'knex'
import { db, withTransaction } from '../../core/db/index.ts'
import { ForbiddenError, NotFoundError } from '../../core/errors.ts'
import { recordEvent } from '../../core/events/index.ts'
import { type Actor, hasEverywhere } from '../../core/rights/index.ts'
import { nowUtc } from '../../core/time.ts'
import type { RetryInput } from './input.ts'

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

/** The same for a notice on its way by another channel. */
export async function retryDelivery(actor: Actor, id: number): Promise<number> {
  return withTransaction(async () => {
    demand(actor)
    if (!(await db()('notice_deliveries').where({ id }).first('id'))) throw new NotFoundError()
    const count = await db()('notice_deliveries').where({ id }).modify(isIdle).update(anew())
    if (count) await recordEvent(actor, 'deliveriesRetried', { type: 'notice', id }, { count })
    return count
  })
}

/** Failed, or waiting for its next try and in no process's hands. */
const isIdle = (query: Knex.QueryBuilder): void =>
  void query.where((either) => {
    void either.where({ state: 'failed' }).orWhere((waits) => {
      void waits.where({ state: 'waiting' }).whereNull('lease_owner').whereNotNull('error_code')
    })
  })

/**
 * Sends everything of a channel again that failed, or tries at once what waits for its next try.
 * @returns how many that were
 */
export async function retryAll(actor: Actor, { state, channel }: RetryInput): Promise<number> {
  return withTransaction(async () => {
    demand(actor)
    let count = await db()('notice_deliveries').where({ state, channel }).modify(isIdle).update(anew())
    if (channel === 'email')
      count += await db()('mail_outbox').where({ state }).where('attempts', '>', 0).update(anew())
    if (count) await recordEvent(actor, 'deliveriesRetried', { type: 'list', id: 0 }, { count, channel })
    return count
  })
}
