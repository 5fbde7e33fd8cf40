import { expect } from 'chai'
import fc from 'fast-check'
import { allClashes } from './clashes.ts'
import { evaluateRoute } from './rules.ts'
import type { Choice, Offering, RouteSituation, Span } from './rules-types.ts'

/** Hours of one imaginary day-long term, so that clashes are frequent. */
const span = fc
  .tuple(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 1, max: 3 }))
  .map(([start, length]): Span => ({ startsAt: moment(start), endsAt: moment(start + length) }))

const moment = (hour: number) =>
  `2026-10-${String(1 + Math.floor(hour / 10)).padStart(2, '0')} ${String(8 + (hour % 10)).padStart(2, '0')}:00:00.000`

const limit = (max: number) => fc.option(fc.integer({ min: 0, max }), { nil: null, freq: 2 })
const limits = (topics: number, hours: number) =>
  fc.record({ minTopics: limit(topics), maxTopics: limit(topics), minHours: limit(hours), maxHours: limit(hours) })

const topicArbitrary = (id: number, count: number) =>
  fc.record({
    id: fc.constant(id),
    moduleId: fc.integer({ min: 1, max: 3 }),
    position: fc.integer({ min: 1, max: 5 }),
    hours: fc.integer({ min: 1, max: 8 }),
    isCompulsory: fc.boolean().map((value) => value && id % 2 === 0),
    requires: fc
      .uniqueArray(fc.integer({ min: 1, max: count }), { maxLength: 1 })
      .map((ids) => ids.filter((i) => i < id)),
  })

const offeringArbitrary = (id: number, topics: number) =>
  fc.record({
    id: fc.constant(id),
    topicId: fc.integer({ min: 1, max: topics }),
    capacity: fc.option(fc.integer({ min: 1, max: 3 }), { nil: null }),
    taken: fc.integer({ min: 0, max: 3 }),
    isOfOwnGroup: fc.integer({ min: 0, max: 5 }).map((n) => n > 0),
    dates: fc.array(span, { maxLength: 3 }),
  })

const arbitrary: fc.Arbitrary<RouteSituation> = fc.integer({ min: 1, max: 8 }).chain((count) =>
  fc
    .record({
      rules: fc.tuple(limits(8, 30), limit(10)).map(([rules, ownItemsMaxHours]) => ({ ...rules, ownItemsMaxHours })),
      modules: fc
        .tuple(limits(4, 15), limits(4, 15), limits(4, 15))
        .map((all) => all.map((one, index) => ({ id: index + 1, position: 3 - index, ...one }))),
      topics: fc.tuple(...Array.from({ length: count }, (_, i) => topicArbitrary(i + 1, count))),
      offerings: fc.tuple(...Array.from({ length: count + 2 }, (_, i) => offeringArbitrary(i + 1, count))),
      groupLessons: fc.array(
        fc.tuple(span, fc.integer({ min: 1, max: 3 })).map(([one, moduleId]) => ({ ...one, moduleId })),
        { maxLength: 2 },
      ),
      picks: fc.uniqueArray(fc.integer({ min: 1, max: count + 2 }), { maxLength: 6 }),
      kept: fc.uniqueArray(fc.integer({ min: 1, max: count + 2 }), { maxLength: 2 }),
      ownItems: fc.array(fc.record({ hours: fc.integer({ min: 1, max: 6 }) }), { maxLength: 2 }),
      now: fc.integer({ min: 0, max: 20 }).map(moment),
    })
    .map(({ picks, kept, ...rest }) => ({
      ...rest,
      choices: asChoices(rest.offerings, picks),
      inForce: asChoices(rest.offerings, kept),
      closed: null,
    })),
)

/** At most one offering of each topic. */
function asChoices(offerings: readonly Offering[], ids: readonly number[]): Choice[] {
  const byTopic = new Map<number, Choice>()
  for (const id of ids) {
    const offering = offerings.find((one) => one.id === id)!
    byTopic.set(offering.topicId, { topicId: offering.topicId, offeringId: id })
  }
  return [...byTopic.values()]
}

/** Every choice that is open now, as the situation after making it. */
function openMoves(situation: RouteSituation): { offeringId: number; topicId: number; after: RouteSituation }[] {
  const moves: { offeringId: number; topicId: number; after: RouteSituation }[] = []
  for (const [topicId, status] of evaluateRoute(situation).topicStatuses)
    for (const offering of status.offerings)
      if (offering.available) {
        const after = { ...situation, choices: [...situation.choices, { topicId, offeringId: offering.offeringId }] }
        moves.push({ offeringId: offering.offeringId, topicId, after })
      }
  return moves
}

