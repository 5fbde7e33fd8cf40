import { isUniqueViolation, rootDatabase } from '../db/index.ts'
import { log } from '../log.ts'
import { inSeconds, nowUtc } from '../time.ts'

export type Lease = { renew: () => Promise<boolean>; release: () => Promise<void> }

/**
 * Takes a lease in the database: one process of several does a piece of work, and if it dies another may after `seconds`.
 * @returns undefined if another owner holds it
 */
export async function takeLease(name: string, owner: string, seconds: number): Promise<Lease | undefined> {
  const leases = () => rootDatabase()('leases')
  const taken = await leases()
    .where({ name })
    .where((free) => free.where('until', '<', nowUtc()).orWhere('owner', owner))
    .update({ owner, until: inSeconds(seconds) })
  if (!taken) {
    try {
      await leases().insert({ name, owner, until: inSeconds(seconds) })
    } catch (error) {
      if (isUniqueViolation(error)) return undefined
      throw error
    }
  }
  return {
    renew: async () =>
      (await leases()
        .where({ name, owner })
        .update({ until: inSeconds(seconds) })) > 0,
    release: async () => {
      await leases().where({ name, owner }).update({ until: '1970-01-01 00:00:00.000' })
    },
  }
}

export type KeptLease = { isHeld: () => boolean; stop: () => void }

/** Renews a lease by the clock, since the work may take longer than the lease; tells when it was lost. */
export function keepLease(lease: Pick<Lease, 'renew'>, seconds: number): KeptLease {
  let until = Date.now() + seconds * 1000
  const renew = async () => {
    const asked = Date.now()
    until = (await lease.renew()) ? asked + seconds * 1000 : 0
  }
  const timer = setInterval(
    () => {
      renew().catch((error) => log.warn({ error }, 'a lease was not renewed'))
    },
    (seconds * 1000) / 3,
  )
  timer.unref()
  return { isHeld: () => Date.now() < until, stop: () => clearInterval(timer) }
}
