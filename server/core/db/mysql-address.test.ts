import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { mysqlAddress } from './mysql-address.ts'

describe('the way to a MySQL server', () => {
  const folder = mkdtempSync(join(tmpdir(), 'integral-socket-'))
  const file = join(folder, 'mysqld.sock')
  after(() => rmSync(folder, { recursive: true, force: true }))

  it('is the socket of this machine for localhost, if there is one', () => {
    const here = { host: 'localhost', port: 3306 }
    expect(mysqlAddress(here, [file])).to.deep.equal(here)
    writeFileSync(file, '')
    expect(mysqlAddress(here, [join(folder, 'other.sock'), file])).to.deep.equal({ socketPath: file })
  })

  it('is the named host and port otherwise, and the named socket always', () => {
    for (const address of [
      { host: '127.0.0.1', port: 3306 },
      { host: 'localhost', port: 3307 },
      { host: 'db.example', port: 3306 },
    ]) {
      expect(mysqlAddress(address, [file])).to.deep.equal(address)
      expect(mysqlAddress({ ...address, socket: '/own.sock' }, [file])).to.deep.equal({ socketPath: '/own.sock' })
    }
  })
})
