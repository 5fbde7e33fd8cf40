import type { Knex } from 'knex'
import { type Actor, hasEverywhere } from '../../../core/rights/index.ts'
import type { ScopeType } from '../../../core/rights/scopes.ts'
import { type PersonPlaces, personPolicy } from '../policy.ts'

/**
 * Who may be let to see or edit a field of a person, beside the administration, which sees and edits all: the person, who
 * employs them (the director and the direct manager), who teaches them, methodists.
 */
export const AUDIENCES = ['person', 'director', 'instructor', 'methodist'] as const
export type Audience = (typeof AUDIENCES)[number]

/** By which scopes of `people.view` somebody belongs to an audience. */
const SCOPES: Record<Exclude<Audience, 'person'>, readonly ScopeType[]> = {
  director: ['organisation', 'department', 'reports'],
  instructor: ['group', 'module'],
  methodist: ['authority', 'programme', 'cohort'],
}

/** Whoever keeps the data of all people sees and edits every field. */
export const isAdministration = (actor: Actor): boolean => hasEverywhere(actor, 'people.edit')

const scopesOf = (audiences: readonly Audience[]) =>
  new Set(audiences.flatMap((audience) => (audience === 'person' ? [] : SCOPES[audience])))

/** The actor with only those roles that make them one of the audiences. */
function asOne(actor: Actor, audiences: readonly Audience[]): Actor {
  const scopes = scopesOf(audiences)
  return { ...actor, grants: actor.grants.filter(({ scope }) => scopes.has(scope.type)) }
}

/** Whether the actor is one of the audiences for this person. */
export function belongs(actor: Actor, audiences: readonly Audience[], person: PersonPlaces): boolean {
  if (isAdministration(actor)) return true
  if (audiences.includes('person') && actor.personId === person.id) return true
  return personPolicy.can(asOne(actor, audiences), 'view', person)
}

/** Whether there may be anybody for whom the actor is one of the audiences. */
export const belongsSomewhere = (actor: Actor, audiences: readonly Audience[]): boolean =>
  isAdministration(actor) ||
  audiences.includes('person') ||
  asOne(actor, audiences).grants.some(({ permissions }) => permissions.has('people.view') || permissions.has('*'))

/** The same as `belongs` in SQL: narrows people (`p`). */
export const forWhom = (actor: Actor, audiences: readonly Audience[]) => (query: Knex.QueryBuilder) => {
  if (isAdministration(actor)) return
  void query.where((either) => {
    void either.where(personPolicy.visibleTo(asOne(actor, audiences), 'view'))
    if (audiences.includes('person')) void either.orWhere('p.id', actor.personId)
  })
}
