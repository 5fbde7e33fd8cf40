import { expect } from 'chai'
import { db } from '../../core/db/index.ts'
import { loadActor } from '../../core/rights/actor.ts'
import { SYSTEM } from '../../core/rights/index.ts'
import { useApp } from '../../testing/app.ts'
import { makeEmployment, makeGrant, makeGroup, makeLesson, makeOffering, makeUser } from '../../testing/builders.ts'
import type { TestClient } from '../../testing/client.ts'
import { makeWorld } from '../../testing/world.ts'
import { withdrawEnrolments } from '../enrolments/change-service.ts'
import { moveToGroups } from '../enrolments/move-service.ts'
import { followMove } from './follow-enrolments.ts'
import { authorityToday } from './load-route.ts'
import { routePolicy } from './policy.ts'
import { selectHead, visibleRoutes } from './queries.ts'
import { makeRouteLearner, makeRouteWorld, placesOf, type RouteWorld } from './route-world.ts'

describe('learning-routes: decisions and changes', function () {
  this.timeout(30_000)
  const app = useApp()
  let world: RouteWorld
  let methodist: TestClient
  let methodistId: number
  let count = 0

  before(async () => {
    world = await makeRouteWorld()
    methodistId = await makeUser('decider', 'methodist', { type: 'programme', id: world.programme })
    methodist = await app.signedIn('decider')
  })

  const routeOf = (enrolment: number) => db()('learning_routes').where({ enrolment_id: enrolment }).first()

  /** A learner whose complete route (first, other) has been sent. */
  async function submitted(of: RouteWorld = world) {
    const login = `sender${++count}`
    const enrolment = await makeRouteLearner(of, login)
    const browser = await app.signedIn(login)
    const url = `/learning-routes/${enrolment}`
    const step = (topic: keyof RouteWorld['topics'], what: string) =>
      browser.post(`${url}/topics/${of.topics[topic]}/${what}`)
    const submit = async () => browser.post(`${url}/submit`, { revision: (await routeOf(enrolment)).draft_revision })
    await step('first', 'choose')
    await step('other', 'choose')
    await submit()
    return { enrolment, browser, url, step, submit }
  }

  const approve = (enrolment: number, version = 1) =>
    methodist.post(`/route-approvals/${enrolment}/approve`, { version, comment: '' })

  const inForce = async (enrolment: number): Promise<number[]> =>
    db()('route_choices as rc')
      .join('learning_routes as r', 'r.id', 'rc.route_id')
      .where({ 'r.enrolment_id': enrolment, 'rc.in_force': 1 })
      .orderBy('rc.topic_id')
      .pluck('rc.topic_id')

  it('queues what was sent and shows it to those who may decide, not to others', async () => {
    const learner = await submitted()
    const queue = await methodist.get('/route-approvals')
    expect(queue.status).to.equal(200)
    expect(queue.text).to.include(`href="/route-approvals/${learner.enrolment}"`).and.include('Новый маршрут')
    const decision = await methodist.get(`/route-approvals/${learner.enrolment}`)
    expect(decision.text).to.include('Тема other').and.include('Согласовать маршрут')
    expect((await learner.browser.get('/route-approvals')).status).to.equal(403)
    await makeUser('stranger2', 'methodist', { type: 'programme', id: (await makeRouteWorld()).programme })
    const foreign = await app.signedIn('stranger2')
    expect((await foreign.get('/route-approvals')).text).not.to.include(`/route-approvals/${learner.enrolment}`)
    expect((await foreign.get(`/route-approvals/${learner.enrolment}`)).status).to.equal(404)
  })

  it('gives the queue as a file, to each what they may decide, and notes it and whose route was opened', async () => {
    const learner = await submitted()
    const { last_name } = await db()('people as p')
      .join('enrolments as e', 'e.person_id', 'p.id')
      .where('e.id', learner.enrolment)
      .first('p.last_name')
    const csv = await methodist.get('/route-approvals/export?format=csv')
    expect(csv.text).to.include('Слушатель;Учреждение;Поток;Программа;Что прислано;Часы;Отправлен')
    expect(csv.text).to.include(last_name)
    expect((await methodist.get('/route-approvals/export?format=csv&q=Ыыы')).text.trimEnd()).not.to.include('\n')
    const pdf = await methodist.get('/route-approvals/export?format=pdf')
    expect(pdf.headers.get('content-type')).to.equal('application/pdf')
    await makeUser('stranger3', 'methodist', { type: 'programme', id: (await makeRouteWorld()).programme })
    const foreign = await (await app.signedIn('stranger3')).get('/route-approvals/export?format=csv')
    expect(foreign.text.trimEnd()).not.to.include('\n')
    const noted = (subject: object) => db()('domain_events').where({ type: 'dataRead', ...subject })
    expect(await noted({ subject_type: 'list' })).to.have.length(4)
    for (const path of ['print', 'versions/1']) await methodist.get(`/learning-routes/${learner.enrolment}/${path}`)
    await methodist.get(`/route-approvals/${learner.enrolment}`)
    await learner.browser.get(`/learning-routes/${learner.enrolment}/print`)
    expect(await noted({ subject_type: 'enrolment', subject_id: learner.enrolment })).to.have.length(3)
  })

  it('brings an approved route into force, tells the author, and keeps the version', async () => {
    const learner = await submitted()
    expect(await inForce(learner.enrolment)).to.deep.equal([])
    expect((await approve(learner.enrolment)).location).to.equal('/route-approvals')
    const { base, first, other } = world.topics
    expect(await inForce(learner.enrolment)).to.deep.equal([base, first, other])
    expect(await routeOf(learner.enrolment)).to.include({ state: 'approved', decided_by: methodistId })
    await app.settle()
    const letters = await db()('mail_outbox').where({ kind: 'learning-routes.approved' }).orderBy('id', 'desc')
    expect(letters[0].body_text).to.include('согласован и действует')
    const events: string[] = await db()('domain_events').where({ subject_type: 'learning_route' }).pluck('type')
    expect(events).to.include.members(['routeSubmitted', 'routeApproved', 'routeInForce', 'routeChanged'])
    const shown = await learner.browser.get(learner.url)
    expect(shown.text).to.include('Изменить маршрут').and.include('Маршрут действует.')
    // Deciding twice, or on what is no longer there, changes nothing and says so.
    expect((await approve(learner.enrolment)).status).to.equal(409)
  })

  it('tells approvers at most once a day that routes are waiting', async () => {
    await submitted()
    await submitted()
    await app.settle()
    const letters = await db()('mail_outbox').where({ kind: 'learning-routes.waiting', person_id: methodistId })
    expect(letters).to.have.length(1)
  })

  it('returns a route with comments, also on a topic, which stand where they belong', async () => {
    const learner = await submitted()
    const path = `/route-approvals/${learner.enrolment}/return`
    const silent = await methodist.post(path, { version: 1, comment: ' ' })
    expect(silent.status).to.equal(422)
    expect(silent.text).to.include('Напишите, что исправить')
    const topics = { [`t${world.topics.other}`]: 'Возьмите <другую> тему' }
    expect((await methodist.post(path, { version: 1, comment: 'Почти готово', topics })).status).to.equal(303)
    const shown = await learner.browser.get(learner.url)
    expect(shown.text).to.include('Маршрут возвращён на доработку').and.include('Почти готово')
    expect(shown.text).to.match(/id="topic-\d+"[\s\S]*?Тема other[\s\S]*?Возьмите &lt;другую&gt; тему/)
    expect(await inForce(learner.enrolment)).to.deep.equal([])
    // The author corrects it and sends it again.
    await learner.step('third', 'choose')
    expect((await learner.submit()).status).to.equal(303)
    expect(await routeOf(learner.enrolment)).to.include({ state: 'submitted', version_number: 2 })
    await app.settle()
    const letter = await db()('mail_outbox').where({ kind: 'learning-routes.returned' }).first()
    expect(letter.body_text).to.include('Почти готово')
  })

  it('does not decide on another version than the one that was seen', async () => {
    const learner = await submitted()
    await learner.browser.post(`${learner.url}/withdraw`)
    const late = await approve(learner.enrolment)
    expect(late.status).to.equal(409)
    expect(late.text).to.include('отозвали, отправили заново или уже рассмотрели')
    await learner.step('third', 'choose')
    await learner.submit()
    expect((await approve(learner.enrolment, 1)).status).to.equal(409)
    expect((await approve(learner.enrolment, 2)).status).to.equal(303)
  })

  it('keeps the route in force while it is being changed, with its places, until the change is approved', async () => {
    const learner = await submitted()
    await approve(learner.enrolment)
    const { base, first, other, third } = world.topics
    expect((await learner.step('third', 'choose')).status).to.equal(409)
    expect((await learner.browser.post(`${learner.url}/change`)).status).to.equal(303)
    const before = await placesOf(world.offerings.other)
    await learner.step('other', 'remove')
    await learner.step('third', 'choose')
    expect((await placesOf(world.offerings.other)).taken).to.equal(before.taken)
    expect(await inForce(learner.enrolment)).to.deep.equal([base, first, other])
    await learner.submit()
    const decision = await methodist.get(`/route-approvals/${learner.enrolment}`)
    expect(decision.text).to.include('Это изменение действующего маршрута').and.include('2 изменения')
    await approve(learner.enrolment, 2)
    expect(await inForce(learner.enrolment)).to.deep.equal([base, first, third])
    expect((await placesOf(world.offerings.other)).taken).to.equal(before.taken - 1)
    const versions = await learner.browser.get(`${learner.url}/versions`)
    expect(versions.text).to.include('Действовала раньше').and.include('Действует')
  })

  it('gives a change up without losing what is in force', async () => {
    const learner = await submitted()
    await learner.browser.post(`${learner.url}/own-items`, {})
    await approve(learner.enrolment)
    await learner.browser.post(`${learner.url}/change`)
    const third = await placesOf(world.offerings.third)
    await learner.step('other', 'remove')
    await learner.step('third', 'choose')
    expect((await learner.submit()).status).to.equal(303)
    await learner.browser.post(`${learner.url}/withdraw`)
    expect((await learner.browser.post(`${learner.url}/discard`)).status).to.equal(303)
    expect(await placesOf(world.offerings.third)).to.deep.equal(third)
    expect(await routeOf(learner.enrolment)).to.include({ state: 'approved' })
    const { base, first, other } = world.topics
    expect(await inForce(learner.enrolment)).to.deep.equal([base, first, other])
  })

  it('does not send a change that changes nothing', async () => {
    const learner = await submitted()
    await approve(learner.enrolment)
    await learner.browser.post(`${learner.url}/change`)
    const answer = await learner.submit()
    expect(answer.status).to.equal(409)
    expect(answer.text).to.include('ничего не изменилось')
  })

  it('keeps the own items in force as agreed upon while they are edited', async () => {
    const learner = await submitted()
    await learner.browser.post(`${learner.url}/withdraw`)
    const item = { kind: 'self_education', place: 'inside', title: 'Чтение', hours: 2 }
    await learner.browser.post(`${learner.url}/own-items`, item)
    await learner.submit()
    await approve(learner.enrolment, 2)
    await learner.browser.post(`${learner.url}/change`)
    const items = () =>
      db()('route_own_items as i')
        .join('learning_routes as r', 'r.id', 'i.route_id')
        .where('r.enrolment_id', learner.enrolment)
        .orderBy('i.id')
        .select('i.id', 'i.title', 'i.in_draft', 'i.in_force')
    const [row] = await items()
    await learner.browser.post(`${learner.url}/own-items/${row.id}`, { ...item, title: 'Много чтения', version: 1 })
    expect((await items()).map((one) => [one.title, one.in_draft, one.in_force])).to.deep.equal([
      ['Чтение', 0, 1],
      ['Много чтения', 1, 0],
    ])
    await learner.submit()
    await approve(learner.enrolment, 3)
    expect((await items()).map((one) => [one.title, one.in_draft, one.in_force])).to.deep.equal([
      ['Много чтения', 1, 1],
    ])
  })

  it('is in force at once where the programme asks for no approval', async () => {
    const free = await makeRouteWorld({ approval: 'none' })
    const learner = await submitted(free)
    expect(await routeOf(learner.enrolment)).to.include({ state: 'approved', version_number: 1 })
    expect(await inForce(learner.enrolment)).to.have.length(3)
  })

  it('approves several at once, leaving out what was withdrawn meanwhile', async () => {
    const one = await submitted()
    const two = await submitted()
    const gone = await submitted()
    await gone.browser.post(`${gone.url}/withdraw`)
    const routes = [one, two, gone].map((learner) => `${learner.enrolment}.1`)
    expect((await methodist.post('/route-approvals', { routes })).status).to.equal(303)
    expect((await methodist.get('/route-approvals')).text).to.include(
      'Согласовано 2 маршрута. Не удалось согласовать: 1',
    )
    expect(await routeOf(one.enrolment)).to.include({ state: 'approved' })
    expect(await routeOf(gone.enrolment)).to.include({ state: 'draft' })
    expect((await methodist.post('/route-approvals', {})).status).to.equal(422)
    expect((await methodist.post('/route-approvals', { routes: 'drop table' })).status).to.equal(422)
  })

  it('lets nobody approve their own route', async () => {
    const learner = await submitted()
    const person = await db()('enrolments').where({ id: learner.enrolment }).first('person_id')
    await makeGrant(person.person_id, 'methodist', { type: 'programme', id: world.programme })
    const answer = await learner.browser.post(`/route-approvals/${learner.enrolment}/approve`, { version: 1 })
    expect(answer.status).to.equal(403)
    expect((await learner.browser.get('/route-approvals')).text).not.to.include(
      `/route-approvals/${learner.enrolment}"`,
    )
  })

  it('frees the places of those who leave the cohort, and keeps their versions', async () => {
    const learner = await submitted()
    await approve(learner.enrolment)
    const before = await placesOf(world.offerings.first)
    await withdrawEnrolments(SYSTEM, world.cohort, [learner.enrolment])
    const after = await placesOf(world.offerings.first)
    expect(after).to.deep.equal({ taken: before.taken - 1, held: before.held - 1 })
    expect(
      await db()('route_versions as v')
        .join('learning_routes as r', 'r.id', 'v.route_id')
        .where({ 'r.enrolment_id': learner.enrolment }),
    ).to.have.length(1)
  })

  it('exchanges the places of those who move to another group, as far as the topics are offered there', async () => {
    const learner = await submitted()
    await approve(learner.enrolment)
    const group = await makeGroup(world.cohort, world.modules[0])
    const full = await makeOffering(group, world.topics.base, { capacity: 0 })
    const open = await makeOffering(group, world.topics.first, { capacity: 5 })
    await makeLesson(group, 40, { offering_id: open, topic_id: world.topics.first })
    const before = await placesOf(world.offerings.first)
    await moveToGroups(SYSTEM, world.cohort, [learner.enrolment], [group])
    await app.settle()
    expect(await placesOf(open)).to.deep.equal({ taken: 1, held: 1 })
    expect(await placesOf(full)).to.deep.equal({ taken: 0, held: 0 })
    expect((await placesOf(world.offerings.first)).taken).to.equal(before.taken - 1)
    // The compulsory topic has no place there yet: the page says so, and the route stays in force.
    expect(await routeOf(learner.enrolment)).to.include({ state: 'approved' })
    expect((await learner.browser.get(learner.url)).status).to.equal(200)
  })

  it('keeps the places of the latest group when an earlier move is told once more', async () => {
    const learner = await submitted()
    await approve(learner.enrolment)
    const offerings: number[] = []
    for (const days of [44, 48]) {
      const group = await makeGroup(world.cohort, world.modules[0])
      offerings.push(await makeOffering(group, world.topics.first, { capacity: 5 }))
      await makeLesson(group, days, { offering_id: offerings.at(-1), topic_id: world.topics.first })
      await moveToGroups(SYSTEM, world.cohort, [learner.enrolment], [group])
      await app.settle()
    }
    const [earlier, latest] = offerings as [number, number]
    const row = await db()('domain_events').where({ type: 'enrolmentMoved', subject_id: learner.enrolment }).first()
    await followMove({ ...row, subject: { type: 'enrolment', id: learner.enrolment }, data: JSON.parse(row.data) })
    expect(await placesOf(earlier)).to.deep.equal({ taken: 0, held: 0 })
    expect(await placesOf(latest)).to.deep.equal({ taken: 1, held: 1 })
  })

  it('costs the same few queries however many routes wait', async () => {
    const few = await methodist.get('/route-approvals')
    await submitted()
    await submitted()
    const many = await methodist.get('/route-approvals')
    expect(many.queries).to.equal(few.queries).and.be.at.most(10)
    const learner = await submitted()
    expect((await methodist.get(`/route-approvals/${learner.enrolment}`)).queries).to.be.at.most(12)
  })
})

