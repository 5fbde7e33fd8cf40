import { breathe, withTransaction } from '../db/index.ts'
import type { JobDefinition } from '../jobs/index.ts'
import { log } from '../log.ts'
import { type Letter, queueLetters } from '../mail/index.ts'
import { inSeconds, nowUtc } from '../time.ts'
import {
  claimDeliveries,
  type DeliveryRow,
  dataOf,
  giveBack,
  keptUntil,
  readerWords,
  settle,
  stillDue,
} from './claim.ts'
import { digestOf, letterOf, type Outgoing } from './letters.ts'
import { messengerJob } from './messenger/listen.ts'
import { OUTLETS } from './outlets.ts'
import { sendOutNotices } from './send-out.ts'

const BATCH = 100
export const MOST_ATTEMPTS = 10
const TRIES_TOGETHER = 3

const outgoing = (row: DeliveryRow): Outgoing => ({
  id: row.id,
  kind: row.kind,
  data: dataOf(row),
  href: row.href,
  token: row.token,
  personId: row.person_id,
  email: row.email as string,
  name: [row.first_name, row.middle_name].filter(Boolean).join(' '),
})

/** One letter with the deliveries that it settles: one, or all of a day's. */
type Parcel = { rows: DeliveryRow[] }

function parcelsOf(rows: readonly DeliveryRow[]): Parcel[] {
  const digests = new Map<number, DeliveryRow[]>()
  const parcels: Parcel[] = []
  for (const row of rows) {
    if (!row.is_digest) parcels.push({ rows: [row] })
    else digests.set(row.person_id, [...(digests.get(row.person_id) ?? []), row])
  }
  return [...parcels, ...[...digests.values()].map((all) => ({ rows: all }))]
}

async function compose(rows: readonly DeliveryRow[]): Promise<Letter> {
  const [first, ...others] = rows.map(outgoing) as [Outgoing, ...Outgoing[]]
  const words = await readerWords(rows[0] as DeliveryRow)
  return others.length ? digestOf([first, ...others], words) : letterOf(first, words)
}

/** A parcel goes into the outbox and is noted in one transaction: it is there once, whatever dies. */
async function send({ rows }: Parcel): Promise<void> {
  try {
    const quiet = await keptUntil(rows[0] as DeliveryRow)
    if (quiet) return void (await giveBack(rows, quiet))
    const wanted: DeliveryRow[] = []
    for (const row of rows) wanted.push(...[(await stillDue(row)) ?? []].flat())
    const letter = wanted.length ? await compose(wanted) : undefined
    await withTransaction(async () => {
      const unwanted = rows.filter(({ id }) => !wanted.some((row) => row.id === id))
      if (unwanted.length) await settle(unwanted, { state: 'skipped', error: null })
      if (!letter || !(await settle(wanted, { state: 'sent', sent_at: nowUtc(), error: null }))) return
      await queueLetters([letter])
    })
  } catch (error) {
    log.error({ error, deliveries: rows.map(({ id }) => id) }, 'a notice could not be delivered')
    for (const row of rows) {
      const state = row.attempts >= MOST_ATTEMPTS ? 'failed' : 'waiting'
      const next_attempt_at = inSeconds(60 * 2 ** (row.attempts - 1))
      // One that cannot be said must not keep a whole day's letter: from now on each goes by itself.
      const is_digest = row.attempts >= TRIES_TOGETHER ? 0 : row.is_digest
      await settle([row], { state, next_attempt_at, is_digest, error: String(error).slice(0, 1000) })
    }
  }
}

/** Makes letters of all notices whose time has come. Several processes may do so at once: each takes others. */
export async function deliverNotices(mayGoOn: () => boolean = () => true): Promise<number> {
  let sent = 0
  while (mayGoOn()) {
    const rows = await claimDeliveries('email', BATCH)
    if (!rows.length) break
    for (const parcel of parcelsOf(rows)) {
      if (!mayGoOn()) break
      await send(parcel)
      sent += parcel.rows.length
      await breathe()
    }
  }
  return sent
}

// Each way out has a job of its own: a server that is silent keeps nothing else.
export const noticeJobs: JobDefinition[] = [
  {
    kind: 'notices.deliver',
    schedule: '*/10 * * * * *',
    run: async (_payload, { mayGoOn }) => ({ delivered: await deliverNotices(mayGoOn) }),
  },
  messengerJob,
  ...OUTLETS.map(
    (outlet): JobDefinition => ({
      kind: `notices.${outlet.channel}`,
      schedule: '*/5 * * * * *',
      run: async (_payload, { mayGoOn }) => ({ delivered: await sendOutNotices(outlet, mayGoOn) }),
    }),
  ),
]
