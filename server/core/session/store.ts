import { createHash } from 'node:crypto'
import { type SessionData, Store } from 'express-session'
import { chunks, fromJson, rootDatabase, toJson } from '../db/index.ts'
import { inSeconds, nowUtc } from '../time.ts'

const LIFETIME_SECONDS = 14 * 24 * 3600
const TOUCH_SECONDS = 300

type Callback = (error?: unknown, data?: SessionData | null) => void

/** The database keeps only a hash of the cookie's value: reading the table signs nobody in. */
export const hashSessionId = (id: string): string => createHash('sha256').update(id).digest('hex')

/** Sessions count as long as their cookie does, from the sign-in on: a stolen one does not live on by being used. */
const live = () =>
  rootDatabase()('sessions as s')
    .where('s.expires_at', '>', nowUtc())
    .where('s.created_at', '>', inSeconds(-LIFETIME_SECONDS))

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

const remember = async (work: Promise<SessionData | null | undefined>, done?: Callback) => {
  try {
    const data = await work
    done?.(null, data)
  } catch (error) {
    done?.(error)
  }
}

/**
 * Sessions in the application's database, with the person as a column, so that a person can list and end their sessions
 * (which ready-made stores do not offer). A visit is noted at most once in five minutes: reading a page writes nothing.
 */
export class DatabaseSessionStore extends Store {
  override get(id: string, done: Callback): void {
    const read = async () => {
      const row = await live()
        .where({ 's.id': hashSessionId(id) })
        .first('s.data', 's.seen_at')
      if (!row) return null
      return { ...fromJson<SessionData>(row.data, {} as SessionData), seenAt: row.seen_at } as SessionData
    }
    void remember(read(), done)
  }

  override set(id: string, session: SessionData, done?: Callback): void {
    const write = async () => {
      const { seenAt: _seen, ip = null, userAgent = null, ...data } = session
      const now = nowUtc()
      const values = { data: toJson(data), seen_at: now, expires_at: inSeconds(LIFETIME_SECONDS) }
      const person_id = Number(session.passport?.user) || null
      const row = { id: hashSessionId(id), person_id, ...values, ip, user_agent: userAgent, created_at: now }
      await rootDatabase()('sessions')
        .insert(row)
        .onConflict('id')
        .merge(['person_id', 'data', 'seen_at', 'expires_at'])
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

  override touch(id: string, session: SessionData, done?: () => void): void {
    const due = !session.seenAt || session.seenAt < inSeconds(-TOUCH_SECONDS)
    if (!due) {
      done?.()
      return
    }
    void remember(
      rootDatabase()('sessions')
        .where({ id: hashSessionId(id) })
        .update({ seen_at: nowUtc(), expires_at: inSeconds(LIFETIME_SECONDS) })
        .then(() => null),
      () => done?.(),
    )
  }
}

declare module 'express-session' {
  interface SessionData {
    passport?: { user?: number }
    ip?: string
    userAgent?: string
    seenAt?: string
  }
}
