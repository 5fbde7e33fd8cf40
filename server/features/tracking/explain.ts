import type { Explain } from '../../core/rights/explanations.ts'
import { SYSTEM } from '../../core/rights/index.ts'
import type { Policy } from '../../core/rights/policy.ts'
import { authorityToday } from '../../core/settings.ts'
import { fullName } from '../../core/text.ts'
import type { EnrolmentPlaces } from '../progress/places.ts'
import { listHeads } from './milestone-queries.ts'

/** Why somebody may see what hangs on an enrolment today, by the policy of that. */
export const explainEnrolment =
  <Action extends string>(
    policyOn: (date: string) => Policy<EnrolmentPlaces, Action>,
    actions: readonly Action[],
  ): Explain =>
  async (actor, enrolmentId) => {
    const date = authorityToday()
    const [found] = await listHeads(SYSTEM, [enrolmentId], date)
    if (!found) return undefined
    const policy = policyOn(date)
    return {
      name: fullName(found),
      actions: actions.map((action) => ({ action, grant: policy.explain(actor, action, found.places) })),
    }
  }
