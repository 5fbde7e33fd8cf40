import { expect } from 'chai'
import { db } from '../core/db/index.ts'
import { addDays, today } from '../core/time.ts'
import { useApp } from './app.ts'
import { makePosition } from './builders.ts'
import type { TestClient } from './client.ts'
import { type Fields, fieldsOf } from './forms.ts'
import { type Half, makeWorld } from './world.ts'

/** A form that carries a version: where it is, where it goes, and a field that two people change at once. */
type Case = {
  page: (half: Half) => string
  action?: (half: Half) => string
  field: string | (() => string)
  mine: string | string[]
  theirs: string | string[]
  /** What the notice says of the field. */
  says: string
  /** The other person changes something else of the same thing. */
  other?: { action: (half: Half) => string; fields: Fields }
}

let half: Half
const made: Record<
  'department' | 'position' | 'category' | 'field' | 'stage' | 'material' | 'template' | 'role' | 'purpose',
  number
> = {
  ...{ department: 0, position: 0, category: 0, field: 0, stage: 0, material: 0, template: 0, role: 0, purpose: 0 },
}
const title = (mine: string, theirs: string, label = 'Название') => ({
  field: 'title[ru]',
  mine,
  theirs,
  says: `${label} (русский) — теперь «${theirs}»`,
})
const inThreeDays = addDays(today('UTC'), 3)

