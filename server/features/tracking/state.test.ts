import { expect } from 'chai'
import fc from 'fast-check'
import { isKnown, kindOf, requiredOf } from './kinds.ts'
import { isLate, stateOfEvidence } from './state.ts'

describe('state of a milestone', () => {
  it('follows from accepted and offered evidence', () => {
    expect(stateOfEvidence({ required: 1, accepted: 0, offered: 0 })).to.equal('open')
    expect(stateOfEvidence({ required: 1, accepted: 0, offered: 1 })).to.equal('submitted')
    expect(stateOfEvidence({ required: 1, accepted: 1, offered: 0 })).to.equal('done')
    expect(stateOfEvidence({ required: 1, accepted: 0, offered: 0 }, true)).to.equal('returned')
  })

  it('of three participations stays open until three are offered, and is done with three accepted', () => {
    expect(stateOfEvidence({ required: 3, accepted: 1, offered: 1 })).to.equal('open')
    expect(stateOfEvidence({ required: 3, accepted: 1, offered: 2 })).to.equal('submitted')
    expect(stateOfEvidence({ required: 3, accepted: 3, offered: 1 })).to.equal('done')
    expect(stateOfEvidence({ required: 3, accepted: 1, offered: 0 }, true)).to.equal('returned')
    expect(stateOfEvidence({ required: 3, accepted: 1, offered: 1 }, true)).to.equal('open')
  })

  it('never falls back when more is accepted', () => {
    const order = ['returned', 'open', 'submitted', 'done']
    const few = fc.integer({ min: 0, max: 5 })
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), few, few, fc.boolean(), (required, accepted, offered, returned) => {
        const rank = (more: number) =>
          order.indexOf(stateOfEvidence({ required, accepted: accepted + more, offered }, returned))
        return rank(1) >= rank(0)
      }),
    )
  })

  it('is late only while it is the learner’s turn', () => {
    expect(isLate('open', '2026-11-20', '2026-11-21')).to.equal(true)
    expect(isLate('returned', '2026-11-20', '2026-11-21')).to.equal(true)
    expect(isLate('open', '2026-11-21', '2026-11-21')).to.equal(false)
    expect(isLate('open', null, '2026-11-21')).to.equal(false)
    for (const state of ['submitted', 'done', 'waived'])
      expect(isLate(state, '2020-01-01', '2026-11-21')).to.equal(false)
  })
})

describe('kinds of milestones', () => {
  const milestone = { kind: 'module_credit', module_id: 5, required_count: 3 }

  it('that the system knows are the route and the credit of a module', () => {
    expect(isKnown(milestone)).to.equal(true)
    expect(isKnown({ ...milestone, kind: 'route', module_id: null })).to.equal(true)
    expect(isKnown({ ...milestone, module_id: null })).to.equal(false)
    for (const kind of [
      'questionnaire',
      'reviewed_lesson',
      'counted_participation',
      'presentation',
      'portfolio',
      'manual',
    ])
      expect(isKnown({ ...milestone, kind })).to.equal(false)
  })

  it('that nobody knows are confirmed by hand, whatever they are called', () => {
    for (const kind of ['hackathon', 'constructor', '__proto__']) expect(kindOf({ kind }).icon).to.equal('checklist')
  })

  it('count only where they are counted', () => {
    expect(requiredOf(milestone)).to.equal(1)
    expect(requiredOf({ ...milestone, kind: 'counted_participation' })).to.equal(3)
    expect(requiredOf({ ...milestone, kind: 'counted_participation', required_count: 0 })).to.equal(1)
  })
})
