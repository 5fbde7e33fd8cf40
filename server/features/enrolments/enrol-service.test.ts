import { expect } from 'chai'
import { db } from '../../core/db/index.ts'
import { InputError } from '../../core/errors.ts'
import { SYSTEM } from '../../core/rights/index.ts'
import { setting } from '../../core/settings.ts'
import { addDays, today } from '../../core/time.ts'
import { useApp } from '../../testing/app.ts'
import { makeCohort, makeModule, makePerson, makeProgramme } from '../../testing/builders.ts'
import { createCohort } from '../cohorts/service.ts'
import { completeEnrolments, resumeEnrolments, suspendEnrolments, withdrawEnrolments } from './change-service.ts'
import { enrolPeople } from './enrol-service.ts'
import { changeCohort, moveToGroups } from './move-service.ts'

const day = today('Europe/Moscow')

async function refusal(work: Promise<unknown>): Promise<InputError['fields'][number]> {
  const error = await work.then(
    () => undefined,
    (reason) => reason,
  )
  expect(error, 'it should have been refused').to.be.instanceOf(InputError)
  return error.fields[0]
}
const people = (count: number) => Promise.all(Array.from({ length: count }, () => makePerson({ login: null })))
const cohortRow = (id: number) => db()('cohorts').where({ id }).first()
const openMembers = (enrolmentId: number) =>
  db()('group_members').where({ enrolment_id: enrolmentId }).whereNull('ends_on').pluck('group_id')
const historyOf = (enrolmentId: number) =>
  db()('enrolment_history').where({ enrolment_id: enrolmentId }).orderBy('id').pluck('action')

/** A cohort of a programme of two modules, with so many groups in each. */
async function cohortWith(groupsPerModule: number, capacity: number | null = null): Promise<number> {
  const programmeId = await makeProgramme()
  await makeModule({ programme_id: programmeId })
  await makeModule({ programme_id: programmeId })
  return openAnother(programmeId, groupsPerModule, capacity)
}

let opened = 0
const openAnother = (programmeId: number, groupsPerModule: number, capacity: number | null = null) =>
  createCohort(SYSTEM, {
    ...{ programmeId, title: `Поток ${++opened}`, startsOn: day, endsOn: addDays(day, 200), capacity, groupsPerModule },
    ...{ routeOpensOn: null, routeClosesOn: null, learnersFrom: null, directorsFrom: null },
  })

