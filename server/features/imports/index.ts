import type { Feature } from '../../core/feature.ts'
import { checkJob } from './check-job.ts'
import { commitJob } from './commit-job.ts'
import { importKeeping } from './forget.ts'
import { inviteJob } from './newcomers.ts'
import { importData } from './personal-data.ts'
import { importPolicy } from './policy.ts'
import { listAttention, selectOptionalImport } from './queries.ts'
import { importRoutes } from './router.ts'

/** People and organisations from files as people really have them: found out, checked, confirmed, written at once. */
export const imports: Feature = {
  name: 'imports',
  personalData: importData,
  permissions: {
    'imports.run': { roles: [] },
    // One's own imports; with it everywhere, those of others as well.
    'imports.handle': { roles: ['everyone'] },
  },
  routes: importRoutes,
  navigation: [
    {
      key: 'imports.nav',
      href: '/imports',
      icon: 'file-import',
      order: 62,
      permission: 'imports.run',
      group: 'administration',
      hint: 'imports.navHint',
    },
  ],
  attention: listAttention,
  jobs: [checkJob, commitJob, inviteJob],
  retention: [importKeeping],
  // A table is read as a whole; fifty thousand rows take far less.
  fileUses: { import: { label: 'imports.files.import', megabytes: 20, most: 20, room: 'authority' } },
  fileOwners: {
    import: async (actor, id) => {
      const row = await selectOptionalImport(id)
      return row !== undefined && importPolicy.can(actor, 'handle', row)
    },
  },
}
