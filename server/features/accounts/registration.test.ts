import { expect } from 'chai'
import { db } from '../../core/db/index.ts'
import { saveSetting, setting } from '../../core/settings.ts'
import { useApp } from '../../testing/app.ts'
import { makeEmployment, makeOrganisation, makePerson, makePosition, makeUser } from '../../testing/builders.ts'

const GOOD = 'три зелёных трамвая'
const linkIn = (text: string, kind: string) => new RegExp(`/${kind}/[\\w-]+`).exec(text)?.[0] ?? ''
const lastLetter = async (to: string) => db()('mail_outbox').where({ to_address: to }).orderBy('id', 'desc').first()

describe('registration', () => {
  const app = useApp()
  const typed = {
    lastName: 'Новикова',
    firstName: 'Ия',
    email: 'novikova@example.org',
    organisation: 'Лицей № 9',
    position: 'учитель химии',
  }
  let school: number

  before(async () => {
    await makeUser('admin', 'administrator')
    school = await makeOrganisation({ name: 'Лицей № 9' })
  })

  it('is closed unless the authority opens it', async () => {
    await saveSetting('registration', { mode: 'closed', approval: true })
    expect((await app.visitor().get('/register')).status).to.equal(404)
    expect((await app.visitor().post('/register', typed)).status).to.equal(404)
  })

  it('waits for the administrator and the employer before anyone there sees the person', async () => {
    await saveSetting('registration', { mode: 'open', approval: true })
    await makeUser('headmaster', 'director', { type: 'organisation', id: school })
    const visitor = app.visitor()
    expect((await visitor.post('/register', { ...typed, email: 'wrong' })).status).to.equal(422)
    expect((await visitor.post('/register', typed)).text).to.include('Почти готово')
    const link = linkIn((await lastLetter(typed.email)).body_text, 'invitation')
    const chosen = await visitor.post(link, { password: GOOD })
    expect(chosen.location).to.equal('/sign-in')
    const early = await app.visitor().post('/sign-in', { login: typed.email, password: GOOD })
    expect(early.text).to.include('ждёт подтверждения администратором')
    const person = await db()('people').where({ email: typed.email }).first()
    const director = await app.signedIn('headmaster')
    expect((await director.get(`/people/${person.id}`)).status).to.equal(404)
    const claim = await db()('employments').where({ person_id: person.id }).first()
    expect((await director.get('/registrations')).text)
      .to.include('Новикова')
      .and.include('учитель химии')
    const listed = () => db()('positions').where({ name: 'учитель химии' }).first()
    expect(await listed(), 'no position before it is confirmed').to.equal(undefined)
    const card = (await (await app.signedIn('admin')).get(`/people/${person.id}`)).text
    expect(card).to.include('учитель химии')
    expect((await director.post(`/claims/${claim.id}`, { decision: 'confirm' })).status).to.equal(303)
    const confirmed = await db()('employments').where({ id: claim.id }).first()
    expect(confirmed).to.include({ position_id: (await listed()).id, claimed_position: null })
    expect((await director.get(`/people/${person.id}`)).status).to.equal(200)
    const admin = await app.signedIn('admin')
    expect((await admin.post('/registrations', { people: person.id, decision: 'approve' })).status).to.equal(303)
    expect((await app.signedIn(typed.email, GOOD)).cookie).to.include('integral.sid')
  })

  it('leaves the positions to choose among as they are when the employer declines, and refuses a closed one', async () => {
    await saveSetting('registration', { mode: 'open', approval: false })
    const count = async () => Number((await db()('positions').count({ count: '*' }).first())?.count)
    const before = await count()
    const other = { ...typed, email: 'advert@example.org', position: 'лучшие окна города' }
    expect((await app.visitor().post('/register', other)).status).to.equal(200)
    const claim = await db()('employments').where({ claimed_position: other.position }).first('id')
    const director = await app.signedIn('headmaster')
    expect((await director.post(`/claims/${claim.id}`, { decision: 'decline' })).status).to.equal(303)
    expect(await count()).to.equal(before)
    const closed = await makePosition('фонарщик')
    await db()('positions').where({ id: closed }).update({ state: 'closed' })
    const late = { ...typed, email: 'late@example.org', position: 'Фонарщик' }
    const refused = await app.visitor().post('/register', late)
    expect(refused.status).to.equal(422)
    // Closed between the claim and its confirmation: the person works as what they said.
    await db()('positions').where({ id: closed }).update({ state: 'active' })
    expect((await app.visitor().post('/register', late)).status).to.equal(200)
    await db()('positions').where({ id: closed }).update({ state: 'closed' })
    const claimed = await db()('employments').where({ claimed_position: late.position }).first('id')
    expect((await director.post(`/claims/${claimed.id}`, { decision: 'confirm' })).status).to.equal(303)
    expect((await db()('employments').where({ id: claimed.id }).first()).position_id).to.equal(closed)
  })

  it('is decided for all who were chosen, also when the address of one is gone', async () => {
    const admin = await app.signedIn('admin')
    const waiting = [await makePerson({ login: 'waits1' }), await makePerson({ login: 'waits2' })]
    await db()('accounts').whereIn('person_id', waiting).update({ state: 'pending' })
    await db()('people').where({ id: waiting[0] }).update({ email: null, email_folded: null })
    expect((await admin.get('/registrations')).status).to.equal(200)
    expect((await admin.post('/registrations', { people: waiting, decision: 'approve' })).status).to.equal(303)
    const states = await db()('accounts').whereIn('person_id', waiting).pluck('state')
    expect(states).to.deep.equal(['active', 'active'])
    expect(await db()('mail_outbox').whereIn('person_id', waiting).pluck('to_address')).to.deep.equal([
      'waits2@example.org',
    ])
  })

  it('by a link ends with the last day where the authority is', async () => {
    const { timeZone, ...authority } = await setting('authority')
    await saveSetting('authority', { ...authority, timeZone: 'Asia/Vladivostok' })
    const admin = await app.signedIn('admin')
    const made = await admin.post('/registrations/links', { note: 'до вечера', expiresOn: '2099-03-31' })
    expect(made.text).to.include('31.03.2099')
    const link = await db()('registration_links').where({ note: 'до вечера' }).first('expires_at')
    expect(link.expires_at).to.equal('2099-03-31 13:59:59.999')
    await saveSetting('authority', { ...authority, timeZone: 'America/New_York' })
    await admin.post('/registrations/links', { note: 'за океаном', expiresOn: '2099-01-31' })
    const late = await db()('registration_links').where({ note: 'за океаном' }).first('expires_at')
    expect(late.expires_at).to.equal('2099-02-01 04:59:59.999')
    expect((await admin.get('/registrations')).text)
      .to.include('31.01.2099')
      .and.not.include('01.02.2099')
    await saveSetting('authority', { ...authority, timeZone })
  })

  it('tells a known address by letter only', async () => {
    await saveSetting('registration', { mode: 'open', approval: false })
    const answer = await app
      .visitor()
      .post('/register', { ...typed, email: 'admin@example.org', organisation: '', position: '' })
    expect(answer.text).to.include('Почти готово')
    expect((await lastLetter('admin@example.org')).body_text).to.include('учётная запись с ней уже есть')
  })

  it('gives people of one name their own logins, also at the same instant', async () => {
    await saveSetting('registration', { mode: 'open', approval: false })
    const post = { ...typed, lastName: 'Одинаковая', organisation: 'Лицей № 9', position: 'учитель пения' }
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, number) =>
        app.visitor().post('/register', { ...post, email: `same${number}@example.org` }),
      ),
    )
    expect(answers.map((answer) => answer.status)).to.deep.equal(Array(8).fill(200))
    const logins = await db()('accounts').where('login', 'like', 'odinakovaya%').orderBy('login').pluck('login')
    const numbered = Array.from({ length: 7 }, (_, at) => `odinakovaya.i${at + 2}`)
    expect(logins).to.deep.equal(['odinakovaya.i', ...numbered])
    expect(await db()('mail_outbox').where('to_address', 'like', 'same%')).to.have.length(8)
    // One address twice at the same instant is one person.
    const twice = await Promise.all(
      [1, 2].map(() => app.visitor().post('/register', { ...post, email: 'twice@example.org' })),
    )
    expect(twice.map((answer) => answer.status)).to.deep.equal([200, 200])
    expect(await db()('people').where({ email: 'twice@example.org' })).to.have.length(1)
  })

  it('names each wrong field once', async () => {
    await saveSetting('registration', { mode: 'open', approval: false })
    const refused = await app.visitor().post('/register', { ...typed, lastName: '' })
    expect(refused.status).to.equal(422)
    expect(refused.text).to.include('Исправьте 1 ошибку')
  })

  it('does not tell by what is wrong in the form whether an address is known', async () => {
    await saveSetting('registration', { mode: 'open', approval: false })
    const wrong = { ...typed, position: '' }
    const known = await app.visitor().post('/register', { ...wrong, email: 'admin@example.org' })
    const unknown = await app.visitor().post('/register', { ...wrong, email: 'newcomer@example.org' })
    expect([known.status, unknown.status]).to.deep.equal([422, 422])
  })

  it('by a link works as often as the link allows, also at the same instant', async () => {
    await saveSetting('registration', { mode: 'invitation', approval: false })
    const admin = await app.signedIn('admin')
    const made = await admin.post('/registrations/links', { note: 'для двоих', maxUses: 2 })
    const link = linkIn(made.text, 'register')
    expect((await app.visitor().get('/register')).status).to.equal(404)
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, number) =>
        app.visitor().post(link, {
          lastName: 'Гость',
          firstName: `Номер ${'абвгде'[number]}`,
          email: `guest${number}@example.org`,
        }),
      ),
    )
    expect(answers.filter((answer) => answer.status === 200)).to.have.length(2)
    expect(await db()('people').where({ last_name: 'Гость' })).to.have.length(2)
  })

  it('of work in an organisation is not confirmed by a foreign director', async () => {
    const own = await makeOrganisation()
    const other = await makeOrganisation()
    await makeUser('foreigner', 'director', { type: 'organisation', id: other })
    const claim = await makeEmployment(await makePerson(), own, { state: 'claimed' })
    expect((await (await app.signedIn('foreigner')).post(`/claims/${claim}`, { decision: 'confirm' })).status).to.equal(
      404,
    )
  })
})
