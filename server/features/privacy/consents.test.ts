import { expect } from 'chai'
import { db } from '../../core/db/index.ts'
import { saveSetting } from '../../core/settings.ts'
import { useApp } from '../../testing/app.ts'
import { makePerson, makeUser } from '../../testing/builders.ts'
import type { TestClient } from '../../testing/client.ts'
import { fieldsOf } from '../../testing/forms.ts'

const both = (text: string) => ({ ru: text, en: `${text} (en)` })
const purpose = (name: string, more: Record<string, unknown> = {}) => ({
  title: both(name),
  description: both('Зачем'),
  legalBasis: 'consent',
  dataCategories: both('имя'),
  peopleCategories: both('слушатели'),
  retention: both('год'),
  consentText: both(`Я согласен: ${name}.`),
  ...more,
})

describe('consents', function () {
  this.timeout(60_000)
  const app = useApp()
  let admin: TestClient

  before(async () => {
    await makeUser('administrator', 'administrator')
    admin = await app.signedIn('administrator')
  })

  const versionOf = async (id: number) => (await db()('processing_purposes').where({ id }).first()).version
  const add = async (name: string, more: Record<string, unknown> = {}) => {
    const answer = await admin.post('/purposes', purpose(name, more))
    expect(answer.status, answer.text.slice(0, 800)).to.equal(303)
    return Number(answer.location.split('/').pop())
  }
  const publish = async (id: number) => {
    const answer = await admin.post(`/purposes/${id}/publish`, { version: await versionOf(id) })
    expect(answer.status, answer.text.slice(0, 800)).to.equal(303)
    // Who publishes is asked like everybody else.
    await agreeAll(admin)
    return (await db()('consent_texts').where({ purpose_id: id }).orderBy('id', 'desc').first()).id as number
  }
  const latest = (person_id: number, purpose_id: number) =>
    db()('consents').where({ person_id, purpose_id, is_latest: 1 }).first()
  const agreeAll = async (client: TestClient) => {
    const page = await client.get('/consents')
    if (page.status === 303) return
    const texts = [...page.text.matchAll(/name="texts" value="(\d+)"/g)].map(([, id]) => id as string)
    await client.post('/consents', { texts, answers: Object.fromEntries(texts.map((id) => [`t${id}`, 'agree'])) })
  }

  let learning: number
  let photo: number

  it('begin with a ready list of drafts, about which nobody is asked', async () => {
    expect((await admin.get('/purposes')).text).to.include('Начать с готового перечня')
    expect((await admin.post('/purposes/ready', {})).status).to.equal(303)
    expect((await admin.post('/purposes/ready', {})).status).to.equal(409)
    expect((await app.visitor().get('/personal-data')).text).to.include('Фотография в профиле')
    expect((await admin.get('/people')).status).to.equal(200)
    await db()('processing_purposes').del()
  })

  it('are asked for before anything else, and never ticked beforehand', async () => {
    const person = await makeUser('learner')
    learning = await add('Обучение', { isCompulsory: '1' })
    photo = await add('Фотография')
    expect((await admin.get('/people')).status, 'drafts are not asked for').to.equal(200)
    const [first, second] = [await publish(learning), await publish(photo)]
    const learner = await app.signedIn('learner')
    const stopped = await learner.get('/profile?x=1')
    expect([stopped.status, stopped.location]).to.deep.equal([303, '/consents?next=%2Fprofile%3Fx%3D1'])
    expect((await learner.post('/profile', { phone: '1', language: '', timeZone: '' })).location).to.equal('/consents')
    const json = await learner.get('/notices', { json: true })
    expect(json.status).to.equal(403)
    const page = await learner.get('/consents?next=%2Fprofile')
    expect(page.text).to.include('Я согласен: Обучение.').and.not.include(' checked')
    const form = fieldsOf(page.text, '/consents', 'next')
    const refused = await learner.post('/consents', {
      ...form,
      texts: [first, second],
      answers: { [`t${second}`]: 'later' },
    })
    expect(refused.status).to.equal(422)
    expect(refused.text).to.include('Без этого согласия в системе нельзя работать')
    expect(await db()('consents').where({ person_id: person })).to.have.length(0)
    const open = await learner.post('/consents', {
      ...form,
      texts: [first, second],
      answers: { [`t${first}`]: 'agree' },
    })
    expect(open.status, 'an optional one wants an answer, too').to.equal(422)
    const answers = { [`t${first}`]: 'agree', [`t${second}`]: 'later' }
    const done = await learner.post('/consents', { ...form, texts: [first, second], answers, next: '/profile' })
    expect([done.status, done.location]).to.deep.equal([303, '/profile'])
    expect(await latest(person, learning)).to.include({
      action: 'given',
      source: 'page',
      text_id: first,
      ip: '127.0.0.1',
    })
    expect(await latest(person, photo)).to.include({ action: 'postponed', text_id: second })
    expect((await learner.get('/profile')).status).to.equal(200)
    await agreeAll(admin)
  })

  it('let a person see their rights without agreeing, and sign out', async () => {
    await makeUser('unwilling')
    const client = await app.signedIn('unwilling')
    for (const path of ['/my/consents', '/personal-data']) expect((await client.get(path)).status, path).to.equal(200)
    expect((await client.post('/sign-out')).location).to.equal('/sign-in')
  })

  it('are never changed once published; a new version asks again', async () => {
    const before = await db()('consent_texts').where({ purpose_id: learning }).first()
    const version = await versionOf(learning)
    const change = { ...purpose('Обучение', { isCompulsory: '1' }), consentText: both('Новый текст.'), version }
    expect((await admin.post(`/purposes/${learning}`, change)).status).to.equal(303)
    expect((await admin.get('/people')).status, 'only a published text is asked for').to.equal(200)
    const newer = await publish(learning)
    expect(await db()('consent_texts').where({ id: before.id }).first()).to.deep.equal(before)
    const same = await admin.post(`/purposes/${learning}/publish`, { version: await versionOf(learning) })
    expect(same.status).to.equal(422)
    expect(same.text).to.include('уже опубликован')
    const learner = await app.signedIn('learner')
    // What is just being sent is not lost: the next page asks.
    const sent = await learner.post('/profile', { phone: '+7 900', about: '', language: '', timeZone: '' })
    expect(sent.location).to.equal('/profile')
    expect((await learner.get('/profile')).location).to.include('/consents')
    const stale = await learner.post('/consents', { texts: [before.id], answers: { [`t${before.id}`]: 'agree' } })
    expect(stale.status).to.equal(409)
    expect(stale.text).to.include('опубликована новая версия').and.include('Новый текст.')
    await learner.post('/consents', { texts: [newer], answers: { [`t${newer}`]: 'agree' } })
    expect((await learner.get('/profile')).status).to.equal(200)
    expect((await app.visitor().get(`/personal-data/texts/${before.id}`)).text).to.include('Я согласен: Обучение.')
    await agreeAll(admin)
  })

  it('are withdrawn on the profile, with plain consequences; the history stays', async () => {
    const person = (await db()('accounts').where({ login: 'learner' }).first()).person_id
    const learner = await app.signedIn('learner')
    const text = (await db()('consent_texts').where({ purpose_id: photo }).first()).id
    expect((await learner.post('/my/consents', { textId: text })).status).to.equal(303)
    expect(await latest(person, photo)).to.include({ action: 'given', source: 'profile' })
    const page = await learner.get(`/my/consents/${learning}/withdraw`)
    expect(page.text).to.include('Работать в системе вы больше не сможете')
    expect((await learner.post(`/my/consents/${photo}/withdraw`)).status).to.equal(303)
    expect((await learner.get('/profile')).status, 'an optional one changes nothing').to.equal(200)
    expect((await learner.post(`/my/consents/${learning}/withdraw`)).status).to.equal(303)
    expect((await learner.post(`/my/consents/${learning}/withdraw`)).status).to.equal(404)
    expect((await learner.get('/profile')).location).to.include('/consents')
    const actions = await db()('consents').where({ person_id: person, purpose_id: photo }).orderBy('id').pluck('action')
    expect(actions).to.deep.equal(['postponed', 'given', 'withdrawn'])
    expect((await learner.get('/my/consents')).text).to.include('отозвано')
    await agreeAll(learner)
    expect((await learner.get('/profile')).status).to.equal(200)
  })

  it('are taken down from paper with a scan that only the person and the register’s keepers open', async () => {
    const person = await makePerson({ login: 'paper' })
    const text = (await db()('consent_texts').where({ purpose_id: learning }).orderBy('id', 'desc').first()).id
    const url = `/people/${person}/consents`
    const scan = new File(['%PDF-1.4\n%%EOF'], 'согласие.pdf', { type: 'application/pdf' })
    const future = await admin.upload(url, { textId: text, signedOn: '2999-01-01' })
    expect(future.status).to.equal(422)
    const saved = await admin.upload(url, { textId: text, signedOn: '2026-01-15', note: 'дело 7', scan })
    expect(saved.status, saved.text.slice(0, 800)).to.equal(303)
    const kept = await latest(person, learning)
    expect(kept).to.include({ action: 'given', source: 'paper', signed_on: '2026-01-15', note: 'дело 7' })
    expect((await admin.get(`/files/${kept.file_id}`)).status).to.equal(200)
    const other = await app.signedIn('learner')
    expect((await other.get(`/files/${kept.file_id}`)).status).to.equal(404)
    expect((await admin.get(url)).text).to.include('на бумаге, 15 января 2026')
  })

  it('are kept in a register that is filtered and taken out', async () => {
    const withdrawn = (await admin.get(`/consents/register?purposeId=${photo}&action=withdrawn`)).text
    expect(withdrawn).to.include('Тестова').and.include('отозвано')
    expect((await admin.get('/consents/register?source=paper')).text).to.include('на бумаге')
    const csv = (await admin.get(`/consents/register/export?purposeId=${photo}&history=1`)).text
    expect(csv).to.include('не сейчас').and.include('согласие дано').and.include('отозвано')
    expect((await admin.get('/consents/register?from=бред&purposeId=x&after=y')).status).to.equal(200)
    const page = await admin.get('/consents/register')
    expect(page.queries).to.be.at.most(8)
  })

  it('are asked for at registration', async () => {
    await saveSetting('registration', { mode: 'open', approval: false })
    const visitor = app.visitor()
    const page = await visitor.get('/register')
    expect(page.text).to.include('Новый текст.').and.not.include(' checked')
    const person = { lastName: 'Новая', firstName: 'Вера', email: 'new@school.example' }
    const refused = await visitor.post('/register', person)
    expect(refused.status).to.equal(422)
    expect(await db()('people').where({ email: 'new@school.example' })).to.have.length(0)
    const text = (await db()('consent_texts').where({ purpose_id: learning }).orderBy('id', 'desc').first()).id
    const done = await visitor.post('/register', { ...person, answers: { [`t${text}`]: 'agree' } })
    expect(done.status).to.equal(200)
    const { id } = await db()('people').where({ email: 'new@school.example' }).first()
    expect(await latest(id, learning)).to.include({ action: 'given', source: 'registration', recorded_by: null })
    expect(await latest(id, photo)).to.include({ action: 'postponed' })
  })

  it('of a purpose that is opened again are asked for again', async () => {
    const close = async (state: string) =>
      admin.post(`/purposes/${photo}/state`, { state, version: await versionOf(photo) })
    await close('closed')
    await makeUser('late')
    const late = await app.signedIn('late')
    await agreeAll(late)
    expect((await late.get('/profile')).status).to.equal(200)
    await close('active')
    expect((await late.get('/profile')).location).to.include('/consents')
    expect((await late.get('/consents')).text).to.include('Я согласен: Фотография.')
    await agreeAll(late)
    await agreeAll(admin)
    expect((await admin.get('/people')).status).to.equal(200)
  })

  it('that are withdrawn while a newer text waits close everything at once', async () => {
    await makeUser('withdrawing')
    const client = await app.signedIn('withdrawing')
    await agreeAll(client)
    const profile = { phone: '+7 900', about: '', language: '', timeZone: '' }
    const version = await versionOf(learning)
    const change = { ...purpose('Обучение', { isCompulsory: '1' }), consentText: both('Третий текст.'), version }
    expect((await admin.post(`/purposes/${learning}`, change)).status).to.equal(303)
    await publish(learning)
    expect((await client.post('/profile', profile)).location, 'what is being sent is not lost').to.equal('/profile')
    expect((await client.get('/notices', { json: true })).status, 'what scripts read').to.equal(403)
    expect((await client.post(`/my/consents/${learning}/withdraw`)).status).to.equal(303)
    expect((await client.post('/profile', profile)).location).to.equal('/consents')
    await agreeAll(client)
    expect((await client.post('/profile', profile)).location).to.equal('/profile')
  })

  it('are asked of the person alone, not of who looks through their eyes', async () => {
    const person = await makeUser('looked-at')
    await agreeAll(admin)
    const answer = await admin.post(`/people/${person}/view`)
    expect(answer.status, answer.text.slice(0, 500)).to.equal(303)
    admin.forgetToken()
    expect((await admin.get('/profile')).status).to.equal(200)
    for (const path of ['/my/data', '/my/data/people', '/my/data/reads', '/my/requests', '/my/consents', '/consents'])
      expect((await admin.get(path)).status, path).to.equal(403)
    expect((await admin.post('/consents', { texts: [] })).status).to.equal(403)
    expect(await db()('consents').where({ person_id: person })).to.have.length(0)
    await admin.post('/viewing/end')
  })
})
