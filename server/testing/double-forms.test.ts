import { expect } from 'chai'
import { db } from '../core/db/index.ts'
import { addDays, today } from '../core/time.ts'
import { useApp } from './app.ts'
import { type Fields, fieldsOf } from './forms.ts'
import { type Half, makeWorld, type Role } from './world.ts'

/** A form that adds something: where it is, where it goes, what is typed, and the table that gets one row. */
type Case = {
  page: (half: Half) => string
  action: (half: Half) => string
  typed: (half: Half) => Fields
  table: string
  as?: Role
}

const title = { 'title[ru]': 'Дважды нажатое' }
const body = { 'body[ru]': '<p>Слова</p>' }
const day = addDays(today('UTC'), 3)

const CASES: Record<string, Case> = {
  organisation: {
    page: () => '/organisations/new',
    action: () => '/organisations',
    typed: () => ({ name: 'Школа дважды', shortName: 'Школа дважды' }),
    table: 'organisations',
  },
  person: {
    page: () => '/people/new',
    action: () => '/people',
    typed: () => ({ lastName: 'Двойная', firstName: 'Ада' }),
    table: 'people',
  },
  category: {
    page: () => '/categories',
    action: () => '/categories',
    typed: () => ({ 'name[ru]': 'Дважды учителя' }),
    table: 'person_categories',
  },
  'additional field': {
    page: () => '/person-fields/new',
    action: () => '/person-fields',
    typed: () => ({ 'title[ru]': 'Дважды добавленное' }),
    table: 'person_fields',
  },
  'saved filter': {
    page: () => '/people/filters/new',
    action: () => '/people/filters',
    typed: () => ({ name: 'Дважды выбранные', 'row[0-0][field]': 'person.phone', 'row[0-0][op]': 'filled' }),
    table: 'saved_filters',
  },
  role: {
    page: () => '/rights/roles/new',
    action: () => '/rights/roles',
    typed: () => ({ 'name[ru]': 'Дважды созданная', scopeTypes: 'authority' }),
    table: 'roles',
    as: 'administrator',
  },
  programme: { page: () => '/programmes/new', action: () => '/programmes', typed: () => title, table: 'programmes' },
  'copy of a programme': {
    page: ({ programme }) => `/programmes/${programme}/copy`,
    action: ({ programme }) => `/programmes/${programme}/copy`,
    typed: () => title,
    table: 'programmes',
  },
  module: {
    page: ({ programme }) => `/programmes/${programme}/modules/new`,
    action: ({ programme }) => `/programmes/${programme}/modules`,
    typed: () => title,
    table: 'modules',
  },
  topic: {
    page: ({ module }) => `/modules/${module}/topics/new`,
    action: ({ module }) => `/modules/${module}/topics`,
    typed: () => title,
    table: 'topics',
  },
  'material of a module': {
    page: ({ module }) => `/modules/${module}/materials/new`,
    action: ({ module }) => `/modules/${module}/materials`,
    typed: () => ({ ...title, ...body }),
    table: 'materials',
  },
  'material of a topic': {
    page: ({ topic }) => `/topics/${topic}/materials/new`,
    action: ({ topic }) => `/topics/${topic}/materials`,
    typed: () => ({ ...title, ...body }),
    table: 'materials',
  },
  milestone: {
    page: ({ programme }) => `/programmes/${programme}/milestones/new`,
    action: ({ programme }) => `/programmes/${programme}/milestones`,
    typed: () => ({ ...title, kind: 'manual', confirmed: '1' }),
    table: 'milestones',
  },
  'recommended route': {
    page: ({ programme }) => `/programmes/${programme}/route-templates/new`,
    action: ({ programme }) => `/programmes/${programme}/route-templates`,
    typed: ({ topic }) => ({ ...title, topics: String(topic) }),
    table: 'route_templates',
  },
  'own item of a route': {
    page: ({ enrolment }) => `/learning-routes/${enrolment}/own-items/new`,
    action: ({ enrolment }) => `/learning-routes/${enrolment}/own-items`,
    typed: () => ({ title: 'Курс о речи', hours: '2' }),
    table: 'route_own_items',
    as: 'learner',
  },
  lesson: {
    page: ({ group }) => `/journals/${group}/lessons/new`,
    action: ({ group }) => `/journals/${group}/lessons`,
    typed: () => ({ title: 'Занятие', date: day, startsAt: '09:00', endsAt: '10:00', anyway: '1' }),
    table: 'lessons',
    as: 'instructor',
  },
  purpose: {
    page: () => '/purposes/new',
    action: () => '/purposes',
    typed: () => ({
      ...title,
      legalBasis: 'law',
      ...{ 'dataCategories[ru]': 'имя', 'peopleCategories[ru]': 'слушатели', 'retention[ru]': 'год' },
    }),
    table: 'processing_purposes',
  },
  'request about data': {
    page: () => '/my/requests',
    action: () => '/my/requests',
    typed: () => ({ kind: 'access', text: 'Покажите' }),
    table: 'data_requests',
    as: 'learner',
  },
  'request about data on paper': {
    page: () => '/data-requests',
    action: () => '/data-requests',
    typed: ({ person }) => ({ person: `#${person}`, kind: 'correction', text: 'Исправьте', receivedOn: '2026-01-12' }),
    table: 'data_requests',
  },
  'letter to learners': {
    page: ({ cohort }) => `/tracking/cohorts/${cohort}/letter`,
    action: ({ cohort }) => `/tracking/cohorts/${cohort}/letter?`,
    typed: () => ({ subject: 'Напоминание', text: 'Здравствуйте!' }),
    table: 'notices',
    as: 'methodist',
  },
}

