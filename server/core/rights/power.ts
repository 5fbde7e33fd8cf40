import { type Actor, hasEverywhere, reachOf } from './index.ts'

/** What every learner has of their own cohort gives nobody power over others. */
export const POWERLESS: readonly string[] = ['materials.view']

/**
 * Whether a person may do something today where the other may not. What everybody has for themselves does not count; what
 * managers have over those who report to them does. Nobody exceeds an actor who could give themselves every right.
 */
export function exceeds(person: Actor, than: Actor): boolean {
  if (hasEverywhere(than, 'rights.edit')) return false
  return person.grants.some(({ permissions, scope }) => {
    if (scope.type === 'person') return false
    return [...permissions].some((permission) => {
      if (POWERLESS.includes(permission)) return false
      const reach = reachOf(than, permission)
      return !reach.everywhere && !reach.ids(scope.type).includes(scope.id)
    })
  })
}
