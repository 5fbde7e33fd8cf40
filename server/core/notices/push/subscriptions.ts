import { createHash } from 'node:crypto'
import { db, insertRow, withTransaction } from '../../db/index.ts'
import { NotFoundError } from '../../errors.ts'
import { recordEvent } from '../../events/index.ts'
import type { Actor } from '../../rights/index.ts'
import { nowUtc } from '../../time.ts'

/** A browser that shows its person what comes. */
export type PushSubscription = {
  id: number
  endpoint: string
  p256dh: string
  auth: string
  browser_hash: string
  user_agent: string | null
  created_at: string
  used_at: string | null
}

/** What the browser gives us: where it is reached, and the keys for which messages are sealed. */
export type Subscribing = { endpoint: string; keys: { p256dh: string; auth: string } }

/** A person has a handful of browsers; the oldest gives way. */
const MOST_BROWSERS = 10

const hash = (text: string) => createHash('sha256').update(text).digest('hex')

export const browserHash = hash

/** One's own browsers, the latest first. */
export const listBrowsers = (personId: number): Promise<PushSubscription[]> =>
  db()('push_subscriptions').where({ person_id: personId }).orderBy('id', 'desc')

/**
 * Lets a browser show what comes. Who subscribes in a browser takes it over from whoever did before: it shows nobody else's.
 * @param browser the secret of its cookie
 */
export async function subscribe(actor: Actor, input: Subscribing, browser: string, agent: string | null) {
  const personId = actor.personId as number
  await withTransaction(async () => {
    const key = { endpoint_hash: hash(input.endpoint) }
    await db()('push_subscriptions')
      .where(key)
      .orWhere({ browser_hash: hash(browser) })
      .del()
    await insertRow('push_subscriptions', {
      person_id: personId,
      endpoint: input.endpoint,
      ...key,
      p256dh: input.keys.p256dh,
      auth: input.keys.auth,
      browser_hash: hash(browser),
      user_agent: agent?.slice(0, 255) ?? null,
      created_at: nowUtc(),
    })
    const surplus = (await listBrowsers(personId)).slice(MOST_BROWSERS).map(({ id }) => id)
    await db()('push_subscriptions').whereIn('id', surplus).del()
    await recordEvent(actor, 'browserSubscribed', { type: 'person', id: personId }, { browser: agent })
  })
}

/** Takes one of one's own browsers off. @throws NotFoundError for somebody else's */
export async function unsubscribeBrowser(actor: Actor, id: number): Promise<void> {
  const personId = actor.personId as number
  await withTransaction(async () => {
    const own = { id, person_id: personId }
    const browser: PushSubscription | undefined = await db()('push_subscriptions').where(own).first()
    if (!browser) throw new NotFoundError()
    await db()('push_subscriptions').where(own).del()
    const data = { browser: browser.user_agent }
    await recordEvent(actor, 'browserUnsubscribed', { type: 'person', id: personId }, data)
  })
}

/** Whoever signs out leaves no messages behind for the next person at this computer. */
export const forgetBrowser = async (browser: string): Promise<void> => {
  await db()('push_subscriptions')
    .where({ browser_hash: hash(browser) })
    .del()
}

/** After "sign out everywhere else" the other browsers hear nothing more. */
export async function forgetOtherBrowsers(personId: number, browser: string): Promise<void> {
  await db()('push_subscriptions')
    .where({ person_id: personId })
    .whereNot({ browser_hash: hash(browser) })
    .del()
}
