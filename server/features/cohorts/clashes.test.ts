import { expect } from 'chai'
import { findClashes, findOverlaps, type TimedLesson } from './clashes.ts'

let id = 0
const at = (from: string, to: string, more: Partial<TimedLesson> = {}): TimedLesson => ({
  id: ++id,
  startsAt: `2027-01-12 ${from}:00.000`,
  endsAt: `2027-01-12 ${to}:00.000`,
  groupId: id,
  room: null,
  instructorIds: [],
  isOwn: true,
  ...more,
})

describe('clashes of a timetable', () => {
  it('are overlaps that need the same room, group or instructor', () => {
    const first = at('10:00', '12:00', { room: 'зал', instructorIds: [7, 8] })
    const second = at('11:00', '13:00', { room: 'зал', instructorIds: [8] })
    const third = at('11:30', '12:30', { groupId: first.groupId })
    expect(findClashes([third, second, first])).to.deep.equal([
      { first: first.id, second: second.id, room: true, group: false, instructorIds: [8] },
      { first: first.id, second: third.id, room: false, group: true, instructorIds: [] },
    ])
  })

  it('are not lessons that follow one another, nor lessons without a room', () => {
    const room = 'зал'
    expect(findClashes([at('10:00', '12:00', { room }), at('12:00', '13:00', { room })])).to.deep.equal([])
    expect(findClashes([at('10:00', '12:00'), at('10:00', '12:00')])).to.deep.equal([])
  })

  it('matter only where the cohort itself is concerned', () => {
    const room = 'зал'
    const others = [at('10:00', '12:00', { room, isOwn: false }), at('10:00', '12:00', { room, isOwn: false })]
    expect(findClashes(others)).to.deep.equal([])
    expect(findClashes([...others, at('11:00', '12:00', { room })])).to.have.length(2)
  })

  it('are found among lessons that last long', () => {
    const long = at('09:00', '18:00', { room: 'зал' })
    const short = ['10:00', '12:00', '16:00'].map((from) => at(from, `${from.slice(0, 2)}:30`, { room: 'зал' }))
    expect(findClashes([long, ...short]).map(({ second }) => second)).to.deep.equal(short.map((lesson) => lesson.id))
  })

  it('begin with overlaps of different groups, for learners who are in both', () => {
    const one = at('10:00', '12:00')
    const pairs = findOverlaps([one, at('11:00', '12:00'), at('11:00', '12:00', { groupId: one.groupId })])
    expect(pairs.filter(([a, b]) => a.groupId === b.groupId)).to.deep.equal([])
    expect(pairs).to.have.length(2)
  })
})
