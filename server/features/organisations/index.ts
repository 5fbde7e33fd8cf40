import { db } from '../../core/db/index.ts'
import type { Feature } from '../../core/feature.ts'
import { explainBy } from '../../core/rights/explanations.ts'
import { organisationData } from './personal-data.ts'
import { organisationPolicy } from './policy.ts'
import { organisationRoutes } from './router.ts'
import { organisationSearch } from './search.ts'

/** Organisations of the authority with their departments. */
export const organisations: Feature = {
  name: 'organisations',
  personalData: organisationData,
  permissions: {
    'organisations.view': { roles: ['methodist', 'director'] },
    'organisations.edit': { roles: [] },
  },
  routes: organisationRoutes,
  search: [organisationSearch],
  explanations: {
    organisation: explainBy(organisationPolicy, ['view', 'edit'], async (id) => {
      const row = await db()('organisations').where({ id }).first('short_name', 'path')
      return row && { name: row.short_name, resource: row }
    }),
  },
  navigation: [
    {
      key: 'organisations.nav',
      href: '/organisations',
      icon: 'building',
      order: 60,
      permission: 'organisations.edit',
      group: 'administration',
      hint: 'organisations.navHint',
    },
  ],
}