const CASES: Record<string, Case> = {
  organisation: {
    page: ({ organisation }) => `/organisations/${organisation}/edit`,
    action: ({ organisation }) => `/organisations/${organisation}`,
    ...{
      field: 'phone',
      mine: '+7 900 111-11-11',
      theirs: '+7 900 222-22-22',
      says: 'Телефон — теперь «+7 900 222-22-22»',
    },
  },
  'choice of an organisation': {
    page: ({ organisation }) => `/organisations/${organisation}/edit`,
    action: ({ organisation }) => `/organisations/${organisation}`,
    ...{ field: 'kind', mine: 'college', theirs: 'kindergarten', says: 'Тип — теперь «детский сад»' },
  },
  department: {
    page: ({ organisation }) => `/organisations/${organisation}/departments/${made.department}`,
    ...{
      field: 'name',
      mine: 'Кафедра 1',
      theirs: 'Кафедра «2»',
      says: 'Название подразделения — теперь «Кафедра „2“»',
    },
  },
  'end of a department': {
    page: ({ organisation }) => `/organisations/${organisation}/departments/${made.department}`,
    action: ({ organisation }) => `/organisations/${organisation}/departments/${made.department}/close`,
    ...{ field: 'closedOn', mine: addDays(today('UTC'), -2), theirs: '', says: 'Поля ниже это не задело' },
    other: {
      action: ({ organisation }) => `/organisations/${organisation}/departments/${made.department}`,
      fields: { name: 'Кафедра 3' },
    },
  },
  'what everybody is shown': {
    page: () => '/visibility',
    ...{
      field: 'learners',
      mine: ['home.visibility.mean'],
      theirs: ['home.visibility.companions'],
      says: 'Слушателям — теперь есть «Кто ещё учится в группах»; нет «Средняя посещаемость потока»',
    },
  },
  'what a cohort is shown': {
    page: ({ cohort }) => `/visibility/cohorts/${cohort}`,
    ...{
      field: 'choice[employees-marks]',
      mine: 'shown',
      theirs: 'hidden',
      says: 'Средняя оценка по модулям — теперь «не показывать»',
    },
  },
  'dates of an enrolment': {
    page: ({ cohort, enrolment }) => `/cohorts/${cohort}/people/${enrolment}/dates`,
    ...{
      field: 'enrolledOn',
      mine: '2026-09-02',
      theirs: '2026-09-03',
      says: 'Дата зачисления — теперь 3 сентября 2026',
    },
  },
  position: {
    page: () => `/positions/${made.position}`,
    ...{ field: 'name', mine: 'логопед', theirs: 'дефектолог', says: 'Должность — теперь «дефектолог»' },
  },
  category: {
    page: () => `/categories/${made.category}`,
    ...{ field: 'name[ru]', mine: 'Завучи', theirs: 'Директора', says: 'Категория (русский) — теперь «Директора»' },
  },
  person: {
    page: ({ person }) => `/people/${person}/edit`,
    action: ({ person }) => `/people/${person}`,
    ...{ field: 'birthDate', mine: '1980-05-04', theirs: '1981-02-03', says: 'Дата рождения — теперь 3 февраля 1981' },
  },
  'additional field': {
    page: () => `/person-fields/${made.field}`,
    ...{ field: 'title[ru]', mine: 'Разряд', theirs: 'Ставка', says: 'Название (русский) — теперь «Ставка»' },
  },
  'additional data': {
    page: ({ person }) => `/people/${person}/fields`,
    ...{ field: () => `f${made.field}`, mine: '14', theirs: '15', says: 'теперь «15»' },
  },
  employment: {
    page: ({ person, employment }) => `/people/${person}/employments/${employment}`,
    ...{ field: 'isHead', mine: [], theirs: '1', says: 'Руководит учреждением — теперь отмечено' },
  },
  cohort: {
    page: ({ cohort }) => `/cohorts/${cohort}/edit`,
    action: ({ cohort }) => `/cohorts/${cohort}`,
    ...{ field: 'title', mine: 'Поток А', theirs: 'Поток Б', says: 'Название потока — теперь «Поток Б»' },
  },
  group: {
    page: ({ cohort, group }) => `/cohorts/${cohort}/groups/${group}`,
    ...{ field: 'name', mine: 'Группа А', theirs: 'Группа Б', says: 'Название группы — теперь «Группа Б»' },
  },
  offering: {
    page: ({ cohort, offering }) => `/cohorts/${cohort}/offerings/${offering}`,
    ...{ field: 'place', mine: 'ауд. 1', theirs: 'ауд. 2', says: 'Где проходит — теперь «ауд. 2»' },
  },
  'lesson of the timetable': {
    page: ({ cohort, lesson }) => `/cohorts/${cohort}/lessons/${lesson}`,
    ...{ field: 'date', mine: inThreeDays, theirs: addDays(today('UTC'), 4), says: 'Дата — теперь ' },
  },
  'lesson of the journal': {
    page: ({ group, lesson }) => `/journals/${group}/lessons/${lesson}/edit`,
    ...{ field: 'title', mine: 'Введение', theirs: 'Итоги', says: 'Название занятия — теперь «Итоги»' },
  },
  programme: {
    page: ({ programme }) => `/programmes/${programme}/edit`,
    action: ({ programme }) => `/programmes/${programme}`,
    ...title('Программа А', 'Программа Б'),
  },
  module: {
    page: ({ module }) => `/modules/${module}/edit`,
    action: ({ module }) => `/modules/${module}`,
    ...{ field: 'minMark', mine: '3,5', theirs: '4,5', says: 'Средняя отметка не ниже — теперь 4,5' },
  },
  'formatted text': {
    page: ({ module }) => `/modules/${module}/edit`,
    action: ({ module }) => `/modules/${module}`,
    ...{
      field: 'aim[ru]',
      mine: '<p>Моё</p>',
      theirs: '<p>Их <strong>слова</strong></p>',
      says: 'Цель модуля (русский) — теперь «Их слова»',
    },
  },
  topic: {
    page: ({ topic }) => `/topics/${topic}/edit`,
    action: ({ topic }) => `/topics/${topic}`,
    ...title('Тема А', 'Тема Б', 'Название темы'),
  },
  stage: {
    page: ({ programme }) => `/programmes/${programme}/stages/${made.stage}/edit`,
    action: ({ programme }) => `/programmes/${programme}/stages/${made.stage}`,
    ...title('Этап А', 'Этап Б', 'Название этапа'),
  },
  milestone: {
    page: ({ milestone }) => `/milestones/${milestone}/edit`,
    action: ({ milestone }) => `/milestones/${milestone}`,
    ...title('Раздел А', 'Раздел Б'),
  },
  material: {
    page: () => `/materials/${made.material}/edit`,
    action: () => `/materials/${made.material}`,
    ...title('Статья А', 'Статья Б'),
  },
  'recommended route': {
    page: () => `/route-templates/${made.template}/edit`,
    action: () => `/route-templates/${made.template}`,
    ...title('Маршрут А', 'Маршрут Б'),
  },
  purpose: {
    page: () => `/purposes/${made.purpose}`,
    ...title('Обучение', 'Отчётность', 'Цель'),
  },
  role: {
    page: () => `/rights/roles/${made.role}`,
    ...{
      field: 'permissions',
      mine: ['people.view'],
      theirs: ['people.view', 'people.edit'],
      says: 'Что разрешено — теперь есть «Изменять людей',
    },
  },
}

