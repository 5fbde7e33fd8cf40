import type { Feature } from '../../core/feature.ts'
import { searchRoutes } from './router.ts'

/** The page of the search and the suggestions of the box in the header. What can be found, each feature says itself. */
export const search: Feature = { name: 'search', routes: searchRoutes }
