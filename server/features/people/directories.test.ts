import { expect } from 'chai'
import { db } from '../../core/db/index.ts'
import { authorityToday } from '../../core/settings.ts'
import { addDays, nowUtc } from '../../core/time.ts'
import { useApp } from '../../testing/app.ts'
import {
  makeCohort,
  makeEmployment,
  makeEnrolment,
  makeGrant,
  makeGroup,
  makeMember,
  makeModule,
  makeOrganisation,
  makePerson,
  makeProgramme,
  makeUser,
} from '../../testing/builders.ts'
import type { TestClient } from '../../testing/client.ts'

describe('directories of people', () => {
  const app = useApp()
  let admin: TestClient
  let school: number
  let cohort: number
  let group: number

  before(async () => {
    school = await makeOrganisation({ name: 'Школа № 1' })
    await makeUser('admin', 'administrator')
    await makeUser('head', 'director', { type: 'organisation', id: school })
    const programme = await makeProgramme()
    const module = await makeModule({ programme_id: programme, title: '{"ru":"Цифровая среда"}' })
    cohort = await makeCohort({ programme_id: programme, title: 'Поток осени' })
    group = await makeGroup(cohort, module, { name: 'Первая группа' })
    const learner = await makePerson({ last_name: 'Слушателева' })
    await makeEmployment(learner, school)
    const enrolment = await makeEnrolment(learner, cohort)
    await makeMember(group, enrolment)
    const sums = { credits_passed: 3, modules_total: 8, next_due_on: addDays(authorityToday(), -1) }
    await db()('enrolment_progress').insert({ enrolment_id: enrolment, ...sums, updated_at: nowUtc() })
    const teacher = await makePerson({ last_name: 'Преподавалова' })
    await makeGrant(teacher, 'instructor', { type: 'group', id: group }, { source: 'teaching', source_id: group })
    const former = await makePerson({ last_name: 'Бывшева' })
    const over = { source: 'teaching', source_id: group, ends_on: addDays(authorityToday(), -1) }
    await makeGrant(former, 'instructor', { type: 'group', id: group }, over)
    await makeEmployment(await makePerson({ last_name: 'Директорова', phone: '+7 900 000-00-01' }), school, {
      is_head: 1,
    })
    admin = await app.signedIn('admin')
  })

  it('say of learners where and how they learn', async () => {
    const { text } = await admin.get('/people?directory=learners')
    expect(text).to.include('Слушателева').and.include('Поток осени').and.include('3 из 8').and.include('просрочено')
    expect(text).to.not.include('Преподавалова').and.not.include('Директорова')
  })

  it('say of instructors what they teach, while they do', async () => {
    const { text } = await admin.get('/people?directory=instructors')
    expect(text).to.include('Преподавалова').and.include('Цифровая среда').and.include('Первая группа')
    expect(text).to.not.include('Бывшева')
  })

  it('say of heads what they head, and how to reach them', async () => {
    const { text } = await admin.get('/people?directory=heads')
    expect(text).to.include('Директорова').and.include('Школа № 1').and.include('+7 900 000-00-01')
  })

  it('show a director only the training that they may follow', async () => {
    const head = await app.signedIn('head')
    expect((await head.get('/people?directory=learners')).text)
      .to.include('Слушателева')
      .and.include('Поток осени')
    await db()('cohorts')
      .where({ id: cohort })
      .update({ directors_from: addDays(authorityToday(), 5) })
    expect((await head.get('/people?directory=learners')).text).to.include('Никого не найдено')
    await db()('cohorts').where({ id: cohort }).update({ directors_from: null })
  })

  it('cost the same few queries whatever their number', async () => {
    for (const directory of ['learners', 'instructors', 'heads']) {
      const few = await admin.get(`/people?directory=${directory}`)
      for (let count = 0; count < 8; count++) {
        const id = await makePerson({ login: null })
        if (directory === 'learners') await makeEnrolment(id, cohort)
        else if (directory === 'heads') await makeEmployment(id, school, { is_head: 1 })
        else await makeGrant(id, 'instructor', { type: 'group', id: group })
      }
      const many = await admin.get(`/people?directory=${directory}`)
      expect(many.queries, directory).to.equal(few.queries).and.be.at.most(10)
    }
  })

  it('let everybody found be invited at once, on every page of the list', async () => {
    const other = await makeOrganisation({ name: 'Школа без входа' })
    for (let count = 0; count < 3; count++)
      await makeEmployment(await makePerson({ login: null, last_name: `Новичкова${count}` }), other)
    const address = `organisationId=${other}`
    const list = await admin.get(`/people?${address}`)
    expect(list.text)
      .to.include('Со всеми найденными: 3 человека')
      .and.include(`formaction="/accounts/slips?${address}"`)
    const slips = await admin.post(`/accounts/slips?${address}`, { everyone: 'on' })
    expect(slips.text).to.include('Новичкова0').and.include('Новичкова2').and.not.include('Слушателева')
  })
})