describe('a form that adds something', () => {
  const app = useApp()
  let half: Half

  before(async () => {
    half = (await makeWorld()).own
    await db()('people')
      .where({ id: half.person })
      .update({ email: 'learner@school.example', email_folded: 'learner@school.example' })
  })

  const count = async (table: string) => Number((await db()(table).count('* as n').first())?.n)

  for (const [name, { page, action, typed, table, as = 'administrator' }] of Object.entries(CASES)) {
    it(`counts once, however often it is sent: ${name}`, async () => {
      const client = await app.signedIn(as)
      const opened = await client.get(page(half))
      expect(opened.status, opened.text.slice(0, 500)).to.equal(200)
      const fields = { ...fieldsOf(opened.text, action(half), 'formKey'), ...typed(half) }
      expect(fields.formKey).to.match(/^[0-9a-f-]{36}$/)
      const before = await count(table)
      const send = () => client.post(action(half), fields)
      const answers = [...(await Promise.all([send(), send()])), await send()]
      for (const answer of answers) expect(answer.status, answer.text.slice(0, 1500)).to.equal(303)
      expect(new Set(answers.map(({ location }) => location)).size, 'all lead to the same page').to.equal(1)
      for (const { headers } of answers) expect(headers.get('set-cookie'), 'with the same message').to.include('flash')
      expect(await count(table)).to.equal(before + 1)
      const next = await client.get(page(half))
      expect(fieldsOf(next.text, action(half), 'formKey').formKey).not.to.equal(fields.formKey)
    })
  }

  it('that was refused keeps its key and counts when it is right', async () => {
    const client = await app.signedIn('administrator')
    const opened = fieldsOf((await client.get('/programmes/new')).text, '/programmes', 'formKey')
    const refused = await client.post('/programmes', opened)
    expect(refused.status).to.equal(422)
    const again = fieldsOf(refused.text, '/programmes', 'formKey')
    expect(again.formKey).to.equal(opened.formKey)
    expect((await client.post('/programmes', { ...again, ...title })).status).to.equal(303)
  })

  it('is not answered with what somebody else has added', async () => {
    const [mine, theirs] = [await app.signedIn('administrator'), await app.signedIn('methodist')]
    const opened = fieldsOf((await mine.get('/people/filters/new')).text, '/people/filters', 'formKey')
    const form = { ...opened, name: 'Моё', 'row[0-0][field]': 'person.phone', 'row[0-0][op]': 'filled' }
    expect((await mine.post('/people/filters', form)).status).to.equal(303)
    expect((await theirs.post('/people/filters', form)).status).to.equal(409)
  })
})
