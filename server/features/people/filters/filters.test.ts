import { expect } from 'chai'
import { db, fromJson, insertRow, toJson } from '../../../core/db/index.ts'
import { authorityToday } from '../../../core/settings.ts'
import { addDays, nowUtc } from '../../../core/time.ts'
import { useApp } from '../../../testing/app.ts'
import {
  makeCohort,
  makeEmployment,
  makeEnrolment,
  makeOrganisation,
  makePerson,
  makeUser,
} from '../../../testing/builders.ts'
import type { TestClient } from '../../../testing/client.ts'
import { BUILT_IN } from './built-in.ts'
import { type Bounds, boundsOf } from './dates.ts'
import { changed, draftOf, filterOf, settled } from './draft.ts'
import type { Condition, Filter, Operator } from './model.ts'

const FIELDS = new Map(BUILT_IN.map((field) => [field.key, field]))
const row = (field: string, op = '', values: string[] = []) => ({ field, op, values })

describe('conditions on dates', () => {
  const bounds = (op: Operator, values: string[], today = '2026-11-22'): Bounds | undefined =>
    boundsOf({ field: 'x', op, values }, today)

  it('are counted from today', () => {
    expect(bounds('lastDays', ['90'])).to.deep.equal({ from: '2026-08-25', to: '2026-11-22' })
    expect(bounds('lastDays', ['1'])).to.deep.equal({ from: '2026-11-22', to: '2026-11-22' })
    expect(bounds('nextDays', ['7'])).to.deep.equal({ from: '2026-11-23', to: '2026-11-29' })
    expect(bounds('olderThan', ['1', 'year'])).to.deep.equal({ to: '2025-11-21' })
    expect(bounds('youngerThan', ['1', 'year'])).to.deep.equal({ from: '2025-11-22', to: '2026-11-22' })
    expect(bounds('olderThan', ['1', 'month'], '2026-03-31')).to.deep.equal({ to: '2026-02-27' })
  })

  it('know the last 1 September, on the day itself too', () => {
    expect(bounds('sinceYearly', ['09-01'])?.from).to.equal('2026-09-01')
    expect(bounds('sinceYearly', ['09-01'], '2026-09-01')?.from).to.equal('2026-09-01')
    expect(bounds('sinceYearly', ['09-01'], '2026-08-31')?.from).to.equal('2025-09-01')
    expect(bounds('filled', [])).to.equal(undefined)
  })
})

describe('the draft of a filter', () => {
  const two = { match: 'all' as const, groups: [{ match: 'any' as const, rows: [row('person.name'), row('role')] }] }

  it('grows and shrinks, and is never without a row', () => {
    expect(changed(two, 'condition:0').groups[0]?.rows).to.have.length(3)
    expect(changed(two, 'remove:0-0').groups[0]?.rows.map(({ field }) => field)).to.deep.equal(['role'])
    expect(changed(two, 'group').groups).to.have.length(2)
    const emptied = changed(changed(two, 'remove:0-0'), 'remove:0-0')
    expect(emptied.groups[0]?.rows).to.deep.equal([row('')])
    for (const nonsense of ['', 'remove:9-9', 'condition:x', 'ungroup:7', 'constructor:0'])
      expect(changed(two, nonsense), nonsense).to.deep.equal(two)
  })

  it('keeps what was typed while it still makes sense', () => {
    const typed = row('work.startsOn', 'from', ['2026-09-01'])
    const was = { field: 'work.startsOn', op: 'from' }
    expect(settled({ ...typed, op: 'to' }, was, FIELDS).values).to.deep.equal(['2026-09-01'])
    expect(settled({ ...typed, op: 'sinceYearly' }, was, FIELDS).values).to.deep.equal(['1', '9'])
    expect(settled({ ...typed, field: 'person.name' }, was, FIELDS)).to.deep.equal(row('person.name', 'begins'))
  })

  it('becomes a filter and back, and names the rows that are unfinished', () => {
    const conditions: Condition[] = [
      { field: 'work.startsOn', op: 'sinceYearly', values: ['09-01'] },
      { field: 'work.organisationKind', op: 'oneOf', values: ['kindergarten'] },
      { field: 'enrolment.late', op: 'yes', values: [] },
    ]
    const filter: Filter = { match: 'any', groups: [{ match: 'all', conditions }] }
    expect(filterOf(draftOf(filter), FIELDS)).to.deep.equal({ filter, errors: [] })
    const rows = [
      row(''),
      row('person.name', 'begins', [' ']),
      row('work.startsOn', 'between', ['2026-02-01', '2026-01-01']),
    ]
    const { errors } = filterOf(
      { match: 'all', groups: [{ match: 'all', rows: [...rows, row('nothing', 'is', ['x'])] }] },
      FIELDS,
    )
    expect(errors.map(({ row: place }) => place)).to.deep.equal(['0-1', '0-2', '0-3'])
  })
})

