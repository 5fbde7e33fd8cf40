import { createServer, type Server } from 'node:net'
import { expect } from 'chai'
import { type Connection, createConnection } from 'mysql2/promise'
import { freePort, type MariaDb, startMariaDb, testMariaDb } from '../../server/testing/mariadb.ts'
import { checkDatabase } from './database-check.ts'
import type { MysqlSettings } from './mysql-check.ts'

const migrations = ['0001-platform', '0002-people']
const PASSWORD = 'Correct-horse-1'

describe('check of a MySQL or MariaDB database', function () {
  this.timeout(60_000)
  let server: MariaDb
  let root: Connection
  const mark = `t${process.pid}`
  const database = `integral_check_${mark}`
  const users: string[] = []

  before(async () => {
    server = await testMariaDb()
    root = await createConnection({ uri: server.url, multipleStatements: true })
  })

  beforeEach(() => root.query(`DROP DATABASE IF EXISTS ${database}`))

  after(async () => {
    await root.query(`DROP DATABASE IF EXISTS ${database}`)
    for (const user of users) await root.query(`DROP USER IF EXISTS '${user}'@'%'`)
    await root.end()
  })

  /** Makes a user with these rights; `{db}` stands for the database. */
  async function userWith(name: string, ...grants: string[]): Promise<string> {
    const user = `${name}_${mark}`
    users.push(user)
    await root.query(`DROP USER IF EXISTS '${user}'@'%'; CREATE USER '${user}'@'%' IDENTIFIED BY '${PASSWORD}'`)
    for (const grant of grants) await root.query(`GRANT ${grant.replace('{db}', `${database}.*`)} TO '${user}'@'%'`)
    return user
  }

  const check = (settings: Partial<MysqlSettings> = {}, create = true) =>
    checkDatabase(
      {
        kind: 'mysql',
        host: server.host,
        port: server.port,
        user: server.user,
        password: server.password,
        database,
        ...settings,
      },
      { create, migrations },
    )

  it('accepts an empty database and leaves it empty', async () => {
    await root.query(`CREATE DATABASE ${database}`)
    const report = await check()
    expect(report).to.include({ code: 'empty', isUsable: true })
    expect(report.values.product).to.be.oneOf(['MariaDB', 'MySQL'])
    const [tables] = await root.query(`SHOW TABLES FROM ${database}`)
    expect(tables).to.have.length(0)
  })

  it('offers to make a missing database, and makes it when told to', async () => {
    expect(await check({}, false)).to.include({ code: 'missing', isUsable: false, field: 'database' })
    expect(await check({}, true)).to.include({ code: 'created', isUsable: true })
    const [rows] = await root.query(
      `SELECT default_character_set_name AS charset FROM information_schema.schemata WHERE schema_name = '${database}'`,
    )
    expect(rows).to.deep.equal([{ charset: 'utf8mb4' }])
  })

  it('says that the user may not make the database', async () => {
    const user = await userWith('reader', 'SELECT ON {db}')
    expect(await check({ user, password: PASSWORD })).to.include({ code: 'create_forbidden', field: 'database' })
  })

  it('says that the user has no rights on the database at all', async () => {
    await root.query(`CREATE DATABASE ${database}`)
    const user = await userWith('stranger')
    expect(await check({ user, password: PASSWORD })).to.include({ code: 'no_rights', field: 'database' })
  })

  it('names exactly the rights that are missing, and leaves no table behind', async () => {
    await root.query(`CREATE DATABASE ${database}`)
    const user = await userWith('partly', 'SELECT, INSERT, UPDATE, DELETE, CREATE, DROP ON {db}')
    const report = await check({ user, password: PASSWORD })
    expect(report).to.include({ code: 'rights_missing', field: 'user' })
    // MySQL asks for the right to reference a table, MariaDB does not.
    expect(report.values.rights).to.be.oneOf(['INDEX, ALTER', 'INDEX, ALTER, REFERENCES'])
    const [tables] = await root.query(`SHOW TABLES FROM ${database}`)
    expect(tables).to.have.length(0)
  })

  it('works with exactly the rights that it asks for', async () => {
    await root.query(`CREATE DATABASE ${database}`)
    const rights = 'SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, INDEX, ALTER, REFERENCES'
    const user = await userWith('enough', `${rights} ON {db}`)
    expect(await check({ user, password: PASSWORD })).to.include({ code: 'empty', isUsable: true })
  })

  it('tells a wrong password and an unknown user from other troubles', async () => {
    const user = await userWith('known')
    expect(await check({ user, password: 'wrong' })).to.include({ code: 'wrong_password', field: 'password' })
    expect(await check({ user: 'nobody_here' })).to.include({ code: 'wrong_password', field: 'password' })
  })

  it('tells a server that is off from a host that does not exist', async () => {
    expect(await check({ port: await freePort() })).to.include({ code: 'refused', field: 'host' })
    expect(await check({ host: 'localhost', port: await freePort() })).to.include({ code: 'refused', field: 'host' })
    expect(await check({ host: 'no-such-host.invalid' })).to.include({ code: 'host_unknown', field: 'host' })
    expect(await check({ socket: '/nowhere/mysqld.sock' })).to.include({ code: 'socket_missing', field: 'socket' })
  })

  it('recognises a port where something else answers', async () => {
    const talkative = await listen((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
    const silent = await listen(() => {})
    try {
      expect(await check({ port: talkative.port })).to.include({ code: 'not_a_server', field: 'port' })
      expect((await check({ port: silent.port })).code).to.equal('no_answer')
    } finally {
      talkative.server.close()
      silent.server.close()
    }
  })

  it('refuses tables of another program and names them', async () => {
    await root.query(`CREATE DATABASE ${database}; CREATE TABLE ${database}.wp_posts (id INT)`)
    const report = await check()
    expect(report).to.include({ code: 'foreign_tables', isUsable: false, field: 'database' })
    expect(report.values).to.include({ tables: 'wp_posts', total: 1 })
  })

  it('is not deceived by another program that also keeps migrations and settings', async () => {
    await root.query(
      `CREATE DATABASE ${database};
       CREATE TABLE ${database}.migrations (id INT, migration VARCHAR(50));
       CREATE TABLE ${database}.migrations_lock (is_locked INT);
       CREATE TABLE ${database}.posts (id INT)`,
    )
    expect((await check()).code).to.equal('foreign_tables')
    await root.query(`DROP TABLE ${database}.posts, ${database}.migrations_lock`)
    expect((await check()).code).to.equal('foreign_tables')
    await root.query(`CREATE TABLE ${database}.migrations_lock (is_locked INT)`)
    await root.query(`CREATE TABLE ${database}.settings (id INT, title VARCHAR(20))`)
    await root.query(`INSERT INTO ${database}.migrations VALUES (1, '2014_10_12_create_users')`)
    expect((await check()).isUsable).to.equal(false)
  })

  it('goes on with an unfinished installation, takes over a finished one, refuses a newer one', async () => {
    await root.query(
      `CREATE DATABASE ${database};
       CREATE TABLE ${database}.migrations (id INT, name VARCHAR(50))`,
    )
    // Killed between its first two statements, an installation leaves one table without its lock.
    expect((await check()).code).to.equal('unfinished')
    await root.query(`CREATE TABLE ${database}.migrations_lock (is_locked INT)`)
    expect((await check()).code).to.equal('unfinished')
    await root.query(
      `CREATE TABLE ${database}.settings (name VARCHAR(64), value TEXT);
       INSERT INTO ${database}.migrations VALUES (1, '0001-platform')`,
    )
    expect((await check()).code).to.equal('unfinished')
    await root.query(`INSERT INTO ${database}.settings VALUES ('installed', '{}')`)
    const existing = await check()
    expect(existing).to.include({ code: 'existing', isUsable: true })
    expect(existing.values.behind).to.equal(1)
    await root.query(`INSERT INTO ${database}.migrations VALUES (2, '0999-later')`)
    expect(await check()).to.include({ code: 'newer', isUsable: false })
  })

  it('changes an empty database of another character set to utf8mb4', async () => {
    await root.query(`CREATE DATABASE ${database} CHARACTER SET latin1`)
    expect((await check()).code).to.equal('empty')
    const [rows] = await root.query(
      `SELECT default_character_set_name AS charset FROM information_schema.schemata WHERE schema_name = '${database}'`,
    )
    expect(rows).to.deep.equal([{ charset: 'utf8mb4' }])
  })

  it('refuses names that are none', async () => {
    expect(await check({ database: 'a; DROP TABLE b' })).to.include({ code: 'name_invalid', field: 'database' })
  })

  it('refuses an old version, and a server that takes no writes', async () => {
    const old = await startMariaDb({ settings: { version: '10.3.39-MariaDB', 'max-connections': '20' } })
    try {
      const { host, port, user, password } = old
      const report = await check({ host, port, user, password })
      expect(report).to.include({ code: 'old_version', field: 'host' })
      expect(report.values).to.include({ product: 'MariaDB', version: '10.3.39', wanted: '10.6' })
    } finally {
      await old.stop()
    }
    const frozen = await startMariaDb({ settings: { 'read-only': 'ON', 'max-connections': '20' } })
    try {
      const { host, port } = frozen
      const owner = await createConnection({ uri: frozen.url, multipleStatements: true })
      await owner.query(
        `CREATE DATABASE ${database}; CREATE USER plain@'%' IDENTIFIED BY '${PASSWORD}'; GRANT ALL ON ${database}.* TO plain@'%'`,
      )
      await owner.end()
      expect((await check({ host, port, user: 'plain', password: PASSWORD })).code).to.equal('read_only')
    } finally {
      await frozen.stop()
    }
  })
})

async function listen(handle: (socket: import('node:net').Socket) => void): Promise<{ server: Server; port: number }> {
  const port = await freePort()
  const server = createServer((socket) => {
    socket.on('error', () => {})
    handle(socket)
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  server.unref()
  return { server, port }
}
