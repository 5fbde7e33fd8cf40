import { createHook } from 'node:async_hooks'
import { expect } from 'chai'
import sharp from 'sharp'
import { db } from '../../core/db/index.ts'
import { useApp } from '../../testing/app.ts'
import { makePerson, makeUser } from '../../testing/builders.ts'
import type { Answer } from '../../testing/client.ts'
import { expectLookUps } from '../../testing/plans.ts'
import { freeLogins } from './logins.ts'
import { listNamed } from './queries.ts'

const GOOD = 'три зелёных трамвая'
const linkIn = (text: string, kind: string) => new RegExp(`/${kind}/[\\w-]+`).exec(text)?.[0] ?? ''
const lastLetter = async (to: string) => db()('mail_outbox').where({ to_address: to }).orderBy('id', 'desc').first()

describe('accounts', () => {
  const app = useApp()

  before(async () => {
    await makeUser('admin', 'administrator')
  })

  it('get free logins that are looked up in an index', async () => {
    await makePerson({ login: 'petrova.a' })
    const people = ['Петрова', 'Жукова'].map((last_name, id) => ({
      id,
      last_name,
      first_name: 'Анна',
      middle_name: null,
    }))
    let logins = new Map<number, string>()
    await expectLookUps('accounts', async () => {
      logins = await freeLogins(people)
    })
    expect([...logins.values()]).to.deep.equal(['petrova.a2', 'zhukova.a'])
  })

  it('open the door by login or e-mail and say the same for a wrong password and an unknown login', async () => {
    await makeUser('vera')
    expect(
      (await app.visitor().post('/sign-in', { login: 'VERA', password: 'correct horse battery' })).status,
    ).to.equal(303)
    const byMail = await app
      .visitor()
      .post('/sign-in', { login: 'vera@example.org', password: 'correct horse battery' })
    expect(byMail.status).to.equal(303)
    const wrong = await app.visitor().post('/sign-in', { login: 'vera', password: 'no' })
    const unknown = await app.visitor().post('/sign-in', { login: 'nobody', password: 'no' })
    expect(wrong.status).to.equal(422)
    const message = 'Логин или пароль не подходят'
    expect(wrong.text).to.include(message)
    expect(unknown.text).to.include(message)
  })

  it('rest after five wrong passwords, even for the right one', async () => {
    const id = await makeUser('target')
    const visitor = app.visitor()
    for (let count = 0; count < 5; count++) await visitor.post('/sign-in', { login: 'target', password: `no ${count}` })
    const locked = await visitor.post('/sign-in', { login: 'target', password: 'correct horse battery' })
    expect(locked.status).to.equal(422)
    expect(locked.text).to.include('вход закрыт ещё на 1 минуту')
    await db()('accounts').where({ person_id: id }).update({ locked_until: '2020-01-01 00:00:00.000' })
    expect((await app.signedIn('target')).cookie).to.include('integral.sid')
    expect((await db()('accounts').where({ person_id: id }).first()).failed_attempts).to.equal(0)
  })

  it('are found by login before e-mail', async () => {
    const own = await makeUser('twofold@example.org')
    const other = await makePerson({ login: 'other', email_folded: 'twofold@example.org' })
    expect((await listNamed('TWOFOLD@example.org')).map((row) => row.person_id)).to.deep.equal([own, other])
    await db()('people').where({ id: own }).update({ state: 'archived' })
    expect((await listNamed('twofold@example.org')).map((row) => row.person_id)).to.deep.equal([other])
    expect(await listNamed('nobody')).to.deep.equal([])
  })

  it('never lead elsewhere after signing in', async () => {
    await makeUser('careful')
    for (const next of ['//evil.example', 'https://evil.example', '/\\evil.example']) {
      const answer = await app.visitor().post('/sign-in', { login: 'careful', password: 'correct horse battery', next })
      expect(answer.location, next).to.equal('/')
    }
  })

  it('refuse a form without its token', async () => {
    const client = await app.signedIn('admin')
    const answer = await client.post('/profile', { _csrf: 'made up', language: '', timeZone: '' })
    expect(answer.status).to.equal(403)
  })

  it('get one invitation that works, however often they are invited before it is sent', async () => {
    const email = 'twice.invited@example.org'
    const person = await makePerson({ login: null, email, email_folded: email })
    const admin = await app.signedIn('admin')
    for (let click = 0; click < 3; click++) await admin.post('/accounts/invite', { people: person })
    const letters = await db()('mail_outbox').where({ to_address: email })
    expect(letters).to.have.length(1)
    expect((await app.visitor().get(linkIn(letters[0].body_text, 'invitation'))).status).to.equal(200)
    // A slip makes the link void, and the letter has not gone yet.
    await admin.post('/accounts/slips', { people: person })
    expect(await db()('mail_outbox').where({ to_address: email })).to.deep.equal([])
  })

  it('are opened by an invitation letter, once', async () => {
    const person = await makePerson({ login: null, email: 'invited@example.org', email_folded: 'invited@example.org' })
    const admin = await app.signedIn('admin')
    const done = await admin.post('/accounts/invite', { people: person })
    expect(done.text).to.include('Отправлено 1 приглашение')
    const letter = await lastLetter('invited@example.org')
    const link = linkIn(letter.body_text, 'invitation')
    const visitor = app.visitor()
    expect((await visitor.get(link)).text).to.include('осталось выбрать пароль')
    const weak = await visitor.post(link, { password: '1234567890' })
    expect(weak.status).to.equal(422)
    expect(weak.text).to.include('подберут первым')
    expect((await visitor.post(link, { password: GOOD })).status).to.equal(303)
    expect((await visitor.get('/profile')).status).to.equal(200)
    expect((await app.visitor().get(link)).status).to.equal(404)
    const stored = await db()('account_tokens').where({ person_id: person }).first()
    expect(letter.body_text).to.not.include(stored.token_hash)
  })

  it('are opened by a printed slip, typed with spaces and small letters', async () => {
    const person = await makePerson({
      login: null,
      last_name: 'Щукина-Ёлкина',
      first_name: 'Юлия',
      middle_name: null,
      email: null,
      email_folded: null,
    })
    const admin = await app.signedIn('admin')
    const sheet = await admin.post('/accounts/slips', { people: person })
    const code = /slip-code">([^<]+)</.exec(sheet.text)?.[1] ?? ''
    expect(sheet.text).to.include('schukina-elkina.yu'.slice(0, 15))
    const visitor = app.visitor()
    const wrong = await visitor.post('/start', { code: 'AAAA-AAAA-AAAA' })
    expect(wrong.status).to.equal(422)
    const answer = await visitor.post('/start', { code: code.toLowerCase().replaceAll('-', ' ') })
    expect(answer.status).to.equal(303)
    expect((await visitor.post(answer.location, { password: GOOD })).status).to.equal(303)
  })

  it('get a new password by mail without telling whether they exist, and every session ends', async () => {
    await makeUser('forgetful')
    const elsewhere = await app.signedIn('forgetful')
    const visitor = app.visitor()
    const known = await visitor.post('/forgot', { login: 'forgetful' })
    const unknown = await visitor.post('/forgot', { login: 'nobody@example.org' })
    expect(known.location).to.equal(unknown.location)
    const cookies = (answer: Answer) =>
      answer.headers.getSetCookie().map((cookie) => cookie.replace(/Expires=[^;]+/, ''))
    expect(cookies(known)).to.deep.equal(cookies(unknown))
    expect(known.queries).to.equal(unknown.queries)
    // Nothing was looked up before the answer: the letter comes later.
    expect(await db()('jobs').where({ kind: 'accounts.send-reset' })).to.have.length(2)
    await app.settle()
    const asked = await db()('domain_events').where({ type: 'passwordResetRequested' }).first()
    expect(asked.ip).to.include('127.0.0.1')
    const link = linkIn((await lastLetter('forgetful@example.org')).body_text, 'reset')
    await visitor.post('/forgot', { login: 'forgetful' })
    await app.settle()
    expect(await db()('mail_outbox').where({ to_address: 'forgetful@example.org' })).to.have.length(1)
    expect((await visitor.post(link, { password: GOOD })).status).to.equal(303)
    expect((await elsewhere.get('/profile')).status).to.equal(401)
    expect((await app.signedIn('forgetful', GOOD)).cookie).to.include('integral.sid')
  })

  it('that do not exist cost a check of the password as well', async () => {
    await makeUser('guessed')
    const visitor = app.visitor()
    // Argon2 works in a thread; each of its works is one resource without a name.
    let works = 0
    const hook = createHook({
      init: (_id, type) => {
        if (type === 'undefined') works++
      },
    })
    const attempt = async (login: string) => {
      works = 0
      expect((await visitor.post('/sign-in', { login, password: 'wrong wrong wrong' })).status).to.equal(422)
      return works
    }
    await attempt('nobody at all')
    hook.enable()
    try {
      expect(await attempt('guessed')).to.equal(1)
      expect(await attempt('nobody at all')).to.equal(1)
    } finally {
      hook.disable()
    }
  })

  it('get a new password by a printed code where no letter reaches them', async () => {
    const id = await makeUser('unreachable')
    await db()('people').where({ id }).update({ email: null, email_folded: null })
    const elsewhere = await app.signedIn('unreachable')
    const admin = await app.signedIn('admin')
    expect((await admin.get(`/people/${id}`)).text).to.include(`action="/accounts/${id}/code"`)
    const slip = await admin.post(`/accounts/${id}/code`)
    expect(slip.text).to.include('три дня').and.include('unreachable')
    const code = /slip-code">([^<]+)</.exec(slip.text)?.[1] ?? ''
    expect((await elsewhere.get('/profile')).status).to.equal(200)
    const visitor = app.visitor()
    const start = await visitor.post('/start', { code })
    expect((await visitor.post(start.location, { password: GOOD })).status).to.equal(303)
    expect((await elsewhere.get('/profile')).status).to.equal(401)
    expect((await app.signedIn('unreachable', GOOD)).cookie).to.include('integral.sid')
    const issued = await db()('domain_events').where({ type: 'passwordCodeIssued', subject_id: id })
    expect(issued).to.have.length(1)
    const invited = await makePerson({ login: null })
    expect((await admin.post(`/accounts/${invited}/code`)).status).to.equal(409)
  })

  it('list where one is signed in and end those sessions', async () => {
    await makeUser('traveller')
    const here = await app.signedIn('traveller')
    const there = await app.signedIn('traveller')
    const page = await here.get('/profile')
    expect(page.text).to.include('это устройство')
    const other = /\/profile\/sessions\/([0-9a-f]{64})\/end/.exec(page.text)?.[0] ?? ''
    expect((await here.post(other)).status).to.equal(303)
    expect((await there.get('/profile')).status).to.equal(401)
    expect((await here.get('/profile')).status).to.equal(200)
    const stranger = await app.signedIn('admin')
    const own = await db()('sessions').whereNotNull('person_id').orderBy('created_at').first()
    const foreign = await stranger.post(`/profile/sessions/${own.id}/end`)
    expect([303, 404]).to.include(foreign.status)
  })

  it('show on which device and from which address one is signed in', async () => {
    await makeUser('careful-one')
    const phone = app.visitor()
    const agent = 'Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/128.0 Mobile Safari/537.36 EdgA/128.0'
    const typed = { login: 'careful-one', password: 'correct horse battery' }
    await phone.post('/sign-in', typed, { headers: { 'user-agent': agent } })
    // Pages that are opened later do not change it.
    await phone.post('/profile', { language: 'ru', timeZone: '' })
    const page = await phone.get('/profile')
    expect(page.text).to.include('Edge, Android').and.include('127.0.0.1')
    expect(page.text).to.not.include('неизвестное устройство')
  })

  it('change their password only with the present one', async () => {
    await makeUser('changer')
    const client = await app.signedIn('changer')
    const wrong = await client.post('/profile/password', { currentPassword: 'no', password: GOOD })
    expect(wrong.text).to.include('Текущий пароль не подходит')
    const personal = await client.post('/profile/password', {
      currentPassword: 'correct horse battery',
      password: 'changer-changer',
    })
    expect(personal.text).to.include('не должно быть вашей фамилии или логина')
    expect(
      (await client.post('/profile/password', { currentPassword: 'correct horse battery', password: GOOD })).status,
    ).to.equal(303)
    expect((await client.get('/profile')).status).to.equal(200)
  })

  it('rest after wrong passwords behind the door as well', async () => {
    const id = await makeUser('left-open')
    const client = await app.signedIn('left-open')
    const guess = (currentPassword: string) => client.post('/profile/password', { currentPassword, password: GOOD })
    for (let count = 0; count < 4; count++) await guess(`no ${count}`)
    // What was right in between begins the count anew.
    const mail = { email: 'left-open@example.org', emailPassword: 'correct horse battery' }
    await client.post('/profile/email', mail)
    expect((await db()('accounts').where({ person_id: id }).first()).failed_attempts).to.equal(0)
    for (let count = 0; count < 5; count++) await guess(`no ${count}`)
    const locked = await guess('correct horse battery')
    expect(locked.status).to.equal(422)
    expect(locked.text).to.include('вход закрыт ещё на 1 минуту')
    await db()('accounts').where({ person_id: id }).update({ locked_until: '2020-01-01 00:00:00.000' })
    expect((await guess('correct horse battery')).status).to.equal(303)
  })

  it('take a photo, make it anew and show it to nobody else', async () => {
    await makeUser('pretty')
    await makeUser('curious')
    const client = await app.signedIn('pretty')
    const png = await sharp({ create: { width: 900, height: 600, channels: 3, background: 'teal' } })
      .png()
      .toBuffer()
    const answer = await client.upload('/profile/photo', { photo: new File([new Uint8Array(png)], 'я.png') })
    expect(answer.status).to.equal(303)
    const address = /\/files\/\d+/.exec((await client.get('/profile')).text)?.[0] ?? ''
    // The frame of every page shows it, at no query more than before.
    const page = await client.get('/profile')
    expect(page.text.split(`src="${address}"`)).to.have.length(3)
    const admin = await app.signedIn('admin')
    expect((await admin.get('/people?q=pretty@example.org')).text).to.include(`src="${address}"`)
    const photo = await client.get(address)
    expect(photo.headers.get('content-type')).to.equal('image/webp')
    expect((await (await app.signedIn('curious')).get(address)).status).to.equal(404)
    const script = await client.upload('/profile/photo', { photo: new File(['<svg onload="alert(1)"/>'], 'x.png') })
    expect(script.status).to.equal(422)
    const empty = await client.upload('/profile/photo', {})
    expect(empty.status, 'a form without a file takes nothing away').to.equal(422)
    expect(empty.text).to.include('id="f-photo-error"').and.include(`src="${address}"`)
    expect((await client.upload('/profile/photo', { remove: '1' })).status).to.equal(303)
    expect((await client.get('/profile')).text)
      .not.to.include('/files/')
      .and.not.to.include('name="remove"')
  })

  it('are closed at once and opened again by an administrator', async () => {
    const id = await makeUser('naughty')
    const client = await app.signedIn('naughty')
    const admin = await app.signedIn('admin')
    await admin.post(`/accounts/${id}/state`, { state: 'blocked' })
    expect((await client.get('/profile')).status).to.equal(401)
    const refused = await app.visitor().post('/sign-in', { login: 'naughty', password: 'correct horse battery' })
    expect(refused.text).to.include('учётная запись закрыта')
    await admin.post(`/accounts/${id}/state`, { state: 'active' })
    expect((await app.signedIn('naughty')).cookie).to.include('integral.sid')
  })
})
