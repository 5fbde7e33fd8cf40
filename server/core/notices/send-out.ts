import { breathe, fromJson, toJson } from '../db/index.ts'
import { absoluteUrl } from '../http/base-url.ts'
import { log } from '../log.ts'
import { daysAgo, inSeconds, nowUtc } from '../time.ts'
import {
  claimDeliveries,
  type DeliveryRow,
  dataOf,
  giveBack,
  keptUntil,
  LEASE_SECONDS,
  readerWords,
  settle,
  stillDue,
} from './claim.ts'
import { sayNotice } from './kinds.ts'
import type { Message, Outcome, Outlet } from './outlets.ts'

const BATCH = 20
const MOST_ATTEMPTS = 10
const REST_SECONDS = 30
/** Before the lease ends, what has not been tried is given back. */
const MARGIN_SECONDS = 30
/** Whatever did not come in three days (a server that was away, a channel that was switched off) is no news any more. */
const NEWS_DAYS = 3

async function messageOf(row: DeliveryRow): Promise<Message> {
  return {
    deliveryId: row.id,
    personId: row.person_id,
    ...sayNotice(row.kind, dataOf(row), await readerWords(row)),
    path: row.href,
    url: await absoluteUrl(row.href),
    reached: fromJson<number[]>(row.reached, []),
  }
}

const noError = { error: null, error_code: null, error_values: null }

const reasonOf = ({ code, values }: { code: string; values: Record<string, unknown> }) => ({
  error_code: code,
  error_values: toJson(values),
  error: typeof values.words === 'string' ? values.words : null,
})

/** What becomes of a delivery that was not taken: later and later, and at last it has failed. */
async function noteFailure(row: DeliveryRow, reason: object, reached: readonly number[] = []): Promise<void> {
  const isLast = row.attempts >= MOST_ATTEMPTS
  // Who has it on one of two telephones has it.
  const state = isLast ? (reached.length ? 'sent' : 'failed') : 'waiting'
  const next_attempt_at = inSeconds(60 * 2 ** (row.attempts - 1))
  await settle([row], { state, next_attempt_at, lease_owner: null, reached: toJson(reached), ...reason })
}

async function noteOutcome(row: DeliveryRow, outcome: Outcome): Promise<void> {
  if (outcome.kind === 'sent') await settle([row], { state: 'sent', sent_at: nowUtc(), ...noError })
  else if (outcome.kind === 'gone') await settle([row], { state: 'skipped', ...noError })
  else if (outcome.kind === 'away' && outcome.isUntried) {
    const reached = toJson(outcome.reached ?? [])
    await giveBack([row], inSeconds(outcome.retryInSeconds ?? REST_SECONDS), { reached, ...reasonOf(outcome) })
  } else await noteFailure(row, reasonOf(outcome), outcome.reached)
}

/** @returns what the outlet says, for the others that wait; undefined if it was not asked */
async function sendOne(outlet: Outlet, row: DeliveryRow): Promise<Outcome | undefined> {
  try {
    const quiet = await keptUntil(row)
    if (quiet) return void (await giveBack([row], quiet))
    const due = row.created_at < daysAgo(NEWS_DAYS) ? undefined : await stillDue(row)
    if (!due) return void (await settle([row], { state: 'skipped', ...noError }))
    const outcome = await outlet.send(await messageOf(due))
    await noteOutcome(row, outcome)
    return outcome
  } catch (error) {
    log.error({ error, delivery: row.id }, 'a notice could not be delivered')
    await noteFailure(row, reasonOf({ code: 'notSaid', values: { words: String(error).slice(0, 1000) } }))
    return undefined
  }
}

/** Sends a batch, a few at once. @returns false if the server is away: nothing more is to be tried now */
async function sendBatch(outlet: Outlet, rows: readonly DeliveryRow[], mayGoOn: () => boolean): Promise<boolean> {
  const until = Date.now() + (LEASE_SECONDS - MARGIN_SECONDS) * 1000
  for (let at = 0; at < rows.length; at += outlet.together) {
    if (!mayGoOn() || Date.now() > until) {
      await giveBack(rows.slice(at), nowUtc())
      return mayGoOn()
    }
    const some = rows.slice(at, at + outlet.together)
    const outcomes = await Promise.all(some.map((row) => sendOne(outlet, row)))
    const away = outlet.isOneServer ? outcomes.find((outcome) => outcome?.kind === 'away') : undefined
    if (away?.kind === 'away') {
      // One try tells that the server is away: the others keep theirs.
      const rest = rows.slice(at + outlet.together)
      if (rest.length) await giveBack(rest, inSeconds(away.retryInSeconds ?? REST_SECONDS), reasonOf(away))
      return false
    }
    await breathe()
  }
  return true
}

/** Sends what is due by one way out. Several processes may do so at once: each takes others. @returns how many were tried */
export async function sendOutNotices(outlet: Outlet, mayGoOn: () => boolean = () => true): Promise<number> {
  let tried = 0
  while (mayGoOn() && (await outlet.isOn())) {
    const rows = await claimDeliveries(outlet.channel, BATCH)
    if (!rows.length) break
    tried += rows.length
    if (!(await sendBatch(outlet, rows, mayGoOn))) break
  }
  return tried
}
