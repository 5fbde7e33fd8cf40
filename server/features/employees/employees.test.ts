import { expect } from 'chai'
import { db, insertRow, insertRows, toJson } from '../../core/db/index.ts'
import { addDays, nowUtc } from '../../core/time.ts'
import { useApp } from '../../testing/app.ts'
import {
  makeCohort,
  makeEmployment,
  makeEnrolment,
  makeGrant,
  makeLesson,
  makeOffering,
  makePerson,
  makeTopic,
  makeUser,
} from '../../testing/builders.ts'
import type { TestClient } from '../../testing/client.ts'
import { rebuildAllProgress } from '../progress/rebuild.ts'
import { addLearners, daysAgo, makeTrackingStage, TODAY, type TrackingStage } from '../tracking/stage.ts'

describe('employees in training', function () {
  this.timeout(60_000)
  const app = useApp()
  let stage: TrackingStage
  const clients: Record<string, TestClient> = {}
  const as = (login: string) => clients[login] as TestClient
  const page = async (login: string, path: string) => {
    const answer = await as(login).get(path)
    expect(answer.status, `${login} ${path}`).to.equal(200)
    return answer.text
  }
  const sentence = (text: string) => /em-sentence[^>]*>([^<]*)</.exec(text)?.[1]

  before(async () => {
    stage = await makeTrackingStage()
    const manager = await makeUser('manager')
    await db()('employments').where({ id: stage.employments[0] }).update({ manager_id: manager })
    for (const login of [
      'director',
      'otherDirector',
      'manager',
      'methodist',
      'learner',
      'instructor',
      'administrator',
    ]) {
      clients[login] = await app.signedIn(login)
    }
    await rebuildAllProgress()
  })

  const annaWork = 0
  const path = (index: 0 | 1 = 0) => `/employees/${stage.enrolments[index]}`
  const work = (index: 0 | 1, values: Record<string, unknown>) =>
    db()('employments').where({ id: stage.employments[index] }).update(values)

  describe('are seen', () => {
    it('by their own director and manager, by the staff of the programme, and by nobody else', async () => {
      for (const login of ['director', 'manager']) {
        const list = await page(login, '/employees')
        expect(list, login).to.include('Аннина').and.not.include('Борисов')
      }
      expect(await page('otherDirector', '/employees'))
        .to.include('Борисов')
        .and.not.include('Аннина')
      expect(await page('methodist', '/employees'))
        .to.include('Борисов')
        .and.include('Аннина')
      for (const login of ['learner', 'instructor']) {
        expect((await as(login).get('/employees')).status, login).to.equal(403)
        expect((await as(login).get(path())).status, login).to.equal(403)
      }
      for (const part of ['', '/print', '/progress']) {
        expect((await as('otherDirector').get(`${path()}${part}`)).status, part).to.equal(404)
        expect((await as('director').get(`${path()}${part}`)).status, part).to.equal(200)
      }
      expect((await as('director').get('/employees/999999')).status).to.equal(404)
    })

    it('in exports and on paper as on the screen', async () => {
      for (const file of [
        '/employees/export?format=csv',
        '/employees/print',
        '/employees/export?format=csv&shown=withdrawn&q=борисов',
      ]) {
        expect(await page('director', file), file).to.not.include('Борисов')
      }
      expect(await page('director', '/employees/export?format=csv')).to.include('Аннина')
      expect(await page('director', '/employees/export?format=pdf')).to.match(/^%PDF-/)
    })

    it('with a note of each list that is taken out, as a file or printed', async () => {
      const noted = () => db()('domain_events').where({ type: 'dataRead', subject_type: 'list' })
      const before = (await noted()).length
      await page('director', '/employees/export?format=xlsx')
      await page('director', '/employees/print')
      expect(await noted()).to.have.length(before + 2)
    })

    it('from the first day of work to the last', async () => {
      const sees = async () => (await as('director').get(path())).status === 200
      const lists = async () => (await page('director', '/employees/export?format=csv')).includes('Аннина')
      const expectSeen = async (seen: boolean, why: string) => {
        expect(await sees(), why).to.equal(seen)
        expect(await lists(), why).to.equal(seen)
      }
      await work(annaWork, { ends_on: TODAY() })
      await expectSeen(true, 'the last day')
      await work(annaWork, { ends_on: daysAgo(1) })
      await expectSeen(false, 'the day after')
      await work(annaWork, { ends_on: null, starts_on: addDays(TODAY(), 1) })
      await expectSeen(false, 'not yet begun')
      await work(annaWork, { starts_on: TODAY(), state: 'claimed' })
      await expectSeen(false, 'not confirmed')
      await work(annaWork, { starts_on: null, state: 'confirmed' })
      await expectSeen(true, 'at work')
    })

    it('only while the director’s own right holds', async () => {
      const person = await makeUser('former')
      const grant = await makeGrant(
        person,
        'director',
        { type: 'organisation', id: stage.schools[0] },
        { ends_on: TODAY() },
      )
      const former = await app.signedIn('former')
      expect((await former.get(path())).status).to.equal(200)
      await db()('grants')
        .where({ id: grant })
        .update({ ends_on: daysAgo(1) })
      expect((await former.get('/employees')).status).to.equal(403)
      expect((await former.get(path())).status).to.equal(403)
    })

    it('once the cohort lets directors in', async () => {
      const cohort = db()('cohorts').where({ id: stage.cohort })
      await cohort.clone().update({ directors_from: addDays(TODAY(), 1) })
      expect((await as('director').get(path())).status).to.equal(404)
      expect((await as('manager').get(path())).status).to.equal(404)
      expect(sentence(await page('director', '/employees'))).to.equal('Сейчас никто из ваших сотрудников не учится.')
      expect((await as('methodist').get(path())).status).to.equal(200)
      await cohort.clone().update({ directors_from: TODAY() })
      expect((await as('director').get(path())).status).to.equal(200)
    })

    it('without what is said between learners and staff, and without their other work', async () => {
      await makeEmployment(stage.people[0], stage.schools[1], { is_primary: 0 })
      const secret = 'Личное замечание'
      const row = { enrolment_id: stage.enrolments[0], updated_at: nowUtc() }
      await db()('module_credits').insert({ ...row, module_id: stage.module, state: 'failed', comment: secret })
      const lesson = await makeLesson(stage.group, -3, { state: 'held' })
      await db()('journal_cells').insert({ ...row, lesson_id: lesson, attendance: 'absent', comment: secret })
      const state = { milestone_id: stage.milestones.lesson, state: 'returned', source: 'manual', comment: secret }
      await db()('milestone_states').insert({ ...row, ...state })
      const history = {
        enrolment_id: stage.enrolments[0],
        action: 'suspended',
        reason: secret,
        data: '{}',
        at: nowUtc(),
      }
      await db()('enrolment_history').insert(history)
      for (const part of ['', '/print', '/progress']) {
        expect(await page('director', `${path()}${part}`), part)
          .to.not.include(secret)
          .and.not.include('Вторая школа')
      }
      expect(await page('director', `/tracking/enrolments/${stage.enrolments[0]}`)).to.not.include(secret)
      await db()('employments').where({ person_id: stage.people[0], organisation_id: stage.schools[1] }).del()
    })
  })

  describe('are shown', () => {
    it('with a sentence first, then those who need attention with the reason in words', async () => {
      const calm = addDays(TODAY(), 60)
      await db()('enrolment_progress').update({ next_due_on: calm, route_state: 'approved' })
      expect(sentence(await page('director', '/employees'))).to.equal('1 сотрудник учится, у всех всё идёт по плану.')
      const progress = db()('enrolment_progress').where({ enrolment_id: stage.enrolments[0] })
      const late = { next_due_on: daysAgo(3), next_milestone_id: stage.milestones.questionnaire }
      await progress.clone().update({ ...late, lessons_held: 9, lessons_attended: 4, route_state: 'returned' })
      const list = await page('director', '/employees')
      expect(sentence(list)).to.equal('1 сотрудник учится, 1 требует внимания.')
      expect(list)
        .to.include('Просрочен раздел «Входная анкета»')
        .and.include('был(а) на 4 из 9')
        .and.include('Маршрут вернули')
      expect(await page('director', path()))
        .to.include('Требует внимания')
        .and.include('Просрочен раздел «Входная анкета»')
      expect(await page('director', '/employees?attention=1')).to.include('Аннина')
      expect(await page('director', '/employees?route=approved')).to.not.include('Аннина</a>')
    })

    it('with the route in force, attendance and credits by module, and dates', async () => {
      const topics: number[] = []
      const offerings: number[] = []
      for (const name of ['Выбранная тема', 'Тема из черновика']) {
        const topic = await makeTopic({ module_id: stage.module, title: toJson({ ru: name }), hours: 6 })
        topics.push(topic)
        offerings.push(await makeOffering(stage.group, topic))
      }
      const stamps = { created_at: nowUtc(), updated_at: nowUtc() }
      const route = await insertRow('learning_routes', {
        enrolment_id: stage.enrolments[0],
        state: 'approved',
        ...stamps,
      })
      const choices = topics.map((topic_id, index) => ({
        ...{ route_id: route, topic_id, offering_id: offerings[index], in_draft: 1, in_force: index === 0 ? 1 : 0 },
        created_at: nowUtc(),
      }))
      await insertRows('route_choices', choices)
      await makeLesson(stage.group, 3, { offering_id: offerings[0], topic_id: topics[0] })
      await db()('module_credits')
        .where({ enrolment_id: stage.enrolments[0] })
        .update({ state: 'passed', credited_on: TODAY() })
      await rebuildAllProgress()
      const card = await page('director', path())
      expect(card).to.include('Выбранная тема (6\u00a0ч)').and.not.include('Тема из черновика')
      expect(card).to.include('0 из 1 занятия').and.include('зачёт').and.include('Ближайшие занятия')
      expect(await page('director', `${path()}/print`)).to.include('Выбранная тема')
      const trend = await page('director', '/employees/trend')
      expect(trend).to.include('<svg').and.include('Посещаемость по неделям').and.include('То же в таблице')
      const progress = await page('director', `${path()}/progress`)
      expect(progress).to.include('Обучение приостановлено').and.include('<svg')
    })

    it('sorted and page by page, each exactly once, in either direction', async () => {
      await addLearners(stage, 120)
      await rebuildAllProgress()
      const spread = await db()('enrolment_progress').select('enrolment_id')
      for (const [index, { enrolment_id }] of spread.entries()) {
        const values = {
          lessons_held: 10,
          lessons_attended: index % 11,
          credits_passed: index % 4,
          milestones_done: index % 3,
        }
        const due = { next_due_on: index % 5 ? addDays(TODAY(), (index % 40) - 5) : null }
        await db()('enrolment_progress')
          .where({ enrolment_id })
          .update({ ...values, ...due })
      }
      for (const sort of ['name', 'due', 'attendance', 'credits', 'milestones']) {
        for (const dir of ['asc', 'desc']) {
          const seen: string[] = []
          let next: string | undefined = `/employees?sort=${sort}&dir=${dir}`
          while (next) {
            const text: string = await page('director', next)
            const table = text.slice(text.indexOf('<tbody'))
            seen.push(...[...table.matchAll(/href="\/employees\/(\d+)"/g)].map(([, id]) => id as string))
            next = /rel="next" href="([^"]+)"/.exec(text)?.[1]?.replaceAll('&amp;', '&')
          }
          expect(seen, `${sort} ${dir}`).to.have.length(121)
          expect(new Set(seen).size, `${sort} ${dir}`).to.equal(121)
        }
      }
    })

    it('at a cost that does not depend on their number: at most ten queries', async () => {
      const paths = [
        '/employees',
        '/employees/trend',
        '/employees/print',
        path(),
        `${path()}/print`,
        `${path()}/progress`,
      ]
      const cost = async (login: string, url: string) => {
        await as(login).get(url)
        return (await as(login).get(url)).queries
      }
      for (const url of paths) {
        const many = await cost('director', url)
        expect(many, url).to.be.at.most(10)
        if (!url.startsWith(path())) expect(await cost('otherDirector', url), url).to.equal(many)
      }
    })

    it('to a director who is also a manager once', async () => {
      const directorId = (await db()('accounts').where({ login: 'director' }).first()).person_id
      await work(annaWork, { manager_id: directorId })
      await makeEmployment(stage.people[0], stage.schools[0], { is_primary: 0 })
      const text = await page('director', '/employees?q=аннина')
      const table = text.slice(text.indexOf('<tbody'))
      expect(table.match(/href="\/employees\/\d+"/g)).to.have.length(1)
    })

    it('as those who learn now, unless asked for others', async () => {
      const person = await makePerson({ login: null, last_name: 'Выбывшая' })
      await makeEmployment(person, stage.schools[0])
      await makeEnrolment(person, stage.cohort, { state: 'withdrawn' })
      const finished = await makePerson({ login: null, last_name: 'Завершившая' })
      await makeEmployment(finished, stage.schools[0])
      await makeEnrolment(finished, await makeCohort({ state: 'finished' }), { state: 'completed' })
      const names = ['Выбывшая', 'Завершившая']
      const shown = async (query: string) => {
        const text = await page('director', `/employees/export?format=csv${query}`)
        return names.filter((name) => text.includes(name))
      }
      expect(await shown('')).to.deep.equal([])
      expect(await shown('&shown=withdrawn')).to.deep.equal(['Выбывшая'])
      expect(await shown('&shown=finished')).to.deep.equal(['Завершившая'])
      expect(await shown('&shown=nonsense&sort=x&cohort=-1&q=%27%3B--')).to.deep.equal([])
    })
  })
})
