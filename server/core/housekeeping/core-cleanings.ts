import { eraseEvents } from '../audit/erase.ts'
import { rootDatabase } from '../db/index.ts'
import { cleanPreviewRows, cleanRows, cleanStore, cleanUploads } from '../files/cleaning.ts'
import { countCapped } from '../http/paging.ts'
import { cleanNotices } from '../notices/index.ts'
import { SESSION_SECONDS } from '../session/store.ts'
import { daysAgo, inSeconds, nowUtc } from '../time.ts'
import { type Cleaning, deleteSome, type Keeping } from './index.ts'

const older = (table: string, column: string, before: string, states?: string[]) =>
  rootDatabase()(table)
    .where(column, '<', before)
    .modify((query) => {
      if (states) void query.whereIn('state', states)
    })

const keeping = (name: string, table: string, column: string, days: number, states?: string[]): Keeping => ({
  name,
  days,
  least: 7,
  count: async (before) => (await countCapped(older(table, column, before, states))).count,
  clean: (most, before) =>
    deleteSome(table, most, (old) => {
      void old.where(column, '<', before)
      if (states) void old.whereIn('state', states)
    }),
})

/**
 * What is kept for a while that an administrator chooses. Finished jobs include repeated deliveries of domain events; the
 * events stay. Letters are asked for by people who say that none came, and their keys keep them from being sent twice.
 */
export const coreKeepings: readonly Keeping[] = [
  keeping('jobs', 'jobs', 'finished_at', 30, ['done', 'failed']),
  keeping('letters', 'mail_outbox', 'created_at', 180, ['sent', 'failed']),
  { ...keeping('notices', 'notices', 'created_at', 180), clean: cleanNotices },
  {
    // Who did something stays for good; that somebody looked loses what it says.
    name: 'reads',
    days: 1095,
    least: 365,
    count: async (before) => (await countCapped(oldReads(before))).count,
    clean: async (most, before) => eraseEvents((await oldReads(before).limit(most).pluck('id')).map(Number)),
  },
]

/** Sealed ones only: their chain bears it. */
const oldReads = (before: string) =>
  rootDatabase()('domain_events')
    .where({ type: 'dataRead' })
    .where('occurred_at', '<', before)
    .whereNotNull('seal_id')
    .whereNotNull('delivered_at')
    .whereNull('erased_at')

/** What the core itself leaves behind and nobody may keep longer. */
export const coreCleanings: readonly Cleaning[] = [
  {
    name: 'sessions',
    clean: (most) =>
      deleteSome('sessions', most, (old) => {
        void old.where((over) => {
          void over.where('expires_at', '<', nowUtc()).orWhere('created_at', '<', inSeconds(-SESSION_SECONDS))
        })
      }),
  },
  {
    name: 'forms',
    clean: (most) => deleteSome('sent_forms', most, (old) => void old.where('created_at', '<', daysAgo(2)), 'form_key'),
  },
  { name: 'files', clean: cleanRows },
  { name: 'files.store', clean: cleanStore },
  { name: 'files.previews', clean: cleanPreviewRows },
  { name: 'uploads', clean: cleanUploads },
]