describe('a form whose object someone else changed meanwhile', () => {
  const app = useApp()
  let admin: TestClient
  let other: TestClient

  before(async () => {
    half = (await makeWorld()).own
    half.person = (await db()('employments').where({ id: half.employment }).first()).person_id
    const { programme, module: owner } = half
    admin = await app.signedIn('administrator')
    other = await app.signedIn('administrator')
    await admin.post(`/organisations/${half.organisation}/departments`, { name: 'Кафедра' })
    await admin.post(`/programmes/${programme}/stages`, { title: { ru: 'Этап' }, version: 1 })
    await admin.post(`/modules/${owner}/materials`, {
      kind: 'article',
      title: { ru: 'Статья' },
      body: { ru: '<p>Текст</p>' },
    })
    await admin.post(`/programmes/${programme}/route-templates`, { title: { ru: 'Маршрут' }, topics: [half.topic] })
    const last = async (table: string) => Number((await db()(table).max({ id: 'id' }).first())?.id)
    made.department = await last('departments')
    made.stage = await last('programme_stages')
    made.material = await last('materials')
    made.template = await last('route_templates')
    const words = { dataCategories: { ru: 'имя' }, peopleCategories: { ru: 'все' }, retention: { ru: 'год' } }
    await admin.post('/purposes', { title: { ru: 'Цель' }, legalBasis: 'law', ...words })
    made.purpose = await last('processing_purposes')
    made.position = await makePosition('психолог')
    await admin.post('/categories', { name: { ru: 'Учителя' } })
    made.category = await last('person_categories')
    await admin.post('/person-fields', { 'title[ru]': 'Разряд педагога', kind: 'line' })
    made.field = await last('person_fields')
    made.role = (await db()('roles').where({ code: 'methodist' }).first()).id
  })

  for (const [name, { page, action = page, field: named, mine, theirs, says, other: elsewhere }] of Object.entries(
    CASES,
  )) {
    it(`keeps what was typed: ${name}`, async () => {
      const [address, to] = [page(half), action(half)]
      const field = typeof named === 'string' ? named : named()
      const opened = fieldsOf((await admin.get(address)).text, to)
      const change = elsewhere
        ? other.post(elsewhere.action(half), {
            ...fieldsOf((await other.get(address)).text, elsewhere.action(half)),
            ...elsewhere.fields,
          })
        : other.post(to, { ...opened, [field]: theirs })
      expect((await change).status, 'the other').to.equal(303)
      const stale = await admin.post(to, { ...opened, [field]: mine })
      expect(stale.status).to.equal(409)
      expect(stale.text).to.include('Тем временем это изменил кто-то ещё').and.include(says)
      const again = fieldsOf(stale.text, to)
      expect([again[field] ?? []].flat()).to.deep.equal([mine].flat())
      expect(again.version).not.to.equal(opened.version)
      expect({ ...again, version: '', [field]: '' }).to.deep.equal({ ...opened, version: '', [field]: '' })
      const saved = await admin.post(to, again)
      expect(saved.status, 'once more').to.equal(303)
    })
  }

  it('whose button is refused leads back to its page, never to another site', async () => {
    const { organisation } = half
    const url = `/organisations/${organisation}`
    const close = (referer: string) =>
      admin.post(`${url}/state`, { state: 'closed', version: 99 }, { headers: { referer } })
    const refused = await close(`${app.url}${url}?from=list`)
    expect(refused.status).to.equal(409)
    expect(refused.text).to.match(new RegExp(`href="${url}\\?from=list"[^>]*>[\\s\\S]{0,200}Вернуться и посмотреть`))
    for (const foreign of ['https://elsewhere.example/x', `${app.url}//elsewhere.example/x`, 'nonsense']) {
      expect((await close(foreign)).text)
        .not.to.include('elsewhere.example')
        .and.not.to.include('Вернуться и посмотреть')
    }
  })

  it('is not shown again where it refuses to leave nobody who may change rights', async () => {
    const role = (await db()('roles').where({ code: 'administrator' }).first()).id
    const opened = fieldsOf((await admin.get(`/rights/roles/${role}`)).text, `/rights/roles/${role}`)
    const refused = await admin.post(`/rights/roles/${role}`, { ...opened, permissions: ['people.view'] })
    expect(refused.status).to.equal(422)
    expect(refused.text).to.include('не останется никого, кто может менять права').and.not.include('кто-то ещё</h2>')
  })
})
