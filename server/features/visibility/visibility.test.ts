import { expect } from 'chai'
import { db } from '../../core/db/index.ts'
import { rebuildSearch } from '../../core/search/index.ts'
import { setting } from '../../core/settings.ts'
import { visibilitySwitches } from '../../core/visibility.ts'
import { useApp } from '../../testing/app.ts'
import {
  makeEmployment,
  makeEnrolment,
  makeMember,
  makeMilestone,
  makeModule,
  makeUser,
} from '../../testing/builders.ts'
import type { TestClient } from '../../testing/client.ts'
import { makeWorld, type World } from '../../testing/world.ts'
import { stampOf } from './service.ts'

const NOW = '2026-10-01 10:00:00.000'

describe('visibility switches', function () {
  this.timeout(60_000)
  const app = useApp()
  let world: World
  let admin: TestClient
  let director: TestClient
  let instructor: TestClient
  let learner: TestClient
  let otherModule: number
  let otherMilestone: number

  /** Sets the whole system so that exactly these keys differ from what holds at first. */
  async function setAll(changed: Record<string, boolean> = {}) {
    const shown = (audience: string) =>
      visibilitySwitches().flatMap(([key, declared]) =>
        declared.audience === audience && (changed[key] ?? declared.shown) ? [key] : [],
      )
    const values = { employers: shown('employers'), instructors: shown('instructors'), learners: shown('learners') }
    const answer = await admin.post('/visibility', { ...values, version: stampOf(await setting('visibility')) })
    expect(answer.status).to.equal(303)
  }

  async function setCohort(choice: Record<string, string>) {
    const version = stampOf(await setting('visibility'))
    const answer = await admin.post(`/visibility/cohorts/${world.own.cohort}`, { choice, version })
    expect(answer.status).to.equal(303)
  }

  before(async () => {
    world = await makeWorld()
    const { own } = world
    otherModule = await makeModule({ programme_id: own.programme, title: '{"ru":"Чужой модуль"}' })
    otherMilestone = await makeMilestone({
      programme_id: own.programme,
      module_id: otherModule,
      title: '{"ru":"Портфолио чужого модуля"}',
    })
    const [state] = await db()('milestone_states').insert({
      enrolment_id: own.enrolment,
      milestone_id: own.milestone,
      state: 'returned',
      comment: 'Нужна подпись наставника',
      source: 'manual',
      updated_at: NOW,
    })
    await db()('milestone_evidence').insert({
      milestone_state_id: state as number,
      note: 'Отчёт об открытом уроке',
      state: 'declined',
      created_by: own.person,
      created_at: NOW,
    })
    await db()('enrolment_history').insert({
      enrolment_id: own.enrolment,
      action: 'suspended',
      reason: 'Больничный',
      data: '{}',
      at: NOW,
    })
    await db()('journal_cells').insert({
      lesson_id: own.lesson,
      enrolment_id: own.enrolment,
      attendance: 'present',
      mark: 4,
      updated_at: NOW,
    })
    await db()('people')
      .where({ id: own.person })
      .update({ email: 'anna@example.org', email_folded: 'anna@example.org', phone: '+7 900 111-22-33' })
    for (const role of ['admin', 'director', 'instructor', 'learner'] as const) {
      const client = await app.signedIn(role === 'admin' ? 'administrator' : role)
      if (role === 'admin') admin = client
      else if (role === 'director') director = client
      else if (role === 'instructor') instructor = client
      else learner = client
    }
  })

  beforeEach(async () => {
    await setCohort({})
    await setAll()
  })

  const text = async (client: TestClient, path: string) => {
    const answer = await client.get(path)
    expect(answer.status, path).to.equal(200)
    return answer.text
  }
  const inOwn = (rest: string) => `/employees/${world.own.enrolment}${rest}`
  const card = (milestone: number) => `/tracking/enrolments/${world.own.enrolment}/milestones/${milestone}`

  it('let comments of the tracking journal through to directors, or keep them', async () => {
    expect(await text(director, card(world.own.milestone))).to.not.include('подпись наставника')
    await setAll({ 'tracking.visibility.comments': true })
    expect(await text(director, card(world.own.milestone))).to.include('Нужна подпись наставника')
    await setCohort({ 'tracking-comments': 'hidden' })
    expect(await text(director, card(world.own.milestone))).to.not.include('подпись наставника')
  })

  it('keep evidence from directors, its files too', async () => {
    const [file] = await db()('files').insert({
      sha256: 'f'.repeat(64),
      name: 'урок.pdf',
      media_type: 'application/pdf',
      size: 1,
      created_at: NOW,
    })
    const evidence = await db()('milestone_evidence').where({ note: 'Отчёт об открытом уроке' }).first('id')
    await db()('attachments').insert({
      file_id: file as number,
      owner_type: 'milestone_evidence',
      owner_id: evidence.id,
      created_at: NOW,
    })
    await db()('milestone_evidence')
      .where({ id: evidence.id })
      .update({ file_id: file as number })
    await rebuildSearch()
    const searched = () => text(director, `/search?q=${encodeURIComponent('урок.pdf')}`)
    expect(await searched()).to.include(`/files/${file}/view"`)
    expect(await text(director, card(world.own.milestone))).to.include('Отчёт об открытом уроке')
    await setAll({ 'tracking.visibility.evidence': false })
    expect(await searched()).to.not.include(`/files/${file}/`)
    expect(await text(director, card(world.own.milestone))).to.not.include('Отчёт об открытом уроке')
    expect((await director.get(`/files/${file}`)).status).to.equal(404)
    expect(await text(admin, card(world.own.milestone))).to.include('Отчёт об открытом уроке')
    await setCohort({ 'tracking-evidence': 'shown' })
    expect(await text(director, card(world.own.milestone))).to.include('Отчёт об открытом уроке')
  })

  it('show marks to directors on the page and on paper, where it is so decided', async () => {
    for (const path of [inOwn(''), inOwn('/print')]) {
      expect(await text(director, path)).to.not.include('Средняя оценка')
    }
    const before = (await director.get(inOwn(''))).queries
    await setCohort({ 'employees-marks': 'shown' })
    for (const path of [inOwn(''), inOwn('/print')]) {
      expect(await text(director, path))
        .to.include('Средняя оценка')
        .and.match(/4,00|>\s*4\s*</)
    }
    expect((await director.get(inOwn(''))).queries).to.equal(before)
  })

  it('show reasons of a suspension to directors, where it is so decided', async () => {
    expect(await text(director, inOwn('/progress'))).to.not.include('Больничный')
    await setAll({ 'employees.visibility.reasons': true })
    expect(await text(director, inOwn('/progress'))).to.include('Больничный')
  })

  it('keep the topics of routes from directors: page, paper, the route itself and its print', async () => {
    const { own } = world
    const [route] = await db()('learning_routes').insert({
      enrolment_id: own.enrolment,
      state: 'approved',
      version_number: 1,
      created_at: NOW,
      updated_at: NOW,
    })
    await db()('route_own_items').insert({
      route_id: route as number,
      title: 'Курс по шахматам',
      kind: 'self_education',
      place: 'outside',
      hours: 4,
      in_draft: 1,
      in_force: 1,
      created_at: NOW,
      updated_at: NOW,
    })
    for (const path of [inOwn(''), inOwn('/print'), `/learning-routes/${own.enrolment}`]) {
      expect(await text(director, path), path).to.include('Курс по шахматам')
    }
    await setAll({ 'learning-routes.visibility.employers': false })
    for (const path of [inOwn(''), inOwn('/print')])
      expect(await text(director, path), path).to.not.include('Курс по шахматам')
    for (const path of [`/learning-routes/${own.enrolment}`, `/learning-routes/${own.enrolment}/print`]) {
      expect((await director.get(path)).status, path).to.equal(404)
    }
    expect(await text(admin, inOwn(''))).to.include('Курс по шахматам')
    expect(await text(learner, `/learning-routes/${own.enrolment}`)).to.include('Курс по шахматам')
    await setCohort({ 'learning-routes-employers': 'shown' })
    expect(await text(director, `/learning-routes/${own.enrolment}`)).to.include('Курс по шахматам')
  })

  it('keep sections of other modules from instructors: journal, export, print, the learner and the section', async () => {
    const { cohort, enrolment } = world.own
    const paths = [
      `/tracking/cohorts/${cohort}`,
      `/tracking/cohorts/${cohort}/print`,
      `/tracking/cohorts/${cohort}/export?format=csv`,
      `/tracking/enrolments/${enrolment}`,
    ]
    for (const path of paths) expect(await text(instructor, path), path).to.include('Портфолио чужого модуля')
    await setAll({ 'tracking.visibility.otherModules': false })
    for (const path of paths) {
      expect(await text(instructor, path), path).to.not.include('Портфолио чужого модуля')
      expect(await text(admin, path), path).to.include('Портфолио чужого модуля')
    }
    expect(await text(instructor, `${paths[0]}?milestone=${otherMilestone}&state=missing`)).to.not.include(
      'Портфолио чужого модуля',
    )
    expect((await instructor.get(card(otherMilestone))).status).to.equal(404)
    expect((await instructor.get(card(world.own.milestone))).status).to.equal(200)
    await setCohort({ 'tracking-otherModules': 'shown' })
    expect((await instructor.get(card(otherMilestone))).status).to.equal(200)
  })

  it('keep contacts of learners from instructors: card, lists, exports, searching by address', async () => {
    const { person, cohort, enrolment } = world.own
    const paths = [
      `/people/${person}`,
      '/people',
      '/people/export?format=csv',
      `/cohorts/${cohort}/people/export?format=csv`,
      `/cohorts/${cohort}/people/${enrolment}`,
    ]
    const found = async (client: TestClient) =>
      (await client.get('/people/suggest?q=anna@')).json<{ value: string }[]>().length
    for (const path of paths) expect(await text(instructor, path), path).to.include('anna@example.org')
    expect(await found(instructor)).to.equal(1)
    await rebuildSearch()
    expect(await text(instructor, `/search?q=${encodeURIComponent('anna@example.org')}`)).to.include(
      `/people/${person}"`,
    )
    await setAll({ 'people.visibility.contacts': false })
    for (const path of paths) {
      expect(await text(instructor, path), path).to.not.match(/anna@|900 111/)
      expect(await text(admin, path), path).to.include('anna@example.org')
    }
    expect(await found(instructor)).to.equal(0)
    expect(await text(instructor, '/people?q=anna@')).to.not.include(`/people/${person}"`)
    expect(await text(instructor, '/people')).to.include(`/people/${person}"`)
    expect(await text(director, `/people/${person}`), 'an employer').to.include('anna@example.org')
    expect(await text(instructor, `/search?q=${encodeURIComponent('anna@example.org')}`)).to.not.include(
      `/people/${person}"`,
    )
    expect(await text(admin, `/search?q=${encodeURIComponent('anna@example.org')}`)).to.include(`/people/${person}"`)
    await setCohort({ 'people-contacts': 'shown' })
    for (const path of paths) expect(await text(instructor, path), path).to.include('anna@example.org')
  })

  it('show learners who else is in their groups and the mean of the cohort, where it is so decided', async () => {
    const { cohort, group, organisation } = world.own
    for (let at = 0; at < 5; at++) {
      const id = await makeUser(`companion${at}`)
      await db()('people')
        .where({ id })
        .update({ last_name: `Соседова${at}` })
      await makeEmployment(id, organisation)
      const enrolment = await makeEnrolment(id, cohort)
      await makeMember(group, enrolment)
      const sums = { lessons_held: 4, lessons_attended: 3, lessons_missed: 1 }
      const known = await db()('enrolment_progress').where({ enrolment_id: enrolment }).update(sums)
      if (!known) await db()('enrolment_progress').insert({ enrolment_id: enrolment, ...sums, updated_at: NOW })
    }
    expect(await text(learner, '/home')).to.not.match(/Соседова|В среднем по потоку/)
    await setAll({ 'home.visibility.mean': true, 'home.visibility.companions': true })
    expect(await text(learner, '/home'))
      .to.include('Соседова3')
      .and.include('В среднем по потоку')
    await setCohort({ 'home-companions': 'hidden', 'home-mean': 'hidden' })
    expect(await text(learner, '/home')).to.not.match(/Соседова|В среднем по потоку/)
  })

  it('are changed by administrators alone, noted, and never over what another has changed meanwhile', async () => {
    const version = stampOf(await setting('visibility'))
    expect((await director.post('/visibility', { version })).status).to.equal(403)
    await setAll({ 'employees.visibility.marks': true })
    const stale = await admin.post('/visibility', { version, employers: ['employees.visibility.reasons'] })
    expect(stale.status).to.equal(409)
    expect((await setting('visibility')).shown['employees.visibility.marks']).to.equal(true)
    expect((await admin.post(`/visibility/cohorts/${world.own.cohort}`, { version })).status).to.equal(409)
    expect((await admin.get('/visibility/cohorts/999999')).status).to.equal(404)
    const odd = { version: stampOf(await setting('visibility')), employers: ['constructor', 'nothing.visibility.here'] }
    expect((await admin.post('/visibility', odd)).status).to.equal(303)
    expect(Object.keys((await setting('visibility')).shown)).to.have.members(visibilitySwitches().map(([key]) => key))
    const event = await db()('domain_events').where({ type: 'settingChanged' }).orderBy('id', 'desc').first()
    expect(JSON.parse(event.data)).to.have.property('name', 'visibility')
  })

  it('have texts in both languages, and say what cohorts differ', async () => {
    await setCohort({ 'employees-marks': 'shown' })
    const page = await text(admin, '/visibility')
    expect(page)
      .to.include('1 своя настройка')
      .and.not.match(/>\s*[\w-]*\.?visibility\.[\w.]+\s*</)
    expect(await text(admin, `/visibility/cohorts/${world.own.cohort}`)).to.include(
      'как во всей системе: не показывать',
    )
  })
})
