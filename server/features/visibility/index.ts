import type { Feature } from '../../core/feature.ts'
import { visibilityRoutes } from './router.ts'

/** The page on which an administrator regulates what flows to whom. The switches are declared by the features they act in. */
export const visibility: Feature = {
  name: 'visibility',
  routes: visibilityRoutes,
  navigation: [
    {
      key: 'visibility.nav',
      href: '/visibility',
      icon: 'eye',
      order: 72,
      permission: 'settings.edit',
      group: 'administration',
      hint: 'visibility.navHint',
    },
  ],
}
