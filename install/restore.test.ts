import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { type DatabaseConfig, dataFolder } from '../server/config.ts'
import { LEFT_OUT } from '../server/core/backup/format.ts'
import { makeBackup } from '../server/core/backup/make.ts'
import { checkBackup } from '../server/core/backup/read.ts'
import { openSnapshot } from '../server/core/backup/snapshot.ts'
import { connect } from '../server/core/db/connect.ts'
import { breathe, db, insertRows, openedDatabase } from '../server/core/db/index.ts'
import { attachFile, keepFile } from '../server/core/files/index.ts'
import { packageRoot } from '../server/core/paths.ts'
import { SYSTEM } from '../server/core/rights/index.ts'
import { inSeconds, nowUtc } from '../server/core/time.ts'
import { useApp } from '../server/testing/app.ts'
import { makeCohort, makeEnrolment, makePerson, makeUser } from '../server/testing/builders.ts'
import { restore } from './restore.ts'

/** Every row of a database, as texts in no order: the two kinds of databases keep them in orders of their own. */
async function contentsOf(config: DatabaseConfig): Promise<Record<string, string[]>> {
  const snapshot = await openSnapshot(config)
  const contents: Record<string, string[]> = {}
  for (const table of snapshot.tables.filter((name) => !LEFT_OUT.includes(name))) {
    const { columns, pieces } = await snapshot.read(table)
    const order = [...columns].sort()
    const lines: string[] = []
    for await (const piece of pieces) {
      for (const row of piece) {
        const value = (name: string) => row[columns.indexOf(name)] ?? null
        lines.push(JSON.stringify(order.map((name) => (value(name) === null ? null : String(value(name))))))
      }
    }
    contents[table] = lines.sort()
  }
  await snapshot.close()
  return contents
}

