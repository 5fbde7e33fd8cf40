import { expect } from 'chai'
import { countQueries, db, insertRow } from '../../core/db/index.ts'
import { recordEvent } from '../../core/events/index.ts'
import { SYSTEM } from '../../core/rights/index.ts'
import { setting } from '../../core/settings.ts'
import { nowUtc } from '../../core/time.ts'
import { useApp } from '../../testing/app.ts'
import { addLearners, daysAgo, makeTrackingStage, type TrackingStage } from './stage.ts'
import { syncAllKnownMilestones, syncKnownMilestones } from './sync.ts'

describe('milestones that the system knows', function () {
  this.timeout(60_000)
  const app = useApp()
  let stage: TrackingStage

  before(async () => {
    stage = await makeTrackingStage()
  })

  const stateOf = async (milestone: number, enrolment = stage.enrolments[0]) =>
    (await db()('milestone_states').where({ enrolment_id: enrolment, milestone_id: milestone }).first()) ?? {
      state: 'none',
    }
  const progressOf = () => db()('enrolment_progress').where({ enrolment_id: stage.enrolments[0] }).first()

  async function setCredit(state: string, credited_on: string | null, enrolment = stage.enrolments[0]) {
    const row = { enrolment_id: enrolment, module_id: stage.module, state, credited_on, updated_at: nowUtc() }
    await db()('module_credits').insert(row).onConflict(['enrolment_id', 'module_id']).merge()
    const data = { enrolmentIds: [enrolment], moduleId: stage.module }
    await recordEvent(SYSTEM, 'moduleCreditSet', { type: 'module', id: stage.module }, data)
    await app.settle()
  }

  it('tick with the date of the credit, count towards progress, and untick when it is taken back', async () => {
    const { credit } = stage.milestones
    await setCredit('passed', daysAgo(3))
    expect(await stateOf(credit)).to.include({ state: 'done', source: 'auto', done_on: daysAgo(3), confirmed_by: null })
    expect((await progressOf()).milestones_done).to.equal(1)
    await setCredit('', null)
    expect(await stateOf(credit)).to.include({ state: 'open', done_on: null, version: 2 })
    expect((await progressOf()).milestones_done).to.equal(0)
    await setCredit('failed', daysAgo(1))
    expect((await stateOf(credit)).state).to.equal('open')
    const events = await db()('domain_events').where({ subject_type: 'milestoneState' }).pluck('type')
    expect(events).to.deep.equal(['milestoneTicked', 'milestoneUnticked'])
  })

  it('tick when the route takes force and stay ticked while the next version is made', async () => {
    const { route } = stage.milestones
    const now = nowUtc()
    const id = await insertRow('learning_routes', {
      ...{ enrolment_id: stage.enrolments[0], state: 'submitted', submitted_at: now, created_at: now, updated_at: now },
    })
    const tell = async (type: string) => {
      const enrolmentId = stage.enrolments[0]
      const data = { enrolmentId, cohortId: stage.cohort, personId: stage.people[0], versionNumber: 1 }
      await recordEvent(SYSTEM, type, { type: 'enrolment', id: stage.enrolments[0] }, data)
      await app.settle()
    }
    await tell('routeSubmitted')
    expect((await stateOf(route)).state).to.equal('submitted')
    await db()('learning_routes').where({ id }).update({ state: 'returned' })
    await tell('routeReturned')
    expect((await stateOf(route)).state).to.equal('returned')
    await db()('learning_routes').where({ id }).update({ state: 'approved', decided_at: now })
    await tell('routeApproved')
    expect(await stateOf(route)).to.include({ state: 'done', source: 'auto' })
    await db()('learning_routes').where({ id }).update({ state: 'draft' })
    const own = { kind: 'self_education', place: 'inside', title: 'Книга', hours: 2, in_draft: 1, in_force: 1 }
    await insertRow('route_own_items', { route_id: id, ...own, created_at: now, updated_at: now })
    await tell('routeWithdrawn')
    expect((await stateOf(route)).state).to.equal('done')
    await db()('route_own_items').where({ route_id: id }).update({ in_force: 0 })
    await tell('routeReturned')
    expect((await stateOf(route)).state).to.equal('open')
  })

  it('stay waived by a person, and tick when the waiver is taken back', async () => {
    const { credit } = stage.milestones
    const methodist = await app.signedIn('methodist')
    const path = `/tracking/enrolments/${stage.enrolments[1]}/milestones/${credit}`
    expect((await methodist.post(`${path}/waive`, { comment: 'Перезачёт', version: 0 })).status).to.equal(303)
    await setCredit('passed', daysAgo(2), stage.enrolments[1])
    expect((await stateOf(credit, stage.enrolments[1])).state).to.equal('waived')
    await methodist.post(`${path}/reopen`, { comment: 'Сдала сама', version: 1 })
    expect(await stateOf(credit, stage.enrolments[1])).to.include({ state: 'done', source: 'auto' })
    const taken = await methodist.post(`${path}/reopen`, { comment: 'Снять', version: 3 })
    expect(taken.status, 'what the system ticked is not taken back by hand').to.equal(422)
  })

  it('are followed in as many statements for many as for one, and repeating changes nothing', async () => {
    const ids = await addLearners(stage, 20)
    const credit = { module_id: stage.module, state: 'passed', credited_on: daysAgo(1), updated_at: nowUtc() }
    await db()('module_credits').insert(ids.map((enrolment_id) => ({ enrolment_id, ...credit })))
    const cost = async (list: number[]) => {
      // Settings are read once in a while; not in the counted part.
      await setting('authority')
      const { result, counts } = countQueries(() => syncKnownMilestones(list))
      await result
      return counts.queries
    }
    expect(await cost(ids.slice(0, 1))).to.equal(await cost(ids.slice(1)))
    const before = await db()('domain_events').count('* as n').first()
    await syncAllKnownMilestones()
    expect(await db()('domain_events').count('* as n').first()).to.deep.equal(before)
  })
})
