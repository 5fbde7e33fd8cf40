import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import knexModule, { type Knex } from 'knex'
import type { DatabaseConfig } from '../../config.ts'
import { mysqlAddress } from './mysql-address.ts'
import { LibsqlClient } from './sqlite-client.ts'

const { default: knex = knexModule } = knexModule as unknown as { default?: typeof knexModule }

/**
 * Opens a connection pool. SQLite: write-ahead log, foreign keys, a small pool of readers beside the one writer.
 * MySQL/MariaDB: READ COMMITTED, UTC, dates as text.
 */
export function connect(config: DatabaseConfig): Knex {
  return config.kind === 'sqlite' ? connectSqlite(config.file) : connectMysql(config)
}

function connectSqlite(file: string): Knex {
  mkdirSync(dirname(file), { recursive: true })
  return knex({
    // biome-ignore lint/suspicious/noExplicitAny: knex types a custom client as its own class
    client: LibsqlClient as any,
    connection: { filename: file },
    useNullAsDefault: true,
    // Error messages name no values: they go to the log, where personal data have no place.
    compileSqlOnError: false,
    pool: {
      min: 1,
      max: 4,
      afterCreate(connection: { exec(sql: string): void }, done: (error?: Error) => void) {
        connection.exec('PRAGMA journal_mode = WAL')
        connection.exec('PRAGMA synchronous = NORMAL')
        connection.exec('PRAGMA foreign_keys = ON')
        connection.exec('PRAGMA busy_timeout = 5000')
        connection.exec('PRAGMA cache_size = -32000')
        done()
      },
    },
  })
}

type MysqlConfig = Extract<DatabaseConfig, { kind: 'mysql' }>

/** How the driver talks to the server: dates and big numbers come as text, as they are in the database. */
export const mysqlOptions = (config: MysqlConfig) => ({
  ...mysqlAddress(config),
  user: config.user,
  password: config.password,
  database: config.database,
  charset: 'utf8mb4',
  timezone: 'Z',
  dateStrings: true,
  supportBigNumbers: true,
  connectTimeout: 8000,
})

function connectMysql(config: MysqlConfig): Knex {
  return knex({
    client: 'mysql2',
    compileSqlOnError: false,
    connection: mysqlOptions(config),
    acquireConnectionTimeout: 10_000,
    pool: {
      min: 0,
      max: config.pool,
      afterCreate(
        connection: { query(sql: string, done: (error: Error | null) => void): void },
        done: (error: Error | null, connection: unknown) => void,
      ) {
        connection.query('SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED', (error) => done(error, connection))
      },
    },
  })
}

/** Whether this pool speaks to MySQL or MariaDB (otherwise SQLite). */
export const isMysql = (knex: Knex): boolean => knex.client.config.client === 'mysql2'
