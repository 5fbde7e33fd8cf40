import { expect } from 'chai'
import { closedReason, evaluateRoute } from './rules.ts'
import type { Offering, RouteSituation, TopicRules } from './rules-types.ts'

const at = (day: number, hour: number) => ({
  startsAt: `2026-10-${String(day).padStart(2, '0')} ${String(hour).padStart(2, '0')}:00:00.000`,
  endsAt: `2026-10-${String(day).padStart(2, '0')} ${String(hour + 2).padStart(2, '0')}:00:00.000`,
})

const topic = (id: number, over: Partial<TopicRules> = {}): TopicRules => ({
  id,
  moduleId: 1,
  position: id,
  hours: 4,
  isCompulsory: false,
  requires: [],
  ...over,
})

const offering = (id: number, topicId: number, over: Partial<Offering> = {}): Offering => ({
  id,
  topicId,
  capacity: 10,
  taken: 0,
  isOfOwnGroup: true,
  dates: [at(id, 9)],
  ...over,
})

const noLimits = { minTopics: null, maxTopics: null, minHours: null, maxHours: null }

function situation(over: Partial<RouteSituation> = {}): RouteSituation {
  return {
    rules: { ...noLimits, ownItemsMaxHours: null },
    modules: [{ id: 1, position: 1, ...noLimits }],
    topics: [topic(1), topic(2), topic(3)],
    offerings: [offering(1, 1), offering(2, 2), offering(3, 3)],
    groupLessons: [],
    choices: [],
    inForce: [],
    ownItems: [],
    closed: null,
    now: '2026-09-01 00:00:00.000',
    ...over,
  }
}

const choose = (...ids: number[]) => ids.map((id) => ({ topicId: id, offeringId: id }))
const codes = (list: readonly { code: string }[]) => list.map((one) => one.code)
const obstaclesOf = (over: Partial<RouteSituation>, topicId: number) => {
  const status = evaluateRoute(situation(over)).topicStatuses.get(topicId)!
  return [...codes(status.obstacles), ...status.offerings.flatMap((one) => codes(one.obstacles))]
}

