import { randomBytes } from 'node:crypto'
import { inBackground } from '../background.ts'
import { afterCommit, chunks, db, fromJson, rootDatabase, toJson, withTransaction } from '../db/index.ts'
import { log } from '../log.ts'
import { tellRoom } from '../realtime/index.ts'
import { setting } from '../settings.ts'
import { nowUtc } from '../time.ts'
import { type Choices, dueAt, readChoices, wants } from './choices.ts'
import {
  type Channel,
  type NoticeData,
  type NoticeKind,
  noticeKind,
  type Subject,
  sayNotice,
  type Words,
  wordsOf,
} from './kinds.ts'
import { OUTLETS } from './outlets.ts'

export { CHANNELS, type Channel, type NoticeData, type NoticeKind, type Reviewed, type Words } from './kinds.ts'

export type Notice = {
  /** What it is about: rights are asked of it again before it leaves the system. */
  subject: Subject
  /** Values of its texts. Names in several languages stay so: it is said in the reader's language when it is read. */
  data?: NoticeData
  /** The page that it leads to. */
  href: string
  /** A person is told of it once, however often the event is delivered. */
  dedupeKey: string
}

/** Tells people the same: one row for each, at most once. Meant for subscriptions; also joins a transaction. */
export const notify = (kind: string, personIds: readonly number[], notice: Notice): Promise<void> =>
  notifyEach(
    kind,
    [...new Set(personIds)].map((personId) => ({ ...notice, personId })),
  )

/** Tells each person something of their own, of one kind. */
export async function notifyEach(name: string, notices: readonly (Notice & { personId: number })[]): Promise<void> {
  const kind = noticeKind(name)
  if (!kind) throw new Error(`No feature declares notices of kind ${name}`)
  for (const piece of chunks(notices, 200)) await withTransaction(() => keepNotices(name, kind, piece))
}

/** Whether the person has been told under this key, so that nobody gathers again what will not be said. */
export const isNotified = async (personId: number, dedupeKey: string): Promise<boolean> =>
  Boolean(await db()('notices').where({ person_id: personId, dedupe_key: dedupeKey }).first('id'))

type Recipient = { id: number; email: string | null; time_zone: string | null; preferences: string | null }
type NoticeRow = { id: number; person_id: number; dedupe_key: string }

async function keepNotices(name: string, kind: NoticeKind, notices: readonly (Notice & { personId: number })[]) {
  const ids = notices.map(({ personId }) => personId)
  const people: Recipient[] = await db()('people')
    .where({ state: 'active' })
    .whereIn('id', ids)
    .select('id', 'email', 'time_zone', 'preferences')
  const choicesOf = new Map(people.map((person) => [person.id, readChoices(person.preferences)]))
  const told = await rowsOf(notices)
  const fresh = notices.filter(({ personId, dedupeKey }) => {
    return choicesOf.has(personId) && !told.has(`${personId} ${dedupeKey}`)
  })
  if (!fresh.length) return
  const now = nowUtc()
  const rows = fresh.map((notice) => ({
    person_id: notice.personId,
    kind: name,
    dedupe_key: notice.dedupeKey,
    subject_type: notice.subject.type,
    subject_id: notice.subject.id,
    data: toJson(notice.data ?? {}),
    href: notice.href,
    state: wants(choicesOf.get(notice.personId)!, name, kind, 'app') ? 'unread' : 'hidden',
    created_at: now,
  }))
  await db()('notices').insert(rows).onConflict(['person_id', 'dedupe_key']).ignore()
  const kept = await rowsOf(fresh)
  const deliveries = await deliveriesOf(name, kind, people, choicesOf, [...kept.values()])
  if (deliveries.length)
    await db()('notice_deliveries').insert(deliveries).onConflict(['notice_id', 'channel']).ignore()
  const readers = [...new Set(fresh.map(({ personId }) => personId))]
  await countUnread(readers)
  afterCommit(() => tellLive([...kept.values()].map(({ id }) => id)))
}

