import { expect } from 'chai'
import { db } from '../../core/db/index.ts'
import { useApp } from '../../testing/app.ts'
import type { TestClient } from '../../testing/client.ts'
import { type Class, change, makeClass, makeElective, makeInstructor, save } from './testing.ts'

describe('cells of a module journal', () => {
  const app = useApp()
  let own: Class
  let foreign: Class
  let anna: TestClient
  let boris: TestClient

  before(async () => {
    own = await makeClass(4, 3)
    foreign = await makeClass(1, 1)
    await makeInstructor('anna', own.group)
    await makeInstructor('boris', own.group)
    anna = await app.signedIn('anna')
    boris = await app.signedIn('boris')
  })

  const cellRow = (lesson: number | undefined, enrolment: number | undefined) =>
    db()('journal_cells').where({ lesson_id: lesson, enrolment_id: enrolment }).first()
  const historyRows = (lesson: number | undefined, enrolment: number | undefined) =>
    db()('journal_cell_history').where({ lesson_id: lesson, enrolment_id: enrolment }).orderBy('id')
  const [first, second, third] = [0, 1, 2]
  const lesson = (index: number) => own.lessons[index] as number
  const learner = (index: number) => own.enrolments[index] as number

  it('are saved with history, event and new sums, and the lesson is held', async () => {
    const answer = await save(anna, own.group, change(lesson(first), learner(first), { mark: 5, comment: 'Молодец' }))
    expect(answer.status).to.equal(200)
    expect(answer.saved[0]).to.include({ version: 1, attendance: 'present', mark: 5 })
    expect(answer.totals[learner(first)]).to.deep.equal({ percent: 100, mean: 5, behind: [] })
    expect(await cellRow(lesson(first), learner(first))).to.include({ mark: 5, comment: 'Молодец', version: 1 })
    expect(await historyRows(lesson(first), learner(first))).to.have.length(1)
    expect(
      (
        await db()('lessons')
          .where({ id: lesson(first) })
          .first()
      ).state,
    ).to.equal('held')
    const event = await db()('domain_events').where({ type: 'journalCellsChanged' }).orderBy('id', 'desc').first()
    expect(JSON.parse(event.data)).to.deep.include({ enrolmentIds: [learner(first)], lessonIds: [lesson(first)] })
  })

  it('changed meanwhile by another are a conflict that shows the other’s value; nothing is lost', async () => {
    const [l, e] = [lesson(second), learner(first)]
    expect((await save(anna, own.group, change(l, e, { attendance: 'absent' }))).status).to.equal(200)
    const late = await save(boris, own.group, change(l, e, { attendance: 'late', mark: 4 }), change(l, learner(second)))
    expect(late.status).to.equal(409)
    expect(late.conflicts).to.have.length(1)
    expect(late.conflicts[0]).to.include({ attendance: 'absent', version: 1 })
    expect(late.conflicts[0]?.by).to.match(/Тестова$/)
    expect(late.saved.map((cell) => cell.enrolmentId)).to.deep.equal([learner(second)])
    expect(await cellRow(l, e)).to.include({ attendance: 'absent', version: 1 })
    const knowingly = await save(boris, own.group, change(l, e, { version: 1, attendance: 'late', mark: 4 }))
    expect(knowingly.status).to.equal(200)
    const history = await historyRows(l, e)
    expect(history.map((row) => row.attendance)).to.deep.equal(['absent', 'late'])
  })

  it('sent twice are stored once', async () => {
    const cell = change(lesson(third), learner(second), { attendance: 'ill' })
    const answers = await Promise.all([save(anna, own.group, cell), save(anna, own.group, cell)])
    expect(answers.map((answer) => answer.status)).to.deep.equal([200, 200])
    expect(await historyRows(lesson(third), learner(second))).to.have.length(1)
    expect(await cellRow(lesson(third), learner(second))).to.include({ version: 1 })
  })

  it('written by two at the same instant: one wins, the other is told', async () => {
    const [l, e] = [lesson(third), learner(third)]
    const attendances = ['absent', 'ill', 'late', 'excused', 'present', 'absent']
    const answers = await Promise.all(
      attendances.map((attendance, n) => save(n % 2 ? anna : boris, own.group, change(l, e, { attendance }))),
    )
    const winner = await cellRow(l, e)
    expect(winner.version).to.equal(1)
    for (const [n, answer] of answers.entries()) {
      const agrees = attendances[n] === winner.attendance
      expect(answer.status, attendances[n]).to.equal(agrees ? 200 : 409)
      if (!agrees) expect(answer.conflicts[0]).to.include({ attendance: winner.attendance })
    }
    expect(await historyRows(l, e)).to.have.length(1)
  })

  it('keep hostile comments as text, in JSON and on pages', async () => {
    const comment = '</script><script>alert(1)</script>"\' onmouseover=x'
    const e = learner(3)
    expect((await save(anna, own.group, change(lesson(first), e, { comment }))).status).to.equal(200)
    for (const path of ['', `/lessons/${lesson(first)}`, `/learners/${e}`]) {
      const answer = await anna.get(`/journals/${own.group}${path}`)
      expect(answer.status).to.equal(200)
      expect(answer.text).not.to.contain('<script>alert(1)')
      expect(answer.text).to.contain('&lt;script&gt;alert(1)')
    }
  })

  it('refuse what is no cell, with the reason', async () => {
    const [l, e] = [lesson(first), learner(second)]
    const wrong: [string, object][] = [
      ['mark out of range', change(l, e, { mark: 7 })],
      ['mark without presence', change(l, e, { attendance: 'absent', mark: 5 })],
      ['unknown attendance', change(l, e, { attendance: 'maybe' })],
      ['comment too long', change(l, e, { comment: 'я'.repeat(501) })],
      ['text for a version', change(l, e, { version: 'x' })],
      ['no learner', { ...change(l, e), enrolmentId: undefined }],
      ['a list for a comment', change(l, e, { comment: ['x'] })],
    ]
    for (const [name, cell] of wrong) expect((await save(anna, own.group, cell)).status, name).to.equal(422)
    expect((await anna.postJson(`/journals/${own.group}/cells`, { cells: [] })).status).to.equal(422)
    expect((await anna.postJson(`/journals/${own.group}/cells`, {})).status).to.equal(422)
    const many = Array.from({ length: 501 }, () => change(l, e))
    expect((await anna.postJson(`/journals/${own.group}/cells`, { cells: many })).status).to.equal(422)
    expect(await cellRow(l, e)).to.equal(undefined)
  })

  it('of a foreign group are not there, and its lessons and learners cannot be smuggled in', async () => {
    const theirs = change(foreign.lessons[0] as number, foreign.enrolments[0] as number)
    expect((await save(anna, foreign.group, theirs)).status).to.equal(404)
    const smuggled = await save(anna, own.group, theirs)
    expect(smuggled.refused.map(({ reason }) => reason)).to.deep.equal(['notExpected'])
    expect(await cellRow(foreign.lessons[0], foreign.enrolments[0])).to.equal(undefined)
  })

  it('of an elective topic are only for those whose route has it', async () => {
    const elective = await makeElective(own, [learner(first)])
    const answer = await save(anna, own.group, change(elective, learner(first)), change(elective, learner(second)))
    expect(answer.saved.map((cell) => cell.enrolmentId)).to.deep.equal([learner(first)])
    expect(answer.refused[0]).to.include({ enrolmentId: learner(second), reason: 'notExpected' })
    const page = await anna.get(`/journals/${own.group}`)
    expect(page.text.match(/class="journal-out"/g)).to.have.length(3)
  })

  it('are not written for a withdrawn learner, a cancelled lesson or a closed cohort', async () => {
    const other = await makeClass(2, 2)
    await makeInstructor('vera', other.group)
    const vera = await app.signedIn('vera')
    const [gone, stays] = other.enrolments as [number, number]
    const [off, on] = other.lessons as [number, number]
    await db()('enrolments').where({ id: gone }).update({ state: 'withdrawn' })
    await db()('lessons').where({ id: off }).update({ state: 'cancelled' })
    const answer = await save(vera, other.group, change(on, gone), change(off, stays), change(on, stays))
    expect(answer.refused.map(({ reason }) => reason)).to.deep.equal(['gone', 'lessonCancelled'])
    expect(answer.saved).to.have.length(1)
    await db()('cohorts').where({ id: other.cohort }).update({ state: 'finished' })
    const closed = await save(vera, other.group, change(on, stays, { version: 1, attendance: 'absent' }))
    expect(closed.refused.map(({ reason }) => reason)).to.deep.equal(['closed'])
    const page = await vera.get(`/journals/${other.group}`)
    expect(page.status).to.equal(200)
    expect(page.text).to.contain('aria-readonly="true"')
  })

  it('ask to sign in when the session has ended, in a form that scripts understand', async () => {
    const gone = await app.signedIn('anna')
    gone.loseSession()
    const answer = await gone.postJson(`/journals/${own.group}/cells`, {
      cells: [change(lesson(first), learner(first))],
    })
    expect(answer.status).to.be.oneOf([401, 403])
    expect(answer.headers.get('content-type')).to.contain('json')
  })

  it('show their history with authors, as JSON and as a page', async () => {
    const query = `lesson=${lesson(second)}&enrolment=${learner(first)}`
    const data = await anna.get(`/journals/${own.group}/history?${query}`, { json: true })
    const { entries } = data.json<{ entries: { value: string; who: string }[] }>()
    expect(entries.map(({ value }) => value)).to.deep.equal(['о4', 'н'])
    expect(entries[0]?.who).to.contain('Тестова')
    const page = await anna.get(`/journals/${own.group}/history?${query}`)
    expect(page.text).to.contain('опоздал, отметка 4')
    const theirs = `lesson=${foreign.lessons[0]}&enrolment=${foreign.enrolments[0]}`
    expect((await anna.get(`/journals/${own.group}/history?${theirs}`)).status).to.equal(404)
  })

  it('come anew to a page that was away, with a fresh form token', async () => {
    const data = await anna.get(`/journals/${own.group}/cells`, { json: true })
    const body = data.json<{ cells: object[]; csrfToken: string; totals: object }>()
    expect(body.csrfToken).to.have.length.above(20)
    expect(body.cells.length).to.equal(Number((await countCells(own.group))?.count))
    expect(Object.keys(body.totals)).to.have.length(4)
  })

  const countCells = (group: number) =>
    db()('journal_cells as jc')
      .join('lessons as l', 'l.id', 'jc.lesson_id')
      .where('l.group_id', group)
      .count('* as count')
      .first()
})

