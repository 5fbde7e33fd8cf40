import { ABSENCE_COMMENTS, LATE_COMMENTS, STRONG_COMMENTS, WEAK_COMMENTS } from './comments.ts'
import { chance, pickOne, type Rng, weightedPicker } from './prng.ts'

/** What a module journal may hold; '' is a lesson that nobody has marked yet. */
export type DemoAttendance = '' | 'present' | 'absent' | 'late' | 'excused' | 'ill'

export interface DemoCell {
  attendance: DemoAttendance
  /** 2 to 5; only where the learner was there. */
  mark: number | null
  comment: string | null
}

/** How a learner usually is; made once and used for all of their journals, so that the same people fall behind. */
export interface LearnerHabits {
  /** Probability of being there. */
  presence: number
  /** Probability of being late when there. */
  lateness: number
  /** 0 to 1; shifts the marks. */
  ability: number
}

export interface AttendanceOptions {
  /** Lessons in the journal. */
  lessons: number
  /** How many of them have been held; the rest stay empty. All when left out. */
  held?: number
  /** Share of lessons with a mark among those where the learner was there. */
  markShare?: number
  /** Share of held lessons that the instructor has forgotten to fill in. */
  forgottenShare?: number
  /** Share of marks, absences and latenesses with a comment. */
  commentShare?: number
}

/** Mean of `presence` over many learners. */
export const MEAN_PRESENCE = 0.88

type Band = [from: number, to: number]
const presenceBand = weightedPicker<Band>([
  [[0.92, 1], 55],
  [[0.78, 0.92], 33],
  [[0.42, 0.78], 12],
])

/** Habits of one learner: most are diligent, a third miss now and then, one in eight falls behind. */
export function makeLearnerHabits(rng: Rng): LearnerHabits {
  const [from, to] = presenceBand(rng)
  const presence = from + rng() * (to - from)
  return { presence, lateness: rng() ** 2 * 0.15, ability: Math.min(1, Math.max(0, presence - 0.35 + rng() * 0.5)) }
}

type Cause = 'absent' | 'ill' | 'excused'
const cause = weightedPicker<Cause>([
  ['absent', 45],
  ['ill', 35],
  ['excused', 20],
])
/** Lessons missed in a row, by cause: an illness lasts. */
const SPELL: Record<Cause, (rng: Rng) => number> = {
  absent: () => 1,
  ill: weightedPicker([
    [1, 45],
    [2, 35],
    [3, 20],
  ]),
  excused: weightedPicker([
    [1, 70],
    [2, 30],
  ]),
}
const MEAN_SPELL = 0.45 * 1 + 0.35 * 1.75 + 0.2 * 1.3

const MARKS: ((rng: Rng) => number)[] = [
  weightedPicker([[2, 12] as const, [3, 43] as const, [4, 33] as const, [5, 12] as const]),
  weightedPicker([[2, 2] as const, [3, 18] as const, [4, 48] as const, [5, 32] as const]),
  weightedPicker([[3, 4] as const, [4, 34] as const, [5, 62] as const]),
]

/** One learner's row of a module journal, lesson by lesson. */
export function makeAttendance(rng: Rng, habits: LearnerHabits, options: AttendanceOptions): DemoCell[] {
  const { lessons, held = lessons, markShare = 0.3, forgottenShare = 0.01, commentShare = 0.08 } = options
  // Chance that an absence begins, such that with its length the share of lessons attended is `presence`.
  const missed = 1 - habits.presence
  const begins = missed / (MEAN_SPELL * habits.presence + missed)
  const cells: DemoCell[] = []
  let away: Cause | null = null
  let left = 0
  for (let lesson = 0; lesson < lessons; lesson++) {
    if (lesson >= held) {
      cells.push({ attendance: '', mark: null, comment: null })
      continue
    }
    if (left === 0) {
      away = chance(rng, begins) ? cause(rng) : null
      left = away ? SPELL[away](rng) : 0
    }
    if (away) left--
    const cell = away ? missedCell(rng, away, commentShare) : attendedCell(rng, habits, markShare, commentShare)
    cells.push(chance(rng, forgottenShare) ? { attendance: '', mark: null, comment: null } : cell)
  }
  return cells
}

function missedCell(rng: Rng, attendance: Cause, commentShare: number): DemoCell {
  const comment = chance(rng, commentShare) ? pickOne(rng, ABSENCE_COMMENTS[attendance]) : null
  return { attendance, mark: null, comment }
}

function attendedCell(rng: Rng, habits: LearnerHabits, markShare: number, commentShare: number): DemoCell {
  const late = chance(rng, habits.lateness)
  const mark = chance(rng, markShare) ? makeMark(rng, habits.ability) : null
  const comments = mark ? (mark > 3 ? STRONG_COMMENTS : WEAK_COMMENTS) : late ? LATE_COMMENTS : []
  const comment = comments.length > 0 && chance(rng, commentShare) ? pickOne(rng, comments) : null
  return { attendance: late ? 'late' : 'present', mark, comment }
}

/** A mark from 2 to 5 that suits an ability from 0 to 1. */
export const makeMark = (rng: Rng, ability: number): number => MARKS[ability < 0.4 ? 0 : ability < 0.75 ? 1 : 2]!(rng)
