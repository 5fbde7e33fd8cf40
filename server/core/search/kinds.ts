import type { Knex } from 'knex'
import type { DomainEvent } from '../events/index.ts'
import { type Actor, hasAnywhere, reachOf } from '../rights/index.ts'
import type { Policy } from '../rights/policy.ts'
import type { Translated } from '../text.ts'

/** What can be found of one object. Texts without a language stand under ''. */
export type SearchDocument = {
  id: number
  title: Translated
  /** The title is the name of a person: names are declined otherwise than words. */
  isName?: true
  /** A line below the title: where it belongs. It is shown, not searched. */
  hint?: Translated
  /** Plain words that are searched too, and shown around the found ones. */
  text?: Translated
  /** Further words by which it is found, with their weight from 1 to 10 (a title has 8, a text 1). */
  words?: readonly { text: string; weight: number }[]
  /** E-mail addresses: each is one word. */
  addresses?: readonly string[]
}

/** These objects, or the next ones by id. */
export type Wanted = { ids: readonly number[] } | { after: number; limit: number }

/** Which objects of a kind the actor may find: all, none, or those whose ids a query selects. */
export type Sight = 'all' | 'none' | Knex.QueryBuilder

/** One kind of thing that can be found: a feature lists its kinds under `search`. */
export type SearchKind = {
  /** At most 16 letters; it stands in the index. Its plural name is the text `search.kind.<name>`. */
  name: string
  /** Hits of several kinds stand together under the name of this one. */
  group?: string
  icon: string
  /** Raised when documents are made otherwise than before: after the next start they are indexed anew. */
  version?: number
  /** Reads what is to be found, ordered by id. What is gone, archived or hidden from everybody is simply not among it. */
  documents: (wanted: Wanted) => Promise<SearchDocument[]>
  /** By the policy that guards the object's own page: whoever finds it must be able to open it. */
  sight: (actor: Actor) => Sight
  href: (id: number) => string
  /** Objects to be read anew after domain events, by their type; all that happened at once, so that an import asks once. */
  changes: Record<string, (events: readonly DomainEvent[]) => number[] | Promise<number[]>>
  /** Hints that change with the calendar or with other objects, read when hits are shown. One query. */
  hints?: (ids: readonly number[]) => Promise<Map<number, string>>
}

let kinds: readonly SearchKind[] = []

/** Sets the kinds of all features. */
export const setSearchKinds = (all: readonly SearchKind[]): void => {
  kinds = all
}

export const searchKinds = (): readonly SearchKind[] => kinds

/** The name under which a kind's hits stand. */
export const groupOf = (kind: SearchKind): string => kind.group ?? kind.name

/** The sight that follows from a policy. @param ids a query of the ids, whose tables are named as the policy names them */
export const sightBy =
  <Action extends string>(policy: Policy<never, Action>, action: Action, ids: () => Knex.QueryBuilder) =>
  (actor: Actor): Sight => {
    const permissions = policy.permissions(action)
    if (permissions.some((permission) => reachOf(actor, permission).everywhere)) return 'all'
    if (!permissions.some((permission) => hasAnywhere(actor, permission))) return 'none'
    return ids().modify(policy.visibleTo(actor, action))
  }

/** For `changes`: these events are about the object itself. */
export const ofSubject = (...events: string[]): SearchKind['changes'] =>
  Object.fromEntries(events.map((type) => [type, subjects]))

/** What events are about. */
export const subjects = (events: readonly DomainEvent[]): number[] => events.map(({ subject }) => subject.id)

/** Narrows a query to the wanted objects, in the order of their ids. @param column e.g. `p.id` */
export const wantedBy =
  (wanted: Wanted, column: string) =>
  (query: Knex.QueryBuilder): void => {
    if ('ids' in wanted) void query.whereIn(column, [...wanted.ids])
    else void query.where(column, '>', wanted.after).limit(wanted.limit)
    void query.orderBy(column)
  }