const broken = new Set([
  'module_topics_over',
  'module_hours_over',
  'total_topics_over',
  'total_hours_over',
  'own_hours_over',
  'clash',
  'prerequisite',
  'choice_not_offered',
])
const brokenRules = (situation: RouteSituation) =>
  new Set(
    evaluateRoute(situation)
      .gaps.filter((gap) => broken.has(gap.code))
      .map((gap) => JSON.stringify(gap)),
  )

const check = (property: fc.IProperty<[RouteSituation]>) => fc.assert(property, { numRuns: 400 })

describe('learning-routes: properties of the rules', () => {
  it('choosing what is available never breaks a maximum, a prerequisite or the timetable', () => {
    check(
      fc.property(arbitrary, (situation) => {
        const before = brokenRules(situation)
        for (const { after } of openMoves(situation))
          for (const gap of brokenRules(after)) expect([...before]).to.include(gap)
      }),
    )
  })

  it('choosing never takes away hours, topics, or what a module has reached', () => {
    check(
      fc.property(arbitrary, (situation) => {
        const before = evaluateRoute(situation)
        for (const { after, topicId } of openMoves(situation)) {
          const result = evaluateRoute(after)
          expect(result.hours).to.be.greaterThan(before.hours)
          expect(result.topics).to.equal(before.topics + 1)
          expect(result.topicStatuses.get(topicId)!.isChosen).to.equal(true)
          before.modules.forEach((module, index) => {
            expect(result.modules[index]!.hours).to.be.at.least(module.hours)
            if (module.satisfied) expect(result.modules[index]!.satisfied).to.equal(true)
          })
        }
      }),
    )
  })

  it('submitting is open if and only if nothing is missing', () => {
    check(
      fc.property(arbitrary, (situation) => {
        const result = evaluateRoute(situation)
        expect(result.canSubmit).to.equal(result.gaps.length === 0)
        expect(evaluateRoute({ ...situation, closed: 'submitted' }).canSubmit).to.equal(false)
      }),
    )
  })

  it('the order of choosing, of topics and of offerings does not matter', () => {
    check(
      fc.property(arbitrary, (situation) => {
        const mirrored = {
          ...situation,
          choices: [...situation.choices].reverse(),
          topics: [...situation.topics].reverse(),
          modules: [...situation.modules].reverse(),
          groupLessons: [...situation.groupLessons].reverse(),
        }
        expect(plain(evaluateRoute(mirrored))).to.deep.equal(plain(evaluateRoute(situation)))
      }),
    )
  })

  it('choosing and removing again leads back to where one was', () => {
    check(
      fc.property(arbitrary, (situation) => {
        const before = plain(evaluateRoute(situation))
        for (const { after, topicId } of openMoves(situation)) {
          const back = { ...after, choices: after.choices.filter((choice) => choice.topicId !== topicId) }
          expect(plain(evaluateRoute(back))).to.deep.equal(before)
        }
      }),
    )
  })

  it('every topic that cannot be chosen has a reason, and none that can', () => {
    check(
      fc.property(arbitrary, (situation) => {
        for (const status of evaluateRoute(situation).topicStatuses.values()) {
          if (status.isChosen) continue
          const reasons = [...status.obstacles, ...status.offerings.flatMap((one) => one.obstacles)]
          if (!status.available) expect(reasons).to.not.be.empty
          else expect(status.obstacles).to.be.empty
        }
      }),
    )
  })

  it('satisfied modules and a full set of hours are exactly what the limits say', () => {
    check(
      fc.property(arbitrary, (situation) => {
        const result = evaluateRoute(situation)
        for (const module of situation.modules) {
          const status = result.modules.find((one) => one.moduleId === module.id)!
          if (!status.satisfied) continue
          expect(status.topics).to.be.at.least(module.minTopics ?? 0)
          expect(status.hours).to.be.at.least(module.minHours ?? 0)
        }
      }),
    )
  })

  it('clashes are symmetrical: shuffled occupations clash in the same pairs', () => {
    fc.assert(
      fc.property(fc.array(fc.array(span, { maxLength: 3 }), { maxLength: 5 }), (all) => {
        const occupations = all.map((dates, index) => ({ topicId: index + 1, dates }))
        expect(allClashes([...occupations].reverse(), [])).to.deep.equal(allClashes(occupations, []))
      }),
    )
  })
})

function plain(result: ReturnType<typeof evaluateRoute>) {
  const statuses = [...result.topicStatuses.entries()].sort(([a], [b]) => a - b)
  return { ...result, topicStatuses: statuses }
}
