import { expect } from 'chai'
import { db, insertRow } from '../../core/db/index.ts'
import { loadActor } from '../../core/rights/actor.ts'
import type { Actor } from '../../core/rights/index.ts'
import { addDays, nowUtc, today } from '../../core/time.ts'
import { useApp } from '../../testing/app.ts'
import { makeEmployment, makeOrganisation, makePerson, makePosition, makeUser } from '../../testing/builders.ts'
import { expectLookUps } from '../../testing/plans.ts'
import { narrowing } from './filters/queries.ts'
import { criteria } from './input.ts'
import { countPeople, listPeople } from './queries.ts'

const typed = {
  lastName: 'Королёва',
  firstName: 'Алёна',
  middleName: 'Ивановна',
  gender: 'female',
  email: 'koroleva@example.org',
}

const keyIn = (text: string) => /name="formKey" value="([^"]+)"/.exec(text)?.[1]

describe('people', () => {
  const app = useApp()
  let school: number
  let other: number

  before(async () => {
    school = await makeOrganisation({ name: 'Школа № 1' })
    other = await makeOrganisation({ name: 'Школа № 2' })
    await makeUser('admin', 'administrator')
  })

  it('are searched for through an index of the words of their names', async () => {
    const admin = await app.signedIn('admin')
    await expectLookUps('person_words', () => admin.get('/people?q=анна петр'))
  })

  it('are added with a place of work and found by the beginning of any word, ё or е', async () => {
    const admin = await app.signedIn('admin')
    const answer = await admin.post('/people', {
      ...typed,
      organisation: 'школа № 1',
      position: 'воспитатель',
      startsOn: '2026-09-01',
    })
    expect(answer.status).to.equal(303)
    const card = await admin.get(answer.location)
    expect(card.text).to.include('Королёва Алёна Ивановна').and.include('Школа № 1').and.include('воспитатель')
    for (const q of ['королева', 'алёна кор', 'koroleva@ex']) {
      expect((await admin.get(`/people?q=${encodeURIComponent(q)}`)).text, q).to.include('Королёва Алёна')
    }
    expect((await admin.get('/people?q=иванова')).text).to.not.include('Королёва Алёна')
  })

  it('say what is wrong beside the field', async () => {
    const admin = await app.signedIn('admin')
    const answer = await admin.post('/people', {
      ...typed,
      lastName: '',
      birthDate: '31.02.1990',
      organisation: 'Школа',
      position: 'учитель',
    })
    expect(answer.status).to.equal(422)
    expect(answer.text).to.include('Такой даты нет').and.include('Заполните это поле')
    const several = await admin.post('/people', {
      ...typed,
      email: 'a@b.ru',
      organisation: 'Школа',
      position: 'учитель',
    })
    expect(several.text).to.include('Подходит несколько учреждений')
    const taken = await admin.post('/people', { ...typed, email: 'KOROLEVA@example.org' })
    expect(taken.status).to.equal(422)
    expect(taken.text).to.include('Эта почта уже указана')
  })

  it('without an e-mail are added once, however often the form is sent', async () => {
    const admin = await app.signedIn('admin')
    const formKey = keyIn((await admin.get('/people/new')).text)
    const form = { lastName: 'Двойникова', firstName: 'Ада', gender: '', formKey }
    const refused = await admin.post('/people', { ...form, firstName: '' })
    expect(keyIn(refused.text)).to.equal(formKey)
    const answers = await Promise.all([1, 2, 3].map(() => admin.post('/people', form)))
    expect(answers.map((answer) => answer.status)).to.deep.equal([303, 303, 303])
    expect(new Set(answers.map((answer) => answer.location))).to.have.property('size', 1)
    expect((await admin.post('/people', form)).location).to.equal(answers[0]?.location)
    expect(await db()('people').where({ last_name: 'Двойникова' })).to.have.length(1)
    // A namesake is a new form, and somebody else's key leads nobody anywhere.
    await admin.post('/people', { ...form, formKey: keyIn((await admin.get('/people/new')).text) })
    expect(await db()('people').where({ last_name: 'Двойникова' })).to.have.length(2)
    await makeUser('admin-of-keys', 'administrator')
    const other = await app.signedIn('admin-of-keys')
    expect((await other.post('/people', form)).status).to.equal(409)
  })

  it('get a place of work once, however often the form is sent', async () => {
    const admin = await app.signedIn('admin')
    const id = await makePerson()
    const address = `/people/${id}/employments`
    const formKey = keyIn((await admin.get(`${address}/new`)).text)
    const form = { organisation: 'Школа № 1', position: 'воспитатель', startsOn: '2026-09-01', formKey }
    const answers = await Promise.all([1, 2].map(() => admin.post(address, form)))
    expect(answers.map((answer) => answer.location)).to.deep.equal([`/people/${id}`, `/people/${id}`])
    expect(await db()('employments').where({ person_id: id })).to.have.length(1)
  })

  it('are the same and counted once, whether few or many match, although one works in two places', async () => {
    const position = await makePosition('хормейстер')
    for (const state of ['active', 'active', 'archived']) {
      const person = await makePerson({ state })
      for (const place of [school, other]) await makeEmployment(person, place, { position_id: position })
    }
    await makeEmployment(await makePerson(), school, { position_id: position, ends_on: '2025-12-31' })
    const admin = (await loadActor(await makeUser('counter', 'administrator'), 'Europe/Moscow')) as Actor
    const sought = criteria.parse({ positionId: String(position), kind: 'school' })
    const narrow = await narrowing(admin, sought)
    expect(await countPeople(admin, narrow)).to.deep.equal({ count: 2, capped: false })
    const [few, many] = await Promise.all([false, true].map((isCommon) => listPeople(admin, narrow, {}, isCommon)))
    expect(few?.rows).to.have.length(2)
    expect(many).to.deep.equal(few)
  })

  it('survive hostile names', async () => {
    const admin = await app.signedIn('admin')
    const answer = await admin.post('/people', {
      lastName: '<script>alert(1)</script>',
      firstName: 'О’Нил "x"',
      gender: '',
    })
    const card = await admin.get(answer.location)
    expect(card.text).to.not.include('<script>alert')
    expect(card.text).to.include('&lt;script&gt;')
  })

  it('who head an organisation may see its people exactly while they do', async () => {
    const admin = await app.signedIn('admin')
    const head = await makeUser('head')
    const teacher = await makePerson({ last_name: 'Подчинённая' })
    await makeEmployment(teacher, school)
    const stranger = await makePerson({ last_name: 'Посторонняя' })
    await makeEmployment(stranger, other)
    const director = await app.signedIn('head')
    expect((await director.get(`/people/${teacher}`)).status).to.equal(403)
    const work = { organisation: 'Школа № 1', position: 'директор', isHead: 'on', startsOn: '2020-01-01' }
    await admin.post(`/people/${head}/employments`, work)
    expect((await director.get(`/people/${teacher}`)).status).to.equal(200)
    expect((await director.get(`/people/${stranger}`)).status).to.equal(404)
    const employment = await db()('employments').where({ person_id: head }).first()
    const endsOn = addDays(today('Europe/Moscow'), -1)
    await admin.post(`/people/${head}/employments/${employment.id}`, { ...work, endsOn, version: employment.version })
    expect((await director.get(`/people/${teacher}`)).status).to.equal(403)
  })

  it('leave the sight of the director when their own work ends', async () => {
    const head = await makeUser('head2', 'director', { type: 'organisation', id: other })
    expect(head).to.be.a('number')
    const leaver = await makePerson({ last_name: 'Уходящая' })
    await makeEmployment(leaver, other, { ends_on: addDays(today('Europe/Moscow'), -1) })
    const director = await app.signedIn('head2')
    expect((await director.get(`/people/${leaver}`)).status).to.equal(404)
  })

  it('refuse a change made on a stale page', async () => {
    const admin = await app.signedIn('admin')
    const id = await makePerson({ last_name: 'Старая' })
    const change = { lastName: 'Новая', firstName: 'Анна', gender: '', version: 1 }
    expect((await admin.post(`/people/${id}`, change)).status).to.equal(303)
    expect((await admin.post(`/people/${id}`, { ...change, lastName: 'Третья' })).status).to.equal(409)
  })

  it('can no longer sign in once archived', async () => {
    const admin = await app.signedIn('admin')
    const id = await makeUser('leaving')
    const client = await app.signedIn('leaving')
    expect((await admin.post(`/people/${id}/state`, { state: 'archived', version: 1 })).status).to.equal(303)
    expect((await client.get('/')).status).to.equal(401)
    expect(await loadActor(id, 'UTC')).to.equal(undefined)
  })

  it('are shown with their photo, or the initials, in lists, on their card and in the frame', async () => {
    const admin = await app.signedIn('admin')
    const stored = {
      sha256: 'a'.repeat(64),
      name: 'photo.webp',
      media_type: 'image/webp',
      size: 1,
      created_at: nowUtc(),
    }
    const photo = await insertRow('files', stored)
    const seen = await makePerson({ last_name: 'Портретова', photo_file_id: photo })
    const plain = await makePerson({ last_name: 'Безликова', first_name: 'Яна' })
    const before = await admin.get('/people?q=портретова')
    expect(before.text).to.include(`src="/files/${photo}"`)
    expect((await admin.get(`/people/${seen}`)).text).to.include(`src="/files/${photo}"`)
    expect((await admin.get(`/people/${plain}`)).text).to.match(/person-avatar-lg[^>]*>БЯ</)
    // Oneself in the frame, without the patronymic, as in the list: letters and colour.
    await makePerson({ login: 'bezlikova', last_name: 'Безликова', first_name: 'Яна', middle_name: null })
    const frame = await (await app.signedIn('bezlikova')).get('/profile')
    const sign = (text: string, where: RegExp) => text.match(where)?.slice(1)
    expect(sign(frame.text, /header-person">\s*<span class="[^"]*-(hue-\d)"[^>]*>(..)</)).to.deep.equal(
      sign((await admin.get(`/people/${plain}`)).text, /person-avatar-lg [^"]*-(hue-\d)"[^>]*>(..)</),
    )
    expect((await admin.post(`/people/${seen}/photo/remove`)).status).to.equal(303)
    expect((await admin.get(`/people/${seen}`)).text).to.not.include(`src="/files/${photo}"`)
    await db()('people').where({ id: seen }).update({ photo_file_id: photo })
    const own = await insertRow('files', { ...stored, sha256: 'b'.repeat(64) })
    await db()('people').where({ email: 'admin@example.org' }).update({ photo_file_id: own })
    const after = await admin.get('/people?q=портретова')
    expect(after.text).to.match(new RegExp(`header-person">\\s*<img [^>]*src="/files/${own}"`))
    expect(after.queries).to.equal(before.queries)
    await db()('people').where({ email: 'admin@example.org' }).update({ photo_file_id: null })
  })

  it('cost the same queries whatever their number', async () => {
    const admin = await app.signedIn('admin')
    const few = await admin.get('/people')
    for (let count = 0; count < 25; count++) await makeEmployment(await makePerson({ login: null }), school)
    const many = await admin.get('/people')
    expect(many.queries).to.equal(few.queries).and.be.at.most(10)
  })
})
