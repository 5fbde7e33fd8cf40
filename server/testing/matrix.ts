import type { Half, Role, World } from './world.ts'

/**
 * One route of the rights matrix. `may` are the roles for whom the route works on an object of their own half of the world
 * (`own`), `mayForeign` on the other half (the administrator alone unless said). Everybody else gets 401, 403 or 404.
 * A route without an object leaves `mayForeign` out and gives a plain address.
 */
export type MatrixRow = {
  /** Exactly as registered, e.g. `POST /organisations/:id`. */
  route: `${'GET' | 'POST'} /${string}`
  /** The address for an object of this half. May create what it needs; called anew for every role. */
  path: string | ((half: Half, world: World) => string | Promise<string>)
  /** A valid form, so that "may" is seen by success and not by a refusal of the input. */
  body?: (half: Half, world: World) => Record<string, unknown>
  may: readonly Role[]
  mayForeign?: readonly Role[]
  /** For routes that begin with an upload. */
  upload?: boolean
}

export const EVERYONE: readonly Role[] = [
  'visitor',
  'stranger',
  'learner',
  'instructor',
  'director',
  'manager',
  'methodist',
  'administrator',
]
export const SIGNED_IN: readonly Role[] = EVERYONE.slice(1)