describe('size of a module journal', function () {
  this.timeout(60_000)
  const app = useApp()

  it('changes neither the queries of its page nor those of saving', async () => {
    const small = await makeClass(2, 2)
    const large = await makeClass(30, 40)
    for (const { group } of [small, large]) await makeInstructor(`of${group}`, group)
    const counts: number[][] = []
    for (const made of [small, large]) {
      const client = await app.signedIn(`of${made.group}`)
      const cells = made.lessons.flatMap((l) => made.enrolments.map((e) => change(l, e))).slice(0, 500)
      const saved = await client.postJson(`/journals/${made.group}/cells`, { cells })
      expect(saved.status).to.equal(200)
      expect(saved.json<{ saved: object[] }>().saved).to.have.length(cells.length)
      const paths = ['', '/cells', '/lessons', '/credits', `/lessons/${made.lessons[0]}`, '/print']
      const pages = []
      for (const path of paths) pages.push((await client.get(`/journals/${made.group}${path}`)).queries)
      counts.push([saved.queries, ...pages, (await client.get('/journals')).queries])
    }
    const [few = [], many = []] = counts
    // Settings are read again every few seconds, hence one more or less.
    for (const [at, queries] of many.entries()) expect(queries - (few[at] ?? 0), `page ${at}`).to.be.at.most(1)
    for (const queries of many.slice(1)) expect(queries).to.be.within(1, 10)
  })
})
