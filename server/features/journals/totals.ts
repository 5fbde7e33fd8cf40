/**
 * Sums at the right of a module journal: attendance, mean mark, who falls behind and why, and whether a credit may be
 * suggested. Pure; the same functions feed the grid, exports, print and other features' summaries.
 */
import { type Attendance, type CellValue, NOT_PASSED, PASSED } from './marks.ts'

/** Credit rule of a module; null = the module does not ask for it. */
export interface CreditRule {
  minAttendancePercent: number | null
  minMark: number | null
}

/** One lesson as it concerns one learner. `expected`: not cancelled, and meant for this learner. */
export interface LearnerLesson extends CellValue {
  startsAt: string
  expected: boolean
}

export interface Totals {
  /** Lessons meant for this learner, past and coming. */
  expected: number
  /** Of those, lessons with an attendance written down. */
  marked: number
  /** Present or late. */
  attended: number
  /** Past lessons of this learner where nothing is written down yet. */
  unmarked: number
  /** Lessons still to come. */
  ahead: number
  /** Whole per cent of `attended` in `marked`, rounded down so that 2 of 3 is not shown as a reached 67 %; or null. */
  percent: number | null
  /** Mean of the marks 2–5, two decimals; null without marks. «зачтено» has no number and is not counted. */
  mean: number | null
  /** Lessons with «не зачтено». */
  notPassed: number
  /** Consecutive lessons missed, counted back from the last marked one. */
  missedInRow: number
}

/** Missed as many of the latest lessons as this: the learner falls behind whatever the percentage is. */
export const MISSED_IN_ROW_LIMIT = 2

export type BehindReason =
  | { code: 'attendance'; percent: number; minimum: number }
  | { code: 'missedInRow'; count: number }

export type CreditSuggestion =
  | { state: 'passed' }
  | { state: 'onTrack'; ahead: number; unmarked: number }
  | { state: 'notYet'; reasons: CreditObstacle[] }

export type CreditObstacle =
  | { code: 'nothingMarked' }
  | { code: 'attendance'; percent: number; minimum: number }
  | { code: 'noMarks'; minimum: number }
  | { code: 'mark'; mean: number; minimum: number }
  | { code: 'notPassed'; count: number }

const wasThere = (attendance: Attendance): boolean => attendance === 'present' || attendance === 'late'

/**
 * Sums one learner's lessons. An absence for a good reason (ill, excused) is not attendance either: the credit rule
 * speaks of lessons attended, and who was ill has the material still before them.
 * @param now UTC text; lessons that begin later are "ahead" unless something is already written down for them
 */
export function sumLearner(lessons: readonly LearnerLesson[], now: string): Totals {
  const sums = { expected: 0, marked: 0, attended: 0, unmarked: 0, ahead: 0, notPassed: 0, missedInRow: 0 }
  let [marksSum, marksCount] = [0, 0]
  for (const { expected, attendance, mark, startsAt } of byTime(lessons)) {
    if (!expected) continue
    sums.expected += 1
    if (attendance === '') {
      if (startsAt > now) sums.ahead += 1
      else sums.unmarked += 1
      continue
    }
    sums.marked += 1
    if (wasThere(attendance)) {
      sums.attended += 1
      sums.missedInRow = 0
    } else sums.missedInRow += 1
    if (mark === NOT_PASSED) sums.notPassed += 1
    if (mark !== null && mark > PASSED) {
      marksSum += mark
      marksCount += 1
    }
  }
  return {
    ...sums,
    percent: sums.marked ? Math.floor((sums.attended * 100) / sums.marked) : null,
    mean: marksCount ? Math.round((marksSum * 100) / marksCount) / 100 : null,
  }
}

/** By start; lists from the database already are, and are not sorted again. */
function byTime(lessons: readonly LearnerLesson[]): readonly LearnerLesson[] {
  const isSorted = lessons.every(
    (lesson, at) => at === 0 || (lessons[at - 1] as LearnerLesson).startsAt <= lesson.startsAt,
  )
  return isSorted
    ? lessons
    : [...lessons].sort((a, b) => (a.startsAt < b.startsAt ? -1 : a.startsAt > b.startsAt ? 1 : 0))
}

/** Why a learner falls behind; empty when they do not. */
export function behindReasons(totals: Totals, rule: CreditRule): BehindReason[] {
  const reasons: BehindReason[] = []
  const { percent, missedInRow } = totals
  const minimum = rule.minAttendancePercent
  if (percent !== null && minimum !== null && percent < minimum) {
    reasons.push({ code: 'attendance', percent, minimum })
  }
  if (missedInRow >= MISSED_IN_ROW_LIMIT) reasons.push({ code: 'missedInRow', count: missedInRow })
  return reasons
}

/**
 * What the credit rule says about a learner at this moment. `passed` only when nothing more is to come and nothing is
 * left blank; a person decides, this is but the suggestion.
 */
export function suggestCredit(totals: Totals, rule: CreditRule): CreditSuggestion {
  const reasons: CreditObstacle[] = []
  if (totals.percent === null) return { state: 'notYet', reasons: [{ code: 'nothingMarked' }] }
  if (rule.minAttendancePercent !== null && totals.percent < rule.minAttendancePercent) {
    reasons.push({ code: 'attendance', percent: totals.percent, minimum: rule.minAttendancePercent })
  }
  if (rule.minMark !== null && totals.mean === null) reasons.push({ code: 'noMarks', minimum: rule.minMark })
  if (rule.minMark !== null && totals.mean !== null && totals.mean < rule.minMark) {
    reasons.push({ code: 'mark', mean: totals.mean, minimum: rule.minMark })
  }
  if (totals.notPassed > 0) reasons.push({ code: 'notPassed', count: totals.notPassed })
  if (totals.attended === 0 && reasons.length === 0) reasons.push({ code: 'nothingMarked' })
  if (reasons.length > 0) return { state: 'notYet', reasons }
  const { ahead, unmarked } = totals
  return ahead + unmarked > 0 ? { state: 'onTrack', ahead, unmarked } : { state: 'passed' }
}

/** A learner's place in a group, with the days on which it begins and ends (local civil dates, end inclusive). */
export interface Membership {
  startsOn: string
  endsOn: string | null
}

/** A lesson's day and whom it is for. */
export interface LessonAudience {
  day: string
  cancelled: boolean
  /** Set when only those whose route holds this offering in force are expected. */
  electiveOfferingId: number | null
}

/** Whether a lesson is expected of a learner: theirs by date of membership and, for an elective topic, by route. */
export function isExpected(
  lesson: LessonAudience,
  membership: Membership,
  offeringsInForce: ReadonlySet<number>,
): boolean {
  if (lesson.cancelled) return false
  if (lesson.day < membership.startsOn) return false
  if (membership.endsOn !== null && lesson.day > membership.endsOn) return false
  return lesson.electiveOfferingId === null || offeringsInForce.has(lesson.electiveOfferingId)
}
