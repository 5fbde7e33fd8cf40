import { expect } from 'chai'
import { compareSnapshots, type RouteSnapshot, type SnapshotOwnItem, type SnapshotTopic } from './snapshot.ts'

const topic = (topicId: number, over: Partial<SnapshotTopic> = {}): SnapshotTopic => ({
  topicId,
  title: { en: `Topic ${topicId}` },
  hours: 4,
  format: 'seminar',
  isCompulsory: false,
  offeringId: topicId,
  place: null,
  dates: [],
  ...over,
})
const version = (topics: SnapshotTopic[], ownItems: SnapshotOwnItem[] = []): RouteSnapshot => ({
  topicHours: topics.reduce((sum, one) => sum + one.hours, 0),
  ownHours: ownItems.reduce((sum, one) => sum + one.hours, 0),
  modules: [{ moduleId: 1, position: 1, title: { en: 'M' }, hours: 4, topics }],
  ownItems,
})
const item = (id: number, hours: number): SnapshotOwnItem => ({
  id,
  kind: 'self_education',
  place: 'inside',
  title: 'Reading',
  description: '',
  hours,
  startsOn: null,
  endsOn: null,
})

describe('learning-routes: comparing two versions', () => {
  it('names what was added, removed, changed and kept', () => {
    const before = version([topic(1), topic(2), topic(3)], [item(1, 2), item(2, 3)])
    const after = version([topic(1), topic(3, { place: 'Room 4' }), topic(4)], [item(2, 5)])
    const result = compareSnapshots(before, after)
    expect(result.modules[0]!.topics.map((line) => [(line.after ?? line.before)!.topicId, line.change])).to.deep.equal([
      [1, 'same'],
      [3, 'changed'],
      [4, 'added'],
      [2, 'removed'],
    ])
    expect(result.ownItems.map((line) => line.change)).to.deep.equal(['changed', 'removed'])
    expect(result).to.include({ hoursBefore: 17, hoursAfter: 17, changes: 5 })
  })

  it('finds nothing between equal versions, even when a title was worded anew', () => {
    const renamed = version([topic(1, { title: { en: 'Other words' } })])
    expect(compareSnapshots(version([topic(1)]), renamed).changes).to.equal(0)
  })

  it('shows the topics of a module that is no longer there as removed', () => {
    const result = compareSnapshots(version([topic(1)]), { topicHours: 0, ownHours: 0, modules: [], ownItems: [] })
    expect(result.modules[0]!.topics[0]!.change).to.equal('removed')
  })
})
