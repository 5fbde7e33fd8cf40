/** Why an enrolment no longer holds its places in the cohort's topics. */
export type LeavingReason = 'withdrawn' | 'cohortChanged'

type LeavingHook = (enrolmentIds: readonly number[], reason: LeavingReason) => Promise<void>

const hooks: LeavingHook[] = []

/**
 * Registers what must happen in the very transaction in which people leave a cohort, so that their places in topics are
 * free at once. Features that build on enrolments call it once, when they are loaded; the hook must do nothing but
 * database work in a constant number of statements.
 */
export function whenLeavingCohort(hook: LeavingHook): void {
  hooks.push(hook)
}

/** Runs the hooks one after another, in the ambient transaction. */
export async function releasePlaces(enrolmentIds: readonly number[], reason: LeavingReason): Promise<void> {
  for (const hook of hooks) await hook(enrolmentIds, reason)
}
