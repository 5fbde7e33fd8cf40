import { expect } from 'chai'
import { useApp } from '../../testing/app.ts'
import { makePerson, makeUser } from '../../testing/builders.ts'

describe('bad input', () => {
  const app = useApp()

  before(async () => {
    await makeUser('admin', 'administrator')
  })

  it('on the sign-in page never breaks it: repeated, missing, of another kind', async () => {
    const visitor = app.visitor()
    const bodies = [
      { login: ['a', 'b'], password: 'x' },
      { login: { toString: 'x' }, password: 'x' },
      { next: ['/a', '/b'] },
      { kept_action: ['/a', '/b'], kept: 'text' },
      { kept_action: '/x', kept: { f0: 'text' } },
      { kept_action: '/x', kept: { f0: { name: 'a', value: ['b'] } } },
      {},
    ]
    for (const body of bodies) expect((await visitor.post('/sign-in', body)).status, JSON.stringify(body)).to.equal(422)
  })

  it('of any shape comes back beside its field', async () => {
    const admin = await app.signedIn('admin')
    const hostile = {
      email: { toString: 'x', valueOf: 'y' },
      about: { a: { b: { c: { d: { e: 'f' } } } } },
      phone: ['1', '2'],
    }
    expect((await admin.post('/profile', { ...hostile, language: '', timeZone: '' })).status).to.equal(422)
    const settings = { name: ['a', 'b'], languages: { x: 'ru' }, defaultLanguage: '__proto__', timeZone: ['UTC'] }
    expect((await admin.post('/settings/authority', settings)).status).to.equal(422)
    expect(
      (await admin.post('/people', { lastName: 'Я', firstName: 'Я', gender: '', categoryId: '99999' })).status,
    ).to.equal(422)
  })

  it('in an address leads nowhere', async () => {
    const admin = await app.signedIn('admin')
    for (const kind of ['constructor', '__proto__', 'toString']) {
      expect((await admin.get(`/rights/why?person=1&kind=${kind}&object=1`)).status, kind).to.equal(200)
    }
  })

  it('from a page older than the session is shown to be sent again, but never from another site', async () => {
    const client = await app.signedIn('admin')
    const typed = { _csrf: 'of an earlier session', language: '', timeZone: '', about: 'Долго набирала' }
    const kept = await client.post('/profile', typed)
    expect(kept.status).to.equal(403)
    expect(kept.text).to.include('Долго набирала').and.include('action="/profile"')
    const foreign = await client.post('/profile', typed, { headers: { 'sec-fetch-site': 'cross-site' } })
    expect(foreign.status).to.equal(403)
    expect(foreign.text).not.to.include('Долго набирала')
  })

  it('in a form with a file keeps its words when the session has ended', async () => {
    const client = await app.signedIn('admin')
    client.loseSession()
    const photo = new File(['x'.repeat(1000)], 'a.png', { type: 'image/png' })
    const answer = await client.upload('/profile/photo', { caption: 'Подпись к снимку', photo })
    expect(answer.status).to.equal(401)
    expect(answer.text).to.include('Подпись к снимку')
    const foreign = await client.upload(
      '/profile/photo',
      { caption: 'Чужое', photo },
      { headers: { 'sec-fetch-site': 'cross-site' } },
    )
    expect(foreign.text).not.to.include('Чужое')
  })

  it('finds signs that databases read as patterns', async () => {
    await makePerson({ last_name: 'Подчёркнутая', login: 'under_score' })
    await makePerson({ last_name: 'Неподчёркнутая', login: 'underxscore' })
    const page = await (await app.signedIn('admin')).get('/people?q=under_score%40')
    expect(page.text).to.include('Подчёркнутая').and.not.include('Неподчёркнутая')
  })
})
