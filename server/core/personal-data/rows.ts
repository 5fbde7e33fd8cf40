import type { Knex } from 'knex'
import { chunks, db } from '../db/index.ts'
import { personalTable, tablesAbout, type Value } from './declarations.ts'

export type Row = Record<string, Value>

/** Keys of the rows that others lead through, read once for each person and look. */
export class Belongings {
  readonly personId: number
  readonly #keys = new Map<string, Promise<number[]>>()

  constructor(personId: number) {
    this.personId = personId
  }

  /** The column that says whose the rows of a table are, and what stands there for this person. */
  async of(name: string): Promise<{ column: string; ids: number[] }> {
    const { about } = personalTable(name)
    if (about === undefined) throw new Error(`${name} is about nobody`)
    if (typeof about === 'string') return { column: about, ids: [this.personId] }
    return { column: about.column, ids: await this.keys(about.through) }
  }

  /** Ids of the person's rows in a table. */
  keys(name: string): Promise<number[]> {
    const known = this.#keys.get(name) ?? this.#read(name)
    this.#keys.set(name, known)
    return known
  }

  async #read(name: string): Promise<number[]> {
    const { column, ids } = await this.of(name)
    const key = personalTable(name).key ?? 'id'
    const found: number[] = []
    // No subqueries: MariaDB would read whole tables to delete by them.
    for (const piece of chunks(ids)) found.push(...(await db()(name).whereIn(column, piece).pluck(key)))
    return found
  }

  /** Runs a query over the person's rows of a table, piece by piece. */
  async each<T>(name: string, query: (rows: Knex.QueryBuilder) => PromiseLike<T>): Promise<T[]> {
    const { column, ids } = await this.of(name)
    const results: T[] = []
    for (const piece of chunks(ids)) results.push(await query(db()(name).whereIn(column, piece)))
    return results
  }
}

/** How many rows each table holds about a person; tables without any are left out. */
export async function countHeld(belongings: Belongings): Promise<Map<string, number>> {
  const counts = new Map<string, number>()
  const queries: Knex.QueryBuilder[] = []
  for (const [name] of tablesAbout()) {
    const { column, ids } = await belongings.of(name)
    if (ids.length)
      queries.push(
        db()(name)
          .whereIn(column, ids)
          .select(db().raw('? as name', [name]))
          .count({ count: '*' }),
      )
  }
  const [first, ...rest] = queries
  const rows: { name: string; count: number }[] = first ? await first.unionAll(rest) : []
  for (const { name, count } of rows) if (Number(count) > 0) counts.set(name, Number(count))
  return counts
}

const PIECE = 500

/** What a table holds about a person, the oldest first: the columns that are shown, in pieces. */
export async function* readHeld(belongings: Belongings, name: string): AsyncGenerator<Row[]> {
  const { shows = [], key = 'id' } = personalTable(name)
  const { column, ids } = await belongings.of(name)
  const isOwnKey = key === column
  for (const piece of chunks(ids)) {
    for (let offset = 0; ; offset += PIECE) {
      const rows: Row[] = await db()(name)
        .whereIn(column, piece)
        .orderBy(isOwnKey ? column : key)
        .limit(PIECE)
        .offset(offset)
        .select([...shows])
      if (rows.length) yield rows
      if (rows.length < PIECE) break
    }
  }
}
