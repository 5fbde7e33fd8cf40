import { expect } from 'chai'
import { Secret, TOTP } from 'otpauth'
import { io } from 'socket.io-client'
import { db, fromJson } from '../../core/db/index.ts'
import { saveSetting } from '../../core/settings.ts'
import { daysAgo, nowUtc } from '../../core/time.ts'
import { TEST_PASSWORD, useApp } from '../../testing/app.ts'
import { makeEmployment, makeGrant, makeOrganisation, makePerson, makeUser } from '../../testing/builders.ts'
import type { TestClient } from '../../testing/client.ts'

describe('a second step that a role demands', function () {
  this.timeout(60_000)
  const app = useApp()
  let admin: TestClient
  let methodist: number

  before(async () => {
    await makeUser('admin', 'administrator')
    methodist = await makeUser('methodist', 'methodist')
    admin = await app.signedIn('admin')
  })

  beforeEach(async () => {
    await saveSetting('security', { factorGraceDays: 14 })
    await db()('roles').update({ second_factor_since: null })
    for (const table of ['recovery_codes', 'second_factors']) await db()(table).del()
    await db()('grants').update({ created_at: daysAgo(100) })
  })

  const roleOf = (code: string) => db()('roles').where({ code }).first()
  /** Marks a role on its page, as an administrator does. */
  async function mark(code: string, secondFactor = true) {
    const role = await roleOf(code)
    const permissions = await db()('role_permissions').where({ role_id: role.id }).pluck('permission')
    const form = { name: fromJson(role.name, {}), permissions, version: role.version }
    const answer = await admin.post(`/rights/roles/${role.id}`, {
      ...form,
      ...(secondFactor ? { secondFactor: 'on' } : {}),
    })
    expect(answer.status).to.equal(303)
  }
  const endGrace = () =>
    db()('roles')
      .whereNotNull('second_factor_since')
      .update({ second_factor_since: daysAgo(20) })
  const signIn = async (login: string, next = '/cohorts') => {
    const visitor = app.visitor()
    const answer = await visitor.post('/sign-in', { login, password: TEST_PASSWORD, next })
    return { visitor, answer }
  }
  async function setUp(client: TestClient) {
    const page = (await client.get('/profile/second-step')).text
    const secret = (/<code>([A-Z2-7 ]+)<\/code>/.exec(page)?.[1] ?? '').replace(/ /g, '')
    return client.post('/profile/second-step', { code: new TOTP({ secret: Secret.fromBase32(secret) }).generate() })
  }

  it('is asked for at the next sign-in, and can wait for the days of grace', async () => {
    const before = await app.signedIn('methodist')
    await mark('methodist')
    expect((await before.get('/cohorts')).status, 'who is in works on').to.equal(200)
    const { visitor, answer } = await signIn('methodist')
    expect(answer.location).to.equal('/profile/second-step?next=%2Fcohorts')
    const page = await visitor.get(answer.location)
    expect(page.text).to.include('Включите его до').and.include('href="/cohorts"')
    expect((await visitor.get('/cohorts')).status).to.equal(200)
    expect((await signIn('admin')).answer.location, 'others are left alone').to.equal('/cohorts')
    expect((await visitor.get('/profile/second-step?next=https://evil.example')).text).to.not.include(
      'href="https://evil.example',
    )
  })

  it('then comes before anything else: pages, JSON, forms and sockets', async () => {
    await mark('methodist')
    const { visitor } = await signIn('methodist')
    const socket = io(app.url, { transports: ['websocket'], extraHeaders: { cookie: visitor.cookie }, forceNew: true })
    await new Promise<void>((resolve) => socket.on('connect', resolve))
    const ended = new Promise<void>((resolve) => socket.on('disconnect', () => resolve()))
    await endGrace()
    for (const path of ['/cohorts', '/profile', '/people', '/notices', '/'])
      expect((await visitor.get(path)).location, path).to.equal('/profile/second-step')
    const refused = await visitor.get('/notices/unread', { json: true })
    expect([refused.status, refused.json<{ error: { code: string } }>().error.code]).to.deep.equal([
      403,
      'errors.secondStep',
    ])
    expect((await visitor.post('/profile', { phone: '5' })).location).to.equal('/profile/second-step')
    expect((await visitor.postJson('/notices/read', { upTo: 1 })).status).to.equal(403)
    // A change of rights makes sockets be looked at.
    await mark('learner')
    await app.settle()
    await ended
    socket.close()
    const second = io(app.url, {
      transports: ['websocket'],
      extraHeaders: { cookie: visitor.cookie },
      forceNew: true,
      reconnection: false,
    })
    await new Promise<void>((resolve) => second.on('disconnect', () => resolve()))
    second.close()
    const page = await visitor.get('/profile/second-step')
    expect(page.status).to.equal(200)
    expect(page.text)
      .to.include('Включите его сейчас')
      .and.include('action="/sign-out"')
      .and.not.include('href="/cohorts"')
    expect((await setUp(visitor)).text).to.include('Коды восстановления')
    expect((await visitor.get('/cohorts')).status).to.equal(200)
  })

  it('cannot be switched off, but reset by an administrator, which is noted; then it is asked for anew', async () => {
    await mark('methodist')
    const { visitor } = await signIn('methodist')
    await setUp(visitor)
    const off = await visitor.post('/profile/second-step/off', { password: TEST_PASSWORD })
    expect(off.status).to.equal(409)
    expect((await visitor.get('/profile/second-step')).text)
      .to.include('отключить его нельзя')
      .and.not.include('/profile/second-step/off')
    await endGrace()
    expect((await visitor.get('/cohorts')).status).to.equal(200)
    expect((await admin.post(`/people/${methodist}/second-step/reset`)).status).to.equal(303)
    const [event] = await db()('domain_events').where({ type: 'secondFactorSwitchedOff' }).orderBy('id', 'desc')
    expect([event.subject_id, event.actor_id === methodist]).to.deep.equal([methodist, false])
    expect((await visitor.get('/cohorts')).location).to.equal('/profile/second-step')
  })

  it('counts the days from when the role was given, and holds in whatever place it is given', async () => {
    await mark('director')
    await endGrace()
    const school = await makeOrganisation()
    const head = await makeUser('head', 'director', { type: 'organisation', id: school })
    const { visitor, answer } = await signIn('head', '/employees')
    expect(answer.location).to.match(/^\/profile\/second-step/)
    expect((await visitor.get('/employees')).status).to.equal(200)
    await db()('grants')
      .where({ person_id: head })
      .update({ created_at: daysAgo(15) })
    expect((await visitor.get('/employees')).location).to.equal('/profile/second-step')
    await db()('grants').where({ person_id: head }).update({ ends_on: '2020-01-01' })
    expect((await visitor.get('/profile')).status, 'the role is over').to.equal(200)
  })

  it('may be demanded of managers and of everybody, who are no such by any grant', async () => {
    const boss = await makeUser('boss')
    await mark('manager')
    await endGrace()
    const client = await app.signedIn('boss')
    expect((await client.get('/profile')).status).to.equal(200)
    await makeEmployment(await makePerson(), await makeOrganisation(), { manager_id: boss })
    expect((await client.get('/profile')).location).to.equal('/profile/second-step')
    expect((await admin.get('/rights/second-step')).text)
      .to.include('boss')
      .and.not.include('methodist')
    await mark('manager', false)
    expect((await client.get('/profile')).status).to.equal(200)
    await mark('everyone')
    await saveSetting('security', { factorGraceDays: 0 })
    expect((await client.get('/profile')).location).to.equal('/profile/second-step')
    expect((await admin.get('/rights')).location, 'the administrator as well').to.equal('/profile/second-step')
    expect((await setUp(admin)).status).to.equal(200)
    expect((await admin.get('/rights/second-step')).text)
      .to.include('boss')
      .and.include('methodist')
  })

  it('leaves the last administrator a way in: the page that sets it up, even during maintenance', async () => {
    await db()('roles').where({ code: 'administrator' }).update({ second_factor_since: nowUtc() })
    await saveSetting('security', { factorGraceDays: 0 })
    await saveSetting('maintenance', { enabled: true, message: {} })
    const { visitor, answer } = await signIn('admin', '/rights')
    expect(answer.location).to.match(/^\/profile\/second-step/)
    expect((await setUp(visitor)).status).to.equal(200)
    expect((await visitor.get('/rights')).status).to.equal(200)
    await saveSetting('maintenance', { enabled: false, message: {} })
  })

  it('shows who lacks it, in as many queries for many as for few; the days are a setting', async () => {
    await mark('methodist')
    expect((await admin.get('/rights/second-step')).text)
      .to.include('methodist')
      .and.include('Ещё не включил 1 человек')
    const few = (await admin.get('/rights/second-step')).queries
    for (let count = 0; count < 60; count++) await makeGrant(await makePerson(), 'methodist')
    const many = await admin.get('/rights/second-step')
    expect(many.queries).to.equal(few).and.be.at.most(12)
    expect(many.text).to.include('Ещё не включил 61 человек').and.include('rel="next"')
    expect((await admin.post('/rights/second-step', { factorGraceDays: -1 })).status).to.equal(422)
    expect((await admin.post('/rights/second-step', { factorGraceDays: 0 })).status).to.equal(303)
    const { visitor } = await signIn('methodist')
    expect((await visitor.get('/cohorts')).location).to.equal('/profile/second-step')
  })
})
