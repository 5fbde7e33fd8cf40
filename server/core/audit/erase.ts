import { randomUUID } from 'node:crypto'
import { chunks, db } from '../db/index.ts'
import { keepLease, takeLease } from '../jobs/leases.ts'
import { nowUtc } from '../time.ts'

const SEAL_LEASE = 'schedule:audit.seal'
const LEASE_SECONDS = 120
const PATIENCE_MS = 180_000

/**
 * Keeps the sealing job away meanwhile: a batch that is sealed while its values are being erased would be sealed with a
 * hash of what is no longer there.
 */
export async function withoutSealing<T>(work: () => Promise<T>): Promise<T> {
  const owner = randomUUID()
  for (const until = Date.now() + PATIENCE_MS; ; ) {
    const lease = await takeLease(SEAL_LEASE, owner, LEASE_SECONDS)
    if (lease) {
      const kept = keepLease(lease, LEASE_SECONDS)
      try {
        return await work()
      } finally {
        kept.stop()
        await lease.release()
      }
    }
    if (Date.now() > until) throw new Error('the trail is being sealed for too long')
    await new Promise((resolve) => setTimeout(resolve, 1000))
  }
}

/**
 * Erases what is personal in events, together with the salt of its hash: who did what when to which object stays, the chain
 * still verifies, and nobody can guess the values from the hash. Events on their way to subscribers are left for later.
 * @returns how many were erased
 */
export async function eraseEvents(ids: readonly number[]): Promise<number> {
  let erased = 0
  for (const piece of chunks(ids)) {
    erased += await db()('domain_events')
      .whereIn('id', piece)
      .whereNull('erased_at')
      .whereNotNull('delivered_at')
      .update({ data: '{}', ip: null, salt: null, erased_at: nowUtc() })
  }
  return erased
}
