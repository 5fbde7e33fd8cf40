import { addDays } from '../../server/core/time.ts'
import {
  CREDIT_COMMENTS,
  chance,
  makeAttendance,
  makeLearnerHabits,
  pickOne,
  REFUSED_CREDIT_COMMENTS,
  type Rng,
} from '../demo-names/index.ts'
import type { CohortPlan } from './cohort.ts'
import type { BulkWriter } from './writer.ts'

export type JournalLesson = { id: number; startsAt: string; isHeld: boolean; topicId: number }
export type ModuleJournal = {
  moduleId: number
  minAttendancePercent: number
  instructor: number
  lessons: JournalLesson[]
}

/** Fills a learner's cells of the lessons that were held, and the credits of modules that are over. @returns modules passed */
export function writeJournal(
  writer: BulkWriter,
  rng: Rng,
  enrolmentId: number,
  journals: readonly ModuleJournal[],
  plan: CohortPlan,
): Set<number> {
  const habits = makeLearnerHabits(rng)
  const passed = new Set<number>()
  const recently = addDays(plan.today, -21)
  for (const journal of journals) {
    const lessons = [...journal.lessons].sort((a, b) => a.startsAt.localeCompare(b.startsAt))
    const held = lessons.filter((lesson) => lesson.isHeld).length
    const cells = makeAttendance(rng, habits, {
      lessons: lessons.length,
      held,
      markShare: 0.35,
      commentShare: 0.06,
      forgottenShare: 0.03,
    })
    let attended = 0
    let marked = 0
    lessons.forEach((lesson, index) => {
      const cell = cells[index]
      if (!cell || (!cell.attendance && cell.mark === null)) return
      if (cell.attendance) marked++
      if (cell.attendance === 'present' || cell.attendance === 'late') attended++
      const value = { attendance: cell.attendance, mark: cell.mark, comment: cell.comment }
      const key = { lesson_id: lesson.id, enrolment_id: enrolmentId }
      writer.put('journal_cells', {
        ...key,
        ...value,
        version: 1,
        updated_by: journal.instructor,
        updated_at: lesson.startsAt,
      })
      if (plan.withHistory && lesson.startsAt > recently) {
        writer.put('journal_cell_history', {
          ...key,
          ...value,
          source: 'typed',
          actor_id: journal.instructor,
          at: lesson.startsAt,
        })
      }
    })
    if (!marked || held < lessons.length) continue
    // Of the lessons that were marked, as the journal counts.
    const credit = creditOf(rng, (100 * attended) / marked, journal.minAttendancePercent)
    if (!credit) continue
    if (credit.state === 'passed') passed.add(journal.moduleId)
    const last = lessons.at(-1)?.startsAt ?? ''
    const row = {
      enrolment_id: enrolmentId,
      module_id: journal.moduleId,
      credited_on: last.slice(0, 10),
      credited_by: journal.instructor,
    }
    writer.put('module_credits', { ...row, ...credit, updated_at: last })
  }
  return passed
}

/** Who was there enough passes; a few credits are not given yet, some are refused with a word why. */
function creditOf(
  rng: Rng,
  percent: number,
  wanted: number,
): { state: 'passed' | 'failed'; comment: string | null } | undefined {
  if (chance(rng, 0.03)) return undefined
  if (percent >= wanted) return { state: 'passed', comment: chance(rng, 0.1) ? pickOne(rng, CREDIT_COMMENTS) : null }
  return chance(rng, 0.6) ? { state: 'failed', comment: pickOne(rng, REFUSED_CREDIT_COMMENTS) } : undefined
}
