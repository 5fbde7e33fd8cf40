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
  /** How long it may take before it counts as failed; half a minute unless given. */
  patienceMs?: number
} & (
  | { handle: (event: DomainEvent) => Promise<void> }
  /** For what costs the same for one event and for hundreds: gets those of a batch at once, after the others got them. */
  | { handleTogether: (events: readonly DomainEvent[]) => Promise<void> }
)

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
      const delivered: DomainEvent[] = []
      try {
        for (const row of rows) {
          if (!keep.isHeld()) break
          const event = toEvent(row)
          await deliver(event)
          delivered.push(event)
        }
        await deliverTogether(delivered)
      } finally {
        // What was delivered is noted even when the rest fails: nobody hears it twice without need.
        const ids = delivered.map(({ id }) => id)
        await rootDatabase()('domain_events').whereIn('id', ids).update({ delivered_at: nowUtc() })
      }
    }
  } finally {
    keep.stop()
    await lease.release()
  }
}

async function deliver(event: DomainEvent) {
  for (const subscription of subscriptions) {
    if ('handle' in subscription && subscription.events.includes(event.type)) await attempt(subscription, [event])
  }
}

async function deliverTogether(events: readonly DomainEvent[]) {
  for (const subscription of subscriptions) {
    if (!('handleTogether' in subscription)) continue
    const wanted = events.filter(({ type }) => subscription.events.includes(type))
    if (wanted.length) await attempt(subscription, wanted)
  }
}

/** Hands events to a subscriber; if it fails, a job tries again later. */
async function attempt(subscription: Subscription, events: readonly DomainEvent[]) {
  try {
    await hand(subscription, events)
  } catch (error) {
    const { name } = subscription
    log.error(
      { error, events: events.map(({ type }) => type), subscription: name },
      'a subscriber failed; it will be tried again',
    )
    const uniqueKey = `event-${events[0]?.id}-${name}`
    await enqueueJob('events.redeliver', { events, subscription: name }, { uniqueKey, inSeconds: 30 })
  }
}

/** One delivery. A subscriber that never returns must not hold up all the others: it counts as failed. */
async function hand(subscription: Subscription, events: readonly DomainEvent[]): Promise<void> {
  const patience = subscription.patienceMs ?? PATIENCE_MS
  let timer: NodeJS.Timeout | undefined
  const tooLong = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`No end within ${patience} ms`)), patience)
  })
  const handle = async () => {
    if ('handleTogether' in subscription) await subscription.handleTogether(events)
    else for (const event of events) await subscription.handle(event)
  }
  try {
    await Promise.race([handle(), tooLong])
  } finally {
    clearTimeout(timer)
  }
}

/** As jobs of this version and of the one before hold what has to be given once more. */
type Redelivery = { subscription: string; events?: DomainEvent[]; event?: DomainEvent }

/** Job: gives events once more to the subscriber that failed. */
export async function redeliver(payload: Redelivery): Promise<void> {
  const subscription = subscriptions.find((candidate) => candidate.name === payload.subscription)
  if (subscription) await hand(subscription, payload.events ?? (payload.event ? [payload.event] : []))
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
