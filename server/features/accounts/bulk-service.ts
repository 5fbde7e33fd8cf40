import { insertRows } from '../../core/db/index.ts'
import { recordEvents } from '../../core/events/index.ts'
import type { Actor } from '../../core/rights/index.ts'
import { fold } from '../../core/text.ts'
import { nowUtc } from '../../core/time.ts'

/**
 * Gives people logins that a list has for them, inside the ambient transaction: accounts without a password, which can be
 * used once their owners are invited. The caller has the right to make accounts and has found that the people have none.
 */
export async function reserveLogins(
  actor: Actor,
  logins: readonly { personId: number; login: string }[],
): Promise<void> {
  const now = nowUtc()
  await insertRows(
    'accounts',
    logins.map(({ personId, login }) => ({
      person_id: personId,
      login,
      login_folded: fold(login),
      state: 'invited',
      created_at: now,
      updated_at: now,
    })),
  )
  await recordEvents(
    actor,
    'accountCreated',
    logins.map(({ personId, login }) => ({ subject: { type: 'person', id: personId }, data: { login } })),
  )
}