/** For each person and each way out that they want and are reached by: when their notices may leave by it. */
async function deliveriesOf(
  name: string,
  kind: NoticeKind,
  people: readonly Recipient[],
  choicesOf: ReadonlyMap<number, Choices>,
  notices: readonly NoticeRow[],
) {
  const { timeZone } = await setting('authority')
  const ways = await reachedBy(people)
  return people.flatMap((person) => {
    const choices = choicesOf.get(person.id)!
    const own = notices.filter(({ person_id }) => person_id === person.id)
    return ways.flatMap(({ channel, reached }) => {
      if (!reached.has(person.id) || !wants(choices, name, kind, channel)) return []
      const due = dueAt(choices, person.time_zone ?? timeZone, channel)
      return own.map(({ id }) => ({
        notice_id: id,
        person_id: person.id,
        channel,
        state: 'waiting',
        is_digest: due.isDigest ? 1 : 0,
        next_attempt_at: due.at,
        token: randomBytes(24).toString('hex'),
      }))
    })
  })
}

/** Every way out, with those of the people whom it reaches: one query for each that the authority allows. */
async function reachedBy(people: readonly Recipient[]): Promise<{ channel: Channel; reached: Set<number> }[]> {
  const withEmail = people.filter(({ email }) => email).map(({ id }) => id)
  const ways: { channel: Channel; reached: Set<number> }[] = [{ channel: 'email', reached: new Set(withEmail) }]
  for (const outlet of OUTLETS) {
    if (!(await outlet.isOn())) continue
    ways.push({ channel: outlet.channel, reached: new Set(await outlet.listReached(people.map(({ id }) => id))) })
  }
  return ways
}

/** The notices under these keys that are there, by person and key. */
async function rowsOf(notices: readonly (Notice & { personId: number })[]): Promise<Map<string, NoticeRow>> {
  const wanted = new Set(notices.map(({ personId, dedupeKey }) => `${personId} ${dedupeKey}`))
  const rows: NoticeRow[] = await db()('notices')
    .whereIn('person_id', [...new Set(notices.map(({ personId }) => personId))])
    .whereIn('dedupe_key', [...new Set(notices.map(({ dedupeKey }) => dedupeKey))])
    .select('id', 'person_id', 'dedupe_key')
  const named = rows.map((row) => [`${row.person_id} ${row.dedupe_key}`, row] as const)
  return new Map(named.filter(([key]) => wanted.has(key)))
}

/** Counts anew what these people have not read. The number stands with the person, so that no page asks for it. */
export async function countUnread(personIds: readonly number[]): Promise<void> {
  for (const piece of chunks(personIds)) {
    const unread = db()('notices as n').whereRaw('n.person_id = people.id').where('n.state', 'unread').count('*')
    await db()('people').whereIn('id', piece).update({ unread_notices: unread })
  }
}

/** Housekeeping: what is older goes, read or not, with its deliveries. @returns how many */
export async function cleanNotices(most: number, before: string): Promise<number> {
  const old = await rootDatabase()('notices').where('created_at', '<', before).limit(most).select('id', 'person_id')
  if (!old.length) return 0
  const ids = old.map((row) => row.id)
  await withTransaction(async () => {
    await db()('notice_deliveries').whereIn('notice_id', ids).del()
    await db()('notices').whereIn('id', ids).del()
    await countUnread([...new Set(old.map((row) => row.person_id))])
  })
  return ids.length
}

/** The pages that these people have open show the new number, and say what has come. */
function tellLive(noticeIds: readonly number[]): void {
  inBackground(async () => {
    const { defaultLanguage, timeZone } = await setting('authority')
    const rows = await db()('notices as n')
      .join('people as p', 'p.id', 'n.person_id')
      .whereIn('n.id', noticeIds)
      .where('n.state', 'unread')
      .orderBy('n.id')
      .select('n.kind', 'n.data', 'p.id', 'p.language', 'p.time_zone', 'p.unread_notices')
    for (const row of rows) {
      const words = wordsOf(row.language ?? defaultLanguage, row.time_zone ?? timeZone)
      tellUnread(row.id, row.unread_notices, titleOf(row.kind, row.data, words))
    }
  }).catch((error) => log.warn({ error }, 'nobody was told live of a notice'))
}

/** One that cannot be said is only a number more on the bell. */
function titleOf(kind: string, data: string, words: Words): string {
  try {
    return sayNotice(kind, fromJson<NoticeData>(data, {}), words).title
  } catch (error) {
    log.warn({ error, kind }, 'a notice cannot be said')
    return ''
  }
}

/** The number on the bell of every page that the person has open. @param title what has come, if anything */
export const tellUnread = (personId: number, unread: number, title = ''): void =>
  tellRoom(`person:${personId}`, 'notices:unread', { unread, title })
