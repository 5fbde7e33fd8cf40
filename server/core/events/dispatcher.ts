import { randomUUID } from 'node:crypto'
import { inBackground } from '../background.ts'
import { fromJson, rootDatabase } from '../db/index.ts'
import { enqueueJob } from '../jobs/index.ts'
import { keepLease, takeLease } from '../jobs/leases.ts'
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
  /** How long it may take before it counts as failed; half a minute unless given. */
  patienceMs?: number
}

let subscriptions: readonly Subscription[] = []
let running: Promise<void> | undefined
let again = false
let enabled = false
let timer: NodeJS.Timeout | undefined
const owner = randomUUID()
const LEASE_SECONDS = 30
const BATCH = 200
const PATIENCE_MS = 30_000

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
  const keep = keepLease(lease, LEASE_SECONDS)
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

async function deliver(event: DomainEvent) {
  for (const subscription of subscriptions) {
    if (!subscription.events.includes(event.type)) continue
    try {
      await handle(subscription, event)
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

/** One delivery. A subscriber that never returns must not hold up all the others: it counts as failed. */
async function handle(subscription: Subscription, event: DomainEvent): Promise<void> {
  const patience = subscription.patienceMs ?? PATIENCE_MS
  let timer: NodeJS.Timeout | undefined
  const tooLong = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`No end within ${patience} ms`)), patience)
  })
  try {
    await Promise.race([subscription.handle(event), tooLong])
  } finally {
    clearTimeout(timer)
  }
}

/** Job: gives one event once more to the subscriber that failed. */
export async function redeliver(payload: { event: DomainEvent; subscription: string }): Promise<void> {
  const subscription = subscriptions.find((candidate) => candidate.name === payload.subscription)
  if (subscription) await handle(subscription, payload.event)
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
