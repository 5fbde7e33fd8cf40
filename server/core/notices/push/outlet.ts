import webPush from 'web-push'
import { db } from '../../db/index.ts'
import { absoluteUrl } from '../../http/base-url.ts'
import { type OutboundAnswer, sendOut } from '../../http/outbound.ts'
import { log } from '../../log.ts'
import { setting } from '../../settings.ts'
import { nowUtc } from '../../time.ts'
import type { Message, Outcome, Outlet } from '../outlets.ts'
import { pushKeys } from './keys.ts'
import { listBrowsers, type PushSubscription } from './subscriptions.ts'

/** After a day the news is old: the browser's maker need not keep it longer for one that is switched off. */
const KEEP_SECONDS = 24 * 3600
/** What is sealed may take four kilobytes; Cyrillic letters take two bytes each. */
const MOST_LETTERS = 700
/** A maker's server that does not answer is left alone for so long. */
const REST_SECONDS = 30
const LONGEST_REST_SECONDS = 3600

const restingUntil = new Map<string, number>()

const shorten = (text: string) => (text.length > MOST_LETTERS ? `${text.slice(0, MOST_LETTERS - 1)}…` : text)

/** What the service worker gets; see public/js/push-worker.js. */
const payloadOf = ({ deliveryId, title, text, path }: Message): string =>
  JSON.stringify({ title: title.slice(0, 200), text: shorten(text), path, tag: `notice-${deliveryId}` })

async function post(browser: PushSubscription, payload: string): Promise<OutboundAnswer> {
  const { endpoint, p256dh, auth } = browser
  const keys = await pushKeys()
  const own = (await absoluteUrl('')) ?? ''
  // Whom the maker may write to if we send too much: they take only a public address.
  const subject = own.startsWith('https:') ? own : 'mailto:webmaster@example.org'
  const request = webPush.generateRequestDetails({ endpoint, keys: { p256dh, auth } }, payload, {
    vapidDetails: { subject, ...keys },
    TTL: KEEP_SECONDS,
    urgency: 'normal',
  })
  const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]))
  return sendOut('POST', endpoint, { headers, body: request.body })
}

type Result = Outcome & { id: number }

async function sendTo(browser: PushSubscription, payload: string): Promise<Result> {
  const { host } = new URL(browser.endpoint)
  const { id } = browser
  const rest = (seconds: number) => restingUntil.set(host, Date.now() + seconds * 1000)
  const wait = ((restingUntil.get(host) ?? 0) - Date.now()) / 1000
  const values = { host }
  if (wait > 0) return { id, kind: 'away', code: 'noAnswer', values, isUntried: true, retryInSeconds: wait }
  try {
    const { status, retryAfter, text } = await post(browser, payload)
    if (status >= 200 && status < 300) {
      await db()('push_subscriptions').where({ id }).update({ used_at: nowUtc() })
      return { id, kind: 'sent' }
    }
    if (status === 404 || status === 410) {
      await db()('push_subscriptions').where({ id }).del()
      return { id, kind: 'gone' }
    }
    const said = { ...values, status, words: text.slice(0, 300) }
    if (status !== 429 && status < 500) return { id, kind: 'refused', code: 'refused', values: said }
    const pause = Math.min(retryAfter ?? REST_SECONDS, LONGEST_REST_SECONDS)
    rest(pause)
    const isBusy = status === 429
    return {
      id,
      kind: 'away',
      code: isBusy ? 'tooMany' : 'serverError',
      values: said,
      isUntried: isBusy,
      retryInSeconds: pause,
    }
  } catch (error) {
    log.warn({ error, host }, 'a browser could not be told')
    rest(REST_SECONDS)
    return { id, kind: 'away', code: 'noAnswer', values: { ...values, words: String(error).slice(0, 300) } }
  }
}

/** One message to all the browsers of a person that have not got it yet. */
async function send(message: Message): Promise<Outcome> {
  const browsers = (await listBrowsers(message.personId)).filter(({ id }) => !message.reached.includes(id))
  const payload = payloadOf(message)
  const results = await Promise.all(browsers.map((browser) => sendTo(browser, payload)))
  const reached = [...message.reached, ...results.filter(({ kind }) => kind === 'sent').map(({ id }) => id)]
  const away = results.find((result) => result.kind === 'away')
  if (away) return { ...away, reached }
  if (reached.length) return { kind: 'sent' }
  return results.find((result) => result.kind === 'refused') ?? { kind: 'gone' }
}

/** Messages that browsers show, even while no page is open. Sealed for each browser: its maker passes on what it cannot read. */
export const pushOutlet: Outlet = {
  channel: 'push',
  isOn: async () => (await setting('push')).enabled,
  listReached: (personIds) =>
    db()('push_subscriptions').whereIn('person_id', personIds).distinct('person_id').pluck('person_id'),
  send,
  together: 10,
  isOneServer: false,
}
