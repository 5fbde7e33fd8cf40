import { db } from '../../core/db/index.ts'
import type { Feature } from '../../core/feature.ts'
import { countCapped } from '../../core/http/paging.ts'
import { hasEverywhere } from '../../core/rights/index.ts'
import { setting } from '../../core/settings.ts'
import { settingsRoutes } from './router.ts'

/** Settings of the whole system. */
export const settings: Feature = {
  name: 'settings',
  permissions: { 'settings.edit': { roles: [] } },
  routes: settingsRoutes,
  attention: async (actor) => {
    if (!hasEverywhere(actor, 'settings.edit')) return []
    // Letters that wait a moment are nothing; with mail switched off they wait for a decision.
    if ((await setting('mail')).enabled) return []
    const { count } = await countCapped(db()('mail_outbox').where({ state: 'waiting' }))
    return [{ key: 'settings.attention.waiting', count, href: '/settings' }]
  },
  navigation: [
    {
      key: 'settings.nav',
      href: '/settings',
      icon: 'settings',
      order: 80,
      permission: 'settings.edit',
      group: 'administration',
      hint: 'settings.navHint',
    },
  ],
}
