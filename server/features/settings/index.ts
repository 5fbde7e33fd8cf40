import { db } from '../../core/db/index.ts'
import type { Feature } from '../../core/feature.ts'
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
    const rows = await db()('mail_outbox')
      .whereIn('state', ['failed', 'waiting'])
      .groupBy('state')
      .select('state')
      .count('* as count')
    const countOf = (state: string) => Number(rows.find((row) => row.state === state)?.count ?? 0)
    const { enabled } = await setting('mail')
    return [
      { key: 'settings.attention.failed', count: countOf('failed'), href: '/settings' },
      // Letters that wait a moment are nothing; with mail switched off they wait for a decision.
      { key: 'settings.attention.waiting', count: enabled ? 0 : countOf('waiting'), href: '/settings' },
    ]
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