describe('saved filters', () => {
  const app = useApp()
  let school: number
  let garden: number
  let admin: TestClient
  const asked = (...rows: [field: string, op: string, ...values: (string | number)[]][]) =>
    Object.fromEntries(
      rows.flatMap(([field, op, ...values], at) => [
        [`row[0-${at}][field]`, field],
        [`row[0-${at}][op]`, op],
        // What it was before is what it is: a script sends the same.
        [`row[0-${at}][wasField]`, field],
        [`row[0-${at}][wasOp]`, op],
        [`row[0-${at}][values]`, values],
      ]),
    )
  const save = (client: TestClient, name: string, rows: Record<string, unknown>) =>
    client.post('/people/filters', { name, ...rows })

  before(async () => {
    school = await makeOrganisation({ name: 'Школа' })
    garden = await makeOrganisation({ name: 'Сад', kind: 'kindergarten' })
    await makeUser('admin', 'administrator')
    await makeUser('head', 'director', { type: 'organisation', id: school })
    const today = authorityToday()
    await makeEmployment(await makePerson({ last_name: 'Новенькая' }), garden, { starts_on: addDays(today, -3) })
    await makeEmployment(await makePerson({ last_name: 'Школьная' }), school, { starts_on: addDays(today, -3) })
    // Two posts: a new one in a school, an old one in a kindergarten.
    const both = await makePerson({ last_name: 'Совместительница' })
    await makeEmployment(both, school, { starts_on: addDays(today, -3) })
    await makeEmployment(both, garden, { starts_on: addDays(today, -900) })
    admin = await app.signedIn('admin')
  })

  it('find everyone who lately began in a kindergarten, at one and the same place of work', async () => {
    const rows = asked(['work.startsOn', 'lastDays', '90'], ['work.organisationKind', 'oneOf', 'kindergarten'])
    const saved = await save(admin, 'Новые в садах', rows)
    expect(saved.status).to.equal(303)
    const list = await admin.get(saved.location)
    expect(list.text).to.include('Новенькая').and.not.include('Школьная').and.not.include('Совместительница')
    const exported = await admin.get(saved.location.replace('/people?', '/people/export?format=csv&'))
    expect(exported.text).to.include('Новенькая').and.not.include('Школьная')
    expect((await admin.get('/people/filters')).text).to.include(
      'Начало работы: за последние 90 дней и Тип учреждения: Детский сад',
    )
  })

  it('are built without a script, a button at a time, with the number of people', async () => {
    const first = await admin.get('/people/filters/new')
    expect(first.status).to.equal(200)
    const chosen = await admin.post('/people/filters/build', { 'row[0-0][field]': 'work.organisation', do: 'look' })
    expect(chosen.text).to.include('name="row[0-0][values][1]"').and.include('входит в')
    const typed = { ...asked(['work.organisation', 'within', '', 'школа', '']), do: 'condition:0' }
    const named = await admin.post('/people/filters/build', typed)
    expect(named.text).to.include('value="Школа"').and.include('row[0-1][field]').and.include('Подходят 2 человека')
    const counted = await admin.post('/people/filters/count', asked(['work.organisation', 'within', school]))
    expect(counted.json()).to.deep.equal({ text: 'Подходят 2 человека' })
    const unfinished = await admin.post('/people/filters/count', asked(['work.organisation', 'within', '']))
    expect(unfinished.json<{ text: string }>().text).to.include('Допишите условия')
  })

  it('begin with the conditions of the list', async () => {
    const page = await admin.get(
      `/people/filters/new?kind=kindergarten&organisationId=${garden}&startedFrom=2020-01-01`,
    )
    expect(page.text)
      .to.include('value="Сад"')
      .and.include('value="2020-01-01"')
      .and.match(/value="kindergarten"[^>]* checked/)
  })

  it('say beside the row what is unfinished, and keep what was typed', async () => {
    const refused = await save(admin, '', asked(['person.name', 'begins', ''], ['work.startsOn', 'from', '2026-02-31']))
    expect(refused.status).to.equal(422)
    expect(refused.text).to.include('Заполните это поле')
    const again = await save(
      admin,
      'С ошибкой',
      asked(['person.name', 'begins', 'Нов'], ['work.startsOn', 'from', '2026-02-31']),
    )
    expect(again.status).to.equal(422)
    expect(again.text)
      .to.include('id="f-row-0-1-values-error"')
      .and.include('Такой даты нет')
      .and.include('value="Нов"')
    expect((await save(admin, 'Пустой', {})).text).to.include('Добавьте хотя бы одно условие')
    for (const nonsense of [
      { 'row[0-0]': 'x' },
      { row: 'x' },
      { 'row[a]': { field: 'x' } },
      asked(['constructor', 'begins', 'x']),
      asked(['person.name', 'lastDays', '9']),
      { match: 'neither', group: 'x' },
    ])
      expect((await save(admin, 'Чепуха', nonsense)).status, JSON.stringify(nonsense)).to.equal(422)
  })

  it('are one’s own unless shared, and shared ones show everybody only their own people', async () => {
    await save(admin, 'Только моё', asked(['person.name', 'begins', 'нов']))
    const saved = await save(admin, 'Для всех', { ...asked(['work.startsOn', 'lastDays', '90']), isShared: 'on' })
    const id = Number(/filter=(\d+)/.exec(saved.location)?.[1])
    const head = await app.signedIn('head')
    const list = await head.get('/people/filters')
    expect(list.text).to.include('Для всех').and.not.include('Только моё')
    const people = await head.get(`/people?filter=${id}`)
    expect(people.text).to.include('Школьная').and.include('Совместительница').and.not.include('Новенькая')
    expect((await head.get(`/people/filters/${id}`)).text).to.include('Сделать свой на его основе')
    expect(
      (await head.post(`/people/filters/${id}`, { name: 'Моё', version: 1, ...asked(['person.phone', 'empty']) }))
        .status,
    ).to.equal(403)
    expect((await head.post(`/people/filters/${id}/delete`)).status).to.equal(403)
    const mine = await db()('saved_filters').where({ name: 'Только моё' }).first('id')
    expect((await head.get(`/people/filters/${mine.id}`)).status).to.equal(404)
    // What is not theirs narrows to nobody, as if it were gone.
    expect((await head.get(`/people?filter=${mine.id}`)).text).to.include('Никого не найдено')
  })

  it('are no way to learn what no page shows', async () => {
    const head = await app.signedIn('head')
    const cohort = await makeCohort()
    const learner = await makePerson({ last_name: 'Заочная' })
    await makeEmployment(learner, school)
    await makeEnrolment(learner, cohort)
    // Directors come in later: until then they do not learn who is in the cohort.
    await db()('cohorts')
      .where({ id: cohort })
      .update({ directors_from: addDays(authorityToday(), 5) })
    const count = async (client: TestClient, rows: Record<string, unknown>) =>
      (await client.post('/people/filters/count', rows)).json<{ text: string }>().text
    const inCohort = asked(['enrolment.cohort', 'oneOf', cohort])
    expect(await count(admin, inCohort)).to.equal('Подходит 1 человек')
    expect(await count(head, inCohort)).to.equal('Подходит 0 человек')
    // When somebody was last here is shown to those alone who keep accounts: others can neither ask for it nor keep it.
    const visits = asked(['account.lastVisit', 'filled'])
    expect(await count(admin, visits)).to.include('Подход')
    expect(await count(head, visits)).to.include('Допишите условия')
    expect((await save(head, 'Входы', visits)).status).to.equal(422)
    expect((await head.get('/people/filters/new')).text).to.not.include('account.lastVisit')
    const shared = await save(admin, 'Кто заходил', { ...visits, isShared: 'on' })
    expect((await head.get(shared.location)).text).to.include('Никого не найдено')
    expect((await head.get('/people/filters')).text).to.include('условие о сведениях, которые вам не видны')
  })

  it('are changed, once for two who do it at the same time, and deleted; all of it is in the audit trail', async () => {
    const saved = await save(admin, 'Меняется', asked(['person.name', 'begins', 'нов']))
    const id = Number(/filter=(\d+)/.exec(saved.location)?.[1])
    const change = { name: 'Изменён', version: 1, ...asked(['person.name', 'begins', 'школ']) }
    expect((await admin.post(`/people/filters/${id}`, change)).status).to.equal(303)
    const stale = await admin.post(`/people/filters/${id}`, { ...change, name: 'Второй' })
    expect(stale.status).to.equal(409)
    expect(stale.text)
      .to.include('изменили в другом окне')
      .and.include('value="Второй"')
      .and.include('name="version" value="2"')
    expect((await admin.get(`/people?filter=${id}`)).text).to.include('Школьная')
    expect((await admin.post(`/people/filters/${id}/delete`)).status).to.equal(303)
    const events: { type: string; data: string }[] = await db()('domain_events')
      .where({ subject_type: 'savedFilter', subject_id: id })
      .orderBy('id')
    expect(events.map(({ type }) => type)).to.deep.equal(['filterSaved', 'filterChanged', 'filterDeleted'])
    expect(fromJson<{ after: { name: string } }>(events[1]?.data ?? '', { after: { name: '' } }).after.name).to.equal(
      'Изменён',
    )
  })

  it('that cannot be read match nobody and break nothing', async () => {
    const owner = (await db()('accounts').where({ login: 'admin' }).first()).person_id
    const stamps = { created_at: nowUtc(), updated_at: nowUtc() }
    const common = { owner_id: owner, subject: 'people', name: 'Сломан', ...stamps }
    for (const criteria of ['[]', toJson({ groups: 1 })]) {
      const id = await insertRow('saved_filters', { ...common, criteria })
      expect((await admin.get(`/people?filter=${id}`)).text).to.include('Никого не найдено')
      expect((await admin.get(`/people/filters/${id}`)).status).to.equal(200)
    }
    expect((await admin.get('/people/filters')).text).to.include('Условия не читаются')
  })

  it('cost few queries, however many they are', async () => {
    const filter = await save(
      admin,
      'Дорогой',
      asked(['work.startsOn', 'lastDays', '90'], ['enrolment.late', 'yes'], ['work.position', 'begins', 'учит']),
    )
    expect((await admin.get(filter.location)).queries).to.be.at.most(10)
    const builder = await admin.get(filter.location.replace('/people?filter=', '/people/filters/'))
    expect(builder.queries).to.be.at.most(10)
    const few = await admin.get('/people/filters')
    for (let count = 0; count < 12; count++)
      await save(admin, `Ещё ${count}`, asked(['role', 'oneOf', 'methodist'], ['work.organisation', 'within', school]))
    const many = await admin.get('/people/filters')
    expect(many.queries).to.be.at.most(10)
    expect(many.queries).to.be.at.most(few.queries + 2)
  })
})
