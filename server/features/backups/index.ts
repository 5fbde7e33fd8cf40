import type { Feature } from '../../core/feature.ts'
import { enqueueJob } from '../../core/jobs/index.ts'
import { loadActor } from '../../core/rights/actor.ts'
import { hasEverywhere, SYSTEM } from '../../core/rights/index.ts'
import { setting } from '../../core/settings.ts'
import { backupRoutes } from './router.ts'
import { daysWithoutBackup, isDue, runBackup } from './service.ts'

/** Days after which an administrator is told that there is no young backup. */
const PATIENCE_DAYS = 3

/** Backups made while the system runs: by a button, every night, and by `npm run backup`. Restored by a command alone. */
export const backups: Feature = {
  name: 'backups',
  permissions: { 'backups.run': { roles: [] } },
  routes: backupRoutes,
  jobs: [
    {
      kind: 'backups.make',
      attempts: 3,
      run: async ({ by }: { by: number | null }, context) => {
        const person = by === null ? undefined : await loadActor(by, (await setting('authority')).timeZone)
        return runBackup(person ?? SYSTEM, context)
      },
    },
    {
      kind: 'backups.schedule',
      schedule: '12 * * * *',
      run: async () => {
        if (await isDue()) await enqueueJob('backups.make', { by: null }, { uniqueKey: 'backups.make' })
      },
    },
  ],
  attention: async (actor) => {
    if (!hasEverywhere(actor, 'backups.run')) return []
    const count = await daysWithoutBackup()
    return count < PATIENCE_DAYS ? [] : [{ key: 'backups.attention', count, href: '/backups' }]
  },
  navigation: [
    {
      key: 'backups.nav',
      href: '/backups',
      icon: 'database',
      order: 90,
      permission: 'backups.run',
      group: 'administration',
      hint: 'backups.navHint',
    },
  ],
}
