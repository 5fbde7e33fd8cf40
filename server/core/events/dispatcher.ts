import { randomUUID } from 'node:crypto'
import { inBackground } from '../background.ts'
import { fromJson, rootDatabase } from '../db/index.ts'
import { enqueueJob } from '../jobs/index.ts'
import { type Lease, takeLease } from '../jobs/leases.ts'
import { log } from '../log.ts'
import { nowUtc } from '../time.ts'

export type DomainEvent = {
  id: number
  type: string
  occurredAt: string
  actorId: number | null
  subject: { type: string; id: number }
  data: Record<string, unknown>
}

/** A feature's reaction to domain events, after their commit, at least once: it must bear being repeated. */
export type Subscription = {
  /** Stable name, `feature.purpose`: failed deliveries are tried again under it. */
  name: string
  events: readonly string[]
  handle: (event: DomainEvent) => Promise<void>
}

let subscriptions: readonly Subscription[] = []
let running: Promise<void> | undefined
let again = false
let enabled = false
let timer: NodeJS.Timeout | undefined
const owner = randomUUID()
const LEASE_SECONDS = 30
const BATCH = 200

/** Sets the subscriptions of all features and starts reacting. */
export function startDispatcher(all: readonly Subscription[]): void {
  subscriptions = all
  enabled = true
  // What another process recorded, or left behind when it died, is found at the latest now.
  timer = setInterval(wakeDispatcher, 3000)
  timer.unref()
}

export async function stopDispatcher(): Promise<void> {
  enabled = false
  clearInterval(timer)
  await running
}

/** Delivers soon what has just been committed. */
export function wakeDispatcher(): void {
  if (!enabled) return
  if (running) {
    again = true
    return
  }
  running = inBackground(() => new Promise((resolve) => setImmediate(resolve)).then(deliverEvents))
    .catch((error) => log.error({ error }, 'delivering domain events failed'))
    .finally(() => {
      running = undefined
      if (again) {
        again = false
        wakeDispatcher()
      }
    })
}

/** Delivers every event that is waiting, in order. One process at a time does so; tests call it to wait for the end. */
export async function deliverEvents(): Promise<void> {
  const lease = await takeLease('domain-events', owner, LEASE_SECONDS)
  if (!lease) return
  const keep = keepLease(lease)
  try {
    while (keep.isHeld()) {
      const rows = await rootDatabase()('domain_events').whereNull('delivered_at').orderBy('id').limit(BATCH)
      if (!rows.length) return
      const delivered: number[] = []
      try {
        for (const row of rows) {
          if (!keep.isHeld()) break
          await deliver(toEvent(row))
          delivered.push(row.id)
        }
      } finally {
        // What was delivered is noted even when the rest fails: nobody hears it twice without need.
        await rootDatabase()('domain_events').whereIn('id', delivered).update({ delivered_at: nowUtc() })
      }
    }
  } finally {
    keep.stop()
    await lease.release()
  }
}

/** Renews a lease by the clock, since one slow subscriber may take longer than the lease; tells when it was lost. */
function keepLease(lease: Lease) {
  let until = Date.now() + LEASE_SECONDS * 1000
  const renew = async () => {
    const asked = Date.now()
    if (await lease.renew()) until = asked + LEASE_SECONDS * 1000
    else until = 0
  }
  const timer = setInterval(() => {
    renew().catch((error) => log.warn({ error }, 'the lease of the domain events was not renewed'))
  }, 10_000)
  timer.unref()
  return { isHeld: () => Date.now() < until, stop: () => clearInterval(timer) }
}

async function deliver(event: DomainEvent) {
  for (const subscription of subscriptions) {
    if (!subscription.events.includes(event.type)) continue
    try {
      await subscription.handle(event)
    } catch (error) {
      log.error(
        { error, event: event.type, subscription: subscription.name },
        'a subscriber failed; it will be tried again',
      )
      const uniqueKey = `event-${event.id}-${subscription.name}`
      await enqueueJob('events.redeliver', { event, subscription: subscription.name }, { uniqueKey, inSeconds: 30 })
    }
  }
}

/** Job: gives one event once more to the subscriber that failed. */
export async function redeliver(payload: { event: DomainEvent; subscription: string }): Promise<void> {
  await subscriptions.find((candidate) => candidate.name === payload.subscription)?.handle(payload.event)
}

// biome-ignore lint/suspicious/noExplicitAny: a raw row
const toEvent = (row: any): DomainEvent => ({
  id: Number(row.id),
  type: row.type,
  occurredAt: row.occurred_at,
  actorId: row.actor_id,
  subject: { type: row.subject_type, id: row.subject_id },
  data: fromJson(row.data, {}),
})
