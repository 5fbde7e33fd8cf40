import { db, toJson } from '../db/index.ts'
import { requestContext } from '../http/context.ts'
import type { Actor } from '../rights/index.ts'
import { nowUtc } from '../time.ts'

/**
 * Notes in the audit trail that somebody looked at another person's data. Nobody is told of it: it is no domain event.
 * @param what was shown, e.g. `card`; for a list that was taken out also its filter and length in `more`
 * @param ownerId whose data they are: looking at one's own is not noted
 */
export async function noteRead(
  actor: Actor,
  what: string,
  subject: { type: string; id: number },
  ownerId: number | null,
  more: Record<string, unknown> = {},
): Promise<void> {
  const readerId = actor.viewedBy?.personId ?? actor.personId
  if (readerId === null || readerId === ownerId) return
  const through = actor.viewedBy ? { viewedAs: actor.personId } : {}
  const context = requestContext()
  const now = nowUtc()
  await db()('domain_events').insert({
    type: 'dataRead',
    occurred_at: now,
    actor_id: readerId,
    subject_type: subject.type,
    subject_id: subject.id,
    data: toJson({ what, ...more, ...through }),
    ip: context?.ip ?? null,
    request_id: context?.requestId ?? null,
    delivered_at: now,
  })
}

/** Every page that somebody opens through a person's eyes shows what is this person's. */
export const noteSeenPage = (actor: Actor, path: string): Promise<void> =>
  noteRead(actor, 'viewed', { type: 'person', id: actor.personId as number }, null, { path })
