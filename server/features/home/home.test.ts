import { expect } from 'chai'
import { db, insertRow, toJson } from '../../core/db/index.ts'
import { addDays, nowUtc } from '../../core/time.ts'
import { useApp } from '../../testing/app.ts'
import {
  makeCohort,
  makeEnrolment,
  makeGroup,
  makeLesson,
  makeMember,
  makeMilestone,
  makeModule,
  makeOffering,
  makePerson,
  makeProgramme,
  makeTopic,
  makeUser,
} from '../../testing/builders.ts'
import type { TestClient } from '../../testing/client.ts'

const now = nowUtc()
const title = (ru: string) => ({ title: toJson({ ru, en: `${ru} (en)` }) })

describe('home', function () {
  this.timeout(60_000)
  const app = useApp()
  let learner: TestClient
  let cohort: number
  let enrolment: number
  let group: number
  let programme: number
  const topics: number[] = []
  const offerings: number[] = []

  const sentence = async (client = learner) => {
    const page = await client.get('/home')
    expect(page.status).to.equal(200)
    return /home-now-text">([^<]*)</.exec(page.text)?.[1] ?? ''
  }
  const route = (values: Record<string, unknown>) =>
    db()('learning_routes').where({ enrolment_id: enrolment }).update(values)
  const choose = async (index: number, values: Record<string, unknown>) => {
    const { id } = await db()('learning_routes').where({ enrolment_id: enrolment }).first('id')
    const row = { route_id: id, topic_id: topics[index], offering_id: offerings[index], created_at: now, ...values }
    await db()('route_choices').insert(row).onConflict(['route_id', 'topic_id']).merge()
  }

  before(async () => {
    programme = await makeProgramme(title('Первые шаги'))
    cohort = await makeCohort({ programme_id: programme, route_closes_on: addDays(now.slice(0, 10), 3) })
    const module = await makeModule({ programme_id: programme, ...title('Модуль «Урок»'), min_topics: 2 })
    group = await makeGroup(cohort, module)
    for (const name of ['Цель урока', 'План урока', 'Конец урока']) {
      const topic = await makeTopic({ module_id: module, ...title(name) })
      topics.push(topic)
      offerings.push(await makeOffering(group, topic, { place: 'каб. 12' }))
    }
    await makeMilestone({ programme_id: programme, ...title('Анкета'), kind: 'questionnaire', due_day_offset: 200 })
    await makeMilestone({ programme_id: programme, ...title('Маршрут'), kind: 'route', due_day_offset: 40 })
    enrolment = await makeEnrolment(await makeUser('learner'), cohort)
    await makeMember(group, enrolment)
    learner = await app.signedIn('learner')
  })

  it('is where a learner lands', async () => {
    expect((await learner.get('/')).location).to.equal('/home')
  })

  it('leads to the route from its first topic to its sending', async () => {
    expect(await sentence()).to.match(/^Постройте образовательный маршрут: выберите темы до /)
    await insertRow('learning_routes', { enrolment_id: enrolment, state: 'draft', created_at: now, updated_at: now })
    await choose(0, { in_draft: 1 })
    expect(await sentence()).to.equal('Выберите ещё 1 тему в модуле «Модуль „Урок“».')
    await choose(1, { in_draft: 1 })
    expect(await sentence()).to.match(/^Темы выбраны: проверьте маршрут и отправьте его до /)
    await route({ state: 'submitted' })
    expect(await sentence()).to.equal('Маршрут на согласовании. О решении придёт письмо.')
    await route({ state: 'returned' })
    const page = await learner.get('/home')
    expect(page.text).to.include('Маршрут вернули с замечанием').and.include(`href="/learning-routes/${enrolment}"`)
  })

  it('shows lessons and materials of chosen topics alone, the nearest first', async () => {
    await route({ state: 'approved' })
    await choose(0, { in_force: 1 })
    const material = async (topic: number, name: string) => {
      const row = { kind: 'article', ...title(name), body: toJson({}), minutes: 15, created_at: now, updated_at: now }
      const material_id = await insertRow('materials', row)
      await insertRow('material_links', { material_id, owner_type: 'topic', owner_id: topic, position: 1 })
    }
    await material(topics[0] as number, 'Памятка о цели')
    await material(topics[1] as number, 'Памятка о плане')
    await makeLesson(group, 20, { offering_id: offerings[0], topic_id: topics[0] })
    await makeLesson(group, 6, { title: 'Общая встреча' })
    await makeLesson(group, 4, { offering_id: offerings[1], topic_id: topics[1] })
    await makeLesson(group, 5, { title: 'Отменённая', state: 'cancelled' })
    await makeLesson(group, -2, { title: 'Прошедшая' })
    const page = await learner.get('/home')
    expect(page.text).to.include('Следующее занятие').and.include('Общая встреча').and.include('Цель урока')
    expect(page.text).to.include('Памятка о цели').and.include('15 минут').and.not.include('Памятка о плане')
    for (const hidden of ['План урока', 'Отменённая', 'Прошедшая']) expect(page.text).to.not.include(hidden)
    expect(page.text.indexOf('Общая встреча')).to.be.below(page.text.lastIndexOf('Цель урока'))
  })

  it('puts what was returned first, and says when all is done', async () => {
    const milestone = await makeMilestone({
      programme_id: programme,
      ...title('Портфолио'),
      kind: 'portfolio',
      due_day_offset: 5,
    })
    expect(await sentence()).to.match(/^Просрочен раздел «Портфолио»/)
    const state = {
      enrolment_id: enrolment,
      milestone_id: milestone,
      state: 'returned',
      source: 'manual',
      updated_at: now,
    }
    await db()('milestone_states').insert(state)
    const page = await learner.get('/home')
    expect(page.text).to.include('Вернули с замечанием: «Портфолио»').and.include(`#milestone-${milestone}`)
    await db()('lessons').where({ group_id: group }).update({ state: 'cancelled' })
    const rows = await db()('milestones').where({ programme_id: programme }).select('id')
    for (const { id } of rows) {
      const row = { ...state, milestone_id: id, state: 'done' }
      await db()('milestone_states').insert(row).onConflict(['enrolment_id', 'milestone_id']).merge()
    }
    expect(await sentence()).to.equal('Всё сделано: обязательные разделы журнала пройдены.')
  })

  it('lets one choose among one’s cohorts, and shows nobody else’s', async () => {
    const other = await makeCohort({ title: 'Весенний поток', learners_from: addDays(now.slice(0, 10), 9) })
    const second = await makeEnrolment((await db()('enrolments').where({ id: enrolment }).first()).person_id, other)
    const page = await learner.get(`/home?enrolment=${second}`)
    expect(page.text).to.include('Программа откроется для вас').and.include('Весенний поток')
    expect(page.text).to.not.include('Журнал сопровождения</h2>')
    const foreign = await makeEnrolment(await makePerson({}), other)
    expect((await learner.get(`/home?enrolment=${foreign}`)).status).to.equal(404)
    expect((await learner.get('/home?enrolment=abc')).status).to.equal(200)
  })

  it('says to who learns nowhere what will be here', async () => {
    await makeUser('stranger')
    const stranger = await app.signedIn('stranger')
    expect((await stranger.get('/home')).text).to.include('Пока вы нигде не учитесь')
  })

  it('costs at most ten queries, however much there is', async () => {
    const before = (await learner.get('/home')).queries
    for (let day = 1; day < 20; day++) await makeLesson(group, day)
    for (let number = 0; number < 20; number++) await makeMilestone({ programme_id: programme })
    const after = (await learner.get('/home')).queries
    expect(after).to.equal(before).and.be.at.most(10)
  })
})
