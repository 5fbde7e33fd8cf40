import type { Knex } from 'knex'
import type { Actor } from '../../../core/rights/index.ts'
import { type Now, onColumn } from './conditions.ts'
import type { Condition, Kind, Operator } from './model.ts'

/** What a condition is about: the person, one present place of work, one enrolment that the reader may follow. */
export type About = 'person' | 'work' | 'enrolment'
export const AREAS = ['person', 'own', 'work', 'learning', 'access'] as const
type Area = (typeof AREAS)[number]

/** One thing that people can be asked for. */
export type FilterField = {
  key: string
  kind: Kind
  area: Area
  about: About
  /** What it is called, where that is content; else the text `people-filters.field.<key>`. */
  title?: Record<string, string>
  /** Where not all operators of the kind make sense. */
  ops?: readonly Operator[]
  /** Who may ask for it; nobody learns by a filter what no page shows them. */
  mayUse?: (actor: Actor) => boolean
  /** Values of a choice that are the same everywhere, with texts `people-filters.value.<list>.<value>`. */
  list?: { name: string; values: readonly string[] }
  /** Choices that the database holds: `choices.ts` reads them. */
  choices?: 'positions' | 'categories' | 'roles' | 'cohorts' | 'programmes'
  /** No longer offered; filters made before go on. */
  isRetired?: boolean
  /** Choices that came with the field. */
  options?: readonly { value: string; title: Record<string, string> }[]
  /** Narrows a query of people (`p`), of places of work (`e`, organisation `o`) or of enrolments (`e`, `c`, `ep`). */
  where?: (query: Knex.QueryBuilder, condition: Condition, now: Now & { actor: Actor }) => void
  /** In place of it, of conditions on people: rows of another table that somebody has, or has not. */
  rows?: (condition: Condition, now: Now & { actor: Actor }) => Rows
  /** Of whom the reader may ask it at all; of others no answer is true. */
  ofWhom?: (actor: Actor) => (query: Knex.QueryBuilder) => void
}

/** A query without columns, and the one of them that holds the person. */
export type Rows = { has: boolean; rows: Knex.QueryBuilder; person: string }
type Where = NonNullable<FilterField['where']>

/** A field that is a column. */
export const column =
  (name: string): Where =>
  (query, condition, now) =>
    onColumn(query, name, condition, now)

/** A choice among rows of a table: a column with their ids. */
export const idColumn =
  (name: string): Where =>
  (query, condition, now) => {
    const values = condition.values.map(Number)
    if (condition.op === 'oneOf') void query.whereIn(name, values)
    else if (condition.op === 'noneOf') void query.where((free) => void free.whereNull(name).orWhereNotIn(name, values))
    else onColumn(query, name, condition, now)
  }
