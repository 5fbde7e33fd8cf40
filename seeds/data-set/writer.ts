import { db, insertRows } from '../../server/core/db/index.ts'

const BATCH = 2000

/**
 * Writes rows in bulk with ids of our own choosing, so that rows which name each other need no look-ups. Tables are
 * written in the order in which they were first named; `flush` empties what waits.
 */
export class BulkWriter {
  readonly #next = new Map<string, number>()
  readonly #waiting = new Map<string, object[]>()

  /** Begins each table's ids after those that are there. */
  async begin(tables: readonly string[]): Promise<void> {
    for (const table of tables) {
      const row = await db()(table).max('id as last').first()
      this.#next.set(table, Number(row?.last ?? 0) + 1)
      this.#waiting.set(table, [])
    }
  }

  /** Queues a row of a table with ids. @returns its id */
  add(table: string, row: object): number {
    const id = this.#next.get(table)
    if (id === undefined) throw new Error(`The writer did not begin with ${table}`)
    this.#next.set(table, id + 1)
    this.put(table, { id, ...row })
    return id
  }

  /** Queues a row of a table without ids. */
  put(table: string, row: object): void {
    const rows = this.#waiting.get(table) ?? []
    rows.push(row)
    this.#waiting.set(table, rows)
  }

  /** Changes rows that still wait, by id. */
  amend(table: string, changes: ReadonlyMap<number, object>): void {
    for (const row of this.#waiting.get(table) ?? []) Object.assign(row, changes.get((row as { id: number }).id))
  }

  /** How many rows wait: callers flush between two cohorts when it grows. */
  get isFull(): boolean {
    return [...this.#waiting.values()].some((rows) => rows.length >= BATCH)
  }

  async flush(): Promise<void> {
    for (const [table, rows] of this.#waiting) {
      if (!rows.length) continue
      this.#waiting.set(table, [])
      await insertRows(table, rows)
    }
  }
}
