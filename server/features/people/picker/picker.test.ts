import { expect } from 'chai'
import { db, insertRow, toJson } from '../../../core/db/index.ts'
import { nowUtc } from '../../../core/time.ts'
import { useApp } from '../../../testing/app.ts'
import { makeEmployment, makeOrganisation, makePerson, makeUser } from '../../../testing/builders.ts'
import type { TestClient } from '../../../testing/client.ts'
import { expectLookUps } from '../../../testing/plans.ts'

type Suggested = { value: string; name: string; hint: string }
type Picked = { found: Suggested[]; several: { text: string; people: Suggested[] }[]; nobody: string[]; isCut: boolean }

describe('the people picker', () => {
  const app = useApp()
  let admin: TestClient
  let school: number
  let ids: Record<'anna' | 'namesake' | 'pyotr' | 'foreign', number>

  before(async () => {
    school = await makeOrganisation({ name: 'Школа № 1' })
    const other = await makeOrganisation({ name: 'Школа № 2' })
    await makeUser('admin', 'administrator')
    await makeUser('head', 'director', { type: 'organisation', id: school })
    const whole = { last_name: 'Королёва', first_name: 'Анна', middle_name: 'Ивановна' }
    ids = {
      anna: await makePerson({ ...whole, login: 'a.koroleva' }),
      namesake: await makePerson(whole),
      pyotr: await makePerson({ last_name: 'Соколов-Белый', first_name: 'Пётр', middle_name: null, login: 'pyotr' }),
      foreign: await makePerson({ last_name: 'Чужанина', first_name: 'Ева' }),
    }
    for (const id of [ids.anna, ids.pyotr]) await makeEmployment(id, school)
    await makeEmployment(ids.namesake, other)
    await makePerson({ last_name: 'Архивная', state: 'archived' })
    admin = await app.signedIn('admin')
  })

  const suggest = async (q: string, client = admin, more = '') =>
    (await client.get(`/people/suggest?q=${encodeURIComponent(q)}${more}`)).json<Suggested[]>()
  const idsOf = (found: Suggested[]) => found.map(({ value }) => Number(value.split('#')[1]))
  const pick = async (text: string, client = admin) => (await client.post('/people/pick', { text })).json<Picked>()

  it('finds by the beginning of any name, of a login and of an e-mail, ё or е, and tells namesakes apart', async () => {
    const found = await suggest('королева')
    expect(found).to.deep.include({
      value: `Королёва Анна Ивановна #${ids.anna}`,
      name: 'Королёва Анна Ивановна',
      hint: 'учитель математики, Школа № 1',
    })
    expect(idsOf(found)).to.have.members([ids.anna, ids.namesake])
    expect(idsOf(await suggest('Королёва ан'))).to.have.members([ids.anna, ids.namesake])
    for (const q of ['белый', 'петр', 'Пётр соко', 'pyot', 'pyotr@exam'])
      expect(idsOf(await suggest(q)), q).to.deep.equal([ids.pyotr])
    expect(await suggest('архив')).to.deep.equal([])
    for (const nonsense of ['', ' ', '%', '_', '#', "'; drop", '\u0000', 'а'.repeat(100)])
      expect(await suggest(nonsense), nonsense).to.deep.equal([])
  })

  it('suggests only whom one may see', async () => {
    const head = await app.signedIn('head')
    expect(idsOf(await suggest('королева', head))).to.deep.equal([ids.anna])
    expect(await suggest('чужан', head)).to.deep.equal([])
    const { found, nobody } = await pick(`Чужанина Ева\nКоролёва Анна\n#${ids.foreign}`, head)
    expect(idsOf(found)).to.deep.equal([ids.anna])
    expect(nobody).to.have.members(['Чужанина Ева', `#${ids.foreign}`])
  })

  it('looks among those of a saved filter', async () => {
    const asked = { field: 'work.organisation', op: 'within', values: [String(school)] }
    const criteria = toJson({ match: 'all', groups: [{ match: 'all', conditions: [asked] }] })
    const owner = (await db()('accounts').where({ login: 'admin' }).first()).person_id
    const stamps = { created_at: nowUtc(), updated_at: nowUtc() }
    const filter = await insertRow('saved_filters', {
      owner_id: owner,
      subject: 'people',
      name: 'Школа',
      criteria,
      ...stamps,
    })
    expect(idsOf(await suggest('королева', admin, `&filter=${filter}`))).to.deep.equal([ids.anna])
    const all = (await admin.post('/people/pick', { filter })).json<Picked>()
    expect(idsOf(all.found)).to.have.members([ids.anna, ids.pyotr])
    // Somebody else's filter that is not shared narrows to nobody.
    const head = await app.signedIn('head')
    expect(await suggest('королева', head, `&filter=${filter}`)).to.deep.equal([])
  })

  it('reads a pasted list and says who is not found and who is unclear', async () => {
    const list = `A.Koroleva@example.org\nСоколов-Белый П.\nКоролёва Анна Ивановна\nНеведомая Яна\nСоколов-Белый Пётр #${ids.pyotr}`
    const { found, several, nobody, isCut } = await pick(list)
    expect(idsOf(found)).to.deep.equal([ids.anna, ids.pyotr])
    expect(several.map(({ text }) => text)).to.deep.equal(['Королёва Анна Ивановна'])
    expect(idsOf(several[0]?.people ?? [])).to.have.members([ids.anna, ids.namesake])
    expect(nobody).to.deep.equal(['Неведомая Яна'])
    expect(isCut).to.equal(false)
  })

  it('names one person in an ordinary form, or says why not', async () => {
    const person = await makePerson()
    const send = (manager: string) =>
      admin.post(`/people/${person}/employments`, { organisation: 'Школа № 1', position: 'учитель', manager })
    const unclear = await send('Королёва Анна Ивановна')
    expect(unclear.status).to.equal(422)
    expect(unclear.text)
      .to.include('Подходит несколько человек')
      .and.include(`Королёва Анна Ивановна #${ids.anna}, учитель математики, Школа № 1`)
    expect((await send('Никто')).text).to.include('Такого человека нет')
    expect((await send('#999999999999')).status).to.equal(422)
    expect((await send(`#${person}`)).text).to.include('самому себе')
    for (const manager of [`Как угодно #${ids.anna}`, 'a.koroleva', 'A.KOROLEVA@example.org']) {
      expect((await send(manager)).status, manager).to.equal(303)
      expect(
        (await db()('employments').where({ person_id: person }).orderBy('id', 'desc').first()).manager_id,
      ).to.equal(ids.anna)
    }
  })

  it('looks people up along indexes, with the same few queries whatever their number', async () => {
    await expectLookUps('person_words', () => admin.get('/people/suggest?q=белый'))
    const few = await admin.get('/people/suggest?q=множест')
    for (let count = 0; count < 30; count++) await makePerson({ last_name: `Множественная${count}`, login: null })
    const many = await admin.get('/people/suggest?q=множест')
    expect(many.json<Suggested[]>()).to.have.length(10)
    expect(Math.max(many.queries, few.queries)).to.be.at.most(10)
    expect(
      (await admin.post('/people/pick', { text: 'Множественная1 Анна\nМножественная2 Анна' })).queries,
    ).to.be.at.most(10)
  })
})
