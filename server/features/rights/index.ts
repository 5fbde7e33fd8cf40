import type { Feature } from '../../core/feature.ts'
import { rightsData } from './personal-data.ts'
import { rightsRoutes } from './router.ts'

/** Who may do what, where and why. */
export const rights: Feature = {
  name: 'rights',
  personalData: rightsData,
  permissions: { 'rights.view': { roles: [] }, 'rights.edit': { roles: [] } },
  routes: rightsRoutes,
  endsRights: ['roleGranted', 'roleRevoked', 'roleChanged'],
  navigation: [
    {
      key: 'rights.nav',
      href: '/rights',
      icon: 'shield',
      order: 70,
      permission: 'rights.view',
      group: 'administration',
      hint: 'rights.navHint',
    },
  ],
}
