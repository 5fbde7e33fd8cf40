import { db } from '../../core/db/index.ts'

export type PendingRow = {
  id: number
  last_name: string
  first_name: string
  middle_name: string | null
  email: string
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
