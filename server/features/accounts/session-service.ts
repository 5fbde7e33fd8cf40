import { db, withTransaction } from '../../core/db/index.ts'
import { NotFoundError } from '../../core/errors.ts'
import { recordEvent } from '../../core/events/index.ts'
import { forgetOtherBrowsers } from '../../core/notices/push/subscriptions.ts'
import { checkSockets } from '../../core/realtime/index.ts'
import type { Actor } from '../../core/rights/index.ts'
import { hashSessionId } from '../../core/session/index.ts'
import { nowUtc } from '../../core/time.ts'

export type SessionRow = {
  id: string
  ip: string | null
  user_agent: string | null
  created_at: string
  seen_at: string
}

/** Where one is signed in. */
export const listSessions = (actor: Actor): Promise<SessionRow[]> =>
  db()('sessions')
    .where({ person_id: actor.personId })
    .where('expires_at', '>', nowUtc())
    .orderBy('seen_at', 'desc')
    .limit(50)
    .select('id', 'ip', 'user_agent', 'created_at', 'seen_at')

/** Signs one of one's own sessions out, wherever it is. */
export async function endSession(actor: Actor, id: string): Promise<void> {
  await withTransaction(async () => {
    const ended = await db()('sessions').where({ id, person_id: actor.personId }).del()
    if (!ended) throw new NotFoundError()
    checkSockets()
    await recordEvent(actor, 'sessionEnded', { type: 'person', id: actor.personId as number })
  })
}

/**
 * Signs out everywhere but here; other browsers show no messages any more, either.
 * @param browser the secret of this one
 */
export async function endOtherSessions(actor: Actor, sessionId: string, browser: string): Promise<void> {
  await withTransaction(async () => {
    await db()('sessions')
      .where({ person_id: actor.personId })
      .whereNot({ id: hashSessionId(sessionId) })
      .del()
    await forgetOtherBrowsers(actor.personId as number, browser)
    checkSockets()
    await recordEvent(actor, 'otherSessionsEnded', { type: 'person', id: actor.personId as number })
  })
}
