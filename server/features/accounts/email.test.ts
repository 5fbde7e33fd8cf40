import { expect } from 'chai'
import { db, fromJson } from '../../core/db/index.ts'
import { saveSetting, setting } from '../../core/settings.ts'
import { TEST_PASSWORD, useApp } from '../../testing/app.ts'
import { makeUser } from '../../testing/builders.ts'

const letters = (to: string) => db()('mail_outbox').where({ to_address: to }).orderBy('id')
const linkIn = (text: string) => /\/email\/[\w-]+/.exec(text)?.[0] ?? ''

describe('one’s own e-mail', () => {
  const app = useApp()
  const emailOf = async (id: number) => (await db()('people').where({ id }).first()).email
  const ask = (email: string, emailPassword = TEST_PASSWORD) => ({ email, emailPassword })
  // Nobody listens there: letters stay in the outbox.
  const mailOn = async () =>
    saveSetting('mail', {
      ...(await setting('mail')),
      enabled: true,
      host: '127.0.0.1',
      port: 1,
      from: 'a@example.org',
    })

  before(async () => {
    await makeUser('admin', 'administrator')
    await mailOn()
  })

  it('changes when the new address is confirmed, and the former one is told', async () => {
    const id = await makeUser('mover')
    const client = await app.signedIn('mover')
    const wrong = await client.post('/profile/email', ask('fresh@example.org', 'no'))
    expect(wrong.status).to.equal(422)
    expect(wrong.text).to.include('Текущий пароль не подходит').and.include('value="fresh@example.org"')
    expect(await letters('fresh@example.org')).to.have.length(0)
    expect((await client.post('/profile/email', ask('MOVER@example.org'))).text).to.include('нынешняя почта')

    expect((await client.post('/profile/email', ask('fresh@example.org'))).status).to.equal(303)
    expect(await emailOf(id)).to.equal('mover@example.org')
    expect((await client.get('/profile')).text).to.include('Ждёт подтверждения: fresh@example.org')
    const link = linkIn((await letters('fresh@example.org'))[0].body_text)
    const visitor = app.visitor()
    expect((await visitor.get(link)).text)
      .to.include('fresh@example.org')
      .and.include('Да, сменить почту')
    expect(await emailOf(id)).to.equal('mover@example.org')
    expect((await visitor.post(link)).location).to.equal('/sign-in')
    expect(await emailOf(id)).to.equal('fresh@example.org')
    expect((await visitor.post(link)).status).to.equal(404)

    await app.settle()
    expect((await letters('mover@example.org')).map((letter) => letter.kind)).to.deep.equal(['accounts.emailChanged'])
    const event = await db()('domain_events').where({ type: 'emailChanged', subject_id: id }).first()
    expect(fromJson(event.data, {})).to.deep.include({
      before: { email: 'mover@example.org' },
      after: { email: 'fresh@example.org' },
    })
    expect(event.actor_id).to.equal(id)
    expect((await app.signedIn('fresh@example.org')).cookie).to.include('integral.sid')
    expect((await client.get('/profile')).text).to.not.include('Ждёт подтверждения')
  })

  it('is not changed past its letter by the forms of the profile and of people', async () => {
    const id = await makeUser('shortcut')
    const client = await app.signedIn('shortcut')
    const profile = { email: 'elsewhere@example.org', language: '', timeZone: '' }
    expect((await client.post('/profile', profile)).status).to.equal(303)
    expect(await emailOf(id)).to.equal('shortcut@example.org')
    const admin = await app.signedIn('admin')
    const own = (await db()('people').where({ email: 'admin@example.org' }).first()) as { id: number; version: number }
    const form = { lastName: 'Тестова', firstName: 'Анна', gender: '', version: own.version }
    const refused = await admin.post(`/people/${own.id}`, { ...form, email: 'other@example.org' })
    expect(refused.status).to.equal(422)
    expect(refused.text).to.include('Свою почту меняют в профиле')
    expect((await admin.post(`/people/${own.id}`, { ...form, email: 'admin@example.org' })).status).to.equal(303)
  })

  it('does not tell whether an address is somebody’s, except to that somebody', async () => {
    await makeUser('prober')
    await makeUser('neighbour')
    const client = await app.signedIn('prober')
    const known = await client.post('/profile/email', ask('neighbour@example.org'))
    const unknown = await client.post('/profile/email', ask('nobody@example.org'))
    expect([known.status, known.location]).to.deep.equal([unknown.status, unknown.location])
    const [letter] = await letters('neighbour@example.org')
    expect(letter.kind).to.equal('accounts.emailKnown')
    expect(linkIn(letter.body_text)).to.equal('')
  })

  it('is not changed when the address was taken meanwhile', async () => {
    const id = await makeUser('slow')
    const client = await app.signedIn('slow')
    await client.post('/profile/email', ask('race@example.org'))
    const link = linkIn((await letters('race@example.org'))[0].body_text)
    const quick = await makeUser('quick')
    await db()('people').where({ id: quick }).update({ email: 'Race@example.org', email_folded: 'race@example.org' })
    const answer = await client.post(link)
    expect(answer.status).to.equal(422)
    expect(answer.text).to.include('уже указана у другого человека')
    expect(await emailOf(id)).to.equal('slow@example.org')
  })

  it('stays when the wish is taken back, replaced, or the account closed', async () => {
    const id = await makeUser('undecided')
    const client = await app.signedIn('undecided')
    await client.post('/profile/email', ask('first@example.org'))
    await client.post('/profile/email', ask('second@example.org'))
    const first = linkIn((await letters('first@example.org'))[0].body_text)
    const second = linkIn((await letters('second@example.org'))[0].body_text)
    expect((await client.get(first)).status).to.equal(404)
    expect((await client.get(second)).status).to.equal(200)
    expect((await client.post('/profile/email/cancel')).status).to.equal(303)
    expect((await client.post(second)).status).to.equal(404)
    await client.post('/profile/email', ask('third@example.org'))
    const third = linkIn((await letters('third@example.org'))[0].body_text)
    await (await app.signedIn('admin')).post(`/accounts/${id}/state`, { state: 'blocked' })
    expect((await app.visitor().post(third)).status).to.equal(404)
    expect(await emailOf(id)).to.equal('undecided@example.org')
  })

  it('sends no letters without end', async () => {
    await makeUser('flooder')
    const client = await app.signedIn('flooder')
    const answers = []
    for (let count = 0; count < 6; count++)
      answers.push(await client.post('/profile/email', ask(`f${count}@example.org`)))
    expect(answers.map((answer) => answer.status)).to.deep.equal([303, 303, 303, 303, 303, 422])
    expect(answers[5]?.text).to.include('слишком часто')
    expect(await letters('f5@example.org')).to.have.length(0)
  })

  it('opens no account by itself: its link chooses no password, nor does the link of a password confirm it', async () => {
    await makeUser('careful')
    const client = await app.signedIn('careful')
    await client.post('/profile/email', ask('careful2@example.org'))
    const token = linkIn((await letters('careful2@example.org'))[0].body_text).replace('/email/', '')
    for (const kind of ['reset', 'invitation']) {
      const answer = await app.visitor().post(`/${kind}/${token}`, { password: 'три зелёных трамвая' })
      expect(answer.status, kind).to.equal(404)
    }
    await app.visitor().post('/forgot', { login: 'careful' })
    await app.settle()
    const reset = (await letters('careful@example.org')).find((letter) => letter.kind === 'accounts.reset')
    const other = /\/reset\/([\w-]+)/.exec(reset.body_text)?.[1]
    expect((await app.visitor().post(`/email/${other}`)).status).to.equal(404)
  })

  it('is changed by an administrator where no letters can be sent', async () => {
    await saveSetting('mail', { ...(await setting('mail')), enabled: false })
    const id = await makeUser('offline')
    const client = await app.signedIn('offline')
    expect((await client.get('/profile')).text).to.include('почту меняет администратор')
    const refused = await client.post('/profile/email', ask('away@example.org'))
    expect(refused.status).to.equal(422)
    const form = { lastName: 'Тестова', firstName: 'Анна', gender: '', email: 'away@example.org', version: 1 }
    expect((await (await app.signedIn('admin')).post(`/people/${id}`, form)).status).to.equal(303)
    expect(await emailOf(id)).to.equal('away@example.org')
    const event = await db()('domain_events').where({ type: 'personChanged', subject_id: id }).first()
    expect(event.data).to.include('offline@example.org').and.include('away@example.org')
    await mailOn()
  })
})
