import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type App, allPermissions, createApp } from '../app.ts'
import type { Config, DatabaseConfig } from '../config.ts'
import { connect } from '../core/db/connect.ts'
import { db, isMysql, openDatabase, rootDatabase, toJson } from '../core/db/index.ts'
import { migrate } from '../core/db/migrate.ts'
import { deliverEvents } from '../core/events/index.ts'
import { runJobs } from '../core/jobs/index.ts'
import { deliverNotices } from '../core/notices/deliver.ts'
import { forgetRoles } from '../core/rights/actor.ts'
import { syncRoles } from '../core/rights/roles.ts'
import { forgetSettings } from '../core/settings.ts'
import { nowUtc } from '../core/time.ts'
import { hashPasswordsCheaply } from '../features/accounts/passwords.ts'
import { EVENTS_BY_AREA } from '../features/audit/event-kinds.ts'
import { forgetMany } from '../features/people/begin.ts'
import { startBackground } from '../start.ts'
import { TestClient } from './client.ts'
import { testMariaDb } from './mariadb.ts'

export type TestApp = {
  url: string
  app: App
  /** A browser without cookies. */
  visitor: () => TestClient
  /** A browser of this person, signed in through the sign-in page. */
  signedIn: (login: string, password?: string) => Promise<TestClient>
  /** Waits until domain events and notices are delivered and jobs that are due are done. */
  settle: () => Promise<void>
}

/** Every account that builders make has this password. */
export const TEST_PASSWORD = 'correct horse battery'

let started: Promise<{ server: Server; app: App; url: string }> | undefined

async function testDatabase(): Promise<DatabaseConfig> {
  if (process.env.INTEGRAL_TEST_DB !== 'mysql') {
    const folder = mkdtempSync(join(tmpdir(), 'integral-test-'))
    process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
    process.env.INTEGRAL_DATA = folder
    return { kind: 'sqlite', file: join(folder, 'test.sqlite') }
  }
  process.env.INTEGRAL_DATA ??= mkdtempSync(join(tmpdir(), 'integral-test-'))
  const server = await testMariaDb()
  const database = `integral_test_${process.pid}`
  const { host, port, user, password } = server
  const access = { kind: 'mysql', host, port, user, password, pool: 10 } as const
  const admin = connect({ ...access, database: '' })
  await admin.raw(`drop database if exists ${database}`)
  await admin.raw(`create database ${database} character set utf8mb4 collate utf8mb4_bin`)
  await admin.destroy()
  return { ...access, database }
}

async function start() {
  process.env.INTEGRAL_COUNT_QUERIES = '1'
  const database = await testDatabase()
  const config: Config = {
    dataFolder: process.env.INTEGRAL_DATA as string,
    host: '127.0.0.1',
    port: 0,
    secret: 'only for tests, only for tests, only for tests',
    trustProxy: 0,
    attemptsPerAddress: 100_000,
    logLevel: 'error',
    database,
  }
  hashPasswordsCheaply()
  openDatabase(database)
  await migrate(rootDatabase())
  const app = createApp(config)
  const server = createServer(app.express)
  startBackground(server, app)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  server.unref()
  return { server, app, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

/** Empties every table and lays the ready-made roles anew. */
async function resetDatabase() {
  const knex = rootDatabase()
  const rows = isMysql(knex)
    ? (await knex.raw('select table_name as name from information_schema.tables where table_schema = database()'))[0]
    : await knex.raw("select name from sqlite_master where type = 'table' and name not like 'sqlite_%'")
  const tables = (rows as { name: string }[]).map((row) => row.name).filter((name) => !name.startsWith('migrations'))
  if (isMysql(knex)) {
    await knex.transaction(async (trx) => {
      await trx.raw('set foreign_key_checks = 0')
      for (const table of tables) await trx(table).del()
      await trx.raw('set foreign_key_checks = 1')
    })
  } else {
    await knex.raw('pragma foreign_keys = off')
    await knex.transaction(async (trx) => {
      await trx.raw('pragma defer_foreign_keys = on')
      for (const table of tables) await trx(table).del()
    })
    await knex.raw('pragma foreign_keys = on')
  }
  forgetRoles()
  forgetSettings()
  forgetMany()
  await syncRoles(allPermissions)
  // Twelve minutes past an hour no test may find a backup that it did not ask for.
  const row = { name: 'backups', value: toJson({ enabled: false }), updated_at: nowUtc() }
  await knex('settings').insert(row)
}

/**
 * The application for the tests of one file: call it inside `describe`. The process starts it once, on the database that
 * INTEGRAL_TEST_DB names, and each file begins with an empty database.
 */
export function useApp(): TestApp {
  const self = { url: '', app: undefined as unknown as App } as TestApp
  self.visitor = () => new TestClient(self.url)
  self.signedIn = async (login, password = TEST_PASSWORD) => {
    const client = self.visitor()
    const answer = await client.post('/sign-in', { login, password })
    if (answer.status !== 303)
      throw new Error(`${login} could not sign in: ${answer.status} ${answer.text.slice(0, 500)}`)
    return client
  }
  self.settle = async () => {
    const until = Date.now() + 60_000
    while (Date.now() < until) {
      await deliverEvents()
      await runJobs()
      await deliverNotices()
      const waiting = await db()('domain_events').whereNull('delivered_at').first('id')
      // A job that has failed once waits for its next try; one that the worker has taken is waited for.
      const due = await db()('jobs').where({ state: 'running' }).orWhere({ state: 'queued', attempts: 0 }).first('id')
      if (!waiting && !due) return
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
  before(async function () {
    this.timeout(60_000)
    started ??= start()
    const { app, url } = await started
    self.url = url
    self.app = app
    await resetDatabase()
  })
  after('every event that was recorded has its words in the audit trail', async () => {
    const types: string[] = await db()('domain_events').whereNot('type', 'like', 'test%').distinct('type').pluck('type')
    const known = new Set(Object.values(EVENTS_BY_AREA).flat())
    const unknown = types.filter((type) => !known.has(type))
    if (unknown.length)
      throw new Error(`Name these in features/audit/event-kinds.ts and its texts: ${unknown.join(', ')}`)
  })
  return self
}
