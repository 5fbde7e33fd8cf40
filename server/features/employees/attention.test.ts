import { expect } from 'chai'
import fc from 'fast-check'
import { db } from '../../core/db/index.ts'
import { addDays, nowUtc } from '../../core/time.ts'
import { useApp } from '../../testing/app.ts'
import { makeCohort, makeEnrolment, makePerson, makeProgramme } from '../../testing/builders.ts'
import { type AttentionFacts, needsAttention, reasonsOf } from './attention.ts'

const today = '2026-11-21'
const calm: AttentionFacts = {
  ...{ state: 'active', cohort_state: 'running', next_due_on: '2026-11-21', lessons_held: 10, lessons_attended: 7 },
  ...{ route_state: 'approved', route_opens_on: '2026-10-01', route_closes_on: '2026-10-20' },
}
const reasons = (values: Partial<AttentionFacts>) => reasonsOf({ ...calm, ...values }, today)

describe('who needs attention', () => {
  it('is nobody while all goes as planned', () => {
    expect(reasons({})).to.deep.equal([])
    expect(reasons({ next_due_on: null, lessons_held: null, lessons_attended: null })).to.deep.equal([])
  })

  it('is who is late, misses lessons, or has no route in time', () => {
    expect(reasons({ next_due_on: '2026-11-20' })).to.deep.equal(['late'])
    expect(reasons({ lessons_attended: 6 })).to.deep.equal(['missed'])
    expect(reasons({ lessons_held: 2, lessons_attended: 0 }), 'too few lessons to say').to.deep.equal([])
    expect(reasons({ route_state: 'returned' })).to.deep.equal(['routeReturned'])
    expect(reasons({ route_state: null, route_closes_on: '2026-11-28' })).to.deep.equal(['routeMissing'])
    expect(reasons({ route_state: 'draft', route_closes_on: '2026-11-29' }), 'there is time').to.deep.equal([])
    expect(reasons({ route_state: null, route_closes_on: null })).to.deep.equal([])
    expect(reasons({ route_state: null, route_opens_on: '2026-11-22', route_closes_on: '2026-11-25' })).to.deep.equal(
      [],
    )
    expect(reasons({ route_state: 'submitted' })).to.deep.equal([])
  })

  it('is nobody whose learning rests or is over', () => {
    const amiss = { next_due_on: '2026-01-01', lessons_attended: 0 }
    expect(reasons({ ...amiss, state: 'suspended' })).to.deep.equal([])
    expect(reasons({ ...amiss, state: 'completed' })).to.deep.equal([])
    expect(reasons({ ...amiss, cohort_state: 'finished' })).to.deep.equal([])
  })

  describe('in the database', function () {
    this.timeout(60_000)
    useApp()

    it('is the same as in the rules', async () => {
      const programme_id = await makeProgramme()
      const cohort = await makeCohort({ programme_id })
      const enrolment = await makeEnrolment(await makePerson({ login: null }), cohort)
      const date = fc.option(fc.integer({ min: -20, max: 20 }).map((days) => addDays(today, days)))
      const facts = fc.record({
        state: fc.constantFrom('active', 'suspended', 'completed', 'withdrawn'),
        cohort_state: fc.constantFrom('planned', 'running', 'finished'),
        next_due_on: date,
        lessons_held: fc.integer({ min: 0, max: 12 }),
        lessons_attended: fc.integer({ min: 0, max: 12 }),
        route_state: fc.option(fc.constantFrom('draft', 'submitted', 'returned', 'approved', 'changing')),
        route_opens_on: date,
        route_closes_on: date,
        counted: fc.boolean(),
      })
      const property = fc.asyncProperty(facts, async ({ counted, ...given }) => {
        const { state, cohort_state, route_opens_on, route_closes_on, ...sums } = given
        await db()('enrolments').where({ id: enrolment }).update({ state })
        await db()('cohorts').where({ id: cohort }).update({ state: cohort_state, route_opens_on, route_closes_on })
        await db()('enrolment_progress').where({ enrolment_id: enrolment }).del()
        if (counted) await db()('enrolment_progress').insert({ enrolment_id: enrolment, ...sums, updated_at: nowUtc() })
        const nothing = { next_due_on: null, lessons_held: null, lessons_attended: null, route_state: null }
        const expected = reasonsOf({ ...given, ...(counted ? {} : nothing) }, today).length > 0
        const row = await db()('enrolments as e')
          .join('cohorts as c', 'c.id', 'e.cohort_id')
          .leftJoin('enrolment_progress as ep', 'ep.enrolment_id', 'e.id')
          .where('e.id', enrolment)
          .first(db().raw('case when ? then 1 else 0 end as needed', [needsAttention(today)]))
        expect(Number(row.needed) === 1, JSON.stringify(given)).to.equal(expected)
      })
      await fc.assert(property, { numRuns: 120 })
    })
  })
})
