import { db } from '../../core/db/index.ts'
import { COUNT_CAP, countCapped, type Paged, paged } from '../../core/http/paging.ts'
import type { Channel } from '../../core/notices/index.ts'
import { beginningWith, fold } from '../../core/text.ts'
import { inSeconds } from '../../core/time.ts'
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
  error_values: string | null
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
    .select('m.error', 'm.error_code', 'm.error_values', 'm.created_at', 'm.person_id')
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

export type DeliveryRow = {
  id: number
  channel: Channel
  kind: string
  data: string
  state: 'waiting' | 'sent' | 'failed'
  attempts: number
  next_attempt_at: string
  sent_at: string | null
  error: string | null
  error_code: string | null
  error_values: string | null
  created_at: string
  person_id: number
  last_name: string
  first_name: string
  middle_name: string | null
}

const deliveries = () =>
  db()('notice_deliveries as d')
    .join('notices as n', 'n.id', 'd.notice_id')
    .join('people as p', 'p.id', 'd.person_id')
    .select('d.id', 'd.channel', 'd.state', 'd.attempts', 'd.next_attempt_at', 'd.sent_at')
    .select('d.error', 'd.error_code', 'd.error_values', 'n.kind', 'n.data', 'n.created_at')
    .select('p.id as person_id', 'p.last_name', 'p.first_name', 'p.middle_name')

/** Notices on their way by a channel beside mail, those tried last before the others. */
export function listDeliveries(query: DeliveriesQuery): Promise<Paged<DeliveryRow>> {
  const rows = deliveries().where({ 'd.channel': query.channel, 'd.state': query.state })
  if (query.q) void rows.whereBetween('p.sort_name', beginningWith(fold(query.q)))
  return paged<DeliveryRow>(
    rows,
    query,
    'd.next_attempt_at',
    'd.id',
    (row) => ({ key: row.next_attempt_at, id: row.id }),
    { descending: true },
  )
}

/** Notices that did not even become letters: a feature could not say them. */
export const listUnsaid = (): Promise<DeliveryRow[]> =>
  deliveries().where({ 'd.channel': 'email', 'd.state': 'failed' }).orderBy('d.id', 'desc').limit(50)

/** A message that could not go for so long is worth a look. */
const STUCK_MINUTES = 10

/** What a channel's server has not taken for a while. What rests in quiet hours has no error. */
const stuckBy = async (channel: Channel): Promise<number> => {
  const waiting = db()('notice_deliveries as d')
    .join('notices as n', 'n.id', 'd.notice_id')
    .where({ 'd.channel': channel, 'd.state': 'waiting' })
    .whereNotNull('d.error_code')
    .where('n.created_at', '<', inSeconds(-60 * STUCK_MINUTES))
  return (await countCapped(waiting)).count
}

export type Troubles = { failed: number; stuck: Record<Exclude<Channel, 'app'>, number> }

/** What needs an administrator: what failed for good, and what a server has refused for a while. */
export async function countTroubles(): Promise<Troubles> {
  const [letters, notices, stuck, push, messenger] = await Promise.all([
    countCapped(db()('mail_outbox').where({ state: 'failed' })),
    countCapped(db()('notice_deliveries').where({ state: 'failed' })),
    countCapped(db()('mail_outbox').where({ state: 'waiting' }).where('attempts', '>=', STUCK_ATTEMPTS)),
    stuckBy('push'),
    stuckBy('messenger'),
  ])
  const failed = Math.min(letters.count + notices.count, COUNT_CAP)
  return { failed, stuck: { email: stuck.count, push, messenger } }
}

/** How many failed, by channel: a sign at the choice of channels. */
export async function countFailed(channel: Exclude<Channel, 'app'>): Promise<number> {
  const rows = db()('notice_deliveries').where({ channel, state: 'failed' })
  const letters = channel === 'email' ? (await countCapped(db()('mail_outbox').where({ state: 'failed' }))).count : 0
  return Math.min((await countCapped(rows)).count + letters, COUNT_CAP)
}
