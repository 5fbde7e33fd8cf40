import { afterCommit, insertRows, toJson } from '../db/index.ts'
import { requestContext } from '../http/context.ts'
import type { Actor } from '../rights/index.ts'
import { nowUtc } from '../time.ts'
import { wakeDispatcher } from './dispatcher.ts'

export { type DomainEvent, deliverEvents, type Subscription } from './dispatcher.ts'

/**
 * Records that something happened, in the transaction that changes it. The row is the audit trail (who, what, before and
 * after, from where) and what subscribers get after the commit.
 * @param type past tense, e.g. `enrolmentWithdrawn`
 * @param data before/after and whatever subscribers need; never passwords or tokens
 */
export async function recordEvent(
  actor: Actor,
  type: string,
  subject: { type: string; id: number },
  data: Record<string, unknown> = {},
): Promise<void> {
  await recordEvents(actor, type, [{ subject, data }])
}

/** Records the same happening to many subjects at once, in a constant number of statements. */
export async function recordEvents(
  actor: Actor,
  type: string,
  happenings: readonly { subject: { type: string; id: number }; data?: Record<string, unknown> }[],
): Promise<void> {
  if (!happenings.length) return
  const context = requestContext()
  const common = {
    type,
    occurred_at: nowUtc(),
    // Who looks through somebody else's eyes acts in their own name.
    actor_id: actor.viewedBy?.personId ?? actor.personId,
    ip: context?.ip ?? null,
    request_id: context?.requestId ?? null,
  }
  await insertRows(
    'domain_events',
    happenings.map(({ subject, data = {} }) => {
      return { ...common, subject_type: subject.type, subject_id: subject.id, data: toJson(data) }
    }),
  )
  afterCommit(wakeDispatcher)
}
