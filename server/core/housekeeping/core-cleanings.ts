import { cleanPreviewRows, cleanRows, cleanStore, cleanUploads } from '../files/cleaning.ts'
import { cleanNotices } from '../notices/index.ts'
import { SESSION_SECONDS } from '../session/store.ts'
import { daysAgo, inSeconds, nowUtc } from '../time.ts'
import { type Cleaning, deleteSome } from './index.ts'

const JOB_DAYS = 30
/** Letters are asked for by people who say that none came, and their keys keep them from being sent twice. */
const LETTER_DAYS = 180

/** What the core itself leaves behind. Finished jobs include repeated deliveries of domain events; the events stay. */
export const coreCleanings: readonly Cleaning[] = [
  {
    name: 'jobs',
    clean: (most) =>
      deleteSome('jobs', most, (old) => {
        void old.whereIn('state', ['done', 'failed']).where('finished_at', '<', daysAgo(JOB_DAYS))
      }),
  },
  {
    name: 'letters',
    clean: (most) =>
      deleteSome('mail_outbox', most, (old) => {
        void old.whereIn('state', ['sent', 'failed']).where('created_at', '<', daysAgo(LETTER_DAYS))
      }),
  },
  { name: 'notices', clean: cleanNotices },
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
