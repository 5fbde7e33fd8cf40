import type { DatabaseReport } from './database-check.ts'

/** What a database contains, as far as the installer must know. */
export interface Contents {
  tables: string[]
  /** Names in the table of migrations; empty if there is none. */
  migrations: string[]
  /** Whether the installation was finished: it is marked in the table of settings. */
  isInstalled: boolean
}

/** The table that the installer tries its rights on; one may be left of a user who may create but not drop. */
export const PROBE_TABLE = 'integral_install_probe'

/** Whether the tables may be worked with, and as what. */
export function judgeContents(
  contents: Contents,
  known: readonly string[],
): { code: 'empty' | 'unfinished' | 'existing' | 'foreign_tables' | 'newer'; values: DatabaseReport['values'] } {
  const tables = contents.tables.filter((table) => !table.startsWith(PROBE_TABLE))
  if (tables.length === 0) return { code: 'empty', values: {} }
  if (!isOurs(tables, contents.migrations, known)) {
    return { code: 'foreign_tables', values: { total: tables.length, tables: tables.slice(0, 5).join(', ') } }
  }
  const unknown = contents.migrations.filter((name) => !known.includes(name))
  if (unknown.length) return { code: 'newer', values: { migrations: unknown.slice(0, 3).join(', ') } }
  if (!contents.isInstalled) return { code: 'unfinished', values: {} }
  const behind = known.length - contents.migrations.length
  return { code: 'existing', values: { behind } }
}

/**
 * Integral's own database has its table of migrations with our first migration in it. One that broke off before that
 * migration was done has the table still empty, and beside it nothing, its lock alone (knex makes it second), or our first
 * table.
 */
function isOurs(tables: string[], migrations: string[], known: readonly string[]): boolean {
  if (!tables.includes('migrations')) return false
  if (migrations.length) return tables.includes('migrations_lock') && migrations.includes(known[0] ?? '')
  const others = tables.filter((table) => !['migrations', 'migrations_lock'].includes(table))
  return others.length === 0 || (tables.includes('migrations_lock') && others.includes('settings'))
}
