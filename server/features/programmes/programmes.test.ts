import { expect } from 'chai'
import { db, fromJson, toJson } from '../../core/db/index.ts'
import { loadActor } from '../../core/rights/actor.ts'
import type { Scope } from '../../core/rights/index.ts'
import { useApp } from '../../testing/app.ts'
import {
  makeCohort,
  makeEnrolment,
  makeGroup,
  makeModule,
  makeOffering,
  makePerson,
  makeProgramme,
  makeTopic,
  makeUser,
} from '../../testing/builders.ts'
import type { TestClient } from '../../testing/client.ts'
import { moduleEditing, programmePolicy } from './policy.ts'
import { selectProgrammePlace } from './queries.ts'
import { selectModulePlace } from './teaching.ts'

const form = { title: { ru: 'Наставничество', en: 'Mentoring' }, description: { ru: '' }, hours: 36 }
const rules = { minTopics: '', maxTopics: '', minHours: '', maxHours: '', ownItemsMaxHours: '', approval: 'none' }

describe('programmes', () => {
  const app = useApp()
  let admin: TestClient

  before(async () => {
    await makeUser('admin', 'administrator')
    admin = await app.signedIn('admin')
  })

  it('begin as an empty draft that says what to do first', async () => {
    const answer = await admin.post('/programmes', form)
    expect(answer.status).to.equal(303)
    const page = await admin.get(answer.location)
    expect(page.text).to.include('Наставничество').and.include('черновик').and.include('С чего начать')
    const row = await db()('programmes').orderBy('id', 'desc').first()
    expect(row).to.include({ code: 'mentoring', state: 'draft', hours: 36 })
    const event = await db()('domain_events').where({ type: 'programmeCreated', subject_id: row.id }).first()
    expect(event.actor_id).to.be.a('number')
  })

  it('say beside the field what is wrong, and keep what was typed', async () => {
    const nothing = await admin.post('/programmes', { ...form, title: { ru: ' ' }, hours: 'много' })
    expect(nothing.status).to.equal(422)
    expect(nothing.text)
      .to.include('Заполните это поле')
      .and.include('Это значение не подходит')
      .and.include('value="много"')
    const long = await admin.post('/programmes', { ...form, title: { ru: 'я'.repeat(256) } })
    expect(long.status).to.equal(422)
    const twice = await admin.post('/programmes', { ...form, hours: ['1', '2'] })
    expect(twice.status).to.equal(422)
    const odd = await admin.post('/programmes', { title: 'not by language' })
    expect(odd.status).to.equal(422)
  })

  it('refuse rules whose minimum stands above the maximum', async () => {
    const id = await makeProgramme()
    const answer = await admin.post(`/programmes/${id}`, { ...form, ...rules, minHours: 10, maxHours: 8, version: 1 })
    expect(answer.status).to.equal(422)
    expect(answer.text).to.include('Наибольшее число часов меньше наименьшего')
  })

  it('keep the words of a text and nothing that runs', async () => {
    const description = { ru: '<p onclick="x()">Цель<script>alert(1)</script></p>', en: 'Plain\n\ntext' }
    const { location } = await admin.post('/programmes', { ...form, description })
    const row = await db()('programmes')
      .where({ id: location.split('/').pop() })
      .first()
    expect(fromJson(row.description, {})).to.deep.equal({ ru: '<p>Цель</p>', en: '<p>Plain</p><p>text</p>' })
  })

  it('refuse a change made on a stale page, and one of a programme that is gone', async () => {
    const id = await makeProgramme()
    const change = { ...form, ...rules, version: 1 }
    expect((await admin.post(`/programmes/${id}`, change)).status).to.equal(303)
    expect((await admin.post(`/programmes/${id}`, change)).status).to.equal(409)
    expect((await admin.post('/programmes/99999', change)).status).to.equal(404)
    expect((await admin.get('/programmes/abc')).status).to.equal(404)
  })

  it('open only when they can be completed, and the reason is said in words', async () => {
    const id = await makeProgramme({ state: 'draft' })
    const open = (version = 1) => admin.post(`/programmes/${id}/state`, { state: 'active', version })
    const empty = await open()
    expect(empty.status).to.equal(422)
    expect(empty.text).to.include('В программе ещё нет тем')
    const module_id = await makeModule({ programme_id: id, min_topics: 3 })
    await makeTopic({ module_id })
    expect((await open()).text).to.include('Пройти программу пока невозможно')
    const page = await admin.get(`/programmes/${id}`)
    expect(page.text).to.include('Нужно выбрать тем: 3, а предложено: 1')
    await db()('modules').where({ id: module_id }).update({ min_topics: 1 })
    expect((await open()).status).to.equal(303)
    expect((await open(2)).status).to.equal(409)
  })

  it('stay open while cohorts learn by them', async () => {
    const id = await makeProgramme()
    await makeCohort({ programme_id: id })
    for (const state of ['draft', 'archived']) {
      const answer = await admin.post(`/programmes/${id}/state`, { state, version: 1 })
      expect(answer.status, state).to.equal(422)
      expect(answer.text).to.include('идёт 1 поток')
    }
    await db()('cohorts').where({ programme_id: id }).update({ state: 'finished' })
    expect((await admin.post(`/programmes/${id}/state`, { state: 'archived', version: 1 })).status).to.equal(303)
    const list = await admin.get('/programmes?state=archived')
    expect(list.text).to.include(`href="/programmes/${id}"`)
    expect((await admin.get('/programmes')).text).not.to.include(`href="/programmes/${id}"`)
  })

  it('tell whom new rules strike before they are saved', async () => {
    const world = await routeWorld()
    const strict = { ...form, ...rules, minTopics: 2, version: 1 }
    const asked = await admin.post(`/programmes/${world.programme}`, strict)
    expect(asked.status).to.equal(422)
    expect(asked.text).to.include('Принятый маршрут 1 слушателя не отвечает новым правилам программы')
    expect(asked.text).to.include('name="confirmed"')
    expect((await db()('programmes').where({ id: world.programme }).first()).version).to.equal(1)
    expect((await admin.post(`/programmes/${world.programme}`, { ...strict, confirmed: '1' })).status).to.equal(303)
  })

  it('refuse rules that nobody could keep while the programme is in use', async () => {
    const id = await makeProgramme()
    await makeTopic({ module_id: await makeModule({ programme_id: id }), hours: 4 })
    const answer = await admin.post(`/programmes/${id}`, { ...form, ...rules, minTopics: 5, version: 1 })
    expect(answer.status).to.equal(422)
    expect(answer.text).to.include('Нужно выбрать тем: 5, а предложено: 1')
    expect((await db()('programmes').where({ id }).first()).version).to.equal(1)
  })

  it('are found by a word of their title, whatever its case', async () => {
    await makeProgramme({ title: toJson({ ru: 'Ёлка и Подснежник', en: 'Snowdrop' }) })
    for (const q of ['ПОДСНЕЖНИК', 'елка', 'snow']) {
      const list = await admin.get(`/programmes?q=${encodeURIComponent(q)}`)
      expect(list.text, q).to.include('Подснежник')
      expect(list.text).to.include('1 программа')
    }
    expect((await admin.get('/programmes?q=нетакой')).text).to.include('Ничего не найдено')
  })

  it('are the same to the check and to the query for every kind of grant', async () => {
    const own = await makeProgramme()
    const foreign = await makeProgramme()
    const module = await makeModule({ programme_id: own })
    const neighbour = await makeModule({ programme_id: own })
    const cohort = await makeCohort({ programme_id: own })
    const group = await makeGroup(cohort, module)
    const scopes: [string, Scope][] = [
      ['administrator', { type: 'authority', id: 0 }],
      ['methodist', { type: 'programme', id: own }],
      ['methodist', { type: 'cohort', id: cohort }],
      ['instructor', { type: 'module', id: module }],
      ['instructor', { type: 'group', id: group }],
      ['learner', { type: 'cohort', id: cohort }],
      ['director', { type: 'organisation', id: 1 }],
    ]
    for (const [role, scope] of scopes) {
      const actor = await loadActor(await makeUser(`agree-${role}-${scope.type}`, role, scope), 'UTC')
      for (const action of ['view', 'read'] as const) {
        const visible: number[] = await db()('programmes as p')
          .modify(programmePolicy.visibleTo(actor!, action))
          .whereIn('p.id', [own, foreign])
          .pluck('p.id')
        for (const id of [own, foreign]) {
          const can = programmePolicy.can(actor!, action, await selectProgrammePlace(id))
          expect(visible.includes(id), `${role} ${scope.type} ${action} ${id === own}`).to.equal(can)
        }
      }
      const editable: number[] = await db()('modules as m')
        .join('programmes as p', 'p.id', 'm.programme_id')
        .modify(moduleEditing.visibleTo(actor!, 'edit'))
        .whereIn('m.id', [module, neighbour])
        .pluck('m.id')
      for (const id of [module, neighbour]) {
        const can = moduleEditing.can(actor!, 'edit', await selectModulePlace(own, id))
        expect(editable.includes(id), `${role} ${scope.type} edits ${id === module}`).to.equal(can)
      }
    }
  })

  it('cost the same queries whatever their size', async () => {
    const id = await makeProgramme()
    const size = async () => [
      (await admin.get('/programmes')).queries,
      (await admin.get(`/programmes/${id}?open=all`)).queries,
    ]
    for (let count = 0; count < 2; count++) await makeTopic({ module_id: await makeModule({ programme_id: id }) })
    // The first request of a session also notes that it is alive.
    await size()
    const few = await size()
    for (let count = 0; count < 10; count++) {
      await makeProgramme()
      await makeTopic({ module_id: await makeModule({ programme_id: id }) })
    }
    expect(await size()).to.deep.equal(few)
    for (const queries of few) expect(queries).to.be.at.most(10)
  })

  /** A running programme of one module with two topics; one learner has the first topic in an accepted route. */
  async function routeWorld() {
    const programme = await makeProgramme()
    const module = await makeModule({ programme_id: programme })
    const chosen = await makeTopic({ module_id: module })
    const other = await makeTopic({ module_id: module })
    const cohort = await makeCohort({ programme_id: programme })
    const enrolment = await makeEnrolment(await makePerson(), cohort)
    const stamps = { created_at: '2026-09-01 00:00:00.000', updated_at: '2026-09-01 00:00:00.000' }
    const [route] = await db()('learning_routes').insert({ enrolment_id: enrolment, state: 'approved', ...stamps })
    const offering_id = await makeOffering(await makeGroup(cohort, module), chosen)
    const choice = {
      route_id: route,
      offering_id,
      topic_id: chosen,
      in_draft: 1,
      in_force: 1,
      created_at: stamps.created_at,
    }
    await db()('route_choices').insert(choice)
    return { programme, module, chosen, other, cohort, enrolment }
  }
})
