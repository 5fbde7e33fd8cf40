import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Knex } from 'knex'
import { packageRoot } from '../paths.ts'
import { withMigrationLock } from './migration-lock.ts'

type Migration = { name: string; file: string }

/** Names are recorded without extensions, so that a source run and a built run accept each other's database. */
class MigrationSource implements Knex.MigrationSource<Migration> {
  readonly #folder: string
  readonly #only: readonly string[] | undefined

  constructor(folder: string, only?: readonly string[]) {
    this.#folder = folder
    this.#only = only
  }

  async getMigrations(): Promise<Migration[]> {
    return readdirSync(this.#folder)
      .filter((file) => /^\d{4}-.*\.(ts|js)$/.test(file) && !file.endsWith('.d.ts') && !file.includes('.test.'))
      .sort()
      .map((file) => ({ name: file.replace(/\.(ts|js)$/, ''), file: join(this.#folder, file) }))
      .filter(({ name }) => this.#only?.includes(name) ?? true)
  }

  getMigrationName = (migration: Migration) => migration.name

  getMigration = (migration: Migration): Promise<Knex.Migration> => import(pathToFileURL(migration.file).href)
}

/** The database was written by a newer version of Integral; starting would damage it. */
export class NewerDatabaseError extends Error {
  constructor(names: string[]) {
    super(`The database belongs to a newer version of Integral (it has ${names.join(', ')})`)
    this.name = 'NewerDatabaseError'
  }
}

const migrationFolder = () => join(packageRoot, import.meta.url.endsWith('.js') ? 'dist/migrations' : 'migrations')

/** The names of this version's migrations, in order. */
export const knownMigrations = async (): Promise<string[]> =>
  (await new MigrationSource(migrationFolder()).getMigrations()).map((migration) => migration.name)

/**
 * Brings the schema up to date. Several processes may start at once: one migrates, the others wait. A process killed half-way
 * leaves no lock behind; the next one repeats the step that was cut off.
 * @param only no other migrations than these: to lay the tables as an older backup has them
 * @throws NewerDatabaseError if the database knows migrations that this version does not
 */
export async function migrate(knex: Knex, only?: readonly string[]): Promise<string[]> {
  if (await isCurrent(knex)) return []
  return withMigrationLock(knex, async () => {
    if (await isCurrent(knex)) return []
    const options = { migrationSource: new MigrationSource(migrationFolder(), only), tableName: 'migrations' }
    // Knex's own mark outlives a killed process; the lock that we hold does not.
    if (await knex.schema.hasTable('migrations_lock')) await knex.migrate.forceFreeMigrationsLock(options)
    // MySQL commits every DDL statement by itself, so a transaction around it would only pretend.
    const [, names] = await knex.migrate.latest({ ...options, disableTransactions: true })
    return (names as (string | Migration)[]).map((name) => (typeof name === 'string' ? name : name.name))
  })
}

async function isCurrent(knex: Knex): Promise<boolean> {
  if (!(await knex.schema.hasTable('migrations'))) return false
  const known = await knownMigrations()
  const done: { name: string }[] = await knex('migrations').select('name')
  const unknown = done.map((row) => row.name).filter((name) => !known.includes(name))
  if (unknown.length) throw new NewerDatabaseError(unknown)
  return done.length === known.length
}
