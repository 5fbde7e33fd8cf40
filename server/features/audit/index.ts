import { sealAll } from '../../core/audit/seal.ts'
import type { Feature } from '../../core/feature.ts'
import { auditRoutes } from './router.ts'

/** Who did what to what, when and from where, and who looked at whose data. Nothing here changes a record. */
export const audit: Feature = {
  name: 'audit',
  permissions: { 'audit.view': { roles: [] } },
  routes: auditRoutes,
  jobs: [
    {
      kind: 'audit.seal',
      schedule: '*/2 * * * *',
      run: async (_payload, { mayGoOn }) => ({ sealed: await sealAll(mayGoOn) }),
    },
  ],
  navigation: [
    {
      key: 'audit.nav',
      href: '/audit',
      icon: 'history',
      order: 75,
      permission: 'audit.view',
      group: 'administration',
      hint: 'audit.navHint',
    },
  ],
}
