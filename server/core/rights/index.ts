import type { ScopeType } from './scopes.ts'

export type { ScopeType } from './scopes.ts'

/** Where a permission holds. The authority is everything and has the id 0. */
export type Scope = { type: ScopeType; id: number }

/** One grant that holds today, with the permissions of its role. `*` stands for every permission (the system itself). */
export type Grant = {
  roleId: number
  roleCode: string
  permissions: ReadonlySet<string>
  scope: Scope
  /** Of a grant in an organisation: that one and all below it, which the grant covers as well. */
  within?: readonly number[]
  source: string
  sourceId: number
}

/** Who acts. Services take an actor, never a request, so that pages, sockets, commands and seeds share them. */
export type Actor = {
  personId: number | null
  name: string
  /** The family name first, as lists have it: initials and their colour are the same everywhere. */
  fullName?: string
  language: string | null
  timeZone: string | null
  /** The picture beside the name, if the person has one. */
  photoFileId?: number | null
  /** The number on the bell. */
  unreadNotices?: number
  /** The newest consent text up to which the person has answered; left out of actors that nobody asks. */
  consentsThrough?: number
  /** Tours that are not offered any more. */
  seenTours?: readonly string[]
  /** Some role demands the second step of signing in: whether it is set up, and until when it has to be. */
  secondFactor?: { isOn: boolean; dueAt: string }
  /** Somebody else looks through this person's eyes, to read only: it is they who act. */
  viewedBy?: { personId: number; name: string; until: number }
  grants: readonly Grant[]
}

/** The product acting by itself: jobs, seeds and commands. It may do everything and is shown as "the system". */
export const SYSTEM: Actor = {
  personId: null,
  name: 'system',
  language: null,
  timeZone: null,
  grants: [
    {
      roleId: 0,
      roleCode: 'system',
      permissions: new Set(['*']),
      scope: { type: 'authority', id: 0 },
      source: 'system',
      sourceId: 0,
    },
  ],
}

/** A person who is not signed in: no grant at all. */
export const NOBODY: Actor = { personId: null, name: '', language: null, timeZone: null, grants: [] }

const gives = (grant: Grant, permission: string) => grant.permissions.has(permission) || grant.permissions.has('*')

const covers = (grant: Grant, scopes: readonly Scope[]) =>
  grant.scope.type === 'authority' ||
  scopes.some((scope) => scope.type === grant.scope.type && scope.id === grant.scope.id)

/**
 * The grant that lets the actor use `permission` on an object lying in `scopes`, or undefined: everything is denied
 * unless granted. The answer to "why may this person see this?".
 */
export const grantFor = (actor: Actor, permission: string, scopes: readonly Scope[]): Grant | undefined =>
  actor.grants.find((grant) => gives(grant, permission) && covers(grant, scopes))

/** Whether the actor may use `permission` on an object lying in `scopes` (all the scopes that contain it). */
export const allows = (actor: Actor, permission: string, scopes: readonly Scope[]): boolean =>
  grantFor(actor, permission, scopes) !== undefined

/** Whether the actor has `permission` anywhere: the coarse access of a route, and what navigation shows. */
export const hasAnywhere = (actor: Actor, permission: string): boolean =>
  actor.grants.some((grant) => gives(grant, permission))

/** Whether some role of the actor follows from this: `enrolment` of who learns, `teaching` of who teaches. */
export const hasFrom = (actor: Actor, source: string): boolean => actor.grants.some((grant) => grant.source === source)

/** Whether the actor has `permission` in the whole authority. */
export const hasEverywhere = (actor: Actor, permission: string): boolean => allows(actor, permission, [])

/** Where the actor has a permission: everywhere, or in these ids per scope type. Query scopes are built from it. */
export type Reach = { everywhere: boolean; ids: (type: ScopeType) => number[] }

/** The reach of `permission` for this actor: the counterpart of `allows` for queries. */
export function reachOf(actor: Actor, permission: string): Reach {
  const grants = actor.grants.filter((grant) => gives(grant, permission))
  return {
    everywhere: grants.some((grant) => grant.scope.type === 'authority'),
    ids: (type) => [
      ...new Set(
        grants.filter(({ scope }) => scope.type === type).flatMap(({ scope, within }) => within ?? [scope.id]),
      ),
    ],
  }
}
