import { expect } from 'chai'
import { db, fromJson } from '../../../core/db/index.ts'
import { useApp } from '../../../testing/app.ts'
import {
  makeCohort,
  makeEmployment,
  makeEnrolment,
  makeGroup,
  makeMember,
  makeModule,
  makeOrganisation,
  makePerson,
  makeProgramme,
  makeUser,
} from '../../../testing/builders.ts'
import type { TestClient } from '../../../testing/client.ts'
import { type FieldKind, readValue, typedValue } from './kinds.ts'

describe('values of added fields', () => {
  const read = (kind: FieldKind, ...typed: string[]) =>
    readValue(kind, typed, [
      { id: 7, title: {}, isActive: true },
      { id: 8, title: {}, isActive: false },
    ])
  const again = (kind: FieldKind, ...typed: string[]) => {
    const reading = read(kind, ...typed)
    return 'values' in reading ? typedValue(kind, reading.values) : reading.problem.code
  }

  it('are read as their kind has them and come back as they were typed', () => {
    expect(again('line', '  Первая  ')).to.equal('Первая')
    expect(again('text', 'Одна\r\nДве')).to.equal('Одна\nДве')
    expect(again('whole', '1 200')).to.equal('1200')
    expect(again('decimal', '1,50')).to.equal('1,5')
    expect(again('date', '2026-02-28')).to.equal('2026-02-28')
    expect(again('flag', 'no')).to.equal('no')
    expect(again('choice', '7')).to.equal('7')
    expect(again('choices', '7', '7')).to.deep.equal(['7'])
    expect(again('phone', '+7 (900) 123-45-67 доб. 12')).to.equal('+7 (900) 123-45-67 доб. 12')
    for (const kind of ['line', 'whole', 'date', 'flag', 'choice'] as const) expect(again(kind, ' '), kind).to.equal('')
  })

  it('are refused with a reason where they make no sense', () => {
    const wrong: [FieldKind, string][] = [
      ['whole', '1,5'],
      ['whole', '1e9'],
      ['whole', '99999999999999'],
      ['decimal', '1,23456'],
      ['date', '2026-02-30'],
      ['flag', 'maybe'],
      ['choice', '8'],
      ['choices', '9'],
      ['choices', 'x'],
      ['phone', 'нет'],
      ['email', 'нет'],
      ['link', 'javascript:alert(1)'],
      ['line', 'я'.repeat(301)],
    ]
    for (const [kind, typed] of wrong) expect(read(kind, typed), `${kind} ${typed}`).to.have.property('problem')
  })

  it('keep an option that was closed for whoever has it', () => {
    const options = [{ id: 8, title: {}, isActive: false }]
    expect(readValue('choice', ['8'], options, new Set([8]))).to.have.property('values')
  })
})

