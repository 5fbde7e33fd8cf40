import { DateTime } from 'luxon'
import { addDays } from '../../core/time.ts'

/** Choosing dates for a cohort's classes: pure. Civil dates only; clock times are added by the service. */

export type PlannedTopic = { id: number; moduleId: number; hours: number; dayOffset: number | null }
export type PlannedGroup = {
  id: number
  moduleId: number
  /** 1 for the first group of its module: people are mostly in groups of one number, so these never meet on one day. */
  number: number
}
export type PlanRules = {
  startsOn: string
  endsOn: string
  /** ISO weekdays: 1 is Monday. Groups share them out: with two days and two groups each has its own. */
  weekdays: readonly number[]
  hoursPerLesson: number
  holidays: ReadonlySet<string>
}
export type PlannedLesson = { date: string; hours: number }
export type PlannedOffering = { groupId: number; topicId: number; lessons: PlannedLesson[] }

const weekdayOf = (date: string) => DateTime.fromISO(date, { zone: 'utc' }).weekday

/**
 * Dates for these topics and groups, near the days that the programme suggests: never on a holiday, never two classes
 * of groups of one number on a day, the parts of a long topic one after another.
 * @param wanted which group has which topic
 * @param taken days on which groups of a number have classes already: `number:date`
 */
export function planTimetable(
  wanted: readonly { group: PlannedGroup; topic: PlannedTopic }[],
  topics: readonly PlannedTopic[],
  rules: PlanRules,
  taken: ReadonlySet<string> = new Set(),
): PlannedOffering[] {
  const busy = new Set(taken)
  const offsets = offsetsOf(topics, rules)
  const numbers = Math.max(1, ...wanted.map(({ group }) => group.number))
  const inOrder = [...wanted].sort(
    (a, b) => (offsets.get(a.topic.id) ?? 0) - (offsets.get(b.topic.id) ?? 0) || a.group.number - b.group.number,
  )
  return inOrder.map(({ group, topic }) => {
    const days = daysOf(group.number, numbers, rules.weekdays)
    let from = addDays(rules.startsOn, offsets.get(topic.id) ?? 0)
    const lessons = partsOf(topic.hours, rules.hoursPerLesson).map((hours, index) => {
      const date = nearestFree(from, index === 0, days, (day) => !busy.has(`${group.number}:${day}`), rules)
      busy.add(`${group.number}:${date}`)
      from = addDays(date, 1)
      return { date, hours }
    })
    return { groupId: group.id, topicId: topic.id, lessons }
  })
}

/** The share of the weekdays that groups of this number use. */
function daysOf(number: number, numbers: number, weekdays: readonly number[]): Set<number> {
  const shares = Math.min(numbers, weekdays.length)
  return new Set(weekdays.filter((_, index) => index % shares === (number - 1) % shares))
}

const partsOf = (hours: number, most: number): number[] => {
  const total = Math.max(1, hours)
  return Array.from({ length: Math.ceil(total / most) }, (_, index) => Math.min(most, total - index * most))
}

/** The first class may come up to three days earlier than suggested, so that the nearest weekday is taken. */
const EARLIER_DAYS = 3
const SEARCH_DAYS = 400

function nearestFree(
  from: string,
  mayBeEarlier: boolean,
  days: ReadonlySet<number>,
  isFree: (date: string) => boolean,
  { startsOn, endsOn, holidays }: PlanRules,
): string {
  const suits = (date: string) => days.has(weekdayOf(date)) && !holidays.has(date) && isFree(date)
  const earliest = mayBeEarlier ? addDays(from, -EARLIER_DAYS) : from
  let date = earliest < startsOn ? startsOn : earliest
  for (let step = 0; step < SEARCH_DAYS && date <= endsOn; step++, date = addDays(date, 1)) if (suits(date)) return date
  // Nothing free until the end of the cohort: earlier, if there is a day; else after the end, where it will be noticed.
  if (mayBeEarlier) {
    for (let back = earliest; back >= startsOn; back = addDays(back, -1)) if (suits(back)) return back
  }
  for (let step = 0; step < SEARCH_DAYS; step++, date = addDays(date, 1)) if (suits(date)) return date
  return date
}

/** Days from the start for each topic. Topics without a suggestion follow a week after the topic before them. */
function offsetsOf(topics: readonly PlannedTopic[], { startsOn, endsOn }: PlanRules): Map<number, number> {
  const length = DateTime.fromISO(endsOn).diff(DateTime.fromISO(startsOn), 'days').days
  const modules = [...new Set(topics.map((topic) => topic.moduleId))]
  const offsets = new Map<number, number>()
  for (const [index, moduleId] of modules.entries()) {
    let next = Math.floor((index * length) / modules.length)
    for (const topic of topics.filter((candidate) => candidate.moduleId === moduleId)) {
      const offset = topic.dayOffset ?? next
      offsets.set(topic.id, offset)
      next = offset + 7
    }
  }
  return offsets
}
