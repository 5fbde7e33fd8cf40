import { expect } from 'chai'
import { db } from '../../../core/db/index.ts'
import { useApp } from '../../../testing/app.ts'
import {
  makeCohort,
  makeEnrolment,
  makeMilestone,
  makeModule,
  makePerson,
  makeProgramme,
  makeTopic,
  makeUser,
} from '../../../testing/builders.ts'
import type { TestClient } from '../../../testing/client.ts'
import { MILESTONE_KINDS } from '../programme-file.ts'

const form = { kind: 'manual', title: { ru: 'Портфолио собрано' }, requiredCount: 1, required: '1' }

describe('milestones and recommended routes', () => {
  const app = useApp()
  let admin: TestClient

  before(async () => {
    await makeUser('admin', 'administrator')
    admin = await app.signedIn('admin')
  })

  it('are of every kind, each with its place, due day and module', async () => {
    const programme = await makeProgramme()
    const moduleId = await makeModule({ programme_id: programme })
    for (const kind of MILESTONE_KINDS) {
      const sent = { ...form, kind, moduleId, requiredCount: 3, dueDayOffset: 30 }
      expect((await admin.post(`/programmes/${programme}/milestones`, sent)).status, kind).to.equal(303)
    }
    const rows = await db()('milestones').where({ programme_id: programme }).orderBy('position')
    expect(rows.map((row) => row.kind)).to.deep.equal([...MILESTONE_KINDS])
    expect(rows.every((row) => row.due_day_offset === 30)).to.equal(true)
    const counts = rows.map((row) => [row.kind, row.required_count])
    expect(counts.filter(([, count]) => count === 3)).to.deep.equal([['counted_participation', 3]])
    const page = await admin.get(`/programmes/${programme}/milestones`)
    expect(page.text).to.include('3 раза').and.include('срок: 30-й день')
  })

  it('need a module for a credit, and one of their own programme', async () => {
    const programme = await makeProgramme()
    const path = `/programmes/${programme}/milestones`
    const none = await admin.post(path, { ...form, kind: 'module_credit' })
    expect(none.text).to.include('Выберите модуль, за который ставится зачёт')
    const foreign = await admin.post(path, { ...form, kind: 'module_credit', moduleId: await makeModule() })
    expect(foreign.status).to.equal(422)
    expect(foreign.text).to.include('Такого модуля в программе нет')
  })

  it('ask before they demand more of those who learn, and stay as they are in journals that were begun', async () => {
    const programme = await makeProgramme()
    const milestone = await makeMilestone({ programme_id: programme, is_required: 0 })
    const enrolment = await makeEnrolment(await makePerson(), await makeCohort({ programme_id: programme }))
    const asked = await admin.post(`/milestones/${milestone}`, { ...form, version: 1 })
    expect(asked.text).to.include('От 1 слушателя потребуется больше, чем раньше')
    expect((await admin.post(`/milestones/${milestone}`, { ...form, version: 1, confirmed: '1' })).status).to.equal(303)
    await db()('milestone_states').insert({
      ...{ enrolment_id: enrolment, milestone_id: milestone, state: 'done', source: 'manual' },
      updated_at: '2026-01-01 00:00:00.000',
    })
    const kind = await admin.post(`/milestones/${milestone}`, { ...form, kind: 'portfolio', version: 2 })
    expect(kind.text).to.include('вид раздела менять нельзя')
    await admin.post(`/milestones/${milestone}/remove`, { version: 2 })
    const row = await db()('milestones').where({ id: milestone }).first()
    expect(row.archived_at).to.be.a('string')
    const list = await admin.get(`/programmes/${programme}/milestones`)
    expect(list.text).to.include('В архиве: 1 раздел')
    expect((await admin.post(`/milestones/${milestone}/restore`, { version: 2 })).status).to.equal(409)
    expect((await admin.post(`/milestones/${milestone}/restore`, { version: 3 })).status).to.equal(303)
  })

  it('announce themselves, so that journals follow', async () => {
    const programme = await makeProgramme()
    await admin.post(`/programmes/${programme}/milestones`, form)
    const [id] = await db()('milestones').where({ programme_id: programme }).pluck('id')
    const event = await db()('domain_events').where({ type: 'milestoneAdded', subject_id: id }).first()
    expect(JSON.parse(event.data)).to.include({ programmeId: programme })
    await admin.post(`/milestones/${id}/remove`, { version: 1 })
    expect(await db()('milestones').where({ id }).first(), 'nobody was enrolled').to.equal(undefined)
  })

  it('are ordered by scripts and by buttons', async () => {
    const programme = await makeProgramme()
    const ids = [1, 2, 3].map((position) => makeMilestone({ programme_id: programme, position }))
    const [a, b, c] = (await Promise.all(ids)) as [number, number, number]
    const order = () => db()('milestones').where({ programme_id: programme }).orderBy('position').pluck('id')
    await admin.postJson(`/programmes/${programme}/milestones/order`, { order: [c, a, b] })
    expect(await order()).to.deep.equal([c, a, b])
    await admin.post(`/milestones/${b}/move`, { direction: 'up' })
    expect(await order()).to.deep.equal([c, b, a])
    expect((await admin.postJson(`/programmes/${programme}/milestones/order`, { order: [a] })).status).to.equal(409)
  })

  it('recommend routes of topics of the programme, warned of what is missing in them', async () => {
    const programme = await makeProgramme({ state: 'draft' })
    const module_id = await makeModule({ programme_id: programme })
    const [base, next] = [await makeTopic({ module_id }), await makeTopic({ module_id })]
    await db()('topic_prerequisites').insert({ topic_id: next, requires_topic_id: base })
    const path = `/programmes/${programme}/route-templates`
    expect((await admin.post(path, { title: { ru: 'Маршрут' } })).text).to.include('Отметьте хотя бы одну тему')
    const foreign = await admin.post(path, { title: { ru: 'Маршрут' }, topics: await makeTopic() })
    expect(foreign.status).to.equal(422)
    expect((await admin.post(path, { title: { ru: 'Маршрут' }, topics: [next] })).status).to.equal(303)
    expect((await admin.get(`/programmes/${programme}`)).text).to.include('в маршруте не хватает темы')
    const [id] = await db()('route_templates').where({ programme_id: programme }).pluck('id')
    const change = { title: { ru: 'Маршрут' }, topics: [base, next], version: 1 }
    expect((await admin.post(`/route-templates/${id}`, change)).status).to.equal(303)
    expect((await admin.post(`/route-templates/${id}`, change)).status).to.equal(409)
    expect((await admin.get(`/programmes/${programme}`)).text).not.to.include('не хватает темы')
    await admin.post(`/route-templates/${id}/remove`)
    expect((await admin.get(path)).text).to.include('Рекомендованных маршрутов нет')
  })
})
