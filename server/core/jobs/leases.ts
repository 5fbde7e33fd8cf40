import { isUniqueViolation, rootDatabase } from '../db/index.ts'
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
