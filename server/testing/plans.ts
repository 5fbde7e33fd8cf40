import { expect } from 'chai'
import { isMysql, rootDatabase } from '../core/db/index.ts'

/** Expects that no query of `work` on `table` reads the whole of it: the plans are SQLite's, which is the easier to mislead. */
export async function expectLookUps(table: string, work: () => Promise<unknown>): Promise<void> {
  const knex = rootDatabase()
  const asked: { sql: string; bindings: string[] }[] = []
  const note = (query: { sql: string; bindings: string[] }) => void asked.push(query)
  knex.on('query', note)
  await work()
  knex.removeListener('query', note)
  const queries = asked.filter(({ sql }) => sql.startsWith('select') && sql.includes(`\`${table}\``))
  expect(queries, table).not.to.deep.equal([])
  if (isMysql(knex)) return
  for (const { sql, bindings } of queries) {
    const plan: { detail: string }[] = await knex.raw(`explain query plan ${sql}`, bindings)
    const steps = plan
      .map(({ detail }) => detail)
      .filter((detail) => detail.includes(` ${table} `) || detail.endsWith(` ${table}`))
    for (const step of steps) expect(step).to.match(/^SEARCH /)
    expect(steps, sql).not.to.deep.equal([])
  }
}
