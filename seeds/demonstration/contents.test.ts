import { expect } from 'chai'
import { db } from '../../server/core/db/index.ts'
import { listClashes } from '../../server/features/cohorts/clash-queries.ts'
import { useApp } from '../../server/testing/app.ts'
import { loadDemonstration } from './index.ts'

describe('what the demonstration shows', function () {
  this.timeout(240_000)
  const app = useApp()

  before(() => loadDemonstration('demonstration'))

  const states = () =>
    db()('milestone_states as s')
      .join('milestones as m', 'm.id', 's.milestone_id')
      .join('enrolments as e', 'e.id', 's.enrolment_id')

  it('has timetables in which one clash alone waits to be mended', async () => {
    const cohorts = await db()('cohorts').orderBy('starts_on').select('id')
    const clashes = await Promise.all(cohorts.map(({ id }) => listClashes(id)))
    expect(clashes.map((list) => list.length)).to.deep.equal([0, 1])
    expect(clashes[1]?.[0]).to.include({ group: null, learners: 0 })
    expect(clashes[1]?.[0]?.room).to.be.a('string')
  })

  it('has milestones in every state, each with what belongs to it', async () => {
    const rows = await states().select('s.state', 's.source', 's.comment', 's.confirmed_by', 'm.kind')
    const of = (state: string) => rows.filter((row) => row.state === state)
    expect(new Set(rows.map((row) => row.state))).to.include.all.keys('open', 'submitted', 'returned', 'done', 'waived')
    expect(of('waived').filter((row) => !row.comment || !row.confirmed_by)).to.deep.equal([])
    expect(of('returned').filter((row) => row.source === 'manual' && !row.comment)).to.deep.equal([])
    expect(new Set(of('done').map((row) => row.source))).to.have.keys('auto', 'manual')
    const evidence = await db()('milestone_evidence').groupBy('state').select('state')
    expect(evidence.map((row) => row.state).sort()).to.deep.equal(['accepted', 'declined', 'offered'])
  })

  it('shows them in the account of the learner who is mid-way, on their page and on that of the methodist', async () => {
    const learner = await db()('accounts').where({ login: 'learner2' }).first('person_id')
    const own = await states().where('e.person_id', learner.person_id).select('s.state', 'm.kind')
    expect(new Set(own.map((row) => row.state))).to.include.all.keys('open', 'submitted', 'returned', 'done', 'waived')
    const page = await (await app.signedIn('learner2', 'demonstration')).get('/my/tracking')
    for (const words of ['возвращён', 'на проверке', 'снят', 'отмечено системой', 'Почему снят', 'Замечание'])
      expect(page.text).to.include(words)
    const methodist = await app.signedIn('methodist', 'demonstration')
    const cohort = await db()('cohorts').where({ state: 'running' }).first('id')
    const journal = await methodist.get(`/tracking/cohorts/${cohort.id}`)
    for (const look of ['done', 'waived', 'submitted', 'returned', 'late', 'partial', 'open'])
      expect(journal.text).to.include(`tj-cell tj-${look}`)
  })
})
