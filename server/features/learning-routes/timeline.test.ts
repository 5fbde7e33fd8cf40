import { expect } from 'chai'
import { layOutTimeline, type TimelineEntry } from './timeline.ts'

const cohort = { startsOn: '2026-10-05', endsOn: '2026-12-20' }
const options = { timeZone: 'Europe/Moscow', now: '2026-11-15 00:00:00.000' }
const entry = (over: Partial<TimelineEntry>): TimelineEntry => ({
  key: 'a',
  dates: [],
  from: null,
  to: null,
  clashesAt: [],
  ...over,
})

describe('learning-routes: timeline', () => {
  it('shows whole months of the cohort, side by side and without gaps', () => {
    const { months } = layOutTimeline(cohort, [], options)
    expect(months.map((month) => month.month)).to.deep.equal([10, 11, 12])
    expect(months[0]!.start).to.equal(0)
    expect(months.reduce((sum, month) => sum + month.length, 0)).to.be.closeTo(100, 0.02)
  })

  it('stretches to what lies outside the cohort', () => {
    const { months } = layOutTimeline(cohort, [entry({ from: '2026-09-10', to: '2027-01-03' })], options)
    expect(months.map((month) => month.month)).to.deep.equal([9, 10, 11, 12, 1])
  })

  it('places classes in the time zone of the authority, not in UTC', () => {
    const dates = [{ startsAt: '2026-09-30 21:30:00.000', endsAt: '2026-09-30 23:00:00.000' }]
    const { months, rows } = layOutTimeline(cohort, [entry({ dates })], options)
    expect(months[0]!.month).to.equal(10)
    expect(rows[0]!.marks[0]!.at).to.be.within(0, 0.1)
  })

  it('marks the class in which a clash falls, and only it', () => {
    const dates = [
      { startsAt: '2026-10-06 09:00:00.000', endsAt: '2026-10-06 11:00:00.000' },
      { startsAt: '2026-10-13 09:00:00.000', endsAt: '2026-10-13 11:00:00.000' },
    ]
    const [row] = layOutTimeline(cohort, [entry({ dates, clashesAt: ['2026-10-13 10:00:00.000'] })], options).rows
    expect(row!.marks.map((mark) => mark.clash)).to.deep.equal([false, true])
    expect(row!.bar!.length).to.be.greaterThan(5)
  })

  it('draws no bar for what has no dates yet, and no line for today outside the months', () => {
    const drawn = layOutTimeline(cohort, [entry({})], { ...options, now: '2027-05-01 00:00:00.000' })
    expect(drawn.rows[0]!.bar).to.equal(null)
    expect(drawn.today).to.equal(null)
    expect(layOutTimeline(cohort, [], options).today).to.be.closeTo(48.9, 0.5)
  })
})
