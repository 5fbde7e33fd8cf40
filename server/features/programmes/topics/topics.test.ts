import { expect } from 'chai'
import { db } from '../../../core/db/index.ts'
import { useApp } from '../../../testing/app.ts'
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
} from '../../../testing/builders.ts'
import type { TestClient } from '../../../testing/client.ts'

const form = { title: { ru: 'Тема' }, hours: 4, format: 'seminar' }

describe('modules and topics', () => {
  const app = useApp()
  let methodist: TestClient
  let instructor: TestClient
  let learner: TestClient
  let programme: number
  let module: number
  let other: number
  let cohort: number
  let enrolment: number
  let learnerId: number

  before(async () => {
    programme = await makeProgramme()
    module = await makeModule({ programme_id: programme, position: 1 })
    other = await makeModule({ programme_id: programme, position: 2 })
    cohort = await makeCohort({ programme_id: programme })
    await makeUser('methodist', 'methodist', { type: 'programme', id: programme })
    await makeUser('instructor', 'instructor', { type: 'module', id: module })
    learnerId = await makeUser('learner')
    enrolment = await makeEnrolment(learnerId, cohort)
    methodist = await app.signedIn('methodist')
    instructor = await app.signedIn('instructor')
    learner = await app.signedIn('learner')
  })

  const events = async (type: string, id: number) => db()('domain_events').where({ type, subject_id: id })

  async function choose(topic: number) {
    const now = '2026-09-01 00:00:00.000'
    const route = await db()('learning_routes').where({ enrolment_id: enrolment }).first('id')
    const row = { enrolment_id: enrolment, state: 'approved', created_at: now, updated_at: now }
    const route_id = route?.id ?? (await db()('learning_routes').insert(row))[0]
    const { module_id } = await db()('topics').where({ id: topic }).first()
    const offering_id = await makeOffering(await makeGroup(cohort, module_id), topic)
    await db()('route_choices').insert({
      route_id,
      offering_id,
      topic_id: topic,
      in_draft: 1,
      in_force: 1,
      created_at: now,
    })
  }

  it('are written by the instructor of the module, who does not touch its rules or its neighbours', async () => {
    const page = await instructor.get(`/modules/${module}/edit`)
    expect(page.text).to.include(`action="/modules/${module}/aim"`).and.not.include('name="minTopics"')
    const aim = { aim: { ru: '<p>Новая цель</p>' }, version: 1 }
    expect((await instructor.post(`/modules/${module}/aim`, aim)).status).to.equal(303)
    expect((await instructor.post(`/modules/${module}/aim`, aim)).status).to.equal(409)
    expect((await instructor.post(`/modules/${module}`, { ...form, version: 2 })).status).to.equal(403)
    expect((await instructor.get(`/modules/${other}`)).status).to.equal(200)
    expect((await instructor.post(`/modules/${other}/aim`, { aim: {}, version: 1 })).status).to.equal(403)
    const created = await instructor.post(`/modules/${module}/topics`, form)
    expect(created.status).to.equal(303)
    const id = Number(created.location.split('/').pop())
    const [event] = await events('topicAdded', id)
    expect(JSON.parse(event.data)).to.include({ programmeId: programme, moduleId: module, topicId: id })
  })

  it('are written by whoever teaches a group of the module, as long as its cohort goes on', async () => {
    const ended = await makeCohort({ programme_id: programme, state: 'finished' })
    const path = `/modules/${other}/topics`
    const teaches = async (login: string, group: number) => {
      await makeUser(login, 'instructor', { type: 'group', id: group })
      return (await app.signedIn(login)).post(path, form)
    }
    expect((await teaches('of-this', await makeGroup(cohort, other))).status).to.equal(303)
    expect((await teaches('of-the-past', await makeGroup(ended, other))).status).to.equal(403)
    expect((await teaches('of-another', await makeGroup(cohort, module))).status).to.equal(403)
  })

  it('are read by a learner of the programme, with what they chose marked and no means to change', async () => {
    const topic = await makeTopic({ module_id: module, title: JSON.stringify({ ru: 'Выбранная тема' }) })
    await choose(topic)
    const page = await learner.get(`/modules/${module}`)
    expect(page.text).to.include('Выбранная тема').and.include('в вашем маршруте')
    expect(page.text).not.to.include('/edit').and.not.include('/move')
    expect((await learner.get(`/topics/${topic}`)).status).to.equal(200)
    expect((await learner.get(`/topics/${await makeTopic()}`)).status).to.equal(404)
    expect((await learner.get(`/topics/${topic}/edit`)).status).to.equal(403)
  })

  it('say beside the field what is wrong', async () => {
    const path = `/modules/${module}/topics`
    const wrong = { title: {}, hours: 0, format: 'party', capacity: '0', link: 'javascript:alert(1)', dayOffset: -1 }
    const answer = await methodist.post(path, wrong)
    expect(answer.status).to.equal(422)
    for (const field of ['title', 'hours', 'format', 'capacity', 'link', 'dayOffset']) {
      expect(answer.text, field).to.match(new RegExp(`href="#f-${field}"`))
    }
    const foreign = await methodist.post(path, { ...form, requires: await makeTopic() })
    expect(foreign.status).to.equal(422)
    expect(foreign.text).to.include('которой в программе уже нет')
    expect((await methodist.post(`/modules/${await makeModule()}/topics`, form)).status).to.equal(404)
  })

  it('may require one another in a chain but not in a circle', async () => {
    const first = await makeTopic({ module_id: module })
    const second = await makeTopic({ module_id: other })
    const require = (id: number, requires: number, version = 1) =>
      methodist.post(`/topics/${id}`, { ...form, requires, version })
    expect((await require(second, first)).status).to.equal(303)
    const circle = await require(first, second)
    expect(circle.status).to.equal(422)
    expect(circle.text).to.include('замкнутый круг')
    expect((await require(first, first)).status).to.equal(422)
    expect((await methodist.get(`/topics/${second}`)).text).to.include('сначала:')
  })

  it('say whom a change reaches, and ask before hours of chosen topics change or a topic becomes compulsory', async () => {
    const topic = await makeTopic({ module_id: module })
    const page = await methodist.get(`/topics/${topic}/edit`)
    expect(page.text).to.include('Изменение увидит 1 слушатель (1 поток)').and.not.include('уже в маршруте')
    const compulsory = await methodist.post(`/topics/${topic}`, { ...form, compulsory: '1', version: 1 })
    expect(compulsory.text).to.include('В принятом маршруте 1 слушателя этой темы нет')
    await choose(topic)
    expect((await methodist.get(`/topics/${topic}/edit`)).text).to.include('У 1 слушателя тема уже в маршруте')
    const longer = { ...form, hours: 6, version: 1 }
    const asked = await methodist.post(`/topics/${topic}`, longer)
    expect(asked.status).to.equal(422)
    expect(asked.text).to.include('часы маршрута изменятся').and.include('value="6"')
    expect((await methodist.post(`/topics/${topic}`, { ...longer, confirmed: '1' })).status).to.equal(303)
    const more = { ...form, hours: 6, capacity: 40, version: 2 }
    expect((await methodist.post(`/topics/${topic}`, more)).status, 'more places ask nothing').to.equal(303)
  })

  it('are deleted while nobody has to do with them, and archived once someone has', async () => {
    const unused = await makeTopic({ module_id: module })
    const page = await methodist.get(`/topics/${unused}/remove`)
    expect(page.text).to.include('Тема будет удалена')
    await methodist.post(`/topics/${unused}/remove`, { version: 1 })
    expect(await db()('topics').where({ id: unused }).first()).to.equal(undefined)

    const used = await makeTopic({ module_id: module, title: JSON.stringify({ ru: 'Редкая тема' }) })
    const dependant = await makeTopic({ module_id: module })
    await db()('topic_prerequisites').insert({ topic_id: dependant, requires_topic_id: used })
    await choose(used)
    const asked = await methodist.get(`/topics/${used}/remove`)
    expect(asked.text)
      .to.include('У 1 слушателя тема в маршруте: у него она останется')
      .and.include('Это условие будет снято')
    expect((await methodist.post(`/topics/${used}/remove`, { version: 9 })).status).to.equal(409)
    await methodist.post(`/topics/${used}/remove`, { version: 1 })
    expect((await db()('topics').where({ id: used }).first()).archived_at).to.be.a('string')
    expect(await db()('topic_prerequisites').where({ requires_topic_id: used }).first()).to.equal(undefined)
    expect((await events('topicArchived', used)).length).to.equal(1)
    expect((await learner.get(`/modules/${module}`)).text, 'who has chosen it keeps it').to.include('Редкая тема')
    const builder = await methodist.get(`/programmes/${programme}`)
    expect(builder.text).to.include(`/topics/${used}/restore`)
    await methodist.post(`/topics/${used}/restore`, { version: 2 })
    expect((await db()('topics').where({ id: used }).first()).archived_at).to.equal(null)
  })

  it('do not go when the rules of a running programme could then not be met', async () => {
    const id = await makeProgramme()
    const module_id = await makeModule({ programme_id: id, min_topics: 1 })
    const topic = await makeTopic({ module_id })
    await makeUser('admin', 'administrator')
    const admin = await app.signedIn('admin')
    const answer = await admin.post(`/topics/${topic}/remove`, { version: 1 })
    expect(answer.status).to.equal(422)
    expect(answer.text).to.include('Нужно выбрать тем: 1, а предложено: 0')
    expect(await db()('topics').where({ id: topic }).first()).to.include({ archived_at: null, version: 1 })
    const stricter = { ...form, hours: 8, minTopics: 2, version: 1 }
    expect((await admin.post(`/modules/${module_id}`, stricter)).status).to.equal(422)
  })

  it('are ordered by dragging, within a module and between modules unless groups work with them', async () => {
    const target = await makeModule({ programme_id: programme })
    const [one, two] = [await makeTopic({ module_id: target }), await makeTopic({ module_id: target })]
    const guest = await makeTopic({ module_id: other })
    const put = (order: number[]) => methodist.postJson(`/modules/${target}/order`, { order, list: target })
    expect((await put([two, one])).status).to.equal(200)
    expect((await put([two, guest, one])).status).to.equal(200)
    const rows = await db()('topics').where({ module_id: target }).orderBy('position').pluck('id')
    expect(rows).to.deep.equal([two, guest, one])
    expect((await put([two, one])).status, 'someone else added a topic').to.equal(409)
    const busy = await makeTopic({ module_id: other })
    await makeOffering(await makeGroup(cohort, other), busy)
    const refused = await put([two, guest, one, busy])
    expect(refused.json<{ error: { message: string } }>().error.message).to.include('группы уже работают')
    expect((await put([two, guest, one, await makeTopic()])).status, 'a topic of another programme').to.equal(404)
  })

  it('are archived as a whole module once groups work with it, and deleted before', async () => {
    const fresh = await makeModule({ programme_id: programme })
    await makeTopic({ module_id: fresh })
    expect((await methodist.get(`/modules/${fresh}/remove`)).text).to.include('Модуль будет удалён')
    await methodist.post(`/modules/${fresh}/remove`, { version: 1 })
    expect(await db()('modules').where({ id: fresh }).first()).to.equal(undefined)
    const busy = await makeModule({ programme_id: programme })
    await makeGroup(cohort, busy)
    await methodist.post(`/modules/${busy}/remove`, { version: 1 })
    expect((await db()('modules').where({ id: busy }).first()).archived_at).to.be.a('string')
    expect((await events('moduleArchived', busy)).length).to.equal(1)
    await methodist.post(`/modules/${busy}/restore`, { version: 2 })
    expect((await db()('modules').where({ id: busy }).first()).archived_at).to.equal(null)
  })

  it('cost the same queries whatever their number', async () => {
    const place = await makeModule({ programme_id: programme })
    const topic = await makeTopic({ module_id: place })
    const sizes = async () => [
      (await learner.get(`/modules/${place}`)).queries,
      (await methodist.get(`/topics/${topic}/edit`)).queries,
    ]
    // The first request of a session also notes that it is alive.
    await sizes()
    const few = await sizes()
    for (let count = 0; count < 15; count++) await makeTopic({ module_id: place })
    await makeEnrolment(await makePerson(), cohort)
    expect(await sizes()).to.deep.equal(few)
    for (const queries of few) expect(queries).to.be.at.most(10)
  })
})
