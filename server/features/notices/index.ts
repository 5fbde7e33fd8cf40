import type { Feature } from '../../core/feature.ts'
import { noticeRoutes } from './router.ts'

/** The pages of what people are told: their list, their choices. What is told, other features declare. */
export const notices: Feature = {
  name: 'notices',
  routes: noticeRoutes,
}
