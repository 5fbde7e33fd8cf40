import type { Knex } from 'knex'
import { db } from '../../core/db/index.ts'
import { NotFoundError } from '../../core/errors.ts'
import { type Paged, paged } from '../../core/http/paging.ts'
import type { Actor } from '../../core/rights/index.ts'
import type { NoticesQuery } from './input.ts'

export type NoticeRow = {
  id: number
  kind: string
  data: string
  href: string
  subject_type: string
  subject_id: number
  state: 'unread' | 'read'
  created_at: string
}

/** One's own notices, but for those that are wanted by other ways only. */
const own = (actor: Actor): Knex.QueryBuilder => db()('notices as n').where('n.person_id', actor.personId)

/** The latest first. */
export const listNotices = (actor: Actor, query: NoticesQuery): Promise<Paged<NoticeRow>> =>
  paged<NoticeRow>(
    own(actor)
      .whereIn('n.state', query.show === 'unread' ? ['unread'] : ['unread', 'read'])
      .select('n.id', 'n.kind', 'n.data', 'n.href', 'n.state', 'n.created_at', 'n.subject_type', 'n.subject_id'),
    query,
    'n.id',
    'n.id',
    (row) => ({ key: String(row.id), id: row.id }),
    { descending: true, numeric: true, size: 30 },
  )

/** @throws NotFoundError for somebody else's */
export async function selectNotice(actor: Actor, id: number): Promise<NoticeRow> {
  const row = await own(actor).where('n.id', id).first()
  if (!row) throw new NotFoundError()
  return row
}

/** What one has chosen, and where letters go. */
export const selectOwn = (actor: Actor): Promise<{ preferences: string | null; email: string | null }> =>
  db()('people').where({ id: actor.personId }).first('preferences', 'email')

/** A person's preferences, held until the transaction ends: two who change them at once do so one after the other. */
export const lockPreferences = async (personId: number): Promise<string | null> =>
  (await db()('people').where({ id: personId }).forUpdate().first('preferences'))?.preferences ?? null

export type Subscription = {
  person_id: number
  kind: string
  email: string | null
  language: string | null
}

/** What a letter with this token told whom. @throws NotFoundError once the notice is forgotten */
export async function selectSubscription(token: string): Promise<Subscription> {
  const row = await db()('notice_deliveries as d')
    .join('notices as n', 'n.id', 'd.notice_id')
    .join('people as p', 'p.id', 'd.person_id')
    .where({ 'd.token': token, 'p.state': 'active' })
    .first('d.person_id', 'n.kind', 'p.email', 'p.language')
  if (!row) throw new NotFoundError('notices.unsubscribe.old')
  return row
}
