import { expect } from 'chai'
import { formatFor } from '../../core/i18n/format.ts'
import { chartsOf, fillWeeks } from './chart.ts'

const week = (monday: string, held: number, attended: number, credits = 0) => ({
  week: monday,
  held,
  attended,
  credits,
})

describe('chart of weeks', () => {
  it('keeps a place for weeks without lessons', () => {
    const weeks = fillWeeks([week('2026-11-09', 4, 2)], '2026-11-02', '2026-11-16')
    expect(weeks.map(({ week, held }) => [week, held])).to.deep.equal([
      ['2026-11-02', 0],
      ['2026-11-09', 4],
      ['2026-11-16', 0],
    ])
  })

  it('draws what was, higher for more, nothing where nothing was', () => {
    const weeks = [week('2026-11-02', 4, 1), week('2026-11-09', 0, 0, 7), week('2026-11-16', 4, 4, 2)]
    const { attendance, credits } = chartsOf(weeks, formatFor('en', 'UTC'))
    expect(attendance.bars.map((bar) => bar.label)).to.deep.equal(['25', '100'])
    const [low, high] = attendance.bars
    expect(high?.height).to.be.greaterThan(low?.height as number)
    expect(credits.bars.map((bar) => bar.label)).to.deep.equal(['7', '2'])
    for (const bar of [...attendance.bars, ...credits.bars]) {
      expect(bar.y).to.be.at.least(0)
      expect(bar.y + bar.height).to.be.at.most(attendance.baseline + 0.1)
    }
    expect(credits.lines.at(-1)?.text).to.equal('6')
  })

  it('stands an empty stretch', () => {
    expect(chartsOf([], formatFor('ru', 'UTC')).attendance.bars).to.deep.equal([])
  })
})
