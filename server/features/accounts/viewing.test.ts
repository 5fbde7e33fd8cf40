import { expect } from 'chai'
import { io } from 'socket.io-client'
import { db, fromJson, toJson } from '../../core/db/index.ts'
import { notify } from '../../core/notices/index.ts'
import { useApp } from '../../testing/app.ts'
import { makeCohort, makeEnrolment, makeGrant, makeOrganisation, makePerson, makeUser } from '../../testing/builders.ts'
import type { TestClient } from '../../testing/client.ts'

describe('seeing the system through another person’s eyes', function () {
  this.timeout(60_000)
  const app = useApp()
  let admin: number
  let learner: number
  let client: TestClient

  before(async () => {
    admin = await makeUser('admin', 'administrator')
    learner = await makePerson({ login: 'learner', last_name: 'Смотримова' })
    await makeEnrolment(learner, await makeCohort())
    await notify('tracking.reminder', [learner], {
      subject: { type: 'cohort', id: 1 },
      data: { subject: 'Личное письмо', text: 'Слова' },
      href: '/profile',
      dedupeKey: 'viewing',
    })
  })

  beforeEach(async () => {
    await db()('domain_events').del()
    await sessions(admin).del()
    client = await app.signedIn('admin')
  })

  const view = async (id = learner, by = client) => {
    const answer = await by.post(`/people/${id}/view`)
    by.forgetToken()
    return answer
  }
  const events = (type: string) => db()('domain_events').where({ type }).orderBy('id')
  const sessions = (person: number) => db()('sessions').where({ person_id: person })

  it('shows every page as the person sees it, with a bar, and leads back', async () => {
    const own = await (await app.signedIn('learner')).get('/notices')
    expect((await client.get(`/people/${learner}`)).text).to.include(`/people/${learner}/view`)
    expect((await view()).location).to.equal('/')
    const seen = await client.get('/notices')
    expect(seen.text)
      .to.include('так, как её видит Смотримова')
      .and.include('Вернуться к себе')
      .and.include('Личное письмо')
    expect(own.text).to.include('Личное письмо').and.not.include('viewing-bar')
    expect((await client.get('/administration')).status).to.equal(403)
    expect((await client.get('/no-such-page')).text, 'on pages of errors too').to.include('viewing-bar')
    const back = await client.post('/viewing/end')
    expect(back.location).to.equal(`/people/${learner}`)
    client.forgetToken()
    expect((await client.get('/administration')).status).to.equal(200)
    expect((await client.get('/notices')).text).to.not.include('viewing-bar')
    expect((await client.post('/viewing/end')).location, 'again, from another tab').to.equal('/')
  })

  it('changes nothing: every form and every script is refused in words', async () => {
    await view()
    const before = await db()('people').where({ id: learner }).first()
    const { id } = await db()('notices').where({ person_id: learner }).first('id')
    const tries: [string, object][] = [
      ['/profile', { phone: '5' }],
      [`/notices/${id}/open`, {}],
      ['/notices/read', { upTo: id }],
      ['/preferences', { language: 'en', back: '/' }],
      [`/people/${learner}/view`, {}],
      ['/sign-in', { login: 'learner', password: 'x' }],
    ]
    for (const [path, fields] of tries) {
      const answer = await client.post(path, fields as Record<string, unknown>)
      expect(answer.status, path).to.equal(403)
      expect(answer.text, path).to.include('изменить здесь ничего нельзя').and.include('viewing-bar')
    }
    expect(
      (await client.postJson('/notices/read', { upTo: id })).json<{ error: { code: string } }>().error.code,
    ).to.equal('errors.viewing')
    expect(await db()('people').where({ id: learner }).first()).to.deep.equal(before)
    expect((await db()('notices').where({ id }).first()).state).to.equal('unread')
  })

  it('shows no secrets: neither sessions nor the second step', async () => {
    await app.signedIn('learner')
    await view()
    expect((await client.get('/profile/second-step')).status).to.equal(403)
    expect(await db()('second_factors').where({ person_id: learner })).to.deep.equal([])
    const [session] = await sessions(learner)
    expect((await client.get('/profile')).text).to.not.include(`/profile/sessions/${session.id}`)
  })

  it('is noted from beginning to end in the viewer’s own name, with every page', async () => {
    await view()
    await client.get('/learning-routes')
    await client.get('/notices/unread', { json: true })
    await client.get('/notices', { json: true })
    await client.post('/viewing/end')
    const [started] = await events('viewingStarted')
    const [ended] = await events('viewingEnded')
    expect([started.actor_id, started.subject_id, ended.actor_id, ended.subject_id]).to.deep.equal([
      admin,
      learner,
      admin,
      learner,
    ])
    const reads = (await events('dataRead')).map((row) => ({
      by: row.actor_id,
      ...fromJson<Record<string, unknown>>(row.data, {}),
    }))
    for (const path of ['/learning-routes', '/notices'])
      expect(reads).to.deep.include({ by: admin, what: 'viewed', path, viewedAs: learner })
    expect(await db()('domain_events').where({ actor_id: learner })).to.deep.equal([])
    client.forgetToken()
    const [read] = await events('dataRead')
    const audit = (await client.get(`/audit/${read.id}`)).text
    expect(audit).to.include('страница, увиденная глазами этого человека').and.include('/learning-routes')
  })

  it('is for nobody who may do more than oneself, not for oneself, and needs its own right', async () => {
    const school = await makeOrganisation()
    const role = await client.post('/rights/roles', {
      name: { ru: 'Поддержка' },
      scopeTypes: 'authority',
      permissions: ['accounts.viewAs', 'people.view', 'routes.view', 'routes.edit'],
    })
    const helper = await makeUser('helper')
    const roleId = Number(role.location.split('/').pop())
    await client.post(`/people/${helper}/grants`, { roleId, scope: 'authority:0' })
    const support = await app.signedIn('helper')
    const head = await makeUser('head', 'director', { type: 'organisation', id: school })
    expect((await view(admin, support)).status).to.equal(403)
    expect((await view(head, support)).status).to.equal(403)
    expect((await view(helper, support)).status).to.equal(403)
    expect((await view(await makePerson({ login: null }), support)).status).to.equal(404)
    const plain = await makeUser('plain')
    expect((await view(plain, support)).status).to.equal(303)
    // The person is given more than the viewer has: that is the end of it.
    await makeGrant(plain, 'director', { type: 'organisation', id: school })
    expect((await support.get('/people')).text).to.not.include('viewing-bar')
    expect(
      (await events('viewingEnded')).map((row) => fromJson<{ reason: string }>(row.data, { reason: '' }).reason),
    ).to.deep.equal(['rights'])
    await makeUser('methodist', 'methodist')
    expect((await view(plain, await app.signedIn('methodist'))).status).to.equal(403)
  })

  it('ends after an hour, with the session, with the account of either, and by signing out', async () => {
    await view()
    const row = await sessions(admin).where('data', 'like', '%viewing%').first()
    const data = JSON.parse(row.data)
    expect(data.viewing.until).to.be.within(Date.now() + 3_500_000, Date.now() + 3_600_000)
    const over = toJson({ ...data, viewing: { ...data.viewing, until: Date.now() - 1 } })
    await sessions(admin).where({ id: row.id }).update({ data: over })
    const answers = await Promise.all([client.get('/notices'), client.get('/profile'), client.get('/notices')])
    expect(answers.map(({ text }) => text.includes('viewing-bar'))).to.deep.equal([false, false, false])
    expect(await events('viewingEnded'), 'noted once').to.have.length(1)
    client = await app.signedIn('admin')
    await view()
    await db()('accounts').where({ person_id: learner }).update({ state: 'blocked' })
    expect((await client.get('/administration')).status).to.equal(200)
    await db()('accounts').where({ person_id: learner }).update({ state: 'active' })
    client = await app.signedIn('admin')
    await view()
    expect((await client.post('/sign-out')).status).to.equal(303)
    expect(await events('viewingEnded')).to.have.length(3)
    expect((await client.get('/notices')).status).to.equal(401)
  })

  it('gives the session another address and no longer life, and ends its sockets; it opens none', async () => {
    const { cookie } = client
    const began = '2026-01-01 00:00:00.000'
    const open = (header: string) =>
      io(app.url, { transports: ['websocket'], extraHeaders: { cookie: header }, forceNew: true, reconnection: false })
    const own = open(cookie)
    await new Promise<void>((resolve) => own.on('connect', resolve))
    const ended = new Promise<void>((resolve) => own.on('disconnect', () => resolve()))
    const [row] = await sessions(admin).orderBy('created_at', 'desc').limit(1)
    const earlier = `${row.created_at.slice(0, 10)} 00:00:00.000`
    await sessions(admin).where({ id: row.id }).update({ created_at: earlier })
    await view()
    await ended
    expect(await sessions(admin).where({ id: row.id })).to.deep.equal([])
    const now = await sessions(admin).where('data', 'like', '%viewing%').orderBy('seen_at', 'desc').first()
    expect(now.created_at).to.equal(earlier).and.not.equal(began)
    const through = open(client.cookie)
    await new Promise<void>((resolve) => through.on('disconnect', () => resolve()))
    for (const socket of [own, through]) socket.close()
  })
})