// The backup is made of the database that INTEGRAL_TEST_DB names, and restored on that kind and on the other.
describe('backup and restoration', function () {
  this.timeout(120_000)
  useApp()
  const folder = mkdtempSync(join(tmpdir(), 'integral-restore-'))
  const file = join(folder, 'backup.zip')
  const made: string[] = []
  let whole: Record<string, string[]>
  let sha256: string

  const source = () => ({ dataFolder: dataFolder(), database: openedDatabase(), publicUrl: 'https://integral.example' })
  const fresh = (name: string) => join(folder, name)

  /** An empty database of the kind of this run. */
  async function emptyDatabase(name: string): Promise<DatabaseConfig> {
    const config = openedDatabase()
    if (config.kind === 'sqlite') return { kind: 'sqlite', file: join(folder, `${name}.db`) }
    const database = `${config.database}_${name}`
    const admin = connect(config)
    await admin.raw(`drop database if exists ${database}`)
    await admin.raw(`create database ${database} character set utf8mb4 collate utf8mb4_bin`)
    await admin.destroy()
    made.push(database)
    return { ...config, database }
  }

  const command = (name: string, args: string[], data: string) =>
    spawn(process.execPath, ['--import', 'tsx', join(packageRoot, 'server', 'cli', `${name}.ts`), ...args], {
      env: { ...process.env, INTEGRAL_DATA: data },
      cwd: packageRoot,
      stdio: 'ignore',
    })
  /** A data folder that is configured for a database. */
  function configured(name: string, database: DatabaseConfig): string {
    mkdirSync(fresh(name), { recursive: true })
    writeFileSync(join(fresh(name), 'config.json'), JSON.stringify({ secret: 'x'.repeat(40), database }))
    return fresh(name)
  }

  before(async () => {
    const cohort = await makeCohort({ title: 'Поток «Ёлка» 😀 \'"; --' })
    for (let at = 0; at < 40; at++)
      await makeEnrolment(await makePerson({ middle_name: at % 2 ? null : 'Ильич' }), cohort)
    const person = await makeUser('director', 'director')
    const path = join(folder, 'photo.txt')
    writeFileSync(path, 'Памятка наставнику\n'.repeat(1000))
    const fileId = await keepFile(SYSTEM, { path, name: 'Памятка.txt', size: 1, use: 'photo' }, 'file')
    await attachFile(fileId, 'person_photo', person)
    sha256 = (await db()('files').where({ id: fileId }).first()).sha256
    const event = {
      type: 'testHappened',
      occurred_at: nowUtc(),
      subject_type: 'test',
      subject_id: 1,
      delivered_at: nowUtc(),
    }
    await insertRows(
      'domain_events',
      Array.from({ length: 3000 }, (_, at) => ({
        ...event,
        data: JSON.stringify({ at, text: 'строка\n"кавычки" \\ 😀' }),
      })),
    )
    await db()('settings').insert({ name: 'installed', value: '{"id":"x"}', updated_at: nowUtc() })
    whole = await contentsOf(openedDatabase())
    await makeBackup(source(), { target: file })
  })

  after(async () => {
    const config = openedDatabase()
    if (config.kind === 'mysql') {
      const admin = connect(config)
      for (const database of made) await admin.raw(`drop database if exists ${database}`)
      await admin.destroy()
    }
    rmSync(folder, { recursive: true, force: true })
  })

  it('sends no letter of yesterday by itself, and makes no backup because one was under way', async () => {
    const letter = { kind: 'test.letter', language: 'ru', subject: 'Тема', body_text: 'Текст', created_at: nowUtc() }
    await db()('mail_outbox').insert(
      ['waiting', 'sent'].map((state) => ({
        ...letter,
        state,
        to_address: `${state}@a.example`,
        next_attempt_at: nowUtc(),
      })),
    )
    const running = { kind: 'backups.make', state: 'running', payload: '{"by":null}', run_at: nowUtc() }
    await db()('jobs').insert({ ...running, lease_until: inSeconds(600), created_at: nowUtc() })
    const target = join(folder, 'at-work.zip')
    try {
      await makeBackup(source(), { target })
      const { config } = await restore(target, { folder: fresh('at-work') })
      const restored = connect(config.database)
      const letters = await restored('mail_outbox').orderBy('to_address').select('to_address', 'state', 'error_code')
      expect(letters.map(({ to_address, ...row }) => ({ ...row }))).to.deep.equal([
        { state: 'sent', error_code: null },
        { state: 'failed', error_code: 'restored' },
      ])
      expect(await restored('jobs').where({ kind: 'backups.make' })).to.deep.equal([])
      await restored.destroy()
    } finally {
      await db()('mail_outbox').where({ kind: letter.kind }).del()
      await db()('jobs').where({ kind: running.kind }).del()
    }
  })

  it('takes the place of a damaged file, which is put aside', async () => {
    const data = configured('damaged', { kind: 'sqlite', file: 'integral.db' })
    const damaged = Buffer.concat([Buffer.from('SQLite format 3\0'), Buffer.alloc(4096, 7)])
    writeFileSync(join(data, 'integral.db'), damaged)
    const refusal = await restore(file, { folder: data }).catch((error) => error)
    expect(refusal.code).to.be.oneOf(['file_not_sqlite', 'file_damaged'])
    const { config } = await restore(file, { folder: data, replace: true })
    expect(await contentsOf(config.database)).to.deep.equal(whole)
    expect(readFileSync(join(data, 'integral.db.damaged')).equals(damaged)).to.equal(true)
  })

  it('gives back every row and every file, on the same kind of database and on the embedded one', async () => {
    for (const database of [await emptyDatabase('same'), { kind: 'sqlite', file: 'integral.db' } as const]) {
      const data = fresh(`on-${database.kind}-${made.length}-${Math.random()}`)
      const { manifest, config } = await restore(file, { folder: data, database })
      expect(await contentsOf(config.database)).to.deep.equal(whole)
      expect(manifest.files).to.deep.equal([sha256])
      expect(readFileSync(join(data, 'files', sha256.slice(0, 2), sha256), 'utf8')).to.include('Памятка наставнику')
      const stored = JSON.parse(readFileSync(join(data, 'config.json'), 'utf8'))
      expect(stored).to.deep.include({ publicUrl: 'https://integral.example', database })
      expect(stored.secret).to.have.length(64)
    }
  })

  it('brings the embedded database to the kind of this run', async () => {
    const small = fresh('small')
    await restore(file, { folder: small })
    const embedded = join(folder, 'embedded.zip')
    const database = { kind: 'sqlite', file: join(small, 'integral.db') } as const
    await makeBackup({ dataFolder: small, database }, { target: embedded })
    const { config } = await restore(embedded, { folder: fresh('moved'), database: await emptyDatabase('moved') })
    expect(await contentsOf(config.database)).to.deep.equal(whole)
  })

  it('shows one instant although people go on writing', async () => {
    let writing = true
    const pairs = (async () => {
      for (let at = 0; writing; at++) {
        await breathe()
        await db().transaction(async (trx) => {
          const row = { value: JSON.stringify(at), updated_at: nowUtc() }
          for (const name of ['pair-a', 'pair-b'])
            await trx('settings')
              .insert({ name, ...row })
              .onConflict('name')
              .merge()
          await trx('leases').insert({ name: 'pair', owner: 'x', until: nowUtc() }).onConflict('name').merge()
        })
      }
    })()
    try {
      for (let round = 0; round < 3; round++) {
        await new Promise((resolve) => setTimeout(resolve, 20))
        const target = join(folder, `round-${round}.zip`)
        await makeBackup(source(), { target })
        const { config } = await restore(target, { folder: fresh(`round-${round}`) })
        const { settings } = await contentsOf(config.database)
        const values = settings?.filter((line) => line.includes('"pair-')).map((line) => JSON.parse(line)[2])
        expect(values).to.have.length(2)
        expect(values?.[0]).to.equal(values?.[1])
      }
    } finally {
      writing = false
      await pairs
    }
    await db()('settings').whereIn('name', ['pair-a', 'pair-b']).del()
  })

  it('replaces what is there only when told to, and then wholly', async () => {
    const database = await emptyDatabase('used')
    const { config } = await restore(file, { folder: fresh('used'), database })
    const knex = connect(config.database)
    await knex('people').update({ first_name: 'Испорчено' })
    await knex('positions').insert({
      name: 'лишняя',
      name_folded: 'лишняя',
      state: 'active',
      version: 1,
      created_at: nowUtc(),
    })
    await knex.destroy()
    const error = await restore(file, { folder: fresh('used') }).catch((thrown) => thrown)
    expect(error).to.include({ code: 'existing' })
    expect((await contentsOf(config.database)).people).to.not.deep.equal(whole.people)
    // A system that runs would go on writing into what has been put away.
    const running = connect(config.database)
    await running('leases').insert({ name: 'schedule:test', owner: 'x', until: inSeconds(50) })
    const refusal = await restore(file, { folder: fresh('used'), replace: true }).catch((thrown) => thrown)
    expect(refusal).to.include({ code: 'running' })
    await running('leases').update({ until: inSeconds(-1) })
    await running.destroy()
    await restore(file, { folder: fresh('used'), replace: true })
    expect(await contentsOf(config.database)).to.deep.equal(whole)
  })

  it('gives back long texts, of which a statement holds few', async () => {
    const letter = { kind: 'test.long', to_address: 'a@example.org', language: 'ru', subject: 'Длинное', state: 'sent' }
    const times = { next_attempt_at: nowUtc(), created_at: nowUtc() }
    for (let at = 0; at < 40; at++)
      await db()('mail_outbox').insert({ ...letter, ...times, body_text: `${at}'`.repeat(200_000) })
    const target = join(folder, 'long.zip')
    await makeBackup(source(), { target })
    const { config } = await restore(target, { folder: fresh('long'), database: await emptyDatabase('long') })
    const knex = connect(config.database)
    expect(await knex('mail_outbox').orderBy('id').pluck('body_text')).to.deep.equal(
      await db()('mail_outbox').orderBy('id').pluck('body_text'),
    )
    await knex.destroy()
    await db()('mail_outbox').del()
  })

  it('refuses what is no whole backup, and touches nothing', async () => {
    const bytes = readFileSync(file)
    // A letter of a file's content: other bytes of a ZIP file may mean nothing.
    const letter = bytes.indexOf('Памятка наставнику')
    const damaged: [string, Buffer, string][] = [
      ['words', Buffer.from('Это не копия'), 'cutOff'],
      ['empty', Buffer.alloc(0), 'cutOff'],
      ['half', bytes.subarray(0, bytes.length / 2), 'cutOff'],
      ['changed', Buffer.concat([bytes.subarray(0, letter), Buffer.from([1]), bytes.subarray(letter + 1)]), 'changed'],
    ]
    for (const [name, content, code] of damaged) {
      const bad = join(folder, `${name}.zip`)
      writeFileSync(bad, content)
      const error = await restore(bad, { folder: fresh(name) }).catch((thrown) => thrown)
      expect(error, name).to.include({ name: 'DamagedBackupError', code })
      expect(existsSync(join(fresh(name), 'config.json')), name).to.equal(false)
    }
  })

  it('killed anywhere leaves what was there, and is simply repeated', async () => {
    const database = await emptyDatabase('killed')
    const data = configured('killed', database)
    await restore(file, { folder: data })
    const knex = connect(database)
    await knex('people').update({ first_name: 'Прежнее' })
    await knex.destroy()
    const old = await contentsOf(database)
    for (const moment of [500, 900, 1300]) {
      const child = command('restore', [file, '--replace'], data)
      const ended = once(child, 'exit')
      await new Promise((resolve) => setTimeout(resolve, moment))
      child.kill('SIGKILL')
      await ended
      const now = await contentsOf(database)
      expect(
        [old, whole].some((state) => JSON.stringify(state) === JSON.stringify(now)),
        `${moment} ms`,
      ).to.equal(true)
    }
    const last = command('restore', [file, '--replace'], data)
    expect((await once(last, 'exit'))[0]).to.equal(0)
    expect(await contentsOf(database)).to.deep.equal(whole)
  })

  it('a backup that is killed is none', async () => {
    const data = configured('cut', openedDatabase())
    for (const moment of [300, 700, 1000]) {
      const child = command('backup', [], data)
      const ended = once(child, 'exit')
      await new Promise((resolve) => setTimeout(resolve, moment))
      child.kill('SIGKILL')
      await ended
      const names = existsSync(join(data, 'backups')) ? readdirSync(join(data, 'backups')) : []
      for (const name of names.filter((found) => found.endsWith('.zip'))) await checkBackup(join(data, 'backups', name))
    }
    const whole = command('backup', [], data)
    expect((await once(whole, 'exit'))[0]).to.equal(0)
    expect(readdirSync(join(data, 'backups')).some((name) => name.endsWith('.zip'))).to.equal(true)
  })

  it('says in words what it does not do', () => {
    const run = (...args: string[]) =>
      spawnSync(process.execPath, ['--import', 'tsx', join(packageRoot, 'server', 'cli', 'restore.ts'), ...args], {
        env: { ...process.env, INTEGRAL_DATA: configured('words-of', openedDatabase()), INTEGRAL_LANGUAGE: 'ru' },
        cwd: packageRoot,
        encoding: 'utf8',
      })
    const half = join(folder, 'half.zip')
    truncateSync(half, 500)
    expect(run()).to.include({ status: 2 })
    expect(run().stderr).to.include('Какую копию восстановить?')
    expect(run(half).stderr).to.include('Файл оборван')
    expect(run(file).stderr).to.include('--replace')
    expect(run(join(folder, 'nowhere.zip')).status).to.equal(1)
  })
})
