import type { Feature } from '../../core/feature.ts'
import { previewJob } from '../../core/files/previews/make.ts'
import { hasEverywhere } from '../../core/rights/index.ts'
import { moveJob } from './move-job.ts'
import { fileNotices, tellAdministrators } from './notices.ts'
import { fileRoutes } from './router.ts'
import { storeTroubleSince } from './service.ts'
import { storageRoutes } from './storage-router.ts'
import { watchJob } from './watch-job.ts'

/** Files: served, shown in the browser, and looked after. */
export const files: Feature = {
  name: 'files',
  routes: (routes) => {
    fileRoutes(routes)
    storageRoutes(routes)
  },
  jobs: [previewJob, moveJob, watchJob],
  notices: fileNotices,
  subscriptions: [{ name: 'files.trouble', events: ['fileStoreLost', 'fileStoreFound'], handle: tellAdministrators }],
  attention: async (actor) => {
    if (!hasEverywhere(actor, 'settings.edit')) return []
    return [{ key: 'files.attention.store', count: (await storeTroubleSince()) ? 1 : 0, href: '/storage' }]
  },
  navigation: [
    {
      key: 'files.nav',
      href: '/storage',
      icon: 'folder',
      order: 87,
      permission: 'settings.edit',
      group: 'administration',
      hint: 'files.navHint',
    },
  ],
}
