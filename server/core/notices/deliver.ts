import { randomUUID } from 'node:crypto'
import type { Knex } from 'knex'
import { breathe, chunks, db, fromJson, withTransaction } from '../db/index.ts'
import type { JobDefinition } from '../jobs/index.ts'
import { log } from '../log.ts'
import { type Letter, queueLetters } from '../mail/index.ts'
import { setting } from '../settings.ts'
import { inSeconds, nowUtc } from '../time.ts'
import { readChoices, wants } from './choices.ts'
import { noticeKind, wordsOf } from './kinds.ts'
import { digestOf, letterOf, type Outgoing } from './letters.ts'

const BATCH = 100
const LEASE_SECONDS = 120
const MOST_ATTEMPTS = 10
const TRIES_TOGETHER = 3

type Row = {
  id: number
  attempts: number
  is_digest: number
  token: string
  kind: string
  data: string
  href: string
  subject_type: string
  subject_id: number
  person_id: number
  person_state: string
  email: string | null
  first_name: string
  middle_name: string | null
  language: string | null
  time_zone: string | null
  preferences: string | null
}

/** Deliveries whose time has come and that nobody is at. */
const due = (now: string): Knex.QueryBuilder =>
  db()('notice_deliveries').where('state', 'waiting').where('next_attempt_at', '<=', now)

/** Takes what is due for this process alone: until the lease ends nobody else finds it. */
async function claim(): Promise<Row[]> {
  const now = nowUtc()
  const first: Pick<Row, 'id' | 'person_id' | 'is_digest'>[] = await due(now)
    .orderBy(['next_attempt_at', 'id'])
    .limit(BATCH)
    .select('id', 'person_id', 'is_digest')
  if (!first.length) return []
  const readers = first.filter((row) => row.is_digest).map((row) => row.person_id)
  // A day's letter is one letter, even where the batch would end in the middle of it.
  const digests: number[] = readers.length
    ? await due(now).where('is_digest', 1).whereIn('person_id', readers).pluck('id')
    : []
  const owner = randomUUID()
  const lease = { lease_owner: owner, next_attempt_at: inSeconds(LEASE_SECONDS), attempts: db().raw('attempts + 1') }
  for (const ids of chunks([...new Set([...first.map((row) => row.id), ...digests])])) {
    await due(now).whereIn('id', ids).update(lease)
  }
  return db()('notice_deliveries as d')
    .join('notices as n', 'n.id', 'd.notice_id')
    .join('people as p', 'p.id', 'd.person_id')
    .where({ 'd.lease_owner': owner, 'd.state': 'waiting' })
    .orderBy('d.id')
    .select('d.id', 'd.attempts', 'd.is_digest', 'd.token')
    .select('n.kind', 'n.data', 'n.href', 'n.subject_type', 'n.subject_id')
    .select('p.id as person_id', 'p.state as person_state', 'p.email', 'p.first_name', 'p.middle_name')
    .select('p.language', 'p.time_zone', 'p.preferences')
}

/** Whether the notice may and should still leave: people, rights and wishes change while it waits. */
async function isStillDue(row: Row): Promise<boolean> {
  const kind = noticeKind(row.kind)
  if (!kind || row.person_state !== 'active' || !row.email) return false
  if (!wants(readChoices(row.preferences), row.kind, kind, 'email')) return false
  return (await kind.mayReceive?.(row.person_id, { type: row.subject_type, id: row.subject_id })) ?? true
}

const outgoing = (row: Row): Outgoing => ({
  id: row.id,
  kind: row.kind,
  data: fromJson(row.data, {}),
  href: row.href,
  token: row.token,
  personId: row.person_id,
  email: row.email as string,
  name: [row.first_name, row.middle_name].filter(Boolean).join(' '),
})

/** One letter with the deliveries that it settles: one, or all of a day's. */
type Parcel = { rows: Row[] }

function parcelsOf(rows: readonly Row[]): Parcel[] {
  const digests = new Map<number, Row[]>()
  const parcels: Parcel[] = []
  for (const row of rows) {
    if (!row.is_digest) parcels.push({ rows: [row] })
    else digests.set(row.person_id, [...(digests.get(row.person_id) ?? []), row])
  }
  return [...parcels, ...[...digests.values()].map((all) => ({ rows: all }))]
}

const settle = (rows: readonly Row[], values: object) =>
  db()('notice_deliveries')
    .whereIn(
      'id',
      rows.map(({ id }) => id),
    )
    .where('state', 'waiting')
    .update(values)

async function compose(rows: readonly Row[]): Promise<Letter> {
  const { defaultLanguage, timeZone } = await setting('authority')
  const [first, ...others] = rows.map(outgoing) as [Outgoing, ...Outgoing[]]
  const { language, time_zone } = rows[0] as Row
  const words = wordsOf(language ?? defaultLanguage, time_zone ?? timeZone)
  return others.length ? digestOf([first, ...others], words) : letterOf(first, words)
}

/** A parcel goes into the outbox and is noted in one transaction: it is there once, whatever dies. */
async function send({ rows }: Parcel): Promise<void> {
  try {
    const wanted: Row[] = []
    for (const row of rows) if (await isStillDue(row)) wanted.push(row)
    const letter = wanted.length ? await compose(wanted) : undefined
    await withTransaction(async () => {
      const unwanted = rows.filter((row) => !wanted.includes(row))
      if (unwanted.length) await settle(unwanted, { state: 'skipped', error: null })
      if (!letter || !(await settle(wanted, { state: 'sent', sent_at: nowUtc(), error: null }))) return
      await queueLetters([letter])
    })
  } catch (error) {
    log.error({ error, deliveries: rows.map(({ id }) => id) }, 'a notice could not be delivered')
    for (const row of rows) {
      const state = row.attempts >= MOST_ATTEMPTS ? 'failed' : 'waiting'
      const next_attempt_at = inSeconds(60 * 2 ** (row.attempts - 1))
      // One that cannot be said must not keep a whole day's letter: from now on each goes by itself.
      const is_digest = row.attempts >= TRIES_TOGETHER ? 0 : row.is_digest
      await settle([row], { state, next_attempt_at, is_digest, error: String(error).slice(0, 1000) })
    }
  }
}

/** Sends every notice whose time has come. Several processes may do so at once: each takes others. */
export async function deliverNotices(mayGoOn: () => boolean = () => true): Promise<number> {
  let sent = 0
  while (mayGoOn()) {
    const rows = await claim()
    if (!rows.length) break
    for (const parcel of parcelsOf(rows)) {
      if (!mayGoOn()) break
      await send(parcel)
      sent += parcel.rows.length
      await breathe()
    }
  }
  return sent
}

export const noticeJobs: JobDefinition[] = [
  {
    kind: 'notices.deliver',
    schedule: '*/10 * * * * *',
    run: async (_payload, { mayGoOn }) => ({ delivered: await deliverNotices(mayGoOn) }),
  },
]
