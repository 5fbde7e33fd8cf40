import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { createConnection } from 'mysql2/promise'
import { parseServerUrl, startMariaDb } from './mariadb.ts'

describe('private MariaDB', () => {
  it('starts on a free port, speaks utf8mb4, and leaves nothing behind', async function () {
    this.timeout(60_000)
    const server = await startMariaDb()
    const connection = await createConnection(server.url)
    const [rows] = await connection.query('SELECT @@datadir AS folder, @@character_set_server AS charset')
    const { folder, charset } = (rows as { folder: string; charset: string }[])[0]!
    await connection.end()
    expect(charset).to.equal('utf8mb4')
    expect(existsSync(folder)).to.equal(true)
    await server.stop()
    expect(existsSync(folder)).to.equal(false)
  })

  it('keeps the data of a folder that it was given', async function () {
    this.timeout(60_000)
    const folder = mkdtempSync(join(tmpdir(), 'integral-kept-'))
    try {
      const first = await startMariaDb({ folder })
      const writer = await createConnection(first.url)
      await writer.query('CREATE DATABASE kept')
      await writer.end()
      await first.stop()
      const second = await startMariaDb({ folder })
      const reader = await createConnection({ uri: second.url, database: 'kept' })
      await reader.end()
      await second.stop()
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })

  it('reads the address of a server and refuses others', () => {
    const { url, ...server } = parseServerUrl('mysql://adm:p%40ss@db.local')
    expect(url).to.equal('mysql://adm:p%40ss@db.local')
    expect(server).to.deep.equal({ host: 'db.local', port: 3306, user: 'adm', password: 'p@ss' })
    expect(() => parseServerUrl('postgres://a@b')).to.throw('mysql://user:password@host:port')
  })
})
