import { expect } from 'chai'
import { parseHolidays, suggestHolidays } from './holidays.ts'
import { type PlanRules, planTimetable } from './timetable-plan.ts'

// 1 September 2026 is a Tuesday.
const rules: PlanRules = {
  startsOn: '2026-09-01',
  endsOn: '2027-05-31',
  weekdays: [2, 4],
  hoursPerLesson: 4,
  holidays: new Set(),
}
const topic = (id: number, dayOffset: number | null, hours = 4, moduleId = 1) => ({ id, moduleId, hours, dayOffset })
const group = (id: number, number: number, moduleId = 1) => ({ id, moduleId, number })
const dates = (plan: ReturnType<typeof planTimetable>) => plan.flatMap(({ lessons }) => lessons.map(({ date }) => date))

describe('dates of a timetable', () => {
  it('are the chosen weekdays nearest to what the programme suggests', () => {
    const topics = [topic(1, 5), topic(2, 16)]
    const plan = planTimetable(
      topics.map((one) => ({ group: group(1, 1), topic: one })),
      topics,
      rules,
    )
    expect(dates(plan)).to.deep.equal(['2026-09-03', '2026-09-15'])
  })

  it('give each of two groups its own weekday', () => {
    const topics = [topic(1, 7)]
    const plan = planTimetable(
      [1, 2].map((number) => ({ group: group(number, number), topic: topics[0]! })),
      topics,
      rules,
    )
    expect(dates(plan)).to.deep.equal(['2026-09-08', '2026-09-10'])
  })

  it('skip holidays', () => {
    const topics = [topic(1, 0)]
    const holidays = new Set(['2026-09-01', '2026-09-03'])
    const plan = planTimetable([{ group: group(1, 1), topic: topics[0]! }], topics, { ...rules, holidays })
    expect(dates(plan)).to.deep.equal(['2026-09-08'])
  })

  it('never give groups of one number two classes on a day, in any module', () => {
    const topics = [topic(1, 7), topic(2, 7, 4, 2)]
    const wanted = [
      { group: group(1, 1), topic: topics[0]! },
      { group: group(2, 1, 2), topic: topics[1]! },
    ]
    expect(dates(planTimetable(wanted, topics, rules))).to.deep.equal(['2026-09-08', '2026-09-10'])
    const taken = new Set(['1:2026-09-08'])
    expect(dates(planTimetable(wanted, topics, rules, taken))).to.deep.equal(['2026-09-10', '2026-09-15'])
  })

  it('split a long topic into several classes in order', () => {
    const topics = [topic(1, 0, 10)]
    const plan = planTimetable([{ group: group(1, 1), topic: topics[0]! }], topics, rules)
    expect(plan[0]?.lessons).to.deep.equal([
      { date: '2026-09-01', hours: 4 },
      { date: '2026-09-03', hours: 4 },
      { date: '2026-09-08', hours: 2 },
    ])
  })

  it('stay within the cohort where they can', () => {
    const topics = [topic(1, 270), topic(2, 271)]
    const plan = planTimetable(
      topics.map((one) => ({ group: group(1, 1), topic: one })),
      topics,
      rules,
    )
    for (const date of dates(plan)) expect(date <= rules.endsOn, date).to.equal(true)
  })

  it('spread topics for which the programme suggests no day over the cohort', () => {
    const topics = [topic(1, null), topic(2, null), topic(3, null, 4, 2)]
    const plan = planTimetable(
      topics.map((one) => ({ group: group(one.moduleId, 1, one.moduleId), topic: one })),
      topics,
      rules,
    )
    const [first, second, third] = dates(plan) as [string, string, string]
    expect(first < second && second < third).to.equal(true)
    expect(third > '2026-12-31').to.equal(true)
  })
})

describe('holidays', () => {
  it('are read as people type them', () => {
    const { days, wrongLines } = parseHolidays('01.01.2027 – 03.01.2027\n2027-02-23\n 8.3.2027 \n01.05.2027-02.05.2027')
    expect([...days]).to.deep.equal([
      ...['2027-01-01', '2027-01-02', '2027-01-03', '2027-02-23', '2027-03-08', '2027-05-01', '2027-05-02'],
    ])
    expect(wrongLines).to.deep.equal([])
  })

  it('that are no days come back', () => {
    const { wrongLines } = parseHolidays('31.02.2027\n05.05.2027 – 01.05.2027\nканикулы\n01.01.2027 –')
    expect(wrongLines).to.deep.equal(['31.02.2027', '05.05.2027 – 01.05.2027', 'каникулы', '01.01.2027 –'])
  })

  it('are suggested for the time of the cohort and can be read back', () => {
    const text = suggestHolidays('2026-09-01', '2027-05-31')
    const { days, wrongLines } = parseHolidays(text)
    expect(wrongLines).to.deep.equal([])
    expect(days.has('2027-01-08') && days.has('2026-11-04')).to.equal(true)
    expect(days.has('2027-06-12') || days.has('2026-06-12')).to.equal(false)
  })
})
