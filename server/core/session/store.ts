import { createHash } from 'node:crypto'
import { type SessionData, Store } from 'express-session'
import type { Knex } from 'knex'
import { chunks, fromJson, rootDatabase, toJson } from '../db/index.ts'
import { actorOf, withGrants } from '../rights/actor.ts'
import type { Actor } from '../rights/index.ts'
import { setting } from '../settings.ts'
import { inSeconds, nowUtc, today } from '../time.ts'
import { endOverdue, seenBy, type Viewing } from './viewing.ts'

/** How long a session may last, from the sign-in on. */
export const SESSION_SECONDS = 14 * 24 * 3600
const TOUCH_SECONDS = 300

type Callback = (error?: unknown, data?: SessionData | null) => void

/** The database keeps only a hash of the cookie's value: reading the table signs nobody in. */
export const hashSessionId = (id: string): string => createHash('sha256').update(id).digest('hex')

/** Sessions count as long as their cookie does, from the sign-in on: a stolen one does not live on by being used. */
const live = (): Knex.QueryBuilder =>
  rootDatabase()('sessions as s')
    .where('s.expires_at', '>', nowUtc())
    .where('s.created_at', '>', inSeconds(-SESSION_SECONDS))

/** Which of these sessions (hashed) still belong to somebody who may use the system. */
export async function listLiveSessions(ids: readonly string[]): Promise<string[]> {
  const found: { id: string }[] = []
  for (const piece of chunks(ids)) {
    const rows = await live()
      .join('accounts as a', 'a.person_id', 's.person_id')
      .join('people as p', 'p.id', 's.person_id')
      .where({ 'a.state': 'active', 'p.state': 'active' })
      .whereIn('s.id', piece)
      .select('s.id')
    found.push(...rows)
  }
  return found.map((row) => row.id)
}

const noteVisit = (id: string) =>
  rootDatabase()('sessions')
    .where({ id: hashSessionId(id) })
    .update({ seen_at: nowUtc(), expires_at: inSeconds(SESSION_SECONDS) })

const remember = async (work: Promise<SessionData | null | undefined>, done?: Callback) => {
  try {
    const data = await work
    done?.(null, data)
  } catch (error) {
    done?.(error)
  }
}

/** The person of a session: written as their id, and read together with what they may do. */
export class SessionUser {
  readonly personId: number
  readonly actor: Actor | undefined

  constructor(personId: number, actor: Actor | undefined) {
    this.personId = personId
    this.actor = actor
  }

  toJSON(): number {
    return this.personId
  }
}

/**
 * Sessions in the application's database, with the person as a column, so that a person can list and end their sessions
 * (which ready-made stores do not offer). A visit is noted at most once in five minutes: reading a page writes nothing.
 */
export class DatabaseSessionStore extends Store {
  override get(id: string, done: Callback): void {
    const read = async () => {
      const { timeZone } = await setting('authority')
      const people = live()
        .where({ 's.id': hashSessionId(id) })
        .leftJoin('accounts as a', (on) => on.on('a.person_id', 's.person_id').andOnVal('a.state', 'active'))
        .leftJoin('people as p', (on) => on.on('p.id', 'a.person_id').andOnVal('p.state', 'active'))
        .select('s.data', 's.seen_at')
      const rows = await withGrants(people, today(timeZone))
      const row = rows[0]
      if (!row) return null
      // Here and not in a method `touch`, for which every answer would have to wait and go out in two pieces.
      if (row.seen_at < inSeconds(-TOUCH_SECONDS)) await noteVisit(id)
      const session = fromJson<SessionData>(row.data, {} as SessionData)
      const user = session.passport?.user
      if (!user) return session
      const own = row.person_id ? await actorOf(rows) : undefined
      const { viewing } = session
      const shown = viewing && own ? await seenBy(own, viewing, timeZone) : undefined
      if (viewing && !shown) {
        await endOverdue(hashSessionId(id), row.data, own, viewing)
        delete session.viewing
      }
      session.passport = { user: new SessionUser(Number(user), shown ?? own) }
      return session
    }
    void remember(read(), done)
  }

  override set(id: string, session: SessionData, done?: Callback): void {
    const write = async () => {
      const isKnown = session.isStored === true
      session.isStored = true
      const { ip = null, userAgent = null, ...data } = session
      const now = nowUtc()
      const values = { data: toJson(data), seen_at: now, expires_at: inSeconds(SESSION_SECONDS) }
      const person_id = session.passport?.user?.personId ?? null
      const sessions = rootDatabase()('sessions')
      // Where it is from is known in the request of the sign-in alone, which saves the session twice.
      const from = userAgent === null && ip === null ? {} : { ip, user_agent: userAgent }
      const row = { person_id, ...values, ...from }
      // One that was ended elsewhere meanwhile stays ended: a request still under way must not bring it back.
      if (isKnown) await sessions.where({ id: hashSessionId(id) }).update(row)
      else await sessions.insert({ id: hashSessionId(id), created_at: session.startedAt ?? now, ...row })
      return null
    }
    void remember(write(), done)
  }

  override destroy(id: string, done?: Callback): void {
    void remember(
      rootDatabase()('sessions')
        .where({ id: hashSessionId(id) })
        .del()
        .then(() => null),
      done,
    )
  }
}

declare module 'express-session' {
  interface SessionData {
    passport?: { user?: SessionUser }
    ip?: string
    userAgent?: string
    /** The password was right; a code is still asked for. */
    secondStep?: { personId: number; until: number }
    /** Whose eyes its person looks through. */
    viewing?: Viewing
    /** When it began, if its address has changed since. */
    startedAt?: string
    /** There is a row of it already. */
    isStored?: boolean
  }
}
