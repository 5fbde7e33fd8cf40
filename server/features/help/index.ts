import type { Feature } from '../../core/feature.ts'
import { helpRoutes } from './router.ts'

/** Help beside every page, its index, and the guides, all inside the system: an authority's network may have no internet. */
export const help: Feature = { name: 'help', routes: helpRoutes }
