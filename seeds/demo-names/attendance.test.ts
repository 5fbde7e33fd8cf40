import { expect } from 'chai'
import { type DemoCell, MEAN_PRESENCE, makeAttendance, makeLearnerHabits } from './attendance.ts'
import { makeOwnItems, PUBLIC_ACTIVITY_ITEMS, SELF_EDUCATION_ITEMS } from './own-items.ts'
import { mulberry32, pickSome, weightedPicker } from './prng.ts'

const wasThere = (cell: DemoCell) => cell.attendance === 'present' || cell.attendance === 'late'

describe('invented journals', () => {
  const rng = mulberry32(11)
  const rows = Array.from({ length: 3_000 }, () => {
    const habits = makeLearnerHabits(rng)
    return { habits, cells: makeAttendance(rng, habits, { lessons: 40 }) }
  })
  const filled = rows.flatMap(({ cells }) => cells).filter((cell) => cell.attendance !== '')

  it('finds learners there in about 88 lessons of a hundred', () => {
    expect(filled.filter(wasThere).length / filled.length).to.be.closeTo(MEAN_PRESENCE, 0.01)
  })

  it('lets the same people fall behind: attendance follows the habit', () => {
    const share = (cells: DemoCell[]) => cells.filter(wasThere).length / cells.length
    const meanOf = (list: typeof rows) => list.reduce((sum, row) => sum + share(row.cells), 0) / list.length
    const sorted = [...rows].sort((a, b) => a.habits.presence - b.habits.presence)
    expect(meanOf(sorted.slice(0, 300))).to.be.below(0.68)
    expect(meanOf(sorted.slice(-1_500))).to.be.above(0.92)
  })

  it('gives marks and comments only where they make sense', () => {
    for (const cell of rows.flatMap(({ cells }) => cells)) {
      if (cell.mark !== null) {
        expect(wasThere(cell)).to.equal(true)
        expect(cell.mark).to.be.within(2, 5)
      }
      if (cell.attendance === '') expect(cell).to.deep.equal({ attendance: '', mark: null, comment: null })
    }
    const causes = new Set(filled.map((cell) => cell.attendance))
    expect([...causes].sort()).to.deep.equal(['absent', 'excused', 'ill', 'late', 'present'])
    expect(filled.some((cell) => cell.comment !== null)).to.equal(true)
  })

  it('leaves lessons that have not been held empty', () => {
    const cells = makeAttendance(rng, makeLearnerHabits(rng), { lessons: 12, held: 5, forgottenShare: 0 })
    expect(cells.map((cell) => cell.attendance === '')).to.deep.equal([...Array(5).fill(false), ...Array(7).fill(true)])
  })

  it('gives the same journal for the same seed', () => {
    const make = (seed: number) => {
      const same = mulberry32(seed)
      return makeAttendance(same, makeLearnerHabits(same), { lessons: 30 })
    }
    expect(make(4)).to.deep.equal(make(4))
    expect(make(4)).not.to.deep.equal(make(5))
  })
})

describe('own items', () => {
  it('are different from one another and fit their fields', () => {
    const all = [...SELF_EDUCATION_ITEMS, ...PUBLIC_ACTIVITY_ITEMS]
    expect(new Set(all.map(({ title }) => title)).size).to.equal(all.length)
    for (const { title, hours } of all) {
      expect(title.length).to.be.within(5, 200)
      expect(hours).to.be.within(1, 12)
    }
    const some = makeOwnItems(mulberry32(2), 6)
    expect(new Set(some).size).to.equal(6)
  })
})

describe('draws', () => {
  it('follow their weights', () => {
    const rng = mulberry32(1)
    const draw = weightedPicker([['rare', 1] as const, ['never', 0] as const, ['often', 9] as const])
    const counts: Record<string, number> = { rare: 0, never: 0, often: 0 }
    for (let i = 0; i < 20_000; i++) counts[draw(rng)]!++
    expect(counts.never).to.equal(0)
    expect(counts.often! / 20_000).to.be.closeTo(0.9, 0.01)
    expect(() => weightedPicker([])).to.throw()
  })

  it('never give more than there is', () => {
    expect(pickSome(mulberry32(3), [1, 2, 3], 9).sort()).to.deep.equal([1, 2, 3])
  })
})
