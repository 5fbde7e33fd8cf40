import type { Knex } from 'knex'

/** Room for a UTC timestamp `YYYY-MM-DD HH:MM:SS.mmm`, kept as text so that both databases return the same thing. */
export const timestamp = (t: Knex.CreateTableBuilder, name: string) => t.string(name, 23)

/** Room for a civil date `YYYY-MM-DD`. */
export const civilDate = (t: Knex.CreateTableBuilder, name: string) => t.string(name, 10)

/** A boolean kept as 0 or 1. */
export const flag = (t: Knex.CreateTableBuilder, name: string, initially = false) =>
  t
    .tinyint(name)
    .notNullable()
    .defaultTo(initially ? 1 : 0)

/** A JSON document. TEXT on both databases: MariaDB returns JSON columns as text and MySQL parsed. */
export const json = (t: Knex.CreateTableBuilder, name: string) => t.text(name, 'mediumtext')

/** Optimistic lock: every conditional update demands the version that the person saw and raises it. */
export const version = (t: Knex.CreateTableBuilder) => t.integer('version').notNullable().defaultTo(1)

/** A foreign key to `table.id` with its index. Rows are kept, never cascaded away, unless `onDelete` says so. */
export function ref(t: Knex.CreateTableBuilder, name: string, table: string, onDelete = 'RESTRICT') {
  return t.integer(name).unsigned().references('id').inTable(table).onDelete(onDelete).index()
}

/** Creates a table unless it is there: MySQL commits DDL at once, so a migration cut off half-way must be repeatable. */
export async function createTable(knex: Knex, name: string, define: (t: Knex.CreateTableBuilder) => void) {
  if (await knex.schema.hasTable(name)) return
  await knex.schema.createTable(name, (t) => {
    if (knex.client.config.client === 'mysql2') {
      t.charset('utf8mb4')
      t.collate('utf8mb4_bin')
    }
    define(t)
  })
}

/** Drops tables in the given order, those that are there. */
export async function dropTables(knex: Knex, ...names: string[]) {
  for (const name of names) await knex.schema.dropTableIfExists(name)
}

/** Adds a column unless it is there. */
export async function addColumn(knex: Knex, table: string, name: string, define: (t: Knex.CreateTableBuilder) => void) {
  if (!(await knex.schema.hasColumn(table, name))) await knex.schema.alterTable(table, define)
}

/** Drops a column that is there. Said to the database directly: knex would copy a whole SQLite table for it. */
export async function dropColumn(knex: Knex, table: string, name: string) {
  if (await knex.schema.hasColumn(table, name)) await knex.raw('alter table ?? drop column ??', [table, name])
}

/** Adds an index unless it is there. */
export async function addIndex(knex: Knex, table: string, name: string, columns: string[]) {
  try {
    await knex.schema.alterTable(table, (t) => void t.index(columns, name))
  } catch (error) {
    if (!/duplicate key name|already exists/i.test(String((error as Error).message))) throw error
  }
}

/** Drops an index that is there. */
export async function dropIndex(knex: Knex, table: string, name: string) {
  try {
    await knex.schema.alterTable(table, (t) => void t.dropIndex([], name))
  } catch (error) {
    if (!/check that (column\/key|it) exists|no such index/i.test(String((error as Error).message))) throw error
  }
}
