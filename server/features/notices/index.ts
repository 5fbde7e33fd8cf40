import type { Feature } from '../../core/feature.ts'
import { hasEverywhere } from '../../core/rights/index.ts'
import { countTroubles } from './delivery-queries.ts'
import { deliveryRoutes } from './delivery-router.ts'
import { noticeRoutes } from './router.ts'
import { textRoutes } from './text-router.ts'

/** The pages of what people are told: their list, their choices, and what became of it. What is told, other features declare. */
export const notices: Feature = {
  name: 'notices',
  permissions: { 'notices.deliveries': { roles: [] }, 'notices.texts': { roles: [] } },
  routes: (routes) => {
    noticeRoutes(routes)
    deliveryRoutes(routes)
    textRoutes(routes)
  },
  attention: async (actor) => {
    if (!hasEverywhere(actor, 'notices.deliveries')) return []
    const { failed, stuck } = await countTroubles()
    return [
      { key: 'notices.attention.failed', count: failed, href: '/deliveries' },
      { key: 'notices.attention.stuck', count: stuck.email, href: '/deliveries?state=waiting' },
      { key: 'notices.attention.stuckPush', count: stuck.push, href: '/deliveries?channel=push&state=waiting' },
      {
        key: 'notices.attention.stuckMessenger',
        count: stuck.messenger,
        href: '/deliveries?channel=messenger&state=waiting',
      },
    ]
  },
  navigation: [
    {
      key: 'notices.deliveries.nav',
      href: '/deliveries',
      icon: 'send',
      order: 78,
      permission: 'notices.deliveries',
      group: 'administration',
      hint: 'notices.deliveries.navHint',
    },
    {
      key: 'notices.texts.nav',
      href: '/notice-texts',
      icon: 'message',
      order: 79,
      permission: 'notices.texts',
      group: 'administration',
      hint: 'notices.texts.navHint',
    },
  ],
}
