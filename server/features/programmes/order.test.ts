import { expect } from 'chai'
import fc from 'fast-check'
import { ConflictError } from '../../core/errors.ts'
import { arrange, demandSameEntries, moved } from './order.ts'
import { makesCircle } from './topics/prerequisites.ts'

describe('order of the parts of a programme', () => {
  it('moves an entry by one place and stops at the ends', () => {
    expect(moved([1, 2, 3], 3, 'up')).to.deep.equal([1, 3, 2])
    expect(moved([1, 2, 3], 1, 'down')).to.deep.equal([2, 1, 3])
    expect(moved([1, 2, 3], 1, 'up')).to.deep.equal([1, 2, 3])
    expect(moved([1, 2, 3], 3, 'down')).to.deep.equal([1, 2, 3])
  })

  it('refuses an order that leaves out, adds or repeats an entry', () => {
    for (const order of [
      [1, 2],
      [1, 2, 3, 4],
      [1, 2, 2],
      [1, 1, 2, 3],
    ]) {
      expect(() => demandSameEntries(order, [1, 2, 3]), order.join()).to.throw(ConflictError)
    }
    demandSameEntries([3, 1, 2], [1, 2, 3])
  })

  const modules = [
    { id: 1, group: 10 },
    { id: 2, group: 10 },
    { id: 3, group: 20 },
    { id: 4, group: null },
  ]

  it('puts a module of another stage where it was dropped', () => {
    expect(arrange(modules, [10, 20], 20, [1, 3])).to.deep.equal([2, 1, 3, 4])
    expect(arrange(modules, [20, 10], 10, [2, 1])).to.deep.equal([3, 2, 1, 4])
    expect(arrange(modules, [10, 20], null, [3, 4])).to.deep.equal([1, 2, 3, 4])
  })

  it('refuses a stage that has changed meanwhile', () => {
    expect(() => arrange(modules, [10, 20], 10, [1])).to.throw(ConflictError)
    expect(() => arrange(modules, [10, 20], 10, [1, 2, 99])).to.throw(ConflictError)
  })

  it('loses and doubles no module, whatever is dropped where', () => {
    const stage = fc.constantFrom(10, 20, null)
    fc.assert(
      fc.property(fc.array(stage, { minLength: 1, maxLength: 12 }), stage, fc.nat(), (groups, target, seed) => {
        const list = groups.map((group, index) => ({ id: index + 1, group }))
        const inTarget = list.filter(({ group }) => group === target).map(({ id }) => id)
        const others = list.filter(({ group }) => group !== target).map(({ id }) => id)
        const guest = others[seed % Math.max(1, others.length)]
        const order = guest === undefined ? inTarget : [guest, ...inTarget]
        const result = arrange(list, [10, 20], target, order)
        expect([...result].sort((a, b) => a - b)).to.deep.equal(list.map(({ id }) => id))
      }),
    )
  })
})

describe('topics that require one another', () => {
  const needs = (topic_id: number, requires_topic_id: number) => ({ topic_id, requires_topic_id })

  it('may form a chain but no circle', () => {
    const chain = [needs(3, 2), needs(2, 1)]
    expect(makesCircle(4, [3], chain)).to.equal(false)
    expect(makesCircle(1, [3], chain)).to.equal(true)
    expect(makesCircle(1, [1], [])).to.equal(true)
  })

  it('are judged by what they will require, not by what they required before', () => {
    expect(makesCircle(2, [3], [needs(2, 1), needs(1, 4)])).to.equal(false)
  })

  it('never take a circle for a chain: links to earlier topics alone are always allowed', () => {
    const link = fc.tuple(fc.integer({ min: 2, max: 20 }), fc.nat())
    fc.assert(
      fc.property(
        fc.array(link, { maxLength: 40 }),
        fc.integer({ min: 2, max: 20 }),
        fc.nat(),
        (links, topic, pick) => {
          const all = links.map(([id, seed]) => needs(id, 1 + (seed % (id - 1))))
          expect(makesCircle(topic, [1 + (pick % (topic - 1))], all)).to.equal(false)
        },
      ),
    )
  })
})