describe('learning-routes: rights', function () {
  this.timeout(30_000)
  const app = useApp()

  it('are the same when a route is looked up and when the policy is asked, for every role and every grant', async () => {
    const near = await makeWorld()
    const far = await makeRouteWorld({}, { directors_from: '2999-01-01' })
    const hidden = await makeRouteLearner(far, 'hidden')
    const person = await db()('enrolments').where({ id: hidden }).first('person_id')
    await makeEmployment(person.person_id, near.own.organisation, { manager_id: near.ids.manager })
    for (const [type, id] of [
      ['cohort', far.cohort],
      ['module', far.modules[0]],
      ['group', far.groups[1]],
    ] as const)
      await makeUser(`${type}-viewer`, 'instructor', { type, id })
    const date = await authorityToday()
    const enrolments = [near.own.enrolment, near.foreign.enrolment, hidden]
    const people: number[] = await db()('accounts').pluck('person_id')
    let seen = 0
    for (const personId of people) {
      const actor = await loadActor(personId, 'Europe/Moscow')
      if (!actor) continue
      for (const id of enrolments)
        for (const action of ['view', 'approve'] as const) {
          const { places } = await selectHead(SYSTEM, id, date)
          const found = await visibleRoutes(actor, date, action).where('e.id', id).first('e.id')
          const can = routePolicy(date).can(actor, action, places)
          expect(found !== undefined, `${actor.name}: ${action} ${id}`).to.equal(can)
          seen += Number(can)
        }
    }
    expect(seen).to.be.greaterThan(10)
    // Directors are not let into the far cohort yet.
    const director = await app.signedIn('director')
    expect((await director.get(`/learning-routes/${hidden}`)).status).to.equal(404)
    expect((await director.get(`/learning-routes/${near.own.enrolment}`)).status).to.equal(200)
    await db()('employments').where({ person_id: near.own.person }).update({ ends_on: '2020-01-01' })
    expect((await director.get(`/learning-routes/${near.own.enrolment}`)).status).to.equal(404)
  })

  it('show onlookers what is in force, not the draft over it', async () => {
    const world = await makeRouteWorld({ approval: 'none' })
    const enrolment = await makeRouteLearner(world, 'watched')
    await makeUser('watcher', 'instructor', { type: 'group', id: world.groups[0] })
    const learner = await app.signedIn('watched')
    const url = `/learning-routes/${enrolment}`
    const step = (topic: number, what: string) => learner.post(`${url}/topics/${topic}/${what}`)
    await step(world.topics.first, 'choose')
    await step(world.topics.other, 'choose')
    const { draft_revision: revision } = await db()('learning_routes').where({ enrolment_id: enrolment }).first()
    await learner.post(`${url}/submit`, { revision })
    await learner.post(`${url}/change`)
    await step(world.topics.other, 'remove')
    await step(world.topics.third, 'choose')
    const watcher = await app.signedIn('watcher')
    const shown = (await watcher.get(`${url}?face=list`)).text
    expect(shown).to.include('Тема other</span>').and.not.include('Тема third</span>')
    expect(shown).to.include('Действует').and.not.include('Изменить маршрут')
    expect((await watcher.post(`${url}/topics/${world.topics.third}/remove`)).status).to.equal(403)
  })
})
