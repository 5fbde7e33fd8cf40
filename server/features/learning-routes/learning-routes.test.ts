import { expect } from 'chai'
import { db } from '../../core/db/index.ts'
import { addDays, nowUtc } from '../../core/time.ts'
import { useApp } from '../../testing/app.ts'
import { makeUser } from '../../testing/builders.ts'
import type { TestClient } from '../../testing/client.ts'
import { makeRouteLearner, makeRouteWorld, placesOf, type RouteWorld } from './route-world.ts'

const SCRIPT = { headers: { accept: 'application/json' } }

describe('learning-routes: constructing a route', function () {
  this.timeout(30_000)
  const app = useApp()
  let world: RouteWorld
  let count = 0

  before(async () => {
    world = await makeRouteWorld()
  })

  async function newLearner() {
    const login = `builder${++count}`
    const enrolment = await makeRouteLearner(world, login)
    const browser = await app.signedIn(login)
    const url = `/learning-routes/${enrolment}`
    const step = (topic: keyof RouteWorld['topics'], what: string) =>
      browser.post(`${url}/topics/${world.topics[topic]}/${what}`)
    return { enrolment, browser, url, step }
  }

  const revision = async (enrolment: number): Promise<number> =>
    (await db()('learning_routes').where({ enrolment_id: enrolment }).first('draft_revision')).draft_revision

  it('opens the only route at once and shows the map with compulsory topics already in it', async () => {
    const { browser, url, enrolment } = await newLearner()
    expect((await browser.get('/learning-routes')).location).to.equal(url)
    const answer = await browser.get(url)
    expect(answer.status).to.equal(200)
    expect(answer.text).to.include('Тема base').and.include('Обязательная').and.include('Выберите от 2 до 3 тем.')
    expect(answer.text).to.include(`action="${url}/topics/${world.topics.first}/choose"`)
    expect(answer.text).not.to.include(`action="${url}/topics/${world.topics.base}/remove"`)
    // Looking creates nothing.
    expect(await db()('learning_routes').where({ enrolment_id: enrolment }).first()).to.equal(undefined)
  })

  it('holds the place of a chosen topic and of compulsory ones, and gives it back', async () => {
    const { step, url, browser } = await newLearner()
    const before = await placesOf(world.offerings.first)
    const chosen = await step('first', 'choose')
    expect(chosen.status).to.equal(303)
    expect(chosen.location).to.equal(`${url}#topic-${world.topics.first}`)
    expect((await placesOf(world.offerings.first)).taken).to.equal(before.taken + 1)
    const base = await placesOf(world.offerings.base)
    expect(base.taken).to.equal(base.held).and.be.greaterThan(0)
    expect((await browser.get(url)).text).to.include('Тема «Тема first» в маршруте, место за вами.')
    expect((await step('first', 'remove')).status).to.equal(303)
    expect(await placesOf(world.offerings.first)).to.deep.equal(before)
  })

  it('takes a double click for one', async () => {
    const { step } = await newLearner()
    const before = await placesOf(world.offerings.first)
    const answers = await Promise.all([step('first', 'choose'), step('first', 'choose'), step('first', 'choose')])
    expect(answers.map((answer) => answer.status)).to.deep.equal([303, 303, 303])
    expect((await placesOf(world.offerings.first)).taken).to.equal(before.taken + 1)
    await Promise.all([step('first', 'remove'), step('first', 'remove')])
    expect((await placesOf(world.offerings.first)).taken).to.equal(before.taken)
  })

  it('refuses in words what clashes, lacks its prerequisite, or exceeds the maximum', async () => {
    const { step } = await newLearner()
    const early = await step('next', 'choose')
    expect(early.status).to.equal(409)
    expect(early.text).to.include('Сначала выберите тему «Тема first».')
    await step('first', 'choose')
    const clash = await step('clash', 'choose')
    expect(clash.status).to.equal(409)
    expect(clash.text).to.include('В это время у вас тема «Тема first»')
    await step('scarce', 'choose')
    await step('other', 'choose')
    const much = await step('third', 'choose')
    expect(much.status).to.equal(409)
    expect(much.text).to.include('В модуле можно набрать не больше 8 часов')
  })

  it('cannot be talked into breaking a rule by two tabs at once', async () => {
    const { step, enrolment } = await newLearner()
    const answers = await Promise.all((['scarce', 'other', 'third'] as const).map((topic) => step(topic, 'choose')))
    expect(answers.map((answer) => answer.status).sort()).to.deep.equal([303, 303, 409])
    const row = await db()('route_choices as rc')
      .join('learning_routes as r', 'r.id', 'rc.route_id')
      .where({ 'r.enrolment_id': enrolment })
      .whereIn('rc.topic_id', [world.topics.scarce, world.topics.other, world.topics.third])
      .count({ count: '*' })
      .first()
    expect(Number(row?.count)).to.equal(2)
  })

  it('does not let a compulsory topic be removed', async () => {
    const { step } = await newLearner()
    const answer = await step('base', 'remove')
    expect(answer.status).to.equal(409)
    expect(answer.text).to.include('Тема «Тема base» обязательная, убрать её нельзя.')
  })

  it('answers scripts with the constructor alone, with what was done and how to undo it', async () => {
    const { browser, url } = await newLearner()
    const answer = await browser.post(`${url}/topics/${world.topics.other}/choose`, { face: 'map' }, SCRIPT)
    expect(answer.status).to.equal(200)
    expect(answer.headers.get('content-type')).to.include('text/html')
    expect(answer.text).to.match(/^\s*<div class="lr" id="route-constructor"/)
    expect(answer.text).to.include(`data-undo="${url}/topics/${world.topics.other}/remove"`)
    expect(answer.text).not.to.include('<html')
    const refused = await browser.post(`${url}/topics/${world.topics.next}/choose`, { face: 'map' }, SCRIPT)
    expect(refused.status).to.equal(409)
    expect(refused.text).to.include('data-message-kind="warning"')
  })

  it('takes a recommended route, with what it builds on, and names what could not be taken', async () => {
    await db()('offerings').where({ id: world.offerings.scarce }).update({ capacity: 0 })
    const { browser, url, enrolment } = await newLearner()
    expect((await browser.get(url)).text).to.include('Для начала')
    const answer = await browser.post(`${url}/template`, { template: world.template, revision: 1 }, SCRIPT)
    await db()('offerings').where({ id: world.offerings.scarce }).update({ capacity: 10 })
    expect(answer.status).to.equal(200)
    expect(answer.text).to.include('В маршрут взяты 3 темы. Не удалось взять: «Тема scarce».')
    const chosen: number[] = await db()('route_choices as rc')
      .join('learning_routes as r', 'r.id', 'rc.route_id')
      .where({ 'r.enrolment_id': enrolment, 'rc.in_draft': 1 })
      .orderBy('rc.topic_id')
      .pluck('rc.topic_id')
    const { base, first, next, other } = world.topics
    expect(chosen).to.deep.equal([base, first, next, other])
    expect((await browser.get(url)).text).not.to.include('Для начала')
  })

  it('says what is missing instead of a button, and refuses to send an incomplete route', async () => {
    const { browser, url, step, enrolment } = await newLearner()
    await step('first', 'choose')
    const shown = await browser.get(url)
    expect(shown.text).not.to.include(`action="${url}/submit"`)
    const sent = await browser.post(`${url}/submit`, { revision: await revision(enrolment) })
    expect(sent.status).to.equal(409)
    expect(sent.text).to.include('Маршрут пока нельзя отправить')
    expect(
      await db()('route_versions as v')
        .join('learning_routes as r', 'r.id', 'v.route_id')
        .where({ 'r.enrolment_id': enrolment }),
    ).to.deep.equal([])
  })

  async function complete(learner: { step: (topic: keyof RouteWorld['topics'], what: string) => Promise<unknown> }) {
    await learner.step('first', 'choose')
    await learner.step('other', 'choose')
  }

  it('sends a complete route once, however often the button is pressed', async () => {
    const learner = await newLearner()
    await complete(learner)
    expect((await learner.browser.get(learner.url)).text).to.include(`action="${learner.url}/submit"`)
    const fields = { revision: await revision(learner.enrolment) }
    const answers = await Promise.all([1, 2, 3].map(() => learner.browser.post(`${learner.url}/submit`, fields)))
    expect(answers.map((answer) => answer.status)).to.deep.equal([303, 303, 303])
    const route = await db()('learning_routes').where({ enrolment_id: learner.enrolment }).first()
    expect(route).to.include({ state: 'submitted', version_number: 1 })
    const locked = await learner.step('third', 'choose')
    expect(locked.status).to.equal(409)
    expect(locked.text).to.include('Маршрут отправлен на согласование')
  })

  it('does not send another draft than the one that was seen', async () => {
    const learner = await newLearner()
    await complete(learner)
    const seen = await revision(learner.enrolment)
    await learner.step('third', 'choose')
    const answer = await learner.browser.post(`${learner.url}/submit`, { revision: seen })
    expect(answer.status).to.equal(409)
    expect(answer.text).to.include('Маршрут с тех пор изменился').and.include('Тема third')
  })

  it('can be withdrawn, corrected and sent again; every version stays', async () => {
    const learner = await newLearner()
    await complete(learner)
    await learner.browser.post(`${learner.url}/submit`, { revision: await revision(learner.enrolment) })
    expect((await learner.browser.post(`${learner.url}/withdraw`)).status).to.equal(303)
    await learner.step('other', 'remove')
    await learner.step('third', 'choose')
    await learner.browser.post(`${learner.url}/submit`, { revision: await revision(learner.enrolment) })
    const versions = await learner.browser.get(`${learner.url}/versions`)
    expect(versions.text).to.include('Версия 1').and.include('Версия 2').and.include('Отозвана')
    const compared = await learner.browser.get(`${learner.url}/versions/compare?from=1&to=2`)
    expect(compared.status).to.equal(200)
    expect(compared.text)
      .to.match(/is-added[\s\S]*Тема third/)
      .and.match(/is-removed[\s\S]*Тема other/)
    const first = await learner.browser.get(`${learner.url}/versions/1`)
    expect(first.text).to.include('Тема other').and.not.include('Тема third')
    expect((await learner.browser.get(`${learner.url}/versions/9`)).status).to.equal(404)
    // An earlier version can be taken as a start: what it had is added, what was chosen since stays.
    await learner.browser.post(`${learner.url}/withdraw`)
    expect((await learner.browser.get(`${learner.url}/versions/1`)).text).to.include('Взять эту версию за основу')
    const seen = await revision(learner.enrolment)
    await learner.browser.post(`${learner.url}/versions/1/take`, { revision: seen })
    const shown = await learner.browser.get(`${learner.url}?face=list`)
    expect(shown.text)
      .to.include('В маршрут взята 1 тема.')
      .and.include('Тема other</span>')
      .and.include('Тема third</span>')
  })

  it('prints with places for signatures', async () => {
    const learner = await newLearner()
    await complete(learner)
    const sheet = await learner.browser.get(`${learner.url}/print`)
    expect(sheet.status).to.equal(200)
    expect(sheet.text).to.include('Тема first').and.include('Кабинет 12').and.include('lr-signature')
  })

  it('shows the timeline and the list of the same draft', async () => {
    const learner = await newLearner()
    await complete(learner)
    const timeline = await learner.browser.get(`${learner.url}?face=timeline`)
    expect(timeline.text).to.include('lr-track').and.include('Тема other')
    const list = await learner.browser.get(`${learner.url}?face=list`)
    expect(list.text).to.include('lr-table').and.include('Тема other')
    expect((await learner.browser.get(`${learner.url}?face=nonsense`)).status).to.equal(200)
  })

  it('says when the window opens and that it is over, and changes nothing outside of it', async () => {
    const today = nowUtc().slice(0, 10)
    const later = await makeRouteWorld({}, { route_opens_on: addDays(today, 5) })
    const over = await makeRouteWorld({}, { route_closes_on: addDays(today, -2) })
    for (const [other, login, words] of [
      [later, 'tooEarly', 'Маршрут можно будет составлять с'],
      [over, 'tooLate', 'Срок составления маршрута истёк'],
    ] as const) {
      const enrolment = await makeRouteLearner(other, login)
      const browser = await app.signedIn(login)
      const shown = await browser.get(`/learning-routes/${enrolment}`)
      expect(shown.text).to.include(words).and.not.include('/choose"')
      const answer = await browser.post(`/learning-routes/${enrolment}/topics/${other.topics.first}/choose`)
      expect(answer.status).to.equal(409)
      expect(answer.text).to.include(words)
      expect((await placesOf(other.offerings.first)).taken).to.equal(0)
    }
    // Staff of the programme may act on someone's behalf whatever the dates.
    await makeUser('helper', 'methodist', { type: 'programme', id: over.programme })
    const enrolment = await makeRouteLearner(over, 'helped')
    const helper = await app.signedIn('helper')
    expect((await helper.post(`/learning-routes/${enrolment}/topics/${over.topics.first}/choose`)).status).to.equal(303)
  })

  it('costs the same few queries whatever its size', async () => {
    const learner = await newLearner()
    const empty = await learner.browser.get(`${learner.url}?face=list`)
    await complete(learner)
    const full = await learner.browser.get(learner.url)
    expect(empty.queries).to.be.at.most(10)
    expect(full.queries).to.be.at.most(10)
  })

  describe('own items', () => {
    const item = { kind: 'self_education', place: 'outside', title: 'Курс', hours: 4, description: 'Онлайн' }

    it('are added, changed, removed and put back', async () => {
      const { browser, url, enrolment } = await newLearner()
      const added = await browser.post(`${url}/own-items`, item)
      expect(added.location).to.equal(`${url}#own-items`)
      const own = () =>
        db()('route_own_items as i')
          .join('learning_routes as r', 'r.id', 'i.route_id')
          .where({ enrolment_id: enrolment })
          .first('i.*')
      const { id } = await own()
      const form = await browser.get(`${url}/own-items/${id}`)
      expect(form.text).to.include('value="Курс"')
      await browser.post(`${url}/own-items/${id}`, { ...item, title: 'Другой курс', version: 1 })
      expect((await own()).title).to.equal('Другой курс')
      const mine = { ...item, title: 'Мой курс', description: 'То, что набрано' }
      const stale = await browser.post(`${url}/own-items/${id}`, { ...mine, version: 1 })
      expect(stale.status).to.equal(409)
      expect(stale.text).to.include('— теперь «Другой курс»').and.include('value="Мой курс"')
      expect(stale.text).to.include('То, что набрано').and.include('name="version" value="2"')
      expect((await own()).title).to.equal('Другой курс')
      expect((await browser.post(`${url}/own-items/${id}`, { ...mine, version: 2 })).status).to.equal(303)
      await browser.post(`${url}/own-items/${id}`, { ...item, title: 'Другой курс', version: 3 })
      const removed = await browser.post(`${url}/own-items/${id}/remove`, { face: 'map' }, SCRIPT)
      expect(removed.text).to.include(`data-undo="${url}/own-items/${id}/restore"`).and.not.include('Другой курс</h3>')
      await browser.post(`${url}/own-items/${id}/restore`)
      expect((await browser.get(url)).text).to.include('Другой курс</h3>')
    })

    it('removed in another tab, give what was typed back as a new item', async () => {
      const { browser, url } = await newLearner()
      await browser.post(`${url}/own-items`, item)
      const { id } = await db()('route_own_items').orderBy('id', 'desc').first('id')
      await browser.post(`${url}/own-items/${id}/remove`)
      const stale = await browser.post(`${url}/own-items/${id}`, { ...item, title: 'Дописано', version: 1 })
      expect(stale.status).to.equal(409)
      expect(stale.text).to.include('в черновике больше нет').and.include('value="Дописано"')
      expect(stale.text).to.include(`action="${url}/own-items"`).and.not.include('name="version"')
      expect((await browser.post(`${url}/own-items`, { ...item, title: 'Дописано' })).status).to.equal(303)
      expect((await browser.get(url)).text).to.include('Дописано</h3>')
      expect((await browser.post(`${url}/own-items/99999999`, { ...item, version: 1 })).status).to.equal(404)
    })

    it('say beside the field what is wrong and keep what was typed', async () => {
      const { browser, url } = await newLearner()
      const answer = await browser.post(`${url}/own-items`, {
        ...item,
        title: '',
        hours: 'много',
        description: '<b>x</b>',
      })
      expect(answer.status).to.equal(422)
      expect(answer.text).to.include('id="f-title-error"').and.include('id="f-hours-error"').and.include('&lt;b&gt;x')
      const much = await browser.post(`${url}/own-items`, { ...item, hours: 9 })
      expect(much.status).to.equal(422)
      expect(much.text).to.include('Для своих занятий осталось только 8 часов.')
      const dates = await browser.post(`${url}/own-items`, { ...item, startsOn: '2026-13-01', endsOn: '1999-01-01' })
      expect(dates.status).to.equal(422)
      const outside = await browser.post(`${url}/own-items`, { ...item, startsOn: '1999-01-01', endsOn: '1999-02-01' })
      expect(outside.text).to.include('пока идёт обучение')
      const long = await browser.post(`${url}/own-items`, { ...item, title: 'я'.repeat(201) })
      expect(long.status).to.equal(422)
      expect((await browser.get(url)).text).to.include('Здесь можно добавить то, чем вы занимаетесь сами')
    })
  })

  it('hides the route of another learner and lets nobody outside near it', async () => {
    const learner = await newLearner()
    const other = await newLearner()
    await makeUser('passer')
    for (const browser of [other.browser, await app.signedIn('passer')] as TestClient[]) {
      expect((await browser.get(learner.url)).status).to.equal(404)
      expect((await browser.post(`${learner.url}/topics/${world.topics.first}/choose`)).status).to.equal(404)
      expect((await browser.post(`${learner.url}/submit`, { revision: 1 })).status).to.equal(404)
    }
    expect((await learner.browser.post(`${learner.url}/topics/99999999/choose`)).status).to.equal(404)
    expect((await learner.browser.get('/learning-routes/none')).status).to.equal(404)
  })
})

