import { db } from '../../core/db/index.ts'
import { COUNT_CAP, countCapped, type Paged, paged } from '../../core/http/paging.ts'
import { beginningWith } from '../../core/text.ts'
import type { DeliveriesQuery } from './input.ts'

/** After so many tries a letter that waits is worth an administrator's look. */
const STUCK_ATTEMPTS = 3

export type LetterRow = {
  id: number
  to_address: string
  subject: string
  state: 'waiting' | 'sending' | 'sent' | 'failed'
  attempts: number
  next_attempt_at: string
  sent_at: string | null
  error: string | null
  error_code: string | null
  created_at: string
  person_id: number | null
  last_name: string | null
  first_name: string | null
  middle_name: string | null
}

export const STATES_OF: Record<DeliveriesQuery['state'], string[]> = {
  failed: ['failed'],
  waiting: ['waiting', 'sending'],
  sent: ['sent'],
}

/** Letters of the outbox, those tried last before the others; their texts stay where they are. */
export function listLetters(query: DeliveriesQuery): Promise<Paged<LetterRow>> {
  const letters = db()('mail_outbox as m')
    .leftJoin('people as p', 'p.id', 'm.person_id')
    .whereIn('m.state', STATES_OF[query.state])
    .select('m.id', 'm.to_address', 'm.subject', 'm.state', 'm.attempts', 'm.next_attempt_at', 'm.sent_at')
    .select('m.error', 'm.error_code', 'm.created_at', 'm.person_id')
    .select('p.last_name', 'p.first_name', 'p.middle_name')
  if (query.q) void letters.whereBetween('m.to_address', beginningWith(query.q))
  return paged<LetterRow>(
    letters,
    query,
    'm.next_attempt_at',
    'm.id',
    (row) => ({ key: row.next_attempt_at, id: row.id }),
    { descending: true },
  )
}

export type FailedNotice = {
  id: number
  channel: string
  kind: string
  data: string
  error: string | null
  person_id: number
  last_name: string
  first_name: string
  middle_name: string | null
}

/** Notices that did not even leave: a feature could not say them, or a way out of the system is shut. */
export const listFailedNotices = (): Promise<FailedNotice[]> =>
  db()('notice_deliveries as d')
    .join('notices as n', 'n.id', 'd.notice_id')
    .join('people as p', 'p.id', 'd.person_id')
    .where('d.state', 'failed')
    .orderBy('d.id', 'desc')
    .limit(50)
    .select('d.id', 'd.channel', 'd.error', 'n.kind', 'n.data')
    .select('p.id as person_id', 'p.last_name', 'p.first_name', 'p.middle_name')

/** What needs an administrator: what failed for good, and letters that a server has refused several times. */
export async function countTroubles(): Promise<{ failed: number; stuck: number }> {
  const [letters, notices, stuck] = await Promise.all([
    countCapped(db()('mail_outbox').where({ state: 'failed' })),
    countCapped(db()('notice_deliveries').where({ state: 'failed' })),
    countCapped(db()('mail_outbox').where({ state: 'waiting' }).where('attempts', '>=', STUCK_ATTEMPTS)),
  ])
  return { failed: Math.min(letters.count + notices.count, COUNT_CAP), stuck: stuck.count }
}
