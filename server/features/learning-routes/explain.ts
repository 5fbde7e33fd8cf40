import { NotFoundError } from '../../core/errors.ts'
import type { Explain } from '../../core/rights/explanations.ts'
import { SYSTEM } from '../../core/rights/index.ts'
import { authorityToday } from './load-route.ts'
import { routePolicy } from './policy.ts'
import { selectHead } from './queries.ts'

const ACTIONS = ['view', 'edit', 'approve'] as const

/** Why somebody may see, build or approve the route of an enrolment. */
export const explainRoute: Explain = async (actor, enrolmentId) => {
  const date = await authorityToday()
  const found = await selectHead(SYSTEM, enrolmentId, date).catch((error) => {
    if (error instanceof NotFoundError) return undefined
    throw error
  })
  if (!found) return undefined
  const policy = routePolicy(date)
  return {
    name: found.head.personName,
    actions: ACTIONS.map((action) => ({ action, grant: policy.explain(actor, action, found.places) })),
  }
}
