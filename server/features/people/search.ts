import { db } from '../../core/db/index.ts'
import { ofSubject, type SearchKind, sightBy, wantedBy } from '../../core/search/index.ts'
import { fullName } from '../../core/text.ts'
import { personPolicy } from './policy.ts'
import { listWorkOf } from './queries.ts'

type Row = { id: number; last_name: string; first_name: string; middle_name: string | null; email: string | null }

/** People by their names and their address. Where they work is read when they are shown: it changes with the calendar. */
export const personSearch: SearchKind = {
  name: 'person',
  icon: 'user',
  documents: async (wanted) => {
    const rows: Row[] = await db()('people as p')
      .where('p.state', 'active')
      .modify(wantedBy(wanted, 'p.id'))
      .select('p.id', 'p.last_name', 'p.first_name', 'p.middle_name', 'p.email')
    return rows.map((row) => ({
      id: row.id,
      title: { '': fullName(row) },
      isName: true,
      // Whoever types one word thinks of the family name first.
      words: [
        { text: row.last_name, weight: 10 },
        { text: row.first_name, weight: 9 },
      ],
      addresses: row.email ? [row.email] : [],
    }))
  },
  sight: sightBy(personPolicy, 'view', () => db()('people as p').select('p.id')),
  href: (id) => `/people/${id}`,
  changes: ofSubject(
    ...['personCreated', 'personChanged', 'personArchived', 'personRestored', 'personRegistered', 'personErased'],
    ...['registrationApproved', 'registrationDeclined', 'profileChanged', 'emailChanged', 'personErased'],
  ),
  hints: async (ids) => {
    const rows = await listWorkOf(ids)
    return new Map(rows.map((row) => [row.id, [row.position, row.organisation].filter(Boolean).join(', ')]))
  },
}
