import { randomUUID } from 'node:crypto'
import type { Knex } from 'knex'
import { breathe, rootDatabase } from '../db/index.ts'
import type { JobDefinition } from '../jobs/index.ts'
import { takeLease } from '../jobs/leases.ts'
import { log } from '../log.ts'
import { settingAsSeen } from '../settings.ts'
import { daysAgo } from '../time.ts'

/** Something that nobody needs after a while. What is evidence (domain events, histories) is never among it. */
export type Cleaning = {
  /** `feature.what`, for the log. */
  name: string
  /** Removes at most so many, oldest first. @returns how many it removed; fewer than `most` means that none is left */
  clean: (most: number) => Promise<number>
}

/** Something that is kept for a period which an administrator may change. Words: `privacy.kept.<name>`. */
export type Keeping = {
  /** `feature_what`; the name among the settings. */
  name: string
  /** Until an administrator says otherwise; null: for ever, for what may hit a legal record. */
  days: number | null
  /** Fewer an administrator cannot choose. */
  least: number
  /** How many are older than this, up to a thousand; asked for a page. */
  count: (before: string) => Promise<number>
  /** Who they are, where they are people: the first of them. */
  list?: (before: string, most: number) => Promise<{ id: number; name: string }[]>
  /** Removes (or makes anonymous) at most so many that are older; see `Cleaning`. */
  clean: (most: number, before: string) => Promise<number>
}

let keepings: readonly Keeping[] = []
export const setKeepings = (all: readonly Keeping[]): void => {
  keepings = all
}
export const allKeepings = (): readonly Keeping[] => keepings

/** The period that holds, in days; null: for ever. */
export const keptDays = ({ name, days }: Pick<Keeping, 'name' | 'days'>): number | null => {
  const chosen = settingAsSeen('retention')[name]
  return chosen === undefined ? days : chosen
}

/** What the housekeeping of the next night does about it. */
export const cleaningOf = (keeping: Keeping): Cleaning => ({
  name: keeping.name,
  clean: async (most) => {
    const days = keptDays(keeping)
    return days === null ? 0 : keeping.clean(most, daysAgo(days))
  },
})

const BATCH = 500
const MOST_BATCHES = 2000
// A little less than a day, so that the hourly look of the next day finds the lease free.
const DAY_SECONDS = 24 * 3600 - 600

/** Deletes at most so many rows that are old. @param key what tells them apart @returns how many */
export async function deleteSome(
  table: string,
  most: number,
  isOld: (query: Knex.QueryBuilder) => void,
  key = 'id',
): Promise<number> {
  const ids = await rootDatabase()(table).where(isOld).limit(most).pluck(key)
  // Asked again: what was made young meanwhile (a session that is used) stays.
  return ids.length ? rootDatabase()(table).whereIn(key, ids).where(isOld).del() : 0
}

/** Cleans everything, a batch at a time; one thing that fails does not keep the others. @returns numbers by name */
export async function clean(cleanings: readonly Cleaning[], mayGoOn: () => boolean): Promise<Record<string, number>> {
  const removed: Record<string, number> = {}
  for (const { name, clean: cleanSome } of cleanings) {
    let total = 0
    try {
      for (let batch = 0; batch < MOST_BATCHES && mayGoOn(); batch++) {
        const count = await cleanSome(BATCH)
        total += count
        if (count < BATCH) break
        await breathe()
      }
    } catch (error) {
      log.error({ error, cleaning: name }, 'a part of the housekeeping failed')
    }
    removed[name] = total
  }
  return removed
}

/**
 * Cleans once a day. It looks every hour, because a host may stop processes at night; whoever takes the lease of the day
 * does the work, and no other process does it again.
 */
export const housekeepingJob = (cleanings: readonly Cleaning[]): JobDefinition => ({
  kind: 'housekeeping',
  schedule: '40 * * * *',
  run: async (_payload, { mayGoOn }) => {
    if (!(await takeLease('housekeeping', randomUUID(), DAY_SECONDS))) return undefined
    const removed = await clean(cleanings, mayGoOn)
    log.info({ removed }, 'housekeeping is done')
    return removed
  },
})