describe('enrolling', function () {
  this.timeout(60_000)
  const app = useApp()

  it('gives a place, a group in each module, the rights of a learner, a history and an event', async () => {
    const cohort = await cohortWith(2)
    const chosen = await people(4)
    const { enrolled } = await enrolPeople(SYSTEM, cohort, chosen)
    expect(enrolled.map(({ personId }) => personId)).to.deep.equal(chosen)
    expect((await cohortRow(cohort)).taken).to.equal(4)
    const sizes = await db()('group_members as gm')
      .join('groups as g', 'g.id', 'gm.group_id')
      .where('g.cohort_id', cohort)
      .groupBy('g.id')
      .count({ size: '*' })
    expect(sizes.map(({ size }) => Number(size))).to.deep.equal([2, 2, 2, 2])
    const first = enrolled[0]!
    const grant = await db()('grants').where({ source: 'enrolment', source_id: first.enrolmentId }).first()
    expect(grant).to.include({ person_id: first.personId, scope_type: 'cohort', scope_id: cohort, ends_on: null })
    expect(await historyOf(first.enrolmentId)).to.deep.equal(['enrolled'])
    const event = await db()('domain_events').where({ type: 'personEnrolled', subject_id: first.enrolmentId }).first()
    expect(JSON.parse(event.data)).to.include({
      enrolmentId: first.enrolmentId,
      personId: first.personId,
      cohortId: cohort,
    })
  })

  it('a second time changes nothing', async () => {
    const cohort = await cohortWith(1)
    const chosen = await people(3)
    await enrolPeople(SYSTEM, cohort, chosen.slice(0, 2))
    const again = await enrolPeople(SYSTEM, cohort, [...chosen, ...chosen])
    expect(again.enrolled).to.have.length(1)
    expect(again.already).to.have.members(chosen.slice(0, 2))
    expect((await cohortRow(cohort)).taken).to.equal(3)
  })

  it('takes all or nobody when the places do not suffice, and says how many are left', async () => {
    const cohort = await cohortWith(1, 5)
    await enrolPeople(SYSTEM, cohort, await people(2))
    const refused = await refusal(enrolPeople(SYSTEM, cohort, await people(4)))
    expect(refused).to.deep.equal({ field: '', code: 'enrolments.enrol.noRoom', values: { count: 3, chosen: 4 } })
    expect((await cohortRow(cohort)).taken).to.equal(2)
    const rows = await db()('enrolments').where({ cohort_id: cohort })
    expect(rows).to.have.length(2)
  })

  it('says which module has too little room in its groups', async () => {
    const cohort = await cohortWith(2)
    const module = await db()('groups').where({ cohort_id: cohort }).orderBy('id', 'desc').first('module_id')
    await db()('groups').where({ cohort_id: cohort, module_id: module.module_id }).update({ capacity: 1 })
    const refused = await refusal(enrolPeople(SYSTEM, cohort, await people(3)))
    expect(refused.code).to.equal('enrolments.enrol.groupsFull')
    expect(refused.values).to.include({ module: 'Модуль', count: 2, chosen: 3 })
    expect((await cohortRow(cohort)).taken).to.equal(0)
  })

  it('refuses people who are not there', async () => {
    const refused = await refusal(enrolPeople(SYSTEM, await cohortWith(1), [...(await people(1)), 999_999]))
    expect(refused).to.include({ code: 'enrolments.enrol.unknownPeople' })
  })

  it('gives the last ten places to exactly ten of thirty who come at once', async () => {
    const cohort = await cohortWith(2, 10)
    const chosen = await people(30)
    const results = await Promise.allSettled(chosen.map((id) => enrolPeople(SYSTEM, cohort, [id])))
    const refused = results.filter((result) => result.status === 'rejected')
    expect(results.length - refused.length).to.equal(10)
    for (const { reason } of refused as PromiseRejectedResult[]) {
      expect(reason).to.be.instanceOf(InputError)
      expect(reason.fields[0].code).to.equal('enrolments.enrol.full')
    }
    expect((await cohortRow(cohort)).taken).to.equal(10)
    expect(await db()('enrolments').where({ cohort_id: cohort })).to.have.length(10)
  })

  it('enrols a person once, however often it is asked at once', async () => {
    const cohort = await cohortWith(1)
    const chosen = await people(2)
    const results = await Promise.all(Array.from({ length: 8 }, () => enrolPeople(SYSTEM, cohort, chosen)))
    expect(results.flatMap(({ enrolled }) => enrolled)).to.have.length(2)
    expect((await cohortRow(cohort)).taken).to.equal(2)
    expect(await db()('group_members')).to.satisfy(
      (rows: { enrolment_id: number }[]) =>
        rows.filter((row) => row.enrolment_id === results.flatMap(({ enrolled }) => enrolled)[0]?.enrolmentId)
          .length === 2,
    )
  })

  it('costs the same statements for two people and for sixty', async () => {
    const { countQueries } = await import('../../core/db/index.ts')
    // Read at once: what subscribers do afterwards would be counted too.
    const statements = async (work: () => Promise<unknown>) => {
      await setting('authority')
      const { result, counts } = countQueries(work)
      await result
      return counts.queries
    }
    const cost = async (count: number) => {
      const cohort = await cohortWith(2)
      const chosen = await people(count)
      const enrolling = await statements(() => enrolPeople(SYSTEM, cohort, chosen))
      const ids: number[] = await db()('enrolments').where({ cohort_id: cohort }).pluck('id')
      return [enrolling, await statements(() => withdrawEnrolments(SYSTEM, cohort, ids))]
    }
    expect(await cost(60)).to.deep.equal(await cost(2))
  })

  it('keeps learners out until their phase begins, and follows when it is moved', async () => {
    const cohort = await makeCohort({ learners_from: addDays(day, 7) })
    const { enrolled } = await enrolPeople(SYSTEM, cohort, await people(1))
    const grant = await db()('grants').where({ source: 'enrolment', source_id: enrolled[0]!.enrolmentId }).first()
    expect(grant.starts_on).to.equal(addDays(day, 7))
  })

  it('lets a person who withdrew come back to the same history', async () => {
    const cohort = await cohortWith(1, 1)
    const chosen = await people(1)
    const { enrolled } = await enrolPeople(SYSTEM, cohort, chosen)
    const id = enrolled[0]!.enrolmentId
    await withdrawEnrolments(SYSTEM, cohort, [id], { reason: 'переезд' })
    expect((await cohortRow(cohort)).taken).to.equal(0)
    expect(await openMembers(id)).to.deep.equal([])
    const grant = await db()('grants').where({ source: 'enrolment', source_id: id }).first()
    expect(grant.ends_on).to.equal(addDays(day, -1))
    const again = await enrolPeople(SYSTEM, cohort, chosen)
    expect(again.enrolled[0]?.enrolmentId).to.equal(id)
    expect(await historyOf(id)).to.deep.equal(['enrolled', 'withdrawn', 'enrolled'])
    expect((await db()('grants').where({ source: 'enrolment', source_id: id }).first()).ends_on).to.equal(null)
    expect(await openMembers(id)).to.have.length(2)
  })

  it('is suspended, resumed and completed with the place counted rightly', async () => {
    const cohort = await cohortWith(1, 1)
    const { enrolled } = await enrolPeople(SYSTEM, cohort, await people(1))
    const id = enrolled[0]!.enrolmentId
    await suspendEnrolments(SYSTEM, cohort, [id])
    expect((await cohortRow(cohort)).taken).to.equal(1)
    const twice = await refusal(suspendEnrolments(SYSTEM, cohort, [id]))
    expect(twice.code).to.equal('enrolments.bulk.wrongState.suspended')
    await resumeEnrolments(SYSTEM, cohort, [id])
    await completeEnrolments(SYSTEM, cohort, [id])
    expect((await cohortRow(cohort)).taken).to.equal(0)
    await enrolPeople(SYSTEM, cohort, await people(1))
    const full = await refusal(resumeEnrolments(SYSTEM, cohort, [id]))
    expect(full.code).to.equal('enrolments.enrol.full')
    expect(await historyOf(id)).to.deep.equal(['enrolled', 'suspended', 'resumed', 'completed'])
  })

  it('moves between groups of a module, all or nobody', async () => {
    const cohort = await cohortWith(2)
    const groups = await db()('groups').where({ cohort_id: cohort }).orderBy('id')
    const { enrolled } = await enrolPeople(SYSTEM, cohort, await people(4), { groupNumber: 1 })
    const ids = enrolled.map(({ enrolmentId }) => enrolmentId)
    const target = groups[1]!
    await db()('groups').where({ id: target.id }).update({ capacity: 3 })
    const refused = await refusal(moveToGroups(SYSTEM, cohort, ids, [target.id]))
    expect(refused.values).to.include({ count: 3, chosen: 4 })
    expect(await moveToGroups(SYSTEM, cohort, ids.slice(0, 3), [target.id])).to.equal(3)
    expect(await moveToGroups(SYSTEM, cohort, ids.slice(0, 3), [target.id])).to.equal(0)
    const own = await openMembers(ids[0]!)
    expect(own).to.include(target.id).and.not.include(groups[0]!.id)
    const former = await db()('group_members').where({ enrolment_id: ids[0], group_id: groups[0]!.id }).first()
    expect(former.ends_on).to.equal(addDays(day, -1))
    const event = await db()('domain_events').where({ type: 'enrolmentMoved', subject_id: ids[0] }).first()
    expect(JSON.parse(event.data)).to.include({ fromGroupId: groups[0]!.id, toGroupId: target.id })
    const foreign = await refusal(moveToGroups(SYSTEM, cohort, ids, [await foreignGroup()]))
    expect(foreign.code).to.equal('enrolments.move.groupUnknown')
  })

  const foreignGroup = async () => {
    const cohort = await cohortWith(1)
    return (await db()('groups').where({ cohort_id: cohort }).first('id')).id as number
  }

  it('moves to another cohort of the programme with places and rights', async () => {
    const cohort = await cohortWith(1, 5)
    const { programme_id } = await cohortRow(cohort)
    const other = await openAnother(programme_id, 2, 2)
    const { enrolled } = await enrolPeople(SYSTEM, cohort, await people(3))
    const ids = enrolled.map(({ enrolmentId }) => enrolmentId)
    const refused = await refusal(changeCohort(SYSTEM, cohort, ids, other))
    expect(refused.values).to.include({ count: 2, chosen: 3 })
    await changeCohort(SYSTEM, cohort, ids.slice(0, 2), other, { reason: 'по просьбе' })
    expect((await cohortRow(cohort)).taken).to.equal(1)
    expect((await cohortRow(other)).taken).to.equal(2)
    const grant = await db()('grants').where({ source: 'enrolment', source_id: ids[0] })
    expect(grant.map((row) => row.scope_id)).to.deep.equal([other])
    const groups = await db()('groups').whereIn('id', await openMembers(ids[0]!))
    expect(groups.every((group) => group.cohort_id === other)).to.equal(true)
    const foreign = await refusal(changeCohort(SYSTEM, cohort, [ids[2]!], await cohortWith(1)))
    expect(foreign.code).to.equal('enrolments.move.cohortUnknown')
  })

  it('tells features that places are free in the same transaction', async () => {
    const { whenLeavingCohort } = await import('./hooks.ts')
    let broken = true
    const seen: number[] = []
    whenLeavingCohort(async (ids) => {
      seen.push(...ids)
      if (broken) throw new Error('places could not be freed')
    })
    const cohort = await cohortWith(1)
    const { enrolled } = await enrolPeople(SYSTEM, cohort, await people(1))
    const id = enrolled[0]!.enrolmentId
    const failed = await withdrawEnrolments(SYSTEM, cohort, [id]).catch((error) => error.message)
    expect(failed).to.equal('places could not be freed')
    expect((await db()('enrolments').where({ id }).first()).state).to.equal('active')
    broken = false
    await withdrawEnrolments(SYSTEM, cohort, [id])
    expect(seen).to.deep.equal([id, id])
  })

  after(() => app.settle())
})
