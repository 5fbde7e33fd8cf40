import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Knex } from 'knex'
import type { DatabaseConfig } from '../../config.ts'
import { testMariaDb } from '../../testing/mariadb.ts'
import { connect } from './connect.ts'
import { knownMigrations, migrate, NewerDatabaseError } from './migrate.ts'

describe('migrations', function () {
  this.timeout(60_000)
  let config: DatabaseConfig
  let folder: string
  const opened: Knex[] = []
  const open = () => {
    const knex = connect(config)
    opened.push(knex)
    return knex
  }

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'integral-migrate-'))
    if (process.env.INTEGRAL_TEST_DB !== 'mysql') {
      config = { kind: 'sqlite', file: join(folder, 'test.sqlite') }
      return
    }
    const { host, port, user, password } = await testMariaDb()
    config = { kind: 'mysql', host, port, user, password, pool: 4, database: '' }
    const database = `integral_migrate_${process.pid}`
    await open().raw(`drop database if exists ${database}`)
    await open().raw(`create database ${database} character set utf8mb4`)
    config = { ...config, database }
  })

  afterEach(async () => {
    if (config.kind === 'mysql') await open().raw(`drop database if exists ${config.database}`)
    for (const knex of opened.splice(0)) await knex.destroy()
    rmSync(folder, { recursive: true, force: true })
  })

  it('are done once, even when several processes start together', async () => {
    const results = await Promise.all([migrate(open()), migrate(open()), migrate(open())])
    const done = results.filter((names) => names.length > 0)
    expect(done).to.deep.equal([await knownMigrations()])
    expect(await migrate(open())).to.deep.equal([])
  })

  it('refuse a database of a newer version', async () => {
    const knex = open()
    await migrate(knex)
    await knex('migrations').insert({ name: '9999-later', batch: 2 })
    const refusal = await migrate(open()).catch((error) => error)
    expect(refusal).to.be.instanceOf(NewerDatabaseError)
    expect(refusal.message).to.include('9999-later')
  })

  it('go on after the process was killed in the middle', async () => {
    // Killed at different moments: whatever was cut off, the next start must complete it.
    for (const moment of [0, 15, 60]) {
      const child = fork(join(import.meta.dirname, 'migrate.test-child.ts'), [JSON.stringify(config)])
      const ended = once(child, 'exit')
      await once(child, 'message')
      await new Promise((resolve) => setTimeout(resolve, moment))
      child.kill('SIGKILL')
      await ended
    }
    const knex = open()
    await migrate(knex)
    expect(await knex('migrations').orderBy('id').pluck('name')).to.deep.equal(await knownMigrations())
  })
})
