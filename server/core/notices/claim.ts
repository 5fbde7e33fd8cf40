import { randomUUID } from 'node:crypto'
import type { Knex } from 'knex'
import { chunks, db, fromJson, toJson } from '../db/index.ts'
import { setting } from '../settings.ts'
import { inSeconds, nowUtc } from '../time.ts'
import { quietUntil, readChoices, wants } from './choices.ts'
import { type Channel, noticeKind, type Words, wordsOf } from './kinds.ts'

export const LEASE_SECONDS = 120

/** A delivery that is taken, with its notice and its reader as they are now. */
export type DeliveryRow = {
  id: number
  channel: Channel
  attempts: number
  is_digest: number
  token: string
  reached: string | null
  kind: string
  data: string
  href: string
  subject_type: string
  subject_id: number
  created_at: string
  person_id: number
  person_state: string
  account_state: string | null
  email: string | null
  first_name: string
  middle_name: string | null
  language: string | null
  time_zone: string | null
  preferences: string | null
}

/** Deliveries of a channel whose time has come and that nobody is at. */
const due = (channel: Channel, now: string): Knex.QueryBuilder =>
  db()('notice_deliveries').where({ channel, state: 'waiting' }).where('next_attempt_at', '<=', now)

/** Takes what is due for this process alone: until the lease ends nobody else finds it. */
export async function claimDeliveries(channel: Channel, most: number): Promise<DeliveryRow[]> {
  const now = nowUtc()
  const first: Pick<DeliveryRow, 'id' | 'person_id' | 'is_digest'>[] = await due(channel, now)
    .orderBy(['next_attempt_at', 'id'])
    .limit(most)
    .select('id', 'person_id', 'is_digest')
  if (!first.length) return []
  const readers = first.filter((row) => row.is_digest).map((row) => row.person_id)
  // A day's letter is one letter, even where the batch would end in the middle of it.
  const digests: number[] = readers.length
    ? await due(channel, now).where('is_digest', 1).whereIn('person_id', readers).pluck('id')
    : []
  const owner = randomUUID()
  const lease = { lease_owner: owner, next_attempt_at: inSeconds(LEASE_SECONDS), attempts: db().raw('attempts + 1') }
  for (const ids of chunks([...new Set([...first.map((row) => row.id), ...digests])])) {
    await due(channel, now).whereIn('id', ids).update(lease)
  }
  return db()('notice_deliveries as d')
    .join('notices as n', 'n.id', 'd.notice_id')
    .join('people as p', 'p.id', 'd.person_id')
    .leftJoin('accounts as a', 'a.person_id', 'd.person_id')
    .where({ 'd.lease_owner': owner, 'd.state': 'waiting' })
    .orderBy('d.id')
    .select('d.id', 'd.channel', 'd.attempts', 'd.is_digest', 'd.token', 'd.reached')
    .select('n.kind', 'n.data', 'n.href', 'n.subject_type', 'n.subject_id', 'n.created_at')
    .select('p.id as person_id', 'p.state as person_state', 'p.email', 'p.first_name', 'p.middle_name')
    .select('p.language', 'p.time_zone', 'p.preferences', 'a.state as account_state')
}

const isReachable = (row: DeliveryRow): boolean =>
  row.person_state === 'active' && (row.channel === 'email' ? Boolean(row.email) : row.account_state === 'active')

/**
 * What of a notice may and should still leave: people, rights and wishes change while it waits.
 * @returns undefined if nothing
 */
export async function stillDue(row: DeliveryRow): Promise<DeliveryRow | undefined> {
  const kind = noticeKind(row.kind)
  if (!kind || !isReachable(row)) return undefined
  if (!wants(readChoices(row.preferences), row.kind, kind, row.channel)) return undefined
  const subject = { type: row.subject_type, id: row.subject_id }
  if (kind.mayReceive && !(await kind.mayReceive(row.person_id, subject))) return undefined
  if (!kind.review) return row
  const [data] = await kind.review(row.person_id, [{ subject, data: dataOf(row) }])
  return data ? { ...row, data: toJson(data) } : undefined
}

/**
 * Until when the quiet hours of its reader keep it: they may have begun, or been chosen, while it waited. A daily letter
 * that comes at its own hour was asked for at that hour.
 */
export async function keptUntil(row: DeliveryRow, moment = new Date()): Promise<string | undefined> {
  const choices = readChoices(row.preferences)
  const zone = row.time_zone ?? (await setting('authority')).timeZone
  if (row.is_digest && choices.digestHour === Number(hourIn(zone, moment))) return undefined
  return quietUntil(choices, zone, moment)
}

const hourIn = (zone: string, moment: Date) => moment.toLocaleTimeString('sv', { timeZone: zone }).slice(0, 2)

/** Changes deliveries that still wait: what was settled meanwhile stays so. @returns how many */
export const settle = (rows: readonly DeliveryRow[], values: object): Promise<number> =>
  db()('notice_deliveries')
    .whereIn(
      'id',
      rows.map(({ id }) => id),
    )
    .where('state', 'waiting')
    .update(values)

/** Gives back what was not tried: the try does not count. */
export const giveBack = (rows: readonly DeliveryRow[], until: string, values: object = {}): Promise<number> =>
  settle(rows, { ...values, next_attempt_at: until, lease_owner: null, attempts: db().raw('attempts - 1') })

export async function readerWords(row: Pick<DeliveryRow, 'language' | 'time_zone'>): Promise<Words> {
  const { defaultLanguage, timeZone } = await setting('authority')
  return wordsOf(row.language ?? defaultLanguage, row.time_zone ?? timeZone)
}

export const dataOf = (row: Pick<DeliveryRow, 'data'>) => fromJson<Record<string, unknown>>(row.data, {})
