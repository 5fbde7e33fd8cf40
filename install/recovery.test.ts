import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { type DatabaseConfig, loadConfig } from '../server/config.ts'
import { connect } from '../server/core/db/connect.ts'
import { TestClient } from '../server/testing/client.ts'
import { freePort } from '../server/testing/mariadb.ts'
import {
  ADMINISTRATOR,
  AUTHORITY,
  answerAll,
  cleanUp,
  enterWizard,
  makeDatabase,
  makeDataFolder,
  runCommand,
  startProgram,
} from './testing.ts'

const ADDRESS = 'http://integral.zarechny.example'

/** Asks the installed database directly, whatever the system would show of it. */
async function count(config: DatabaseConfig, table: string): Promise<number> {
  const knex = connect(config)
  const [row] = await knex(table).count({ total: '*' })
  await knex.destroy()
  return Number(row?.total)
}

// Runs on the database that INTEGRAL_TEST_DB names, each time in processes of its own.
describe('installation in trouble', function () {
  this.timeout(120_000)
  after(cleanUp)

  it('goes on after being killed anywhere, and does nothing twice', async () => {
    const folder = makeDataFolder()
    const database = await makeDatabase('killed')
    const first = await startProgram(folder)
    await answerAll(await enterWizard(first, folder), database.answers, 'programme')
    await first.stop()
    for (const moment of [60, 150, 300]) {
      const program = await startProgram(folder)
      if (existsSync(join(folder, 'config.json'))) {
        await program.stop()
        break
      }
      const client = await enterWizard(program, folder)
      const cut = client.post('/setup/finish', { address: ADDRESS }).catch(() => undefined)
      await new Promise((resolve) => setTimeout(resolve, moment))
      await program.stop('SIGKILL')
      await cut
    }
    if (!existsSync(join(folder, 'config.json'))) {
      const last = await startProgram(folder)
      const client = await enterWizard(last, folder)
      const done = await client.post('/setup/finish', { address: ADDRESS })
      expect(done.status, done.text).to.equal(200)
      await last.stop()
    }
    const system = await startProgram(folder)
    const { login, password } = ADMINISTRATOR
    const signedIn = await new TestClient(system.url).post('/sign-in', { login, password })
    expect(signedIn.status).to.equal(303)
    await system.stop()
    const config = loadConfig(folder).database
    expect(await count(config, 'people')).to.equal(1)
    expect(await count(config, 'grants')).to.equal(1)
    expect(await count(config, 'programmes')).to.equal(1)
    expect(await count(config, 'modules')).to.equal(8)
    await database.drop()
  })

  it('takes over a finished installation and leaves its data as they are', async () => {
    const folder = makeDataFolder()
    const database = await makeDatabase('taken')
    const program = await startProgram(folder)
    const client = await enterWizard(program, folder)
    await answerAll(client, database.answers)
    await client.post('/setup/finish', { address: ADDRESS })
    await program.stop()

    // Another data folder, as after moving to another machine; the embedded database moves along.
    const moved = makeDataFolder()
    if (!database.query) copyFileSync(join(folder, 'integral.sqlite'), join(moved, 'integral.sqlite'))
    const second = await startProgram(moved)
    const owner = await enterWizard(second, moved)
    await owner.post('/setup/machine')
    const chosen = await owner.post('/setup/database', { ...database.answers })
    expect(chosen.location).to.equal('/setup/finish')
    const summary = await owner.get('/setup/finish')
    expect(summary.text).to.include('уже есть установленный Интеграл').and.not.to.include('Наполнение')
    const done = await owner.post('/setup/finish', { address: ADDRESS })
    expect(done.status, done.text).to.equal(200)
    const { login, password } = ADMINISTRATOR
    expect((await new TestClient(second.url).post('/sign-in', { login, password })).status).to.equal(303)
    await second.stop()
    expect(await count(loadConfig(moved).database, 'people')).to.equal(1)
    await database.drop()
  })

  it('says what is wrong with the database, beside the field and with what mends it', async () => {
    const folder = makeDataFolder()
    const database = await makeDatabase('wrong')
    const program = await startProgram(folder)
    const client = await enterWizard(program, folder)
    await client.post('/setup/machine')
    const off = { kind: 'mysql', host: '127.0.0.1', port: await freePort(), user: 'integral', database: 'integral' }
    const refused = await client.post('/setup/database', off)
    expect(refused.status).to.equal(422)
    expect(refused.text).to.include('id="f-host-error"').and.to.include('systemctl start mariadb')
    expect((await client.get('/setup/authority')).location, 'nothing was taken').to.equal('/setup/database')

    if (database.query) {
      const wrong = await client.post('/setup/database', { ...database.answers, password: 'wrong' })
      expect(wrong.status).to.equal(422)
      expect(wrong.text).to.include('id="f-password-error"').and.not.to.include('value="wrong"')
      await database.query('CREATE DATABASE {db}; CREATE TABLE {db}.b_user (id INT)')
      const foreign = await client.postJson('/setup/database/check', database.answers)
      const { notice, field } = foreign.json<{ notice: { kind: string; text: string }; field: string }>()
      expect(notice.kind).to.equal('danger')
      expect(notice.text).to.include('b_user')
      expect(field).to.equal('database')
    } else {
      writeFileSync(join(folder, 'integral.sqlite'), 'Это не база данных, а чей-то текст.')
      const foreign = await client.post('/setup/database', { kind: 'sqlite' })
      expect(foreign.status).to.equal(422)
      expect(foreign.text).to.include('не база SQLite')
      expect(readFileSync(join(folder, 'integral.sqlite'), 'utf8')).to.include('чей-то текст')
    }
    await program.stop()
    await database.drop()
  })

  it('refuses to start on a database of a newer version', async () => {
    const folder = makeDataFolder()
    const database = await makeDatabase('newer')
    const program = await startProgram(folder)
    const client = await enterWizard(program, folder)
    await answerAll(client, database.answers)
    await client.post('/setup/finish', { address: ADDRESS })
    await program.stop()
    const knex = connect(loadConfig(folder).database)
    await knex('migrations').insert({ name: '9999-later', batch: 9 })
    await knex.destroy()
    const refusal = await startProgram(folder).catch((error: Error) => error)
    expect(refusal).to.be.instanceOf(Error)
    expect((refusal as Error).message)
      .to.include('более новой версией')
      .and.to.include('newer version')
    await database.drop()
  })

  it('is done without questions by the command, and the waiting wizard becomes the system', async () => {
    const folder = makeDataFolder()
    const database = await makeDatabase('command')
    const program = await startProgram(folder)
    const env = { INTEGRAL_DATA: folder, LANG: 'ru_RU.UTF-8' }
    const file = join(folder, 'answers.json')
    const { password, ...person } = ADMINISTRATOR
    writeFileSync(join(folder, 'secret'), `${password}\n`)
    const answers = {
      address: ADDRESS,
      database: { ...database.answers, create: true },
      authority: AUTHORITY,
      administrator: { ...person, passwordFile: 'secret' },
      mail: null,
      content: 'programme',
    }

    writeFileSync(file, '{ "address": ')
    const broken = await runCommand('setup', ['--answers', file], env)
    expect(broken.code).to.equal(2)
    expect(broken.output).to.include('не JSON')
    writeFileSync(file, JSON.stringify({ ...answers, authority: { ...AUTHORITY, timeZone: 'Moscow' }, content: 'all' }))
    const wrong = await runCommand('setup', ['--answers', file], env)
    expect(wrong.code).to.equal(2)
    expect(wrong.output).to.include('authority.timeZone: Такого часового пояса нет').and.to.include('content:')
    const off = { kind: 'mysql', host: '127.0.0.1', port: await freePort(), user: 'a', database: 'b' }
    writeFileSync(file, JSON.stringify({ ...answers, database: off }))
    expect((await runCommand('setup', ['--answers', file], env)).code).to.equal(4)
    expect((await runCommand('setup', [], env)).code).to.equal(2)

    writeFileSync(file, JSON.stringify(answers))
    const checked = await runCommand('setup', ['--answers', file, '--check'], env)
    expect(checked.code, checked.output).to.equal(0)
    expect(existsSync(join(folder, 'config.json'))).to.equal(false)
    const done = await runCommand('setup', ['--answers', file], env)
    expect(done.code, done.output).to.equal(0)
    expect(existsSync(join(folder, 'setup-key.txt'))).to.equal(false)
    const again = await runCommand('setup', ['--answers', file], env)
    expect(again.code).to.equal(0)
    expect(again.output).to.include('уже установлен')

    const administrator = new TestClient(program.url)
    const woken = await administrator.get('/sign-in')
    expect([woken.status, woken.location]).to.deep.equal([307, '/sign-in'])
    expect((await administrator.get('/setup')).status).to.equal(404)
    expect((await administrator.post('/sign-in', { login: ADMINISTRATOR.login, password })).status).to.equal(303)
    await program.stop()
    expect(await count(loadConfig(folder).database, 'modules')).to.equal(8)
    await database.drop()
  })
})