describe('learning-routes: rules of a route', () => {
  it('adds up hours and counts the topics of each module', () => {
    const result = evaluateRoute(
      situation({
        modules: [
          { id: 1, position: 1, ...noLimits },
          { id: 2, position: 2, ...noLimits },
        ],
        topics: [topic(1, { hours: 3 }), topic(2, { hours: 5, moduleId: 2 }), topic(3, { moduleId: 2 })],
        choices: choose(1, 2),
        ownItems: [{ hours: 6 }],
      }),
    )
    expect(result).to.include({ topics: 2, topicHours: 8, ownHours: 6, hours: 14 })
    expect(result.modules).to.deep.equal([
      { moduleId: 1, topics: 1, hours: 3, satisfied: true },
      { moduleId: 2, topics: 1, hours: 5, satisfied: true },
    ])
  })

  it('says how many topics and hours a module still lacks, and how many of its topics can be chosen', () => {
    const modules = [{ id: 1, position: 1, ...noLimits, minTopics: 2, minHours: 12 }]
    const offerings = [offering(1, 1), offering(2, 2), offering(3, 3, { taken: 10 })]
    const result = evaluateRoute(situation({ modules, offerings, choices: choose(1) }))
    expect(result.gaps).to.deep.equal([
      { code: 'module_topics_under', anchor: 'module-1', moduleId: 1, min: 2, missing: 1, selectable: 1 },
      { code: 'module_hours_under', anchor: 'module-1', moduleId: 1, min: 12, missing: 8, selectable: 1 },
    ])
    expect(result.canSubmit).to.equal(false)
    expect(result.satisfiedModules).to.equal(0)
  })

  it('lets a route be submitted as soon as nothing is missing', () => {
    const modules = [{ id: 1, position: 1, ...noLimits, minTopics: 2 }]
    expect(evaluateRoute(situation({ modules, choices: choose(1, 2) })).canSubmit).to.equal(true)
  })

  it('counts own items towards the hours of the whole and limits them', () => {
    const rules = { ...noLimits, minHours: 10, maxHours: 12, ownItemsMaxHours: 6 }
    const short = evaluateRoute(situation({ rules, choices: choose(1), ownItems: [{ hours: 2 }] }))
    expect(codes(short.gaps)).to.deep.equal(['total_hours_under'])
    expect(short.ownHoursLeft).to.equal(4)
    const much = evaluateRoute(situation({ rules, choices: choose(1), ownItems: [{ hours: 9 }] }))
    expect(codes(much.gaps)).to.deep.equal(['total_hours_over', 'own_hours_over'])
    expect(much.ownHoursLeft).to.equal(0)
  })

  it('refuses a topic beyond each maximum and names the maximum', () => {
    const choices = choose(1, 2)
    const modules = (over: object) => [{ id: 1, position: 1, ...noLimits, ...over }]
    const rules = { ...noLimits, ownItemsMaxHours: null }
    expect(obstaclesOf({ choices, modules: modules({ maxTopics: 2 }) }, 3)).to.deep.equal(['module_max_topics'])
    expect(obstaclesOf({ choices, modules: modules({ maxHours: 11 }) }, 3)).to.deep.equal(['module_max_hours'])
    expect(obstaclesOf({ choices, rules: { ...rules, maxTopics: 2 } }, 3)).to.deep.equal(['total_max_topics'])
    expect(obstaclesOf({ choices, rules: { ...rules, maxHours: 11 } }, 3)).to.deep.equal(['total_max_hours'])
    expect(obstaclesOf({ choices, modules: modules({ maxTopics: 3, maxHours: 12 }) }, 3)).to.deep.equal([])
  })

  it('refuses what is full, has begun, is over, or is not offered to the group', () => {
    expect(obstaclesOf({ offerings: [offering(1, 1, { taken: 10 })] }, 1)).to.deep.equal(['full'])
    expect(obstaclesOf({ offerings: [offering(1, 1, { capacity: null, taken: 999 })] }, 1)).to.deep.equal([])
    expect(obstaclesOf({ now: '2026-10-01 09:30:00.000' }, 1)).to.deep.equal(['begun'])
    expect(obstaclesOf({ now: '2026-10-01 11:00:00.000' }, 1)).to.deep.equal(['past'])
    expect(obstaclesOf({ offerings: [] }, 1)).to.deep.equal(['not_offered'])
    expect(obstaclesOf({ offerings: [offering(1, 1, { isOfOwnGroup: false })] }, 1)).to.deep.equal(['not_offered'])
    expect(obstaclesOf({ offerings: [offering(1, 1, { dates: [] })] }, 1)).to.deep.equal([])
  })

  it('refuses a topic whose prerequisite is not in the route, and misses a prerequisite that was removed', () => {
    const topics = [topic(1), topic(2, { requires: [1] })]
    expect(obstaclesOf({ topics }, 2)).to.deep.equal(['prerequisite'])
    expect(obstaclesOf({ topics, choices: choose(1) }, 2)).to.deep.equal([])
    const result = evaluateRoute(situation({ topics, choices: choose(2) }))
    expect(result.gaps).to.deep.equal([{ code: 'prerequisite', anchor: 'topic-2', topicId: 2, requires: 1 }])
  })

  it('notices, without standing in the way, that a prerequisite is held later', () => {
    const topics = [topic(1), topic(2, { requires: [1] })]
    const offerings = [offering(1, 1, { dates: [at(20, 9)] }), offering(2, 2)]
    const result = evaluateRoute(situation({ topics, offerings, choices: choose(1, 2) }))
    expect(codes(result.notices)).to.deep.equal(['prerequisite_later'])
    expect(result.canSubmit).to.equal(true)
  })

  it('refuses what clashes with a chosen topic or a class of the whole group, and says when', () => {
    const offerings = [offering(1, 1, { dates: [at(5, 9)] }), offering(2, 2, { dates: [at(4, 9), at(5, 10)] })]
    const status = evaluateRoute(situation({ offerings, choices: choose(1) })).topicStatuses.get(2)!
    expect(status.available).to.equal(false)
    expect(status.offerings[0]!.obstacles).to.deep.equal([
      { code: 'clash', with: { kind: 'topic', id: 1 }, at: '2026-10-05 10:00:00.000' },
    ])
    const groupLessons = [{ moduleId: 1, ...at(5, 8) }]
    const other = evaluateRoute(situation({ offerings, groupLessons })).topicStatuses.get(1)!
    expect(other.offerings[0]!.obstacles).to.deep.equal([
      { code: 'clash', with: { kind: 'group_lesson', id: 1 }, at: '2026-10-05 09:00:00.000' },
    ])
  })

  it('lets one class follow another without a break', () => {
    const offerings = [offering(1, 1, { dates: [at(5, 9)] }), offering(2, 2, { dates: [at(5, 11)] })]
    expect(obstaclesOf({ offerings, choices: choose(1) }, 2)).to.deep.equal([])
  })

  it('offers another date of the same topic when one is full', () => {
    const offerings = [offering(1, 1, { taken: 10 }), offering(7, 1)]
    const status = evaluateRoute(situation({ offerings })).topicStatuses.get(1)!
    expect(status.available).to.equal(true)
    expect(status.offerings.map((one) => [one.offeringId, one.available, one.placesLeft])).to.deep.equal([
      [1, false, 0],
      [7, true, 10],
    ])
  })

  it('takes a clash that arose later for a gap of the elective and for a notice between compulsory topics', () => {
    const offerings = [offering(1, 1, { dates: [at(5, 9)] }), offering(2, 2, { dates: [at(5, 10)] })]
    const one = evaluateRoute(
      situation({ offerings, topics: [topic(1), topic(2, { isCompulsory: true })], choices: choose(1, 2) }),
    )
    expect(one.gaps).to.deep.equal([
      {
        code: 'clash',
        anchor: 'topic-1',
        topicId: 1,
        with: { kind: 'topic', id: 2 },
        at: '2026-10-05 10:00:00.000',
      },
    ])
    const topics = [topic(1, { isCompulsory: true }), topic(2, { isCompulsory: true })]
    const both = evaluateRoute(situation({ offerings, topics, choices: choose(1, 2) }))
    expect(both.gaps).to.deep.equal([])
    expect(codes(both.notices)).to.deep.equal(['compulsory_clash'])
    expect(both.clashes).to.have.length(1)
  })

  it('does not blame the learner for compulsory topics beyond a maximum or without a place', () => {
    const topics = [topic(1, { isCompulsory: true }), topic(2, { isCompulsory: true })]
    const modules = [{ id: 1, position: 1, ...noLimits, maxTopics: 1 }]
    const choices = [
      { topicId: 1, offeringId: 1 },
      { topicId: 2, offeringId: null },
    ]
    const result = evaluateRoute(situation({ topics, modules, choices }))
    expect(result.gaps).to.deep.equal([])
    expect(codes(result.notices)).to.deep.equal(['compulsory_without_place'])
    expect(result.topicStatuses.get(1)!.removalObstacle).to.deep.equal({ code: 'compulsory' })
  })

  it('misses a compulsory topic and a choice whose group the learner has left', () => {
    const topics = [topic(1, { isCompulsory: true }), topic(2)]
    const offerings = [offering(1, 1), offering(2, 2, { isOfOwnGroup: false })]
    const result = evaluateRoute(situation({ topics, offerings, choices: choose(2) }))
    expect(codes(result.gaps)).to.deep.equal(['compulsory_missing', 'choice_not_offered'])
  })

  it('keeps the place of the route in force: it can be chosen again although full and begun', () => {
    const offerings = [offering(1, 1, { taken: 10 })]
    const now = '2026-10-01 09:30:00.000'
    expect(obstaclesOf({ offerings, now, inForce: choose(1) }, 1)).to.deep.equal([])
    const kept = evaluateRoute(situation({ offerings, now, inForce: choose(1), choices: choose(1) }))
    expect(kept.topicStatuses.get(1)!.removalObstacle).to.deep.equal({ code: 'begun', at: '2026-10-01 09:00:00.000' })
  })

  it('offers nothing and submits nothing while the route is closed, and says why', () => {
    const result = evaluateRoute(situation({ closed: 'window_over', choices: choose(1) }))
    expect(result.canSubmit).to.equal(false)
    expect(result.gaps).to.deep.equal([])
    expect(result.topicStatuses.get(2)!.obstacles).to.deep.equal([{ code: 'closed', because: 'window_over' }])
    expect(result.topicStatuses.get(1)!.removalObstacle).to.deep.equal({ code: 'closed', because: 'window_over' })
  })

  it('ignores choices of topics that the programme no longer has', () => {
    const result = evaluateRoute(situation({ choices: choose(1, 99) }))
    expect(result.topics).to.equal(1)
    expect(result.canSubmit).to.equal(true)
  })
})

