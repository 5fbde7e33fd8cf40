import { expect } from 'chai'
import fc from 'fast-check'
import { db, insertRow } from '../../core/db/index.ts'
import type { Actor, Scope } from '../../core/rights/index.ts'
import { addDays, nowUtc } from '../../core/time.ts'
import { useApp } from '../../testing/app.ts'
import {
  makeCohort,
  makeEmployment,
  makeEnrolment,
  makeGroup,
  makeMember,
  makeModule,
  makeOrganisation,
  makePerson,
  makeProgramme,
} from '../../testing/builders.ts'
import { enrolmentPolicy, type PlacesRow, reachableEnrolments, toPlaces, withPlaces } from './places.ts'

const date = nowUtc().slice(0, 10)
const actorWith = (scopes: readonly Scope[]): Actor => ({
  ...{ personId: 1, name: '', language: null, timeZone: null },
  grants: scopes.map((scope) => ({
    ...{ roleId: 1, roleCode: '', source: 'manual', sourceId: 0, scope },
    permissions: new Set(['tracking.view']),
  })),
})

describe('reach over enrolments', function () {
  this.timeout(60_000)
  useApp()
  const scopes: Scope[] = []

  before(async () => {
    const manager = await makePerson({ login: null })
    const organisations = [await makeOrganisation(), await makeOrganisation(), await makeOrganisation()] as const
    // The third is a branch of the first.
    await db()('organisations')
      .where({ id: organisations[2] })
      .update({ path: `/${organisations[0]}/${organisations[2]}/`, parent_id: organisations[0] })
    const stamps = { created_at: nowUtc(), updated_at: nowUtc() }
    const department = await insertRow('departments', {
      ...{ organisation_id: organisations[1], path: '', name: 'Кафедра', name_folded: 'кафедра', ...stamps },
    })
    await db()('departments')
      .where({ id: department })
      .update({ path: `/${department}/` })
    const programmes = [await makeProgramme(), await makeProgramme()] as const
    const modules: number[] = []
    const cohorts: number[] = []
    for (const programme_id of programmes) {
      modules.push(await makeModule({ programme_id }))
      for (const directors_from of [null, addDays(date, 5)])
        cohorts.push(await makeCohort({ programme_id, directors_from }))
    }
    const groups: number[] = []
    for (const [index, cohort] of cohorts.entries())
      groups.push(await makeGroup(cohort, modules[index < 2 ? 0 : 1] as number))
    const works = [
      { state: 'confirmed', starts_on: null, ends_on: null },
      { state: 'confirmed', starts_on: date, ends_on: date },
      { state: 'confirmed', starts_on: addDays(date, 1), ends_on: null },
      { state: 'confirmed', starts_on: null, ends_on: addDays(date, -1) },
      { state: 'claimed', starts_on: null, ends_on: null },
    ]
    const people: number[] = []
    for (const [number, work] of [...works, ...works, ...works].entries()) {
      const person = await makePerson({ login: null })
      people.push(person)
      const department_id = number % 3 === 1 ? department : null
      const manager_id = number % 2 ? manager : null
      await makeEmployment(person, organisations[number % 3] as number, { ...work, manager_id, department_id })
      if (number % 4 === 0) await makeEmployment(person, organisations[(number + 1) % 3] as number, works[number % 5])
      for (const [index, cohort] of cohorts.entries()) {
        if ((number + index) % 2) continue
        const enrolment = await makeEnrolment(person, cohort)
        const ends_on = [null, date, addDays(date, 1)][number % 3]
        await makeMember(groups[index] as number, enrolment, { ends_on })
      }
    }
    const add = (type: Scope['type'], ids: readonly number[]) => scopes.push(...ids.map((id) => ({ type, id })))
    add('authority', [0])
    add('organisation', organisations)
    add('department', [department])
    add('programme', programmes)
    add('module', modules)
    add('cohort', cohorts)
    add('group', groups)
    add('person', people.slice(0, 3))
    add('reports', [manager])
  })

  it('is the same when it is asked of one enrolment and when it narrows a query', async () => {
    const policy = enrolmentPolicy({ view: 'tracking.view' }, date)
    const all: (PlacesRow & { id: number })[] = await db()('enrolments as e')
      .join('cohorts as c', 'c.id', 'e.cohort_id')
      .modify(withPlaces(date))
      .select('e.id')
    const ask = async (chosen: Scope[]) => {
      const actor = actorWith(chosen)
      const may = all.filter((row) => policy.can(actor, 'view', toPlaces(row, date))).map((row) => row.id)
      const reached: number[] = await reachableEnrolments(actor, ['tracking.view'], date).pluck('e.id')
      expect(
        reached.sort((a, b) => a - b),
        JSON.stringify(chosen),
      ).to.deep.equal(may.sort((a, b) => a - b))
      const visible: number[] = await db()('enrolments as e')
        .join('cohorts as c', 'c.id', 'e.cohort_id')
        .modify(policy.visibleTo(actor, 'view'))
        .pluck('e.id')
      expect(visible.sort((a, b) => a - b)).to.deep.equal(may)
      return may.length
    }
    for (const scope of scopes) expect(await ask([scope]), `${scope.type} ${scope.id}`).to.be.below(all.length + 1)
    expect(await ask([])).to.equal(0)
    expect(await ask([{ type: 'authority', id: 0 }])).to.equal(all.length)
    const several = fc.asyncProperty(
      fc.subarray(scopes.filter((scope) => scope.type !== 'authority')),
      async (chosen) => {
        await ask(chosen)
      },
    )
    await fc.assert(several, { numRuns: 30 })
  })
})
