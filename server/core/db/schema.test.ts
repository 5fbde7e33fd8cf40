import { readFileSync, writeFileSync } from 'node:fs'
import { expect } from 'chai'
import { useApp } from '../../testing/app.ts'
import { isMysql, rootDatabase } from './index.ts'

// Tables with their columns, the same from both databases: a column that only one of them has is a query that fails there.
const EXPECTED_TABLES = [
  'accounts',
  'enrolment_progress',
  'grants',
  'journal_cells',
  'learning_routes',
  'milestone_states',
  'offerings',
  'people',
  'programmes',
]

async function readSchema(): Promise<Record<string, string[]>> {
  const knex = rootDatabase()
  const rows: { tbl: string; col: string; required: number }[] = isMysql(knex)
    ? (
        await knex.raw(
          "select table_name as tbl, column_name as col, is_nullable = 'NO' as required from information_schema.columns where table_schema = database()",
        )
      )[0]
    : await knex.raw(
        "select m.name as tbl, c.name as col, max(c.\"notnull\", c.pk > 0) as required from sqlite_master m join pragma_table_info(m.name) c where m.type = 'table' and m.name not like 'sqlite_%'",
      )
  const schema: Record<string, string[]> = {}
  for (const row of rows) {
    if (row.tbl.startsWith('migrations')) continue
    schema[row.tbl] ??= []
    schema[row.tbl]?.push(`${row.col}${Number(row.required) ? '!' : ''}`)
  }
  for (const columns of Object.values(schema)) columns.sort()
  return schema
}

const snapshot = new URL('./schema.snapshot.json', import.meta.url)

describe('schema', () => {
  useApp()

  it('is the same on both databases, column by column', async () => {
    const schema = await readSchema()
    const sorted = Object.fromEntries(Object.entries(schema).sort(([a], [b]) => a.localeCompare(b)))
    if (process.env.UPDATE_SNAPSHOT) writeFileSync(snapshot, `${JSON.stringify(sorted, null, 2)}\n`)
    expect(Object.keys(sorted)).to.include.members(EXPECTED_TABLES)
    expect(sorted).to.deep.equal(JSON.parse(readFileSync(snapshot, 'utf8')))
  })
})
