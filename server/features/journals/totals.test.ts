import { expect } from 'chai'
import fc from 'fast-check'
import { ATTENDANCES, type Attendance, MARKS, type Mark } from './marks.ts'
import { behindReasons, isExpected, type LearnerLesson, suggestCredit, sumLearner } from './totals.ts'

const NOW = '2026-11-21 12:00:00.000'
const rule = { minAttendancePercent: 70, minMark: 4 }

/** Lessons one a day from 1 November; `5` and `0` are marks of those present, `?` an elective of others. */
function lessons(signs: string, firstDay = 1): LearnerLesson[] {
  const meaning: Record<string, [Attendance, Mark | null]> = {
    '+': ['present', null],
    н: ['absent', null],
    б: ['ill', null],
    у: ['excused', null],
    о: ['late', null],
    _: ['', null],
    '?': ['absent', null],
  }
  return [...signs].map((sign, index) => {
    const [attendance, mark] = meaning[sign] ?? ['present', Number(sign) as Mark]
    const startsAt = `2026-11-${String(firstDay + index).padStart(2, '0')} 12:00:00.000`
    return { startsAt, expected: sign !== '?', attendance, mark }
  })
}

describe('totals of a module journal', () => {
  it('counts attendance among the marked lessons; late is there, ill and excused are not', () => {
    expect(sumLearner(lessons('++онбу__'), NOW)).to.include({
      expected: 8,
      marked: 6,
      attended: 3,
      unmarked: 2,
      ahead: 0,
      percent: 50,
    })
  })

  it('knows lessons ahead from lessons forgotten', () => {
    expect(sumLearner(lessons('+____', 19), NOW)).to.include({ unmarked: 2, ahead: 2 })
  })

  it('leaves out what is not expected', () => {
    expect(sumLearner(lessons('+??+'), NOW)).to.include({ expected: 2, marked: 2, percent: 100, missedInRow: 0 })
  })

  it('gives the mean of numbers alone', () => {
    expect(sumLearner(lessons('5410+'), NOW)).to.include({ mean: 4.5, notPassed: 1 })
    expect(sumLearner(lessons('554'), NOW).mean).to.equal(4.67)
    expect(sumLearner(lessons('++'), NOW).mean).to.equal(null)
  })

  it('rounds down, so that a shown percentage never seems to reach a minimum it misses', () => {
    const totals = sumLearner(lessons('++н'), NOW)
    expect(totals.percent).to.equal(66)
    expect(behindReasons(totals, { minAttendancePercent: 67, minMark: null })).to.deep.equal([
      { code: 'attendance', percent: 66, minimum: 67 },
    ])
  })

  it('shows who falls behind: below the minimum, or the last two lessons missed', () => {
    expect(behindReasons(sumLearner(lessons('+++н'), NOW), rule)).to.deep.equal([])
    expect(behindReasons(sumLearner(lessons('++++++нб'), NOW), rule)).to.deep.equal([{ code: 'missedInRow', count: 2 }])
    expect(behindReasons(sumLearner(lessons('нн'), NOW), rule)).to.have.length(2)
    expect(behindReasons(sumLearner(lessons('+++++н_?'), NOW), rule)).to.deep.equal([])
    expect(behindReasons(sumLearner([], NOW), rule)).to.deep.equal([])
  })

  it('takes lessons by time, not by the order in which they come', () => {
    const scrambled = lessons('нн++++++').reverse()
    expect(sumLearner(scrambled, NOW).missedInRow).to.equal(0)
  })

  it('keeps its sums in step', () => {
    const anyLesson = fc.record({
      attendance: fc.constantFrom(...ATTENDANCES),
      mark: fc.constantFrom(null, ...MARKS),
      expected: fc.boolean(),
      startsAt: fc.constantFrom('2026-11-01 08:00:00.000', '2026-12-01 08:00:00.000'),
    })
    fc.assert(
      fc.property(fc.array(anyLesson), (list) => {
        const totals = sumLearner(list, NOW)
        expect(totals.marked + totals.unmarked + totals.ahead).to.equal(totals.expected)
        expect(totals.attended).to.be.at.most(totals.marked)
        expect(totals.missedInRow).to.be.at.most(totals.marked - totals.attended)
        if (totals.percent !== null) expect(totals.percent).to.be.within(0, 100)
        if (totals.mean !== null) expect(totals.mean).to.be.within(2, 5)
      }),
    )
  })
})

describe('suggestion of a credit', () => {
  const suggest = (signs: string, firstDay?: number) => suggestCredit(sumLearner(lessons(signs, firstDay), NOW), rule)

  it('is given when the rule is met and nothing is left', () => {
    expect(suggest('45+')).to.deep.equal({ state: 'passed' })
  })
  it('waits while lessons are ahead or blank', () => {
    expect(suggest('45_')).to.deep.equal({ state: 'onTrack', ahead: 0, unmarked: 1 })
    expect(suggest('5__', 20)).to.deep.equal({ state: 'onTrack', ahead: 1, unmarked: 1 })
  })
  it('names every obstacle', () => {
    expect(suggest('')).to.deep.equal({ state: 'notYet', reasons: [{ code: 'nothingMarked' }] })
    expect(suggest('3нн')).to.deep.equal({
      state: 'notYet',
      reasons: [
        { code: 'attendance', percent: 33, minimum: 70 },
        { code: 'mark', mean: 3, minimum: 4 },
      ],
    })
    expect(suggest('+++')).to.deep.equal({ state: 'notYet', reasons: [{ code: 'noMarks', minimum: 4 }] })
    expect(suggest('50')).to.deep.equal({ state: 'notYet', reasons: [{ code: 'notPassed', count: 1 }] })
  })
  it('is never given to one who was never there, even where the module asks for nothing', () => {
    const free = { minAttendancePercent: null, minMark: null }
    expect(suggestCredit(sumLearner(lessons('нн'), NOW), free).state).to.equal('notYet')
    expect(suggestCredit(sumLearner(lessons('н+'), NOW), free).state).to.equal('passed')
  })
})

describe('for whom a lesson is', () => {
  const compulsory = { day: '2026-11-10', cancelled: false, electiveOfferingId: null }
  const always = { startsOn: '2026-09-01', endsOn: null }
  const none = new Set<number>()

  it('is for members on its day, the last day included', () => {
    expect(isExpected(compulsory, always, none)).to.equal(true)
    expect(isExpected(compulsory, { startsOn: '2026-11-11', endsOn: null }, none)).to.equal(false)
    expect(isExpected(compulsory, { startsOn: '2026-09-01', endsOn: '2026-11-10' }, none)).to.equal(true)
    expect(isExpected(compulsory, { startsOn: '2026-09-01', endsOn: '2026-11-09' }, none)).to.equal(false)
  })
  it('is for nobody when cancelled', () => {
    expect(isExpected({ ...compulsory, cancelled: true }, always, none)).to.equal(false)
  })
  it('of an elective topic is for those whose route has it', () => {
    const elective = { ...compulsory, electiveOfferingId: 7 }
    expect(isExpected(elective, always, none)).to.equal(false)
    expect(isExpected(elective, always, new Set([7]))).to.equal(true)
  })
})
