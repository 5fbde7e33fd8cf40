import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import Database from 'libsql'
import { checkDatabase } from './database-check.ts'

const migrations = ['0001-platform', '0002-people']

describe('check of an embedded database', () => {
  let folder: string

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'integral-sqlite-'))
  })

  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  const check = (file: string) => checkDatabase({ kind: 'sqlite', file }, { create: true, migrations })

  function make(file: string, sql: string) {
    const database = new Database(file)
    database.exec(sql)
    database.close()
  }

  it('accepts a file that is not there yet and leaves nothing behind', async () => {
    const file = join(folder, 'new', 'integral.db')
    expect(await check(file)).to.include({ code: 'empty', isUsable: true })
    expect(readdirSync(join(folder, 'new'))).to.deep.equal([])
  })

  it('accepts an empty file', async () => {
    const file = join(folder, 'empty.db')
    writeFileSync(file, '')
    expect((await check(file)).code).to.equal('empty')
  })

  it('says where it cannot write', async () => {
    writeFileSync(join(folder, 'plain'), 'a file, not a folder')
    expect(await check(join(folder, 'plain', 'integral.db'))).to.include({ code: 'file_forbidden', field: 'file' })
    expect(await check('/proc/integral/integral.db')).to.include({ isUsable: false, field: 'file' })
    mkdirSync(join(folder, 'a-folder'))
    expect(await check(join(folder, 'a-folder'))).to.include({ code: 'file_forbidden', field: 'file' })
    if (process.getuid?.() !== 0) {
      chmodSync(folder, 0o500)
      expect(await check(join(folder, 'integral.db'))).to.include({ code: 'file_forbidden' })
      chmodSync(folder, 0o700)
    }
  })

  it('refuses files that are no database, or a damaged one', async () => {
    const file = join(folder, 'list.db')
    writeFileSync(file, 'Фамилия;Имя;Отчество\n'.repeat(100))
    expect(await check(file)).to.include({ code: 'file_not_sqlite', isUsable: false })
    const damaged = join(folder, 'damaged.db')
    writeFileSync(damaged, Buffer.concat([Buffer.from('SQLite format 3\0'), Buffer.alloc(4096, 7)]))
    expect((await check(damaged)).code).to.be.oneOf(['file_not_sqlite', 'file_damaged'])
  })

  it('refuses tables of another program, goes on with its own, refuses newer ones', async () => {
    const foreign = join(folder, 'foreign.db')
    make(foreign, 'CREATE TABLE people (id)')
    expect(await check(foreign)).to.include({ code: 'foreign_tables', field: 'file' })
    make(join(folder, 'other.db'), 'CREATE TABLE migrations (id, migration, batch)')
    expect((await check(join(folder, 'other.db'))).code).to.equal('foreign_tables')
    const own = join(folder, 'own.db')
    // Killed between its first two statements, an installation leaves one table without its lock.
    make(own, 'CREATE TABLE migrations (name)')
    expect((await check(own)).code).to.equal('unfinished')
    make(own, "CREATE TABLE migrations_lock (x); INSERT INTO migrations VALUES ('0001-platform')")
    expect((await check(own)).code).to.equal('unfinished')
    make(own, "CREATE TABLE settings (name, value); INSERT INTO settings VALUES ('installed', '{}')")
    expect((await check(own)).code).to.equal('existing')
    make(own, "INSERT INTO migrations VALUES ('0999-later')")
    expect((await check(own)).code).to.equal('newer')
    expect(existsSync(own)).to.equal(true)
  })
})