describe('fields that an authority adds to people', () => {
  const app = useApp()
  let admin: TestClient
  let head: TestClient
  let instructor: TestClient
  let teacher: number
  let stranger: number
  let learner: number

  before(async () => {
    const school = await makeOrganisation({ name: 'Школа № 1' })
    await makeUser('admin', 'administrator')
    await makeUser('head', 'director', { type: 'organisation', id: school })
    teacher = await makePerson({ login: 'teacher', last_name: 'Учителева' })
    await makeEmployment(teacher, school)
    stranger = await makePerson({ last_name: 'Чужанина' })
    await makeEmployment(stranger, await makeOrganisation({ name: 'Школа № 2' }))
    // The director teaches a group as well, with a learner of another school.
    const programme = await makeProgramme()
    const cohort = await makeCohort({ programme_id: programme })
    const group = await makeGroup(cohort, await makeModule({ programme_id: programme }))
    learner = await makePerson({ last_name: 'Слушателева' })
    await makeMember(group, await makeEnrolment(learner, cohort))
    await makeUser('instructor', 'instructor', { type: 'group', id: group })
    const { person_id } = await db()('accounts').where({ login: 'head' }).first()
    const role = await db()('roles').where({ code: 'instructor' }).first('id')
    const common = { source: 'manual', created_at: '2026-01-01 00:00:00.000' }
    await db()('grants').insert({ person_id, role_id: role.id, scope_type: 'group', scope_id: group, ...common })
    admin = await app.signedIn('admin')
    head = await app.signedIn('head')
    instructor = await app.signedIn('instructor')
  })

  const define = async (title: string, more: Record<string, unknown> = {}) => {
    const answer = await admin.post('/person-fields', { title: { ru: title }, kind: 'line', ...more })
    expect(answer.status, answer.text.slice(0, 3000)).to.equal(303)
    return (await db()('person_fields').orderBy('id', 'desc').first('id')).id as number
  }
  const versionOf = async (id: number) => (await db()('people').where({ id }).first('version')).version
  const fill = async (client: TestClient, id: number, values: Record<string, unknown>) =>
    client.post(`/people/${id}/fields`, { version: await versionOf(id), ...values })
  const count = async (client: TestClient, field: number, op: string, ...values: (string | number)[]) => {
    const row = { 'row[0-0][field]': `own.${field}`, 'row[0-0][op]': op, 'row[0-0][values]': values }
    return (await client.post('/people/filters/count', row)).json<{ text: string }>().text
  }

  it('are defined, filled in by whoever may, shown on the card and kept in the audit trail', async () => {
    const grade = await define('Разряд', {
      section: { ru: 'Квалификация', en: 'Qualification' },
      hint: { ru: 'Как в приказе' },
    })
    expect((await admin.get(`/people/${teacher}/fields`)).text)
      .to.include('Разряд')
      .and.include('Как в приказе')
      .and.include('Квалификация')
    expect((await fill(admin, teacher, { [`f${grade}`]: '14 <b>' })).status).to.equal(303)
    expect((await admin.get(`/people/${teacher}`)).text)
      .to.include('Квалификация')
      .and.include('14 &lt;b&gt;')
    const event = await db()('domain_events').where({ type: 'personFieldsChanged' }).first()
    expect(event.subject_id).to.equal(teacher)
    expect(fromJson<object>(event.data, {})).to.deep.equal({ before: { Разряд: null }, after: { Разряд: '14 <b>' } })
    // The same once more changes nothing and tells nothing.
    await fill(admin, teacher, { [`f${grade}`]: '14 <b>' })
    expect(await db()('domain_events').where({ type: 'personFieldsChanged' })).to.have.length(1)
  })

  it('are seen and edited by those alone to whom they are open, each of their own people', async () => {
    const secret = await define('Тайное')
    const ofDirectors = await define('Для руководителей', { seenBy: ['director'] })
    const ofBoth = await define('Телефон для связи', { kind: 'phone', seenBy: ['director'], editedBy: ['person'] })
    for (const id of [teacher, stranger, learner])
      await fill(admin, id, { [`f${secret}`]: 'ааа', [`f${ofDirectors}`]: 'ббб', [`f${ofBoth}`]: '8 900 000-00-00' })
    const card = await head.get(`/people/${teacher}`)
    expect(card.text).to.include('ббб').and.include('8 900 000-00-00').and.not.include('ааа')
    expect(card.text).to.not.include(`/people/${teacher}/fields`)
    // Of the learner of another school the same person is an instructor, and sees none of it.
    expect((await head.get(`/people/${learner}`)).text)
      .to.not.include('ббб')
      .and.not.include('8 900')
    expect((await instructor.get(`/people/${learner}`)).text).to.not.include('ббб')
    expect((await head.get(`/people/${teacher}/fields`)).status).to.equal(403)
    expect((await fill(head, teacher, { [`f${ofDirectors}`]: 'взлом' })).status).to.equal(403)
    expect((await fill(head, stranger, { [`f${ofDirectors}`]: 'взлом' })).status).to.equal(404)
    const own = await app.signedIn('teacher')
    expect((await own.get('/profile')).text)
      .to.include('8 900 000-00-00')
      .and.not.include('ббб')
    const form = await own.get('/profile/fields')
    expect(form.text).to.include('Телефон для связи').and.not.include('Тайное')
    const sent = { version: await versionOf(teacher), [`f${ofBoth}`]: '8 901 111-11-11', [`f${secret}`]: 'взлом' }
    expect((await own.post('/profile/fields', sent)).status).to.equal(303)
    expect((await head.get(`/people/${teacher}`)).text).to.include('8 901 111-11-11')
    expect((await admin.get(`/people/${teacher}`)).text)
      .to.include('ааа')
      .and.not.include('взлом')
  })

  it('are found by filters, and by no filter where one may not see them', async () => {
    const field = await define('Разряд по сетке', { kind: 'whole', seenBy: ['director'] })
    const hidden = await define('Скрытый разряд', { kind: 'whole' })
    const values = { [`f${field}`]: '14', [`f${hidden}`]: '14' }
    for (const id of [teacher, stranger, learner]) await fill(admin, id, values)
    expect(await count(admin, field, 'atLeast', 14)).to.equal('Подходят 3 человека')
    // However the question is turned, whom one may not know of is never part of the answer.
    expect(await count(head, field, 'atLeast', 14)).to.equal('Подходит 1 человек')
    expect(await count(head, field, 'atMost', 13)).to.equal('Подходит 0 человек')
    expect(await count(head, field, 'empty')).to.equal('Подходит 0 человек')
    expect(await count(head, field, 'filled')).to.equal('Подходит 1 человек')
    expect(await count(head, hidden, 'filled')).to.include('Допишите условия')
    expect((await head.get('/people/filters/new')).text)
      .to.include('Разряд по сетке')
      .and.not.include('Скрытый разряд')
    expect((await instructor.get('/people/filters/new')).text).to.not.include('Разряд по сетке')
  })

  it('of every kind are typed, shown, exported and found', async () => {
    const options = { new1: { ru: 'Английский' }, new2: { ru: 'Татарский' } }
    const many = await define('Языки', { kind: 'choices', options })
    const one = await define('Форма', { kind: 'choice', options: { new1: { ru: 'Очная' } } })
    const [english, tatar] = await db()('person_field_options').where({ field_id: many }).orderBy('id').pluck('id')
    const [present] = await db()('person_field_options').where({ field_id: one }).pluck('id')
    const ids = {
      text: await define('О себе подробно', { kind: 'text' }),
      decimal: await define('Ставка', { kind: 'decimal' }),
      date: await define('Медосмотр', { kind: 'date' }),
      flag: await define('Командировки', { kind: 'flag' }),
      email: await define('Другая почта', { kind: 'email' }),
      link: await define('Сайт', { kind: 'link' }),
    }
    const values = {
      [`f${many}`]: [tatar, english],
      [`f${one}`]: present,
      [`f${ids.text}`]: 'Люблю\nдетей',
      [`f${ids.decimal}`]: '1,5',
      [`f${ids.date}`]: '2026-05-09',
      [`f${ids.flag}`]: 'yes',
      [`f${ids.email}`]: 'other@example.org',
      [`f${ids.link}`]: 'https://example.org/',
    }
    const wrong = await fill(admin, teacher, {
      ...values,
      [`f${ids.date}`]: 'вчера',
      [`f${ids.decimal}`]: 'много',
      [`f${one}`]: english,
    })
    expect(wrong.status).to.equal(422)
    expect(wrong.text)
      .to.include(`id="f-f${ids.date}-error"`)
      .and.include(`id="f-f${ids.decimal}-error"`)
      .and.include(`id="f-f${one}-error"`)
    expect(wrong.text).to.include('value="other@example.org"')
    expect((await fill(admin, teacher, values)).status).to.equal(303)
    const card = await admin.get(`/people/${teacher}`)
    expect(card.text)
      .to.include('Английский, Татарский')
      .and.include('Очная')
      .and.include('1,5')
      .and.include('9 мая 2026')
    expect(card.text).to.include('href="https://example.org/"').and.include('href="mailto:other@example.org"')
    const csv = (await admin.get('/people/export?format=csv&q=учителева')).text
    expect(csv).to.include('Языки').and.include('Английский, Татарский').and.include('09.05.2026').and.include('Люблю')
    expect((await head.get('/people/export?format=csv')).text).to.not.include('Языки')
    expect(await count(admin, many, 'oneOf', tatar)).to.equal('Подходит 1 человек')
    expect(await count(admin, ids.date, 'from', '2026-05-09')).to.equal('Подходит 1 человек')
    expect(await count(admin, ids.date, 'olderThan', '100', 'year')).to.equal('Подходит 0 человек')
    expect(await count(admin, ids.flag, 'yes')).to.equal('Подходит 1 человек')
    expect(await count(admin, ids.email, 'begins', 'OTHER@')).to.equal('Подходит 1 человек')
    expect(await count(admin, ids.text, 'filled')).to.equal('Подходит 1 человек')
    const all = Number((await db()('people').where({ state: 'active' }).count('* as n').first())?.n)
    const [noneOf, no] = [await count(admin, many, 'noneOf', tatar), await count(admin, ids.flag, 'no')]
    for (const text of [noneOf, no]) expect(text).to.include(String(all - 1))
  })

  it('keep their values when they are archived, and those of an option that is closed', async () => {
    const field = await define('Статус', {
      kind: 'choice',
      options: { new1: { ru: 'Молодой' }, new2: { ru: 'Опытный' } },
    })
    const [young, skilled] = await db()('person_field_options').where({ field_id: field }).orderBy('id').pluck('id')
    await fill(admin, teacher, { [`f${field}`]: young })
    const change = {
      title: { ru: 'Статус' },
      version: 1,
      options: { [`o${young}`]: { ru: '' }, [`o${skilled}`]: { ru: 'Бывалый' } },
    }
    expect((await admin.post(`/person-fields/${field}`, change)).status).to.equal(303)
    const form = (await admin.get(`/people/${teacher}/fields`)).text
    expect(form).to.include('Молодой').and.include('Бывалый')
    expect((await admin.get(`/people/${stranger}/fields`)).text).to.not.include('Молодой')
    expect((await admin.post(`/person-fields/${field}`, change)).status).to.equal(409)
    await admin.post(`/person-fields/${field}/state`, { state: 'archived', version: 2 })
    expect((await admin.get(`/people/${teacher}`)).text).to.not.include('Статус')
    expect((await admin.get('/people/export?format=csv')).text).to.not.include('Статус')
    expect((await admin.get('/people/filters/new')).text).to.not.include('Статус')
    await define('Статус')
    expect((await admin.post(`/person-fields/${field}/state`, { state: 'active', version: 3 })).text).to.include(
      'Такое поле уже есть',
    )
    const other = await db()('person_fields').orderBy('id', 'desc').first('id')
    await admin.post(`/person-fields/${other.id}/state`, { state: 'archived', version: 1 })
    await admin.post(`/person-fields/${field}/state`, { state: 'active', version: 3 })
    expect((await admin.get(`/people/${teacher}`)).text).to.include('Молодой')
  })

  it('say what is wrong with a definition, and stand in the order that was chosen', async () => {
    const post = (values: Record<string, unknown>) =>
      admin.post('/person-fields', { title: { ru: 'Новое' }, kind: 'line', ...values })
    expect((await post({ title: {} })).status).to.equal(422)
    expect((await post({ kind: 'picture' })).status).to.equal(422)
    expect((await post({ kind: 'choice' })).text).to.include('Назовите хотя бы один вариант')
    expect((await post({ kind: 'choice', options: { new1: { ru: 'А' }, new2: { ru: 'а' } } })).text).to.include(
      'названы одинаково',
    )
    expect((await post({ seenBy: ['everyone'] })).status).to.equal(422)
    const [first, second] = [await define('Первое по порядку'), await define('Второе по порядку')]
    expect((await post({ title: { ru: 'первое  по порядку' } })).text).to.include('Такое поле уже есть')
    await admin.post(`/person-fields/${second}/move`, { direction: 'up' })
    const list = (await admin.get('/person-fields')).text
    expect(list.indexOf('Второе по порядку')).to.be.below(list.indexOf('Первое по порядку'))
    expect(first).to.be.below(second)
  })

  it('that are required must be filled in by whoever may, and two people never overwrite one another', async () => {
    const field = await define('Обязательное', { isRequired: 'on' })
    const empty = await fill(admin, teacher, {})
    expect(empty.status).to.equal(422)
    expect(empty.text).to.include(`id="f-f${field}-error"`)
    const version = await versionOf(teacher)
    const rest = { [`f${field}`]: 'моё' }
    expect((await admin.post(`/people/${teacher}/fields`, { version, ...rest })).status).to.equal(303)
    const stale = await admin.post(`/people/${teacher}/fields`, { version, [`f${field}`]: 'второе' })
    expect(stale.status).to.equal(409)
    expect(stale.text).to.include('value="второе"').and.include('моё')
  })

  it('cost a card and an export the same queries, however many they are', async () => {
    const [card, list] = [await admin.get(`/people/${teacher}`), await admin.get('/people/export?format=csv')]
    for (let number = 0; number < 6; number++) await define(`Ещё одно ${number}`, { seenBy: ['methodist'] })
    expect((await admin.get(`/people/${teacher}`)).queries).to.equal(card.queries)
    expect((await admin.get('/people/export?format=csv')).queries).to.equal(list.queries)
  })
})
