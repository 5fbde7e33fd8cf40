import type { Knex } from 'knex'
import { ForbiddenError } from '../errors.ts'
import { type Actor, type Grant, grantFor, reachOf, type Scope } from './index.ts'
import type { ScopeType } from './scopes.ts'

/** How a scope is reached in SQL: a column that holds its id, or a condition to add with `orWhere…`. */
type Reached = string | ((either: Knex.QueryBuilder, ids: number[]) => void)

type Declaration<Resource, Action extends string> = {
  /** Every scope that contains the object, from relations loaded before. */
  scopes: (resource: Resource) => Scope[]
  /** Which permission each action needs; of several any one will do. */
  actions: Record<Action, string | readonly string[]>
  /** The same scopes in SQL. A test demands that both agree. */
  reached: Partial<Record<ScopeType, Reached>>
}

export type Policy<Resource, Action extends string> = {
  /** Why the actor may do this: the grant that gives it. Undefined: they may not. */
  explain: (actor: Actor, action: Action, resource: Resource) => Grant | undefined
  can: (actor: Actor, action: Action, resource: Resource) => boolean
  /** @throws ForbiddenError */
  demand: (actor: Actor, action: Action, resource: Resource) => void
  /** Which of the actions the actor may take on the object: flags for presenters. */
  abilities: (actor: Actor, resource: Resource) => Record<Action, boolean>
  /** Narrows a query to what the actor may `action`: `query.modify(policy.visibleTo(actor, 'view'))`. */
  visibleTo: (actor: Actor, action: Action) => (query: Knex.QueryBuilder) => void
  permissions: (action: Action) => readonly string[]
}

/** One declaration per resource; from it come the check, the query scope and the explanation. Denied unless granted. */
export function definePolicy<Resource, Action extends string>(
  declaration: Declaration<Resource, Action>,
): Policy<Resource, Action> {
  const permissions = (action: Action): readonly string[] => {
    const needed = declaration.actions[action]
    return typeof needed === 'string' ? [needed] : needed
  }
  const explain = (actor: Actor, action: Action, resource: Resource) => {
    const scopes = declaration.scopes(resource)
    for (const permission of permissions(action)) {
      const grant = grantFor(actor, permission, scopes)
      if (grant) return grant
    }
    return undefined
  }
  const can = (actor: Actor, action: Action, resource: Resource) => explain(actor, action, resource) !== undefined
  return {
    explain,
    can,
    permissions,
    demand: (actor, action, resource) => {
      if (!can(actor, action, resource)) throw new ForbiddenError()
    },
    abilities: (actor, resource) =>
      Object.fromEntries(
        Object.keys(declaration.actions).map((action) => [action, can(actor, action as Action, resource)]),
      ) as Record<Action, boolean>,
    visibleTo: (actor, action) => (query) => narrow(query, actor, permissions(action), declaration.reached),
  }
}

function narrow(
  query: Knex.QueryBuilder,
  actor: Actor,
  permissions: readonly string[],
  reached: Partial<Record<ScopeType, Reached>>,
) {
  const reaches = permissions.map((permission) => reachOf(actor, permission))
  if (reaches.some((reach) => reach.everywhere)) return
  void query.where((either) => {
    void either.whereRaw('1 = 0')
    for (const [type, column] of Object.entries(reached) as [ScopeType, Reached][]) {
      const ids = [...new Set(reaches.flatMap((reach) => reach.ids(type)))]
      if (!ids.length) continue
      if (typeof column === 'string') void either.orWhereIn(column, ids)
      else column(either, ids)
    }
  })
}