describe('learning-routes: the window of a route', () => {
  const base = {
    state: 'draft' as const,
    enrolmentIsActive: true,
    isBoundByDates: true,
    opensOn: '2026-10-01',
    closesOn: '2026-10-10',
    today: '2026-10-05',
  }
  it('is open from the first to the last day, both included', () => {
    expect(closedReason({ ...base, today: '2026-09-30' })).to.equal('not_open_yet')
    expect(closedReason({ ...base, today: '2026-10-01' })).to.equal(null)
    expect(closedReason({ ...base, today: '2026-10-10' })).to.equal(null)
    expect(closedReason({ ...base, today: '2026-10-11' })).to.equal('window_over')
    expect(closedReason({ ...base, opensOn: null, closesOn: null })).to.equal(null)
  })
  it('lets a returned route be mended after the end, but not by someone who has left', () => {
    expect(closedReason({ ...base, state: 'returned', today: '2026-10-20' })).to.equal(null)
    expect(closedReason({ ...base, state: 'returned', enrolmentIsActive: false })).to.equal('enrolment_ended')
  })
  it('does not bind staff who act on behalf of a learner', () => {
    expect(closedReason({ ...base, isBoundByDates: false, today: '2026-10-20' })).to.equal(null)
    expect(closedReason({ ...base, isBoundByDates: false, state: 'submitted' })).to.equal('submitted')
  })
  it('is shut while the route waits for a decision and until a change of an approved one is begun', () => {
    expect(closedReason({ ...base, state: 'submitted' })).to.equal('submitted')
    expect(closedReason({ ...base, state: 'approved' })).to.equal('approved')
  })
})
