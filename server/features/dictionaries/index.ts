import type { Feature } from '../../core/feature.ts'
import { categoryRoutes } from './category-router.ts'
import { positionRoutes } from './position-router.ts'

/** The authority's own words for people: positions and categories. */
export const dictionaries: Feature = {
  name: 'dictionaries',
  permissions: { 'dictionaries.edit': { roles: [] } },
  routes: (routes) => {
    positionRoutes(routes)
    categoryRoutes(routes)
  },
  navigation: [
    {
      key: 'dictionaries.positions.nav',
      href: '/positions',
      icon: 'briefcase',
      order: 62,
      permission: 'dictionaries.edit',
      group: 'administration',
      hint: 'dictionaries.positions.navHint',
    },
    {
      key: 'dictionaries.categories.nav',
      href: '/categories',
      icon: 'tags',
      order: 63,
      permission: 'dictionaries.edit',
      group: 'administration',
      hint: 'dictionaries.categories.navHint',
    },
  ],
}
