import { db } from '../../core/db/index.ts'
import { ofSubject, type SearchKind, sightBy, wantedBy } from '../../core/search/index.ts'
import { organisationPolicy } from './policy.ts'
import type { OrganisationRow } from './queries.ts'

/** Organisations by both their names, their address and their number of taxpayer. */
export const organisationSearch: SearchKind = {
  name: 'organisation',
  icon: 'building',
  documents: async (wanted) => {
    const rows: OrganisationRow[] = await db()('organisations as o')
      .where('o.state', 'active')
      .modify(wantedBy(wanted, 'o.id'))
      .select('o.id', 'o.name', 'o.short_name', 'o.address', 'o.inn', 'o.head_name', 'o.email')
    return rows.map((row) => ({
      id: row.id,
      title: { '': row.short_name },
      hint: { '': row.address ?? '' },
      words: [
        { text: row.name, weight: 6 },
        { text: row.inn ?? '', weight: 6 },
        { text: row.address ?? '', weight: 3 },
        { text: row.head_name ?? '', weight: 2 },
      ],
      addresses: row.email ? [row.email] : [],
    }))
  },
  sight: sightBy(organisationPolicy, 'view', () => db()('organisations as o').select('o.id')),
  href: (id) => `/organisations/${id}`,
  changes: ofSubject('organisationCreated', 'organisationChanged', 'organisationClosed', 'organisationReopened'),
}
