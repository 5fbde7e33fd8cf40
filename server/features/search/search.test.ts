import { expect } from 'chai'
import { db, rootDatabase, toJson, withTransaction } from '../../core/db/index.ts'
import { SYSTEM } from '../../core/rights/index.ts'
import { completeSearch, readSearchState, rebuildSearch, searchCleanings } from '../../core/search/index.ts'
import { today } from '../../core/time.ts'
import { useApp } from '../../testing/app.ts'
import {
  makeCohort,
  makeEmployment,
  makeEnrolment,
  makeMaterial,
  makeModule,
  makeOrganisation,
  makePerson,
  makeProgramme,
  makeTopic,
  makeUser,
} from '../../testing/builders.ts'
import type { TestClient } from '../../testing/client.ts'
import { createPeople } from '../people/bulk-service.ts'
import { createPerson, setPersonState, updatePerson } from '../people/service.ts'
import { removeModule } from '../programmes/modules/service.ts'

type Suggested = { hits: { href: string; title: { text: string; isFound: boolean }[]; hint: string; group: string }[] }

describe('search', function () {
  this.timeout(60_000)
  const app = useApp()
  const clients = new Map<string, TestClient>()
  const ids: Record<string, number> = {}

  const as = async (login: string): Promise<TestClient> => {
    const client = clients.get(login) ?? (await app.signedIn(login))
    clients.set(login, client)
    return client
  }
  const page = async (login: string, q: string, more = '') =>
    (await as(login)).get(`/search?q=${encodeURIComponent(q)}${more}`)
  /** Titles of what is found, in their order. */
  const found = async (login: string, q: string, more = '') => {
    const answer = await page(login, q, more)
    expect(answer.status).to.equal(200)
    return [...answer.text.matchAll(/<a class="search-hit-title"[^>]*>(.*?)<\/a>/gs)].map(([, title]) =>
      String(title).replace(/<[^>]*>/g, ''),
    )
  }
  const person = (last_name: string, first_name: string, middle_name: string, values = {}) =>
    makePerson({ login: null, last_name, first_name, middle_name, ...values })
  const both = (ru: string, en: string) => toJson({ ru, en })

  before(async () => {
    const school = await makeOrganisation({ name: 'Школа № 5', address: 'улица Берёзовая, 7', inn: '7701234567' })
    const other = await makeOrganisation({ name: 'Гимназия имени Пушкина' })
    await makeUser('admin', 'administrator')
    await makeUser('director', 'director', { type: 'organisation', id: school })
    await makeUser('stranger')
    const learner = await makeUser('learner')
    const maria = await person('Иванова', 'Мария', 'Петровна')
    await person('Иванов', 'Иван', 'Ильич')
    const alyona = await person('Ковальская', 'Алёна', 'Сергеевна', { email: 'a.koval@school.example' })
    await person('Архивная', 'Мария', 'Петровна', { state: 'archived' })
    await makeEmployment(maria, school)
    await makeEmployment(alyona, other)
    const programme = await makeProgramme({
      title: both('Сопровождение молодых педагогов', 'Support of young teachers'),
      description: both('<p>Приказ о зачислении подписывает <strong>руководитель</strong>.</p>', '<p>An order</p>'),
    })
    const module = await makeModule({ programme_id: programme, title: both('Урок математики', 'Maths lesson') })
    const topic = await makeTopic({ module_id: module, title: both('Планирование урока', 'Planning a lesson') })
    const material = await makeMaterial('topic', topic, {
      title: both('Памятка наставнику', 'A note for mentors'),
      body: both('<p>Как обсуждать посещённый урок с молодым педагогом.</p>', '<p>How to talk</p>'),
    })
    const draft = await makeProgramme({ title: both('Тайный черновик программы', 'A draft'), state: 'draft' })
    await makeModule({ programme_id: draft, title: both('Модуль черновика', 'Module of a draft') })
    const elsewhere = await makeProgramme({ title: both('Чужая программа', 'Other programme') })
    await makeModule({ programme_id: elsewhere, title: both('Чужой урок математики', 'Other lesson') })
    const cohort = await makeCohort({ programme_id: programme, title: 'Осенний поток' })
    const enrolment = await makeEnrolment(learner, cohort)
    Object.assign(ids, { school, other, maria, alyona, programme, module, topic, material, draft, cohort, enrolment })
    await rebuildSearch()
  })

  it('finds people by words of their names, in any case, with ё or е, exact ones first', async () => {
    expect(await found('admin', 'иванова мария')).to.deep.equal(['Иванова Мария Петровна'])
    expect(await found('admin', 'Мария Иванова')).to.deep.equal(['Иванова Мария Петровна'])
    expect(await found('admin', 'иванову')).to.deep.equal(['Иванов Иван Ильич', 'Иванова Мария Петровна'])
    expect(await found('admin', 'иванова')).to.deep.equal(['Иванова Мария Петровна', 'Иванов Иван Ильич'])
    expect(await found('admin', 'Алена')).to.deep.equal(['Ковальская Алёна Сергеевна'])
    expect(await found('admin', 'a.koval@school.example')).to.deep.equal(['Ковальская Алёна Сергеевна'])
    expect(await found('admin', 'a.koval@')).to.deep.equal(['Ковальская Алёна Сергеевна'])
  })

  it('shows where people work, and marks what was found', async () => {
    const { text } = await page('admin', 'ковальской')
    expect(text).to.include('<mark>Ковальская</mark> Алёна Сергеевна')
    expect(text).to.include('учитель математики, Гимназия имени Пушкина')
  })

  it('finds titles and texts by the forms of their words, with the lines around them', async () => {
    expect(await found('admin', 'приказы')).to.deep.equal(['Сопровождение молодых педагогов'])
    expect((await page('admin', 'приказы')).text).to.match(/<mark>Приказ<\/mark> о зачислении подписывает руководитель/)
    const lessons = await found('admin', 'уроки')
    expect(lessons).to.include.members(['Урок математики', 'Планирование урока', 'Памятка наставнику'])
    expect(lessons.indexOf('Памятка наставнику')).to.be.greaterThan(lessons.indexOf('Планирование урока'))
    expect(await found('admin', 'lessons')).to.include('Урок математики')
    expect(await found('admin', 'школа берёзовая')).to.deep.equal(['Школа № 5'])
    expect(await found('admin', '7701234567')).to.deep.equal(['Школа № 5'])
    expect(await found('admin', 'осенний')).to.deep.equal(['Осенний поток'])
  })

  it('understands the other keyboard and says so', async () => {
    expect(await found('admin', 'ghbrfp')).to.deep.equal(['Сопровождение молодых педагогов'])
    expect((await page('admin', 'ghbrfp')).text).to.include('показано найденное по словам «приказ»')
    expect(await found('admin', 'Bdfyjdf Vfhbz')).to.deep.equal(['Иванова Мария Петровна'])
    expect(await found('admin', 'дуыыщт')).to.include('Урок математики')
  })

  it('forgives a mistake or two, and says so', async () => {
    expect(await found('admin', 'ивонова мария')).to.deep.equal(['Иванова Мария Петровна'])
    expect(await found('admin', 'кавальска')).to.deep.equal(['Ковальская Алёна Сергеевна'])
    expect(await found('admin', 'матимтики')).to.include('Урок математики')
    expect((await page('admin', 'приакз')).text).to.include('Показано похожее')
    expect(await found('admin', 'гимнозея')).to.deep.equal(['Гимназия имени Пушкина'])
    // Both words exist, but not together: another spelling of one is tried.
    await person('Орлова', 'Наталья', 'Ильинична')
    await person('Белова', 'Наталия', 'Ильинична')
    await rebuildSearch()
    expect(await found('admin', 'Орлова Наталия')).to.deep.equal(['Орлова Наталья Ильинична'])
  })

  it('completes the last word while one types', async () => {
    const suggest = async (login: string, q: string) =>
      (await (await as(login)).get(`/search/suggest?q=${encodeURIComponent(q)}`)).json<Suggested>().hits
    const [first] = await suggest('admin', 'кова')
    expect(first).to.deep.include({ href: `/people/${ids.alyona}`, group: 'Люди' })
    expect(first?.title[0]).to.deep.equal({ text: 'Ковальская', isFound: true })
    expect((await suggest('admin', 'иванова м')).map(({ href }) => href)).to.deep.equal([`/people/${ids.maria}`])
    expect((await suggest('admin', 'b')).length).to.be.at.most(8)
    expect(await suggest('admin', '')).to.deep.equal([])
    expect(await suggest('stranger', 'кова')).to.deep.equal([])
  })

  it('groups what it finds, with counts, and shows one group by pages', async () => {
    for (let number = 0; number < 23; number++) await person('Многочисленная', `Анна${number}`, 'Ивановна')
    await rebuildSearch()
    const all = await page('admin', 'многочисленные')
    expect(all.text).to.include('Показать все: 23')
    expect((await found('admin', 'многочисленная')).length).to.equal(5)
    const first = await page('admin', 'многочисленная', '&kind=person')
    expect(first.text).to.match(/kind=person&amp;page=2/)
    const second = await found('admin', 'многочисленная', '&kind=person&page=2')
    expect(second.length).to.equal(3)
    expect(await found('admin', 'многочисленная', '&kind=person&page=9')).to.deep.equal([])
    expect(await found('admin', 'многочисленная', '&kind=nonsense&page=-1')).to.deep.equal([])
  })

  it('shows nobody what they may not see, and counts none of it', async () => {
    expect(await found('director', 'иванова')).to.deep.equal(['Иванова Мария Петровна'])
    expect(await found('director', 'ковальская')).to.deep.equal([])
    expect((await page('director', 'ковальская')).text).to.include('ничего не найдено')
    expect(await found('director', 'гимназия')).to.deep.equal([])
    expect(await found('director', 'школа')).to.deep.equal(['Школа № 5'])
    expect((await page('director', 'иванова')).text).to.match(/Люди<\/span><span class="tab-count">1</)
    expect(await found('learner', 'иванова')).to.deep.equal([])
    expect(await found('stranger', 'урок')).to.deep.equal([])
    expect(await found('admin', 'архивная')).to.deep.equal([])
    expect((await app.visitor().get('/search?q=x')).status).to.equal(401)
  })

  it('lets learners find what they learn: no drafts, nothing foreign, nothing once they have been withdrawn', async () => {
    const mine = ['Урок математики', 'Планирование урока', 'Памятка наставнику']
    expect(await found('learner', 'урок')).to.have.members(mine)
    // The programme is not a page of theirs.
    expect(await found('learner', 'сопровождение')).to.deep.equal([])
    expect(await found('learner', 'черновик')).to.deep.equal([])
    await db()('programmes').where({ id: ids.programme }).update({ state: 'draft' })
    expect(await found('learner', 'урок')).to.deep.equal([])
    await db()('programmes').where({ id: ids.programme }).update({ state: 'active' })
    const grant = () => db()('grants').where({ source: 'enrolment', source_id: ids.enrolment })
    await grant().update({ ends_on: '2020-01-01' })
    expect(await found('learner', 'урок')).to.deep.equal([])
    await grant().update({ ends_on: null })
    expect(await found('learner', 'урок')).to.have.members(mine)
  })

  it('ends for an employer with the employment', async () => {
    const work = () => db()('employments').where({ person_id: ids.maria })
    await work().update({ ends_on: '2026-01-01' })
    expect(await found('director', 'иванова')).to.deep.equal([])
    await work().update({ ends_on: null })
    expect(await found('director', 'иванова')).to.deep.equal(['Иванова Мария Петровна'])
  })

  it('follows what happens: new, renamed, put away, taken back', async () => {
    const names = { lastName: 'Свежая', firstName: 'Ольга', middleName: null, gender: null, birthDate: null }
    const rest = { email: null, phone: null, categoryId: null, experienceYears: null, about: null }
    const none = { organisation: null, position: null, startsOn: null }
    const id = await createPerson(SYSTEM, { ...names, ...rest, ...none })
    await app.settle()
    expect(await found('admin', 'свежая')).to.deep.equal(['Свежая Ольга'])
    await updatePerson(SYSTEM, id, { ...names, ...rest, lastName: 'Переименованная', version: 1 })
    await app.settle()
    expect(await found('admin', 'свежая ольга')).to.deep.equal([])
    expect(await found('admin', 'переименованная')).to.deep.equal(['Переименованная Ольга'])
    await setPersonState(SYSTEM, id, 'archived', 2)
    await app.settle()
    expect(await found('admin', 'переименованная')).to.deep.equal([])
    // Nothing is left of them in the vocabulary after the next cleaning.
    for (const { clean } of searchCleanings) await clean(500)
    expect(await db()('search_words').where('word', 'like', 'переименован%')).to.deep.equal([])
    expect(await db()('search_trigrams').where('stem', 'like', '@переименован%')).to.deep.equal([])
  })

  it('forgets what went together with a module', async () => {
    const module = await makeModule({ programme_id: ids.programme, title: both('Временный модуль', 'Temporary') })
    const topic = await makeTopic({ module_id: module, title: both('Временная тема', 'Temporary topic') })
    await makeMaterial('topic', topic, { title: both('Временный материал', 'Temporary material') })
    await rebuildSearch()
    expect((await found('admin', 'временный')).length).to.equal(3)
    await removeModule(SYSTEM, module, 1)
    await app.settle()
    expect(await found('admin', 'временный')).to.deep.equal([])
  })

  it('takes thousands of people in few passes', async () => {
    const names = Array.from({ length: 2000 }, (_, at) => ({
      ...{ lastName: `Списочная${String.fromCharCode(1072 + (at % 20))}`, firstName: 'Нина', middleName: 'Олеговна' },
      ...{ gender: null, birthDate: null, email: null, phone: null, experience: null, categoryId: null },
    }))
    await withTransaction(() => createPeople(SYSTEM, 'search-test', names))
    const counted: string[] = []
    const note = ({ sql }: { sql: string }) => void (sql.includes('search_') && counted.push(sql))
    rootDatabase().on('query', note)
    await app.settle()
    rootDatabase().removeListener('query', note)
    expect(counted.length).to.be.below(250)
    const { text } = await page('admin', 'нина списочнаяб')
    expect(text).to.include('Показать все: 100')
    expect((await page('admin', 'нина')).text).to.include('1\u00a0000+')
  })

  it('asks the database at most ten times, however much is found and however it is written', async () => {
    for (const q of ['нина', 'нена спесочная', 'школа урок приказ мария', 'ghbrfp', 'орлова наталия', 'а']) {
      for (const login of ['admin', 'director', 'learner']) {
        const answer = await page(login, q)
        expect(answer.status, q).to.equal(200)
        expect(answer.queries, `${login}: ${q}`).to.be.at.most(10)
      }
    }
  })

  it('bears whatever is typed', async () => {
    const odd = [
      '%',
      '_',
      "'",
      '"',
      '\\',
      '<script>alert(1)</script>',
      '☃',
      '\u0000',
      'а'.repeat(900),
      '. . .',
      'a@',
      '@',
    ]
    for (const q of [...odd, 'и', 'x'.repeat(40), 'слово '.repeat(90)]) {
      const { status, text } = await page('admin', q)
      expect(status, q.slice(0, 20)).to.equal(200)
      expect(text).not.to.include('<script>alert')
      expect((await (await as('admin')).get(`/search/suggest?q=${encodeURIComponent(q)}`)).status).to.equal(200)
    }
    expect((await (await as('admin')).get('/search?q[a]=1&kind=x&kind=y&page=1e9')).status).to.equal(200)
  })

  it('is built by itself after an upgrade or a restore: at the start what was never indexed, and nothing when all is there', async () => {
    for (const table of ['search_documents', 'search_postings', 'search_words', 'search_trigrams', 'search_kinds'])
      await db()(table).del()
    expect(await found('admin', 'гимназия')).to.deep.equal([])
    expect((await (await as('admin')).get('/system')).text).to.include('построен не весь')
    await completeSearch()
    await app.settle()
    expect(await found('admin', 'гимназия')).to.deep.equal(['Гимназия имени Пушкина'])
    await completeSearch()
    expect(await db()('jobs').where({ kind: 'search.rebuild' }).whereIn('state', ['queued', 'running'])).to.deep.equal(
      [],
    )
    // A kind that is made otherwise than before is indexed once more.
    await db()('search_kinds').where({ kind: 'organisation' }).update({ version: '0.9' })
    await completeSearch()
    expect(await db()('jobs').where({ kind: 'search.rebuild' }).whereIn('state', ['queued', 'running'])).to.have.length(
      1,
    )
    await app.settle()
  })

  it('is built anew by a button, for administrators, and mends what was wrong', async () => {
    await db()('search_documents').where({ kind: 'organisation' }).update({ hash: '' })
    await db()('search_postings').where({ kind: 'organisation' }).del()
    await db()('search_documents').insert({
      ...{ kind: 'person', object_id: 4_000_000, title: '{"":"Призрак"}', hint: '{}', text: '{}', hash: '' },
    })
    expect(await found('admin', 'гимназия')).to.deep.equal([])
    expect((await (await as('director')).post('/search/rebuild')).status).to.equal(403)
    const answer = await (await as('admin')).post('/search/rebuild')
    expect([answer.status, answer.location]).to.deep.equal([303, '/system'])
    await (await as('admin')).post('/search/rebuild')
    await app.settle()
    expect(await found('admin', 'гимназия')).to.deep.equal(['Гимназия имени Пушкина'])
    expect(await db()('search_documents').where({ object_id: 4_000_000 })).to.deep.equal([])
    const state = await readSearchState()
    expect(state.builtAt?.slice(0, 10)).to.equal(today('UTC'))
    expect((await (await as('admin')).get('/system')).text).to.include('Построить указатель заново')
  })
})
