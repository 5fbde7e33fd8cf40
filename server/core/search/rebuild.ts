import { breathe, db, upsertRow } from '../db/index.ts'
import type { DomainEvent, Subscription } from '../events/index.ts'
import type { Cleaning } from '../housekeeping/index.ts'
import { enqueueJob, type JobContext, type JobDefinition } from '../jobs/index.ts'
import { nowUtc } from '../time.ts'
import { versionOf } from './entries.ts'
import { forgetTrigrams, forgetWords } from './forget.ts'
import { type SearchKind, searchKinds } from './kinds.ts'
import { countDocuments, reindex, reindexNext } from './write.ts'

const REBUILD = 'search.rebuild'
const MOST_FORGOTTEN = 1000

/** Indexes everything of these kinds. Whoever searches meanwhile finds what was there before, or is there already. */
export async function rebuildSearch(
  kinds: readonly SearchKind[] = searchKinds(),
  { progress = async () => {}, mayGoOn = () => true }: Partial<Pick<JobContext, 'progress' | 'mayGoOn'>> = {},
): Promise<void> {
  for (const [at, kind] of kinds.entries()) {
    await progress(at, kinds.length)
    for (let after: number | undefined = 0; after !== undefined; ) {
      if (!mayGoOn()) throw new Error('Interrupted; it goes on from the beginning')
      after = await reindexNext(kind, after)
    }
    const built = { kind: kind.name, version: versionOf(kind), built_at: nowUtc() }
    await upsertRow('search_kinds', built, ['kind'], ['version', 'built_at'])
  }
  await removeUnknownKinds()
  for (const forget of [forgetWords, forgetTrigrams]) {
    while ((await forget(MOST_FORGOTTEN)) >= MOST_FORGOTTEN) await breathe()
  }
  await countDocuments()
}

/** What a feature indexed that is no longer there. */
async function removeUnknownKinds() {
  const names = searchKinds().map(({ name }) => name)
  for (const table of ['search_documents', 'search_postings']) await db()(table).whereNotIn('kind', names).del()
  await db()('search_kinds')
    .whereNotIn('kind', ['', ...names])
    .del()
}

/** Kinds that are not in the index yet, or by older rules. */
async function missingKinds(): Promise<SearchKind[]> {
  const rows: { kind: string; version: string }[] = await db()('search_kinds').select('kind', 'version')
  const built = new Map(rows.map(({ kind, version }) => [kind, version]))
  return searchKinds().filter((kind) => built.get(kind.name) !== versionOf(kind))
}

/**
 * Has everything indexed anew, in the background.
 * @param createdBy who asked for it
 * @param eventId the event after which it has to begin; without it one that is under way will do
 * @returns undefined if one is under way
 */
export const requestRebuild = (createdBy: number | null = null, eventId?: number): Promise<number | undefined> =>
  enqueueJob(REBUILD, { all: true }, { uniqueKey: eventId ? `${REBUILD}-${eventId}` : REBUILD, createdBy })

/** After a start: has indexed what never was, as after an upgrade, a restore, or by a new feature. */
export async function completeSearch(): Promise<void> {
  if ((await missingKinds()).length) await enqueueJob(REBUILD, { all: false }, { uniqueKey: REBUILD })
}

export const searchJobs: readonly JobDefinition[] = [
  {
    kind: REBUILD,
    run: async ({ all }: { all: boolean }, context) =>
      rebuildSearch(all ? searchKinds() : await missingKinds(), context),
  },
]

/** Keeps the index up to what happens: a batch of events is one pass over the objects that they concern. */
export function searchSubscription(kinds: readonly SearchKind[]): Subscription {
  return {
    name: 'search.follow',
    events: [...new Set(kinds.flatMap(({ changes }) => Object.keys(changes)))],
    handleTogether: async (events) => {
      for (const kind of kinds) {
        const ids = await changedBy(kind, events)
        if (ids.length) await reindex(kind, ids)
      }
    },
  }
}

async function changedBy(kind: SearchKind, events: readonly DomainEvent[]): Promise<number[]> {
  const ids: number[] = []
  for (const [type, changed] of Object.entries(kind.changes)) {
    const happened = events.filter((event) => event.type === type)
    if (happened.length) ids.push(...(await changed(happened)))
  }
  return ids
}

/** Words that stand nowhere any more: nothing is left of who has been erased. */
export const searchCleanings: readonly Cleaning[] = [
  {
    name: 'search.words',
    clean: async (most) => {
      const count = await forgetWords(most)
      // What is left is counted anew.
      if (count < most) await countDocuments()
      return count
    },
  },
  { name: 'search.trigrams', clean: forgetTrigrams },
]