describe('learning-routes: fifty people and ten places', function () {
  this.timeout(120_000)
  const app = useApp()

  it('gives the last ten places to exactly ten, and the others other topics to choose from', async () => {
    const world = await makeRouteWorld()
    const browsers: { browser: TestClient; enrolment: number }[] = []
    for (let n = 0; n < 50; n++) {
      const enrolment = await makeRouteLearner(world, `racer${n}`)
      browsers.push({ enrolment, browser: await app.signedIn(`racer${n}`) })
    }
    const answers = await Promise.all(
      browsers.map(({ browser, enrolment }) =>
        browser.post(`/learning-routes/${enrolment}/topics/${world.topics.scarce}/choose`, { face: 'map' }, SCRIPT),
      ),
    )
    const statuses = answers.map((answer) => answer.status)
    expect(statuses.filter((status) => status === 200)).to.have.length(10)
    expect(statuses.filter((status) => status === 409)).to.have.length(40)
    expect(await placesOf(world.offerings.scarce)).to.deep.equal({ taken: 10, held: 10 })
    const refused = answers.filter((answer) => answer.status === 409)
    for (const answer of refused)
      expect(answer.text)
        .to.include('Последнее место в теме «Тема scarce» только что заняли.')
        .and.include('«Тема other» (4\u00a0ч)')
    // Nothing half-written: who got no place has a route, but not this choice.
    const base = await placesOf(world.offerings.base)
    expect(base.taken).to.equal(base.held)
  })
})
