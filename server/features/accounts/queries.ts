import { db } from '../../core/db/index.ts'
import { fold } from '../../core/text.ts'

export type NamedAccount = {
  person_id: number
  login: string
  password_hash: string | null
  state: string
  locked_until: string | null
  email: string | null
  first_name: string
  language: string | null
}

/**
 * The accounts that what somebody typed may mean: the one with this login, then the one with this e-mail. Each is looked
 * up along its own index, in one query; an `or` over two tables would read everybody.
 */
export async function listNamed(typed: string): Promise<NamedAccount[]> {
  const named = (column: string, place: number) =>
    db()('accounts as a')
      .join('people as p', 'p.id', 'a.person_id')
      .where({ 'p.state': 'active', [column]: fold(typed) })
      .select('a.person_id', 'a.login', 'a.password_hash', 'a.state', 'a.locked_until')
      .select('p.email', 'p.first_name', 'p.language', db().raw('? as place', [place]))
  const rows: (NamedAccount & { place: number })[] = await named('a.login_folded', 0).unionAll(
    named('p.email_folded', 1),
  )
  return rows.sort((a, b) => Number(a.place) - Number(b.place))
}

export type PendingRow = {
  id: number
  last_name: string
  first_name: string
  middle_name: string | null
  email: string | null
  created_at: string
}

/** Registered people who wait for an administrator, oldest first. */
export const listPending = (): Promise<PendingRow[]> =>
  db()('accounts as a')
    .join('people as p', 'p.id', 'a.person_id')
    .where({ 'a.state': 'pending', 'p.state': 'active' })
    .orderBy('a.created_at')
    .limit(200)
    .select('p.id', 'p.last_name', 'p.first_name', 'p.middle_name', 'p.email', 'a.created_at')

export type LinkRow = {
  id: number
  note: string | null
  organisation: string | null
  max_uses: number | null
  uses: number
  expires_at: string | null
  revoked_at: string | null
}

/** Invitation links for self-registration, newest first. */
export const listLinks = (): Promise<LinkRow[]> =>
  db()('registration_links as l')
    .leftJoin('organisations as o', 'o.id', 'l.organisation_id')
    .orderBy('l.id', 'desc')
    .limit(100)
    .select('l.*', 'o.short_name as organisation')
