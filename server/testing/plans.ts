import { expect } from 'chai'
import { connect, isMysql } from '../core/db/connect.ts'
import { openedDatabase, rootDatabase } from '../core/db/index.ts'

/**
 * How the database would answer. Asked by a connection of its own: in SQLite an explanation stays under way until memory is
 * swept, and keeps its connection at what the database held then.
 */
export async function explain(sql: string, bindings: readonly string[] = []): Promise<{ detail: string }[]> {
  const knex = connect(openedDatabase())
  try {
    const answer = await knex.raw(isMysql(knex) ? `explain ${sql}` : `explain query plan ${sql}`, [...bindings])
    return isMysql(knex) ? answer[0] : answer
  } finally {
    await knex.destroy()
  }
}

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
    const steps = (await explain(sql, bindings))
      .map(({ detail }) => detail)
      .filter((detail) => detail.includes(` ${table} `) || detail.endsWith(` ${table}`))
    for (const step of steps) expect(step).to.match(/^SEARCH /)
    expect(steps, sql).not.to.deep.equal([])
  }
}
