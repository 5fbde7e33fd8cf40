import type { Feature } from '../../core/feature.ts'
import { hasEverywhere } from '../../core/rights/index.ts'
import { countFailedJobs, readDisk } from './health.ts'
import { operationsRoutes } from './router.ts'

/** How the system is: room, queues, backups, slow pages; work that failed; closing it for a while; a word to everybody. */
export const operations: Feature = {
  name: 'operations',
  routes: operationsRoutes,
  attention: async (actor) => {
    if (!hasEverywhere(actor, 'settings.edit')) return []
    const [disk, failed] = await Promise.all([readDisk(), countFailedJobs()])
    return [
      { key: 'operations.attention.disk', count: disk.state === 'success' ? 0 : 1, href: '/system' },
      { key: 'operations.attention.jobs', count: failed, href: '/system/jobs' },
    ]
  },
  navigation: [
    {
      key: 'operations.nav',
      href: '/system',
      icon: 'server',
      order: 85,
      permission: 'settings.edit',
      group: 'administration',
      hint: 'operations.navHint',
    },
  ],
}
