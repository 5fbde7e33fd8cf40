import { expect } from 'chai'
import { db, toJson } from '../../core/db/index.ts'
import { addDays, nowUtc } from '../../core/time.ts'
import { useApp } from '../../testing/app.ts'
import { makeGroup, makeLesson, makeMember, makeModule, makeTopic, makeUser } from '../../testing/builders.ts'
import type { TestClient } from '../../testing/client.ts'
import { type Class, change, makeClass, makeElective, makeInstructor, save } from './testing.ts'

const today = () => nowUtc().slice(0, 10)

describe('pages of a module journal', () => {
  const app = useApp()
  let own: Class
  let foreign: Class
  let anna: TestClient

  before(async () => {
    own = await makeClass(3, 4)
    foreign = await makeClass(2, 2)
    await makeInstructor('anna', own.group)
    anna = await app.signedIn('anna')
  })
  const base = () => `/journals/${own.group}`
  const lastEvent = async (type: string) => {
    const row = await db()('domain_events').where({ type }).orderBy('id', 'desc').first()
    return row && JSON.parse(row.data)
  }

  describe('list of groups', () => {
    it('has only one’s own, with what waits', async () => {
      const page = await anna.get('/journals')
      expect(page.text).to.contain(`href="/journals/${own.group}"`)
      expect(page.text).not.to.contain(`href="/journals/${foreign.group}"`)
      expect(page.text).to.contain('4 занятия не отмечены')
    })
    it('gives an instructor of a module all its groups', async () => {
      const second = await makeGroup(own.cohort, own.module)
      await makeUser('modular', 'instructor', { type: 'module', id: own.module })
      const page = await (await app.signedIn('modular')).get('/journals')
      for (const id of [own.group, second]) expect(page.text).to.contain(`href="/journals/${id}"`)
      expect(page.text).not.to.contain(`href="/journals/${foreign.group}"`)
    })
    it('is taken out as a file of one’s own', async () => {
      const { name } = await db()('groups').where({ id: own.group }).first()
      const csv = await anna.get('/journals/export?format=csv')
      const [head, ...lines] = csv.text.trimEnd().split('\r\n')
      expect(head).to.contain('Группа;Поток;Модуль')
      expect(lines).to.have.length(1)
      expect(lines[0]).to.contain(name).and.to.match(/;4$/)
      expect((await anna.get('/journals/export?format=csv&q=%25')).text.trimEnd().split('\r\n')).to.have.length(1)
      expect((await anna.get('/journals')).text).to.contain('/journals/export?state=running&amp;format=pdf')
    })
    it('is searched by name, and says when nothing is found', async () => {
      expect((await anna.get('/journals?q=%25')).text).to.contain('Ничего не найдено')
      const { name } = await db()('groups').where({ id: own.group }).first()
      expect((await anna.get(`/journals?q=${encodeURIComponent(name)}`)).text).to.contain(base())
    })
  })

  describe('form of a lesson, without scripts', () => {
    const line = (version = 0, before = '["",null,""]', values = {}) => ({ version, before, attendance: '', ...values })
    const lesson = (index: number) => `${base()}/lessons/${own.lessons[index]}`
    const names = () => own.enrolments.map((id) => `e${id}`) as [string, string, string]

    it('saves what was touched and leaves the rest alone', async () => {
      const [a, b, c] = names()
      const cells = { [a]: line(0, '["",null,""]', { attendance: 'present', mark: '5' }), [b]: line(), [c]: line() }
      const answer = await anna.post(lesson(0), { cells })
      expect(answer.status).to.equal(303)
      const rows = await db()('journal_cells').where({ lesson_id: own.lessons[0] })
      expect(rows).to.have.length(1)
      expect(rows[0]).to.include({ attendance: 'present', mark: 5 })
    })
    it('marks the others present with one button', async () => {
      const cells = Object.fromEntries(
        names().map((name, n) => [name, line(0, '["",null,""]', n ? {} : { attendance: 'ill' })]),
      )
      await anna.post(lesson(1), { cells, fillEmpty: 'present' })
      const rows = await db()('journal_cells').where({ lesson_id: own.lessons[1] }).orderBy('enrolment_id')
      expect(rows.map((row) => row.attendance)).to.deep.equal(['ill', 'present', 'present'])
    })
    it('keeps what was typed when another was faster, and shows both', async () => {
      const [a] = names()
      await save(
        anna,
        own.group,
        change(own.lessons[2] as number, own.enrolments[0] as number, { attendance: 'absent' }),
      )
      const typed = line(0, '["",null,""]', { attendance: 'late', comment: 'пришёл в 15:20' })
      const answer = await anna.post(lesson(2), { cells: { [a]: typed } })
      expect(answer.status).to.equal(409)
      expect(answer.text).to.contain('записал здесь «не был»').and.to.contain('пришёл в 15:20')
      expect(answer.text).to.match(/value="late" checked/)
      const again = await anna.post(lesson(2), { cells: { [a]: { ...typed, version: 1 } } })
      expect(again.status).to.equal(303)
    })
    it('refuses a mark for one who was not there, beside the line', async () => {
      const [a] = names()
      const answer = await anna.post(lesson(3), { cells: { [a]: line(0, '', { attendance: 'absent', mark: '5' }) } })
      expect(answer.status).to.equal(422)
      expect(answer.text).to.contain('Отметка ставится тому, кто был')
      expect(await db()('journal_cells').where({ lesson_id: own.lessons[3] })).to.deep.equal([])
    })
    it('refuses nonsense without breaking', async () => {
      const nonsense = [
        { cells: { x: line() } },
        { cells: 'x' },
        { cells: { [names()[0]]: { version: 'x', before: '', attendance: 'maybe' } } },
        { cells: { [names()[0]]: line(0, 'present', { mark: '9' }) } },
        { cells: { [names()[0]]: line(0, 'present', { mark: 'пять' }) } },
        { cells: { [names()[0]]: line(0, '', { comment: 'я'.repeat(600) }) } },
      ]
      for (const body of nonsense) expect((await anna.post(lesson(3), body)).status).to.equal(422)
    })
    it('of another group is not there, under its own group or ours', async () => {
      expect((await anna.get(`/journals/${foreign.group}/lessons/${foreign.lessons[0]}`)).status).to.equal(404)
      expect((await anna.get(`${base()}/lessons/${foreign.lessons[0]}`)).status).to.equal(404)
      expect((await anna.post(`${base()}/lessons/${foreign.lessons[0]}`, {})).status).to.equal(404)
    })
    it('shows an elective lesson’s learners alone, with the materials of its topic', async () => {
      const elective = await makeElective(own, [own.enrolments[1] as number])
      const { topic_id } = await db()('lessons').where({ id: elective }).first()
      const stamps = { created_at: nowUtc(), updated_at: nowUtc() }
      const text = {
        kind: 'link',
        title: toJson({ ru: 'Памятка <i>' }),
        body: toJson({}),
        url: 'https://example.org/x',
      }
      const [material_id] = await db()('materials').insert({ ...text, ...stamps })
      await db()('material_links').insert({ material_id, owner_type: 'topic', owner_id: topic_id, position: 1 })
      const page = await anna.get(`${base()}/lessons/${elective}`)
      expect(page.text.match(/data-enrolment="/g)).to.have.length(1)
      expect(page.text).to.contain('Памятка &lt;i&gt;')
    })
  })

  describe('plan', () => {
    const form = (values: object = {}) => ({
      ...{ title: 'Разбор уроков', date: addDays(today(), 40), startsAt: '10:00', endsAt: '11:30', place: 'ауд. 3' },
      ...values,
    })
    const planned = () => db()('lessons').where({ group_id: own.group, title: 'Разбор уроков' }).orderBy('starts_at')

    it('takes one lesson, or a series that keeps its hour', async () => {
      expect((await anna.post(`${base()}/lessons`, form())).status).to.equal(303)
      const weekly = form({ date: addDays(today(), 60), repeat: 'weekly', times: 3 })
      expect((await anna.post(`${base()}/lessons`, weekly)).status).to.equal(303)
      expect(await planned()).to.have.length(4)
      const event = await lastEvent('lessonPlanned')
      expect(event.lessonIds).to.have.length(3)
      expect(event.enrolmentIds).to.have.members(own.enrolments)
    })
    it('takes the topic’s offering along', async () => {
      const elective = await makeElective(own, [])
      const { topic_id, offering_id } = await db()('lessons').where({ id: elective }).first()
      await anna.post(`${base()}/lessons`, form({ title: '', topicId: topic_id, date: addDays(today(), 33) }))
      const row = await db()('lessons').where({ topic_id }).orderBy('id', 'desc').first()
      expect(row.offering_id).to.equal(offering_id)
    })
    it('says beside the field what is wrong', async () => {
      const other = await makeTopic({ module_id: await makeModule() })
      const wrong: [object, string][] = [
        [{ title: '' }, 'Выберите тему или напишите название'],
        [{ endsAt: '09:00' }, 'Конец должен быть позже начала'],
        [{ startsAt: '25:00' }, 'Напишите время так'],
        [{ date: '2062-01-01' }, 'далеко за пределами потока'],
        [{ date: '31 ноября' }, 'field-error'],
        [{ link: 'javascript:alert(1)' }, 'field-error'],
        [{ title: 'я'.repeat(201) }, 'field-error'],
        [{ topicId: other }, 'Такой темы в модуле больше нет'],
        [{ repeat: 'weekly', times: 400 }, 'field-error'],
      ]
      const before = await db()('lessons').count('* as n').first()
      for (const [values, words] of wrong) {
        const answer = await anna.post(`${base()}/lessons`, form(values))
        expect(answer.status, JSON.stringify(values)).to.equal(422)
        expect(answer.text, JSON.stringify(values)).to.contain(words)
      }
      expect(await db()('lessons').count('* as n').first()).to.deep.equal(before)
    })
    it('warns of a clash of group, room or people, and obeys who insists', async () => {
      const date = addDays(today(), 90)
      const elsewhere = await makeGroup(own.cohort, own.module)
      await makeMember(elsewhere, own.enrolments[0] as number)
      const at = { starts_at: `${date} 07:30:00.000`, ends_at: `${date} 08:30:00.000`, title: 'Чужое занятие' }
      const person = await makeLesson(elsewhere, 90, at)
      const room = await makeLesson(foreign.group, 90, { ...at, place: 'ауд. 3' })
      const answer = await anna.post(`${base()}/lessons`, form({ date, title: 'Спор' }))
      expect(answer.status).to.equal(422)
      expect(answer.text).to.contain('то же место').and.to.contain('те же слушатели')
      expect(await db()('lessons').where({ title: 'Спор' })).to.deep.equal([])
      expect((await anna.post(`${base()}/lessons`, form({ date, title: 'Спор', anyway: 'on' }))).status).to.equal(303)
      await db()('lessons').whereIn('id', [person, room]).del()
    })
    it('moves a lesson, and shows a stale page what it is now', async () => {
      const [row] = await planned()
      const edit = `${base()}/lessons/${row.id}/edit`
      expect((await anna.get(edit)).text).to.contain('value="10:00"')
      const moved = form({ version: row.version, date: addDays(today(), 41) })
      expect((await anna.post(edit, moved)).status).to.equal(303)
      expect(await lastEvent('lessonChanged')).to.deep.include({ kind: 'moved', enrolmentIds: own.enrolments })
      const stale = await anna.post(edit, form({ version: row.version, place: 'ауд. 99' }))
      expect(stale.status).to.equal(409)
      expect(stale.text).to.contain('Тем временем это изменил кто-то ещё').and.to.contain('ауд. 99')
      expect(stale.text).to.contain(`name="version" value="${row.version + 1}"`)
    })
    it('calls a lesson off and brings it back; stale and foreign ones are refused', async () => {
      const [row] = await planned()
      const url = (what: string) => `${base()}/lessons/${row.id}/${what}`
      expect((await anna.post(url('cancel'), { version: row.version })).status).to.equal(303)
      expect(await lastEvent('lessonChanged')).to.include({ kind: 'cancelled' })
      expect((await anna.get(`${base()}/lessons/${row.id}`)).text).to.contain('Занятие отменено')
      expect((await anna.post(url('cancel'), { version: row.version })).status).to.equal(409)
      expect((await anna.post(url('restore'), { version: row.version + 1 })).status).to.equal(303)
      const theirs = `${base()}/lessons/${foreign.lessons[0]}/cancel`
      expect((await anna.post(theirs, { version: 1 })).status).to.equal(404)
    })
  })

  describe('credits', () => {
    it('are suggested by the rule and given to many at once, with history', async () => {
      const made = await makeClass(3, 2)
      await makeInstructor('credit', made.group)
      const client = await app.signedIn('credit')
      const [a, b, c] = made.enrolments as [number, number, number]
      await save(
        client,
        made.group,
        ...made.lessons.flatMap((l) => [change(l, a), change(l, b), change(l, c, { attendance: 'absent' })]),
      )
      const url = `/journals/${made.group}/credits`
      const page = await client.get(url)
      expect(page.text.match(/ checked>/g)).to.have.length(2)
      expect(page.text).to.contain('посещаемость 0 % при норме 70 %')
      const body = { enrolments: [a, b], seen: { [`e${a}`]: 0, [`e${b}`]: 0 }, state: 'passed', on: today() }
      const both = await Promise.all([client.post(url, body), client.post(url, body)])
      expect(both.map(({ status }) => status).sort()).to.deep.equal([303, 409])
      const rows = await db()('module_credits').where({ module_id: made.module })
      expect(rows.map((row) => [row.state, row.version])).to.deep.equal([
        ['passed', 1],
        ['passed', 1],
      ])
      expect(await lastEvent('moduleCreditSet')).to.deep.include({ enrolmentIds: [a, b], state: 'passed' })
      expect(await db()('module_credit_history').whereIn('enrolment_id', [a, b])).to.have.length(2)

      const taken = { enrolments: [a], seen: { [`e${a}`]: 1 }, state: 'none' }
      expect((await client.post(url, taken)).status).to.equal(303)
      expect((await db()('module_credits').where({ enrolment_id: a }).first()).state).to.equal('')
      const card = await client.get(`/journals/${made.group}/learners/${a}`)
      expect(card.text).to.contain('зачтено').and.to.contain('нет решения')
    })
    it('are refused for nobody, a stranger, one who left, or a day to come', async () => {
      const url = `${base()}/credits`
      const [a, b] = own.enrolments as [number, number]
      expect((await anna.post(url, { state: 'passed' })).status).to.equal(422)
      expect((await anna.post(url, { state: 'passed', enrolments: [foreign.enrolments[0]] })).status).to.equal(404)
      expect((await anna.post(url, { state: 'great', enrolments: [a] })).status).to.equal(422)
      const later = { state: 'passed', enrolments: [a], on: addDays(today(), 3) }
      expect((await anna.post(url, later)).status).to.equal(422)
      await db()('enrolments').where({ id: b }).update({ state: 'withdrawn' })
      expect((await anna.post(url, { state: 'passed', enrolments: [a, b] })).status).to.equal(422)
      expect(await db()('module_credits').whereIn('enrolment_id', [a, b])).to.deep.equal([])
      await db()('enrolments').where({ id: b }).update({ state: 'active' })
    })
  })

  describe('paper', () => {
    it('exports the register as CSV for Russian Excel and as XLSX', async () => {
      const csv = await anna.get(`${base()}/export?format=csv`)
      expect(csv.headers.get('content-disposition')).to.contain('.csv')
      const [head = '', ...lines] = csv.text.split('\r\n')
      expect(head).to.contain('Слушатель;')
      expect(lines.filter(Boolean)).to.have.length(3)
      expect(lines[0]).to.match(/;5;/)
      const xlsx = await anna.get(`${base()}/export?format=xlsx`)
      expect(xlsx.headers.get('content-type')).to.contain('spreadsheetml')
    })
    it('makes a PDF of any number of lessons', async () => {
      const long = await makeClass(2, 60)
      await makeInstructor('longest', long.group)
      const pdf = await (await app.signedIn('longest')).get(`/journals/${long.group}/export?format=pdf`)
      expect(pdf.status).to.equal(200)
      expect(pdf.headers.get('content-type')).to.equal('application/pdf')
    })
    it('is noted when a list of learners is taken out, as a file or printed', async () => {
      const noted = () =>
        db()('domain_events').where({ type: 'dataRead', subject_type: 'group', subject_id: own.group })
      const before = (await noted()).length
      await anna.get(`${base()}/export`)
      await anna.get(`${base()}/print`)
      expect(await noted()).to.have.length(before + 2)
    })
    it('prints a register with places for signatures', async () => {
      const page = await anna.get(`${base()}/print`)
      expect(page.text).to.contain('print-landscape').and.to.contain('Подпись преподавателя')
      expect(page.text).to.contain('Тестова Анна')
    })
  })

  it('colours the figure for which one falls behind, not the mark beside it', async () => {
    const behind = await makeClass(1, 2)
    await makeInstructor('berta', behind.group)
    const berta = await app.signedIn('berta')
    const [learner] = behind.enrolments as [number]
    const [first, second] = behind.lessons as [number, number]
    const there = change(first, learner, { attendance: 'present', mark: 5 })
    await save(berta, behind.group, there, change(second, learner, { attendance: 'absent' }))
    const grid = (await berta.get(`/journals/${behind.group}`)).text
    expect(grid).to.match(/class="journal-sum is-behind" data-total="percent">50/)
    expect(grid).to.include('class="journal-sum" data-total="mean">5<')
  })

  it('is read-only for who may only look', async () => {
    const { programme_id } = await db()('cohorts').where({ id: own.cohort }).first()
    await makeUser('looker', 'methodist', { type: 'programme', id: programme_id })
    const looker = await app.signedIn('looker')
    const page = await looker.get(base())
    expect(page.status).to.equal(200)
    expect(page.text).to.contain('aria-readonly="true"').and.not.to.contain('data-action="column"')
    const answer = await save(looker, own.group, change(own.lessons[3] as number, own.enrolments[0] as number))
    expect(answer.status).to.equal(403)
    expect((await looker.get(`${base()}/lessons/${own.lessons[0]}`)).text).not.to.contain('type="radio"')
  })

  it('of a group that is not one’s own is not there, whatever the page', async () => {
    const paths = [
      '',
      '/cells',
      '/lessons',
      '/lessons/new',
      '/credits',
      '/print',
      '/export',
      `/learners/${foreign.enrolments[0]}`,
    ]
    for (const path of paths) expect((await anna.get(`/journals/${foreign.group}${path}`)).status, path).to.equal(404)
    expect((await anna.get(`${base()}/learners/${foreign.enrolments[0]}`)).status).to.equal(404)
    expect((await anna.get('/journals/0')).status).to.equal(404)
    expect((await anna.get('/journals/abc')).status).to.equal(404)
  })
})
