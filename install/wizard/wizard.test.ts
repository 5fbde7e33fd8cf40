import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { TestClient } from '../../server/testing/client.ts'
import {
  ADMINISTRATOR,
  AUTHORITY,
  answerAll,
  cleanUp,
  enterWizard,
  makeDatabase,
  makeDataFolder,
  readKey,
  startProgram,
} from '../testing.ts'

// Runs on the database that INTEGRAL_TEST_DB names, each time in processes of its own.
describe('wizard', function () {
  this.timeout(60_000)
  after(cleanUp)

  it('lets nobody in without the key, and slows down guessing', async () => {
    const folder = makeDataFolder()
    const program = await startProgram(folder)
    const key = readKey(folder)
    expect(program.output()).to.include(`/setup?key=${key}`)
    expect(statSync(join(folder, 'setup-key.txt')).mode & 0o777).to.equal(0o600)

    const stranger = new TestClient(program.url)
    for (const path of ['/', '/people', '/setup/machine', '/setup/finish', '/setup/progress', '/sign-in']) {
      const answer = await stranger.get(path)
      expect([answer.status, answer.location], path).to.deep.equal([303, '/setup'])
    }
    await stranger.get('/setup')
    const refused = await stranger.post('/setup/database', { kind: 'sqlite' })
    expect(refused.status).to.equal(403)
    expect((await stranger.post('/setup', { key: 'ABCD-ABCD-ABCD-ABCD-ABCD' })).status).to.equal(422)
    expect((await stranger.get('/setup?key=wrong')).status).to.equal(422)
    expect((await stranger.get('/setup?key[]=a&key[]=b')).status).to.equal(200)

    const owner = new TestClient(program.url)
    expect((await owner.get(`/setup?key=${key.toLowerCase().replaceAll('-', ' ')}`)).location).to.equal(
      '/setup/machine',
    )
    expect((await owner.get('/setup/machine')).text).to.include('Сервер подходит')

    for (let attempt = 0; attempt < 10; attempt++) await stranger.post('/setup', { key: `guess ${attempt}` })
    const slowed = await stranger.post('/setup', { key })
    expect(slowed.status).to.equal(429)
    expect((await owner.get('/setup/machine')).status, 'who is inside stays inside').to.equal(200)
    await program.stop()
  })

  it('installs, closes for good, and goes on as the system in the same process', async () => {
    const folder = makeDataFolder()
    const database = await makeDatabase('whole')
    const program = await startProgram(folder)
    const client = await enterWizard(program, folder)
    await answerAll(client, database.answers, 'programme')
    expect(readFileSync(join(folder, 'setup.json'), 'utf8')).not.to.include(ADMINISTRATOR.password)

    const summary = await client.get('/setup/finish')
    for (const text of [AUTHORITY.name, 'Соколова Ольга Петровна', 'Екатеринбург'])
      expect(summary.text).to.include(text)
    const bad = await client.post('/setup/finish', { address: 'integral' })
    expect(bad.status).to.equal(422)
    const done = await client.post('/setup/finish', { address: 'http://integral.zarechny.example/' })
    expect(done.status, done.text).to.equal(200)
    expect(done.text).to.include('Интеграл установлен')

    for (const path of ['/setup', '/setup/finish', '/setup/progress', `/setup?key=${'A'.repeat(20)}`]) {
      expect((await client.get(path)).status, path).to.equal(404)
    }
    expect(existsSync(join(folder, 'setup.json'))).to.equal(false)
    expect(existsSync(join(folder, 'setup-key.txt'))).to.equal(false)
    expect(statSync(join(folder, 'config.json')).mode & 0o777).to.equal(0o600)
    expect(JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8')).publicUrl).to.equal(
      'http://integral.zarechny.example',
    )

    const health = await client.get('/healthz')
    expect(health.json()).to.include({ status: 'ok', database: 'ok' })
    const administrator = new TestClient(program.url)
    const { email, password } = ADMINISTRATOR
    expect((await administrator.post('/sign-in', { login: email, password })).status).to.equal(303)
    const home = await administrator.get('/organisations')
    expect(home.status).to.equal(200)
    expect(home.text).to.include(AUTHORITY.name)
    await program.stop()

    const again = await startProgram(folder)
    expect(again.output()).not.to.include('/setup?key=')
    expect((await new TestClient(again.url).get('/setup')).status).to.equal(404)
    await again.stop()
    await database.drop()
  })

  it('can be left and resumed by another process, and asks nothing twice', async () => {
    const folder = makeDataFolder()
    const database = await makeDatabase('resumed')
    const first = await startProgram(folder)
    const key = readKey(folder)
    const client = await enterWizard(first, folder)
    await client.post('/setup/machine')
    await client.post('/setup/database', { ...database.answers })
    await client.post('/setup/authority', AUTHORITY)
    await first.stop('SIGKILL')

    const second = await startProgram(folder)
    expect(readKey(folder)).to.equal(key)
    const returned = new TestClient(second.url)
    expect((await returned.get(`/setup?key=${key}`)).location).to.equal('/setup/administrator')
    const authority = await returned.get('/setup/authority')
    expect(authority.text).to.include(AUTHORITY.name)
    const shown = await returned.get('/setup/database')
    expect(shown.text).not.to.include('value="correct')
    // The password of the database is remembered, not shown: an empty field keeps it.
    const kept = await returned.post('/setup/database', { ...database.answers, password: '' })
    expect([kept.status, kept.location]).to.deep.equal([303, '/setup/authority'])
    expect((await returned.get('/setup/content')).location, 'no step is left out').to.equal('/setup/administrator')
    await second.stop()
    await database.drop()
  })

  it('says beside the fields what is wrong, on the page and while it is filled in', async () => {
    const folder = makeDataFolder()
    const database = await makeDatabase('fields')
    const program = await startProgram(folder)
    const client = await enterWizard(program, folder)
    await client.post('/setup/machine')
    await client.post('/setup/database', { ...database.answers })

    const authority = await client.post('/setup/authority', { ...AUTHORITY, name: ' ', timeZone: 'Moscow' })
    expect(authority.status).to.equal(422)
    expect(authority.text).to.include('id="f-name-error"').and.to.include('Такого часового пояса нет')
    await client.post('/setup/authority', AUTHORITY)

    const short = { ...ADMINISTRATOR, email: 'sokolova', login: 'a', password: 'short', passwordAgain: 'other' }
    const administrator = await client.post('/setup/administrator', short)
    expect(administrator.status).to.equal(422)
    for (const field of ['email', 'login', 'password']) expect(administrator.text).to.include(`id="f-${field}-error"`)
    expect(administrator.text, 'what was typed is still there').to.include('value="Соколова"')

    const live = await client.postJson('/setup/administrator/check', { ...ADMINISTRATOR, passwordAgain: 'another one' })
    expect(live.status).to.equal(422)
    const { error } = live.json<{ error: { fields: { field: string }[] } }>()
    expect(error.fields.map(({ field }) => field)).to.deep.equal(['passwordAgain'])

    const odd = [
      ['/setup/database', { kind: 'oracle' }],
      ['/setup/database', { kind: ['sqlite', 'mysql'] }],
      ['/setup/authority', { name: 'x'.repeat(5000), language: ['ru', 'en'], timeZone: { a: 'b' } }],
      ['/setup/administrator', { lastName: ['a', 'b'] }],
      ['/setup/mail', { port: '99999999' }],
      ['/setup/content', { content: 'everything' }],
      ['/setup/finish', { address: 'javascript:alert(1)' }],
    ] as const
    for (const [path, fields] of odd) {
      const answer = await client.post(path, fields as Record<string, unknown>)
      expect([422, 303], `${path} ${answer.status}`).to.include(answer.status)
    }
    expect((await client.post('/setup/content', { content: 'empty', _csrf: 'forged' })).status).to.equal(403)
    await program.stop()
    await database.drop()
  })

  it('speaks English when asked to', async () => {
    const folder = makeDataFolder()
    const program = await startProgram(folder)
    const client = await enterWizard(program, folder)
    await client.post('/preferences', { language: 'en', back: '/setup/machine' })
    expect((await client.get('/setup/machine')).text).to.include('Is the server fit')
    expect((await client.get('/setup')).location).to.equal('/setup/machine')
    await program.stop()
  })
})
