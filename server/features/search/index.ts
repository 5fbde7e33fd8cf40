import type { Feature } from '../../core/feature.ts'
import { requestRebuild } from '../../core/search/index.ts'
import { searchRoutes } from './router.ts'

/** The page of the search and the suggestions of the box in the header. What can be found, each feature says itself. */
export const search: Feature = {
  name: 'search',
  routes: searchRoutes,
  // Their name may stand below hits of any kind, and in the vocabulary.
  subscriptions: [
    {
      name: 'search.erased',
      events: ['personErased'],
      handle: async ({ id }) => void (await requestRebuild(null, id)),
    },
  ],
}
