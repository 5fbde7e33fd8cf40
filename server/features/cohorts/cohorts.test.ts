import { expect } from 'chai'
import { db, insertRow } from '../../core/db/index.ts'
import { SYSTEM } from '../../core/rights/index.ts'
import { nowUtc } from '../../core/time.ts'
import { useApp } from '../../testing/app.ts'
import {
  makeCohort,
  makeEnrolment,
  makeGrant,
  makeGroup,
  makeLesson,
  makeMember,
  makeModule,
  makeOffering,
  makePerson,
  makeProgramme,
  makeTopic,
  makeUser,
} from '../../testing/builders.ts'
import { cohortPolicy, cohortSight, enrolmentSight } from './policy.ts'
import { selectCohort } from './queries.ts'
import { createCohort, startDueCohorts } from './service.ts'

const typed = {
  title: 'Осенний набор',
  startsOn: '2026-09-01',
  endsOn: '2027-05-31',
  routeOpensOn: '2026-09-01',
  routeClosesOn: '2026-10-01',
  learnersFrom: '',
  directorsFrom: '2026-09-15',
  capacity: '30',
}

describe('cohorts', function () {
  this.timeout(60_000)
  const app = useApp()
  let programme: number
  let module: number
  let cohort: number
  let own: number
  let foreign: number

  before(async () => {
    programme = await makeProgramme()
    module = await makeModule({ programme_id: programme })
    await makeModule({ programme_id: programme })
    cohort = await makeCohort({ programme_id: programme, title: 'Поток первый' })
    own = await makeGroup(cohort, module, { name: 'Своя группа' })
    foreign = await makeGroup(cohort, module, { name: 'Чужая группа' })
    await makeUser('admin', 'administrator')
    await makeUser('methodist', 'methodist', { type: 'programme', id: programme })
    await makeUser('instructor', 'instructor', { type: 'group', id: own })
  })

  it('are opened by a methodist of the programme, with groups in every module', async () => {
    const methodist = await app.signedIn('methodist')
    const answer = await methodist.post('/cohorts', { ...typed, programmeId: programme, groupsPerModule: 3 })
    expect(answer.status).to.equal(303)
    const page = await methodist.get(answer.location)
    expect(page.text).to.include('Осенний набор').and.include('Поток открыт').and.include('0 из 30')
    const id = Number(answer.location.split('/').at(-1))
    expect(await db()('groups').where({ cohort_id: id }).orderBy('id').pluck('name')).to.deep.equal([
      'Группа 1',
      'Группа 2',
      'Группа 3',
      'Группа 1',
      'Группа 2',
      'Группа 3',
    ])
    const event = await db()('domain_events').where({ type: 'cohortCreated', subject_id: id }).first()
    expect(event.actor_id).to.be.a('number')
  })

  it('say beside the field what contradicts, and keep what was typed', async () => {
    const methodist = await app.signedIn('methodist')
    const wrong = {
      ...typed,
      programmeId: programme,
      groupsPerModule: 0,
      endsOn: '2026-01-01',
      routeClosesOn: '2026-08-01',
    }
    const answer = await methodist.post('/cohorts', { ...wrong, groupsPerModule: 1 })
    expect(answer.status).to.equal(422)
    expect(answer.text).to.include('Окончание раньше начала').and.include('заканчивается раньше, чем начинается')
    expect(answer.text).to.include('value="Осенний набор"')
    expect((await methodist.post('/cohorts', wrong)).text).to.include('Не меньше 1.')
    const absurd = await methodist.post('/cohorts', {
      title: ['a', 'b'],
      startsOn: '31.31.2026',
      capacity: '-5',
      programmeId: 'x',
    })
    expect(absurd.status).to.equal(422)
    const unknown = await methodist.post('/cohorts', { ...typed, programmeId: 999_999, groupsPerModule: 1 })
    expect(unknown.text).to.include('Такой программы нет')
  })

  it('are opened once, however often the form is sent', async () => {
    const methodist = await app.signedIn('methodist')
    const form = { ...typed, title: 'Нетерпеливый набор', programmeId: programme, groupsPerModule: 1 }
    const answers = await Promise.all([1, 2, 3].map(() => methodist.post('/cohorts', form)))
    expect(answers.map(({ status }) => status).sort()).to.deep.equal([303, 422, 422])
    expect(await db()('cohorts').where({ title: form.title })).to.have.length(1)
  })

  it('are not opened in somebody else’s programme', async () => {
    const methodist = await app.signedIn('methodist')
    const other = await makeProgramme()
    expect((await methodist.post('/cohorts', { ...typed, programmeId: other, groupsPerModule: 1 })).status).to.equal(
      403,
    )
  })

  it('refuse a change made on a stale page, and fewer places than are taken', async () => {
    const methodist = await app.signedIn('methodist')
    const id = await makeCohort({ programme_id: programme, taken: 5 })
    const change = { ...typed, capacity: '4', version: 1 }
    const few = await methodist.post(`/cohorts/${id}`, change)
    expect(few.status).to.equal(422)
    expect(few.text).to.include('Уже зачислено 5 человек')
    expect((await methodist.post(`/cohorts/${id}`, { ...change, capacity: '5' })).status).to.equal(303)
    expect((await methodist.post(`/cohorts/${id}`, { ...change, capacity: '9' })).status).to.equal(409)
    expect((await db()('cohorts').where({ id }).first()).capacity).to.equal(5)
  })

  it('move learners’ access along with the date', async () => {
    const methodist = await app.signedIn('methodist')
    const id = await makeCohort({ programme_id: programme })
    const enrolment = await makeEnrolment(await makePerson({ login: null }), id)
    await methodist.post(`/cohorts/${id}`, { ...typed, learnersFrom: '2026-09-10', version: 1 })
    expect((await db()('grants').where({ source_id: enrolment, source: 'enrolment' }).first()).starts_on).to.equal(
      '2026-09-10',
    )
  })

  it('go from state to state, and begin by themselves on their day', async () => {
    const methodist = await app.signedIn('methodist')
    const id = await makeCohort({ programme_id: programme, state: 'planned' })
    const later = await makeCohort({
      programme_id: programme,
      state: 'planned',
      starts_on: '2100-01-01',
      ends_on: '2100-06-01',
    })
    await startDueCohorts()
    const states = await db()('cohorts').whereIn('id', [id, later]).orderBy('id').pluck('state')
    expect(states).to.deep.equal(['running', 'planned'])
    expect((await methodist.post(`/cohorts/${id}/state`, { state: 'finished', version: 2 })).status).to.equal(303)
    expect((await methodist.post(`/cohorts/${id}/state`, { state: 'running', version: 2 })).status).to.equal(409)
    expect((await methodist.post(`/cohorts/${id}/state`, { state: 'nonsense', version: 3 })).status).to.equal(422)
    expect((await methodist.get('/cohorts?state=finished')).text).to.include('обучение завершено')
  })

  it('show an instructor their own group and people, and nothing of the others', async () => {
    const mine = await makeEnrolment(await makePerson({ login: null, last_name: 'Своякова' }), cohort)
    const theirs = await makeEnrolment(await makePerson({ login: null, last_name: 'Чужакова' }), cohort)
    await makeMember(own, mine)
    await makeMember(foreign, theirs)
    const hidden = await makeCohort({ title: 'Другой поток' })
    const instructor = await app.signedIn('instructor')
    expect((await instructor.get('/cohorts')).text)
      .to.include('Поток первый')
      .and.not.include('Другой поток')
    expect((await instructor.get(`/cohorts/${hidden}`)).status).to.equal(404)
    const groups = await instructor.get(`/cohorts/${cohort}/groups`)
    expect(groups.text).to.include('Своя группа').and.not.include('Чужая группа')
    expect((await instructor.get(`/cohorts/${cohort}/groups/${foreign}`)).status).to.equal(404)
    const people = await instructor.get(`/cohorts/${cohort}/people`)
    expect(people.text).to.include('Своякова').and.not.include('Чужакова')
    expect((await instructor.get(`/cohorts/${cohort}/people/${theirs}`)).status).to.equal(404)
    const list = await instructor.get(`/cohorts/${cohort}/people/export?format=csv`)
    expect(list.text).to.include('Своякова').and.not.include('Чужакова')
    expect((await instructor.get(`/cohorts/${cohort}/history`)).status).to.equal(403)
    expect((await instructor.get(`/cohorts/${cohort}`)).text).to.not.include('Требует внимания')
  })

  it('are judged alike by the check and by the query', async () => {
    const row = await selectCohort(SYSTEM, cohort)
    const parts = { group_ids: [own, foreign], module_ids: [module] }
    const grants = [
      ['cohort', cohort],
      ['programme', programme],
      ['group', own],
      ['module', module],
      ['group', 999_999],
      ['organisation', 1],
    ] as const
    for (const [type, id] of grants) {
      const grant = { ...SYSTEM.grants[0]!, permissions: new Set(['cohorts.view']), scope: { type, id } }
      const actor = { ...SYSTEM, grants: [grant] }
      const found = await db()('cohorts as c')
        .where('c.id', cohort)
        .modify(cohortSight.visibleTo(actor, 'view'))
        .first()
      expect(Boolean(found), `${type} ${id}`).to.equal(cohortSight.can(actor, 'view', { ...row, ...parts }))
      const whole = await db()('cohorts as c')
        .where('c.id', cohort)
        .modify(cohortPolicy.visibleTo(actor, 'oversee'))
        .first()
      expect(Boolean(whole), `${type} ${id}`).to.equal(cohortPolicy.can(actor, 'oversee', row))
      const member = await db()('group_members').where({ group_id: own }).first()
      const enrolment = await db()('enrolments as e')
        .join('cohorts as c', 'c.id', 'e.cohort_id')
        .where('e.id', member.enrolment_id)
        .modify(enrolmentSight.visibleTo(actor, 'view'))
        .first()
      const place = { cohort_id: cohort, programme_id: programme, group_ids: [own], module_ids: [module] }
      expect(Boolean(enrolment), `${type} ${id}`).to.equal(enrolmentSight.can(actor, 'view', place))
    }
  })

  it('have groups that are added, renamed, limited and closed', async () => {
    const methodist = await app.signedIn('methodist')
    const base = `/cohorts/${cohort}/groups`
    const taken = await methodist.post(base, { moduleId: module, name: 'Своя группа', capacity: '' })
    expect(taken.status).to.equal(422)
    expect(taken.text).to.include('уже есть группа с таким названием')
    expect((await methodist.post(base, { moduleId: module, name: 'Третья', capacity: '' })).status).to.equal(303)
    const foreignModule = await methodist.post(base, { moduleId: await makeModule(), name: 'Четвёртая' })
    expect(foreignModule.text).to.include('Такого модуля в программе нет')
    const { id } = await db()('groups').where({ cohort_id: cohort, name: 'Третья' }).first()
    const enrolment = await makeEnrolment(await makePerson({ login: null }), cohort)
    const second = await makeEnrolment(await makePerson({ login: null }), cohort)
    await makeMember(id, enrolment)
    await makeMember(id, second)
    const few = await methodist.post(`${base}/${id}`, { name: 'Третья', capacity: '1', version: 1 })
    expect(few.text).to.include('В группе уже 2 слушателя')
    const full = await methodist.post(`${base}/${id}/archive`, { version: 1, archived: 1 })
    expect(full.text).to.include('Сначала переведите их')
    expect(
      (await methodist.post(`${base}/${id}`, { name: '<b>Третья</b>', capacity: '2', version: 1 })).status,
    ).to.equal(303)
    expect((await methodist.get(`${base}/${id}`)).text)
      .to.include('&lt;b&gt;Третья')
      .and.not.include('<b>Третья')
    expect((await methodist.post(`${base}/${id}`, { name: 'Иначе', capacity: '', version: 1 })).status).to.equal(409)
    await db()('group_members').where({ group_id: id }).update({ ends_on: '2026-01-01' })
    expect((await methodist.post(`${base}/${id}/archive`, { version: 2, archived: 1 })).status).to.equal(303)
    expect((await methodist.get(base)).text).to.include('закрыта')
  })

  it('have instructors who come in at once and go at once', async () => {
    const methodist = await app.signedIn('admin')
    const person = await makePerson({ login: 'teacher', last_name: 'Преподавателева' })
    const base = `/cohorts/${cohort}/groups/${foreign}`
    const mark = `Преподавателева Анна #${person}`
    expect((await methodist.post(`${base}/instructors`, { people: mark })).status).to.equal(303)
    await methodist.post(`${base}/instructors`, { people: 'teacher@example.org' })
    expect(await db()('grants').where({ person_id: person, source: 'teaching' })).to.have.length(1)
    const teacher = await app.signedIn('teacher')
    expect((await teacher.get(base)).status).to.equal(200)
    // A colleague's photo is for those who may see the person; the initials stand in for it.
    const stored = { sha256: 'c'.repeat(64), name: 'photo.webp', media_type: 'image/webp', size: 1 }
    const photo = await insertRow('files', { ...stored, created_at: nowUtc() })
    const colleague = await makePerson({ last_name: 'Коллегина', photo_file_id: photo })
    await methodist.post(`${base}/instructors`, { people: `#${colleague}` })
    expect((await methodist.get(base)).text).to.include(`src="/files/${photo}"`)
    expect((await teacher.get(base)).text)
      .to.include('Коллегина')
      .and.not.include(`src="/files/${photo}"`)
    await methodist.post(`${base}/instructors/remove`, { personId: colleague })
    await methodist.post(`${base}/instructors/remove`, { personId: person })
    expect((await teacher.get(base)).status).to.be.oneOf([403, 404])
    expect((await methodist.post(`${base}/instructors/remove`, { personId: person })).status).to.equal(404)
    await methodist.post(`${base}/instructors`, { people: mark, inWholeModule: 1 })
    const everywhere = await db()('grants')
      .where({ person_id: person, source: 'teaching' })
      .whereNull('ends_on')
      .pluck('scope_id')
    expect(everywhere).to.include.members([own, foreign])
    for (const people of ['#999999', '', 'Никто Никтоевич', `${mark}\nНикто Никтоевич`]) {
      const refused = await methodist.post(`${base}/instructors`, { people })
      expect(refused.status, people).to.equal(422)
      expect(refused.text).to.include('id="f-people-error"')
    }
    const history = await methodist.get(`/cohorts/${cohort}/history?of=cohort`)
    expect(history.text).to.include('Назначен преподаватель в группу «Чужая группа»')
  })

  it('have a timetable whose clashes are said in words', async () => {
    const admin = await app.signedIn('admin')
    const id = await makeCohort({ programme_id: programme, title: 'С накладками' })
    const [one, two] = [await makeGroup(id, module, { name: 'А' }), await makeGroup(id, module, { name: 'Б' })]
    const busy = await makePerson({ login: null, last_name: 'Занятая', first_name: 'Зоя' })
    for (const group of [one, two]) {
      await makeGrant(busy, 'instructor', { type: 'group', id: group }, { source: 'teaching', source_id: group })
      const topic = await makeTopic({ module_id: module, title: JSON.stringify({ ru: `Тема ${group}` }) })
      const offering = await makeOffering(group, topic)
      await makeLesson(group, 3, { offering_id: offering, topic_id: topic, place: 'Каб. 12' })
    }
    const elsewhere = await makeGroup(await makeCohort({ title: 'Соседний' }), await makeModule(), { name: 'В' })
    await makeLesson(elsewhere, 3, { place: 'каб. 12' })
    const page = await admin.get(`/cohorts/${id}/timetable`)
    expect(page.text)
      .to.include('преподаватель Занятая Зоя ведёт оба занятия')
      .and.include('одно и то же место: Каб. 12')
    expect(page.queries).to.be.at.most(10)
  })

  it('have a timetable that is made, corrected class by class, and called off', async () => {
    const admin = await app.signedIn('admin')
    const own_programme = await makeProgramme()
    const own_module = await makeModule({ programme_id: own_programme })
    await makeTopic({ module_id: own_module, day_offset: 7, capacity: 10 })
    const input = { programmeId: own_programme, title: 'Расписание', startsOn: '2030-09-01', endsOn: '2031-05-31' }
    const none = { routeOpensOn: null, routeClosesOn: null, learnersFrom: null, directorsFrom: null, capacity: null }
    const id = await createCohort(SYSTEM, { ...input, ...none, groupsPerModule: 1 })
    const form = { weekdays: ['2', '4'], time: '15:00', hoursPerLesson: '4', holidays: '' }
    const nothing = await admin.post(`/cohorts/${id}/timetable`, {
      ...form,
      weekdays: [],
      time: '25:00',
      holidays: 'потом',
    })
    expect(nothing.status).to.equal(422)
    expect(nothing.text).to.include('Выберите хотя бы одно').and.include('Такого времени нет')
    expect((await admin.post(`/cohorts/${id}/timetable`, { ...form, holidays: 'потом' })).text).to.include('«потом»')
    expect((await admin.post(`/cohorts/${id}/timetable`, form)).status).to.equal(303)
    const lesson = await db()('lessons as l')
      .join('groups as g', 'g.id', 'l.group_id')
      .where('g.cohort_id', id)
      .first('l.*')
    const page = await admin.get(`/cohorts/${id}/timetable`)
    expect(page.text).to.include('15:00–18:00').and.include('0 из 10')
    const moved = { date: '2030-09-20', startsAt: '10:00', endsAt: '11:30', place: 'Зал', link: '', version: 1 }
    const backwards = await admin.post(`/cohorts/${id}/lessons/${lesson.id}`, { ...moved, endsAt: '09:00' })
    expect(backwards.text).to.include('Окончание раньше начала').and.include('value="10:00"')
    const script = await admin.post(`/cohorts/${id}/lessons/${lesson.id}`, { ...moved, link: 'javascript:alert(1)' })
    expect(script.status).to.equal(422)
    expect((await admin.post(`/cohorts/${id}/lessons/${lesson.id}`, moved)).status).to.equal(303)
    expect((await admin.post(`/cohorts/${id}/lessons/${lesson.id}`, moved)).status).to.equal(409)
    const event = await db()('domain_events').where({ type: 'lessonChanged', subject_id: lesson.id }).first()
    expect(JSON.parse(event.data)).to.include({ kind: 'moved', groupId: lesson.group_id })
    await admin.post(`/cohorts/${id}/lessons/${lesson.id}/cancel`, { version: 2, cancelled: 1 })
    expect((await admin.get(`/cohorts/${id}/timetable`)).text).to.include('отменено')
    const offering = `/cohorts/${id}/offerings/${lesson.offering_id}`
    const added = { date: '2030-10-01', startsAt: '10:00', endsAt: '11:30' }
    expect((await admin.post(`${offering}/lessons`, added)).status).to.equal(303)
    expect((await admin.post(`${offering}/lessons`, added)).text).to.include('Такое занятие уже есть')
    await db()('offerings').where({ id: lesson.offering_id }).update({ taken: 4 })
    const few = await admin.post(offering, { capacity: '3', place: '', link: '', version: 1 })
    expect(few.text).to.include('Уже записались 4 человека')
    expect((await admin.post(offering, { capacity: '4', place: 'Каб. 1', link: '', version: 1 })).status).to.equal(303)
    const again = await db()('lessons').where({ offering_id: lesson.offering_id, state: 'planned' }).first('place')
    expect(again.place).to.equal('Каб. 1')
    const elsewhere = `/cohorts/${cohort}/lessons/${lesson.id}`
    expect((await admin.get(elsewhere)).status).to.equal(404)
  })

  it('cost the same queries whatever their size', async () => {
    const admin = await app.signedIn('admin')
    const paths = [
      '',
      '/people',
      '/groups',
      '/timetable?from=all',
      '/offerings',
      '/history',
      '/history?of=cohort',
      '/enrol',
    ]
    // Settings are read again every few seconds: of two requests one does without.
    const queriesOf = async (path: string) => Math.min((await admin.get(path)).queries, (await admin.get(path)).queries)
    const cost = async () => {
      const pages = [await queriesOf('/cohorts')]
      for (const path of paths) pages.push(await queriesOf(`/cohorts/${cohort}${path}`))
      return pages
    }
    // Two at once, so that both rounds look for learners who are wanted in both.
    await makeLesson(own)
    await makeLesson(foreign)
    const few = await cost()
    for (let count = 0; count < 12; count++) {
      await makeCohort({ programme_id: programme })
      const group = await makeGroup(cohort, module)
      await makeMember(group, await makeEnrolment(await makePerson({ login: null }), cohort))
      await makeOffering(group, await makeTopic({ module_id: module }))
      await makeLesson(group, count)
    }
    const many = await cost()
    expect(many).to.deep.equal(few)
    for (const queries of many) expect(queries).to.be.at.most(10)
  })
})
