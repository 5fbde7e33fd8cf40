import { DateTime } from 'luxon'
import { db } from '../../core/db/index.ts'
import { addDays, fromUtc } from '../../core/time.ts'

// The same sums as rebuild.ts, counted the slow and obvious way: the tests' other opinion.

// biome-ignore lint/suspicious/noExplicitAny: raw rows
type Row = any

const count = <T>(list: T[], test: (item: T) => boolean) => list.filter(test).length
const sum = (list: number[]) => list.reduce((total, number) => total + number, 0)
const wasThere = (cell: Row) => cell.attendance === 'present' || cell.attendance === 'late'
const monday = (date: DateTime) => date.startOf('week').toISODate() as string

/** Sums and weeks of one enrolment, in the shape of the two tables without `updated_at`. */
export async function countNaively(enrolmentId: number, zone: string): Promise<{ progress: Row; weeks: Row[] }> {
  const enrolment = await db()('enrolments').where({ id: enrolmentId }).first()
  const cohort = await db()('cohorts').where({ id: enrolment.cohort_id }).first()
  const cells: Row[] = (await db()('journal_cells').where({ enrolment_id: enrolmentId })).filter(
    (cell: Row) => cell.attendance !== '',
  )
  const lessons = new Map((await db()('lessons')).map((lesson: Row) => [lesson.id, lesson]))
  const held = cells.filter((cell) => lessons.get(cell.lesson_id).state !== 'cancelled')
  const modules: Row[] = await db()('modules').where({ programme_id: cohort.programme_id }).whereNull('archived_at')
  const credits: Row[] = await db()('module_credits').where({ enrolment_id: enrolmentId })
  const living = credits.filter((credit) => modules.some((module) => module.id === credit.module_id))
  const marks: number[] = held.map((cell) => cell.mark ?? 0).filter((mark) => mark >= 2)
  const milestones: Row[] = await db()('milestones')
    .where({ programme_id: cohort.programme_id, is_required: 1 })
    .whereNull('archived_at')
  const states: Row[] = await db()('milestone_states').where({ enrolment_id: enrolmentId })
  const stateOf = (milestone: Row): string =>
    states.find((state) => state.milestone_id === milestone.id)?.state ?? 'open'
  const next = milestones
    .filter((milestone) => ['open', 'returned'].includes(stateOf(milestone)) && milestone.due_day_offset !== null)
    .sort((a, b) => a.due_day_offset - b.due_day_offset || a.position - b.position || a.id - b.id)[0]
  const offered: Row[] = await db()('milestone_evidence').whereIn(
    'milestone_state_id',
    states.map((state) => state.id),
  )
  const route = await routeOf(enrolmentId)
  const moments: string[] = [
    ...(route.row ? [route.row.updated_at] : []),
    ...offered.filter((one) => one.created_by === enrolment.person_id).map((one) => one.created_at),
    ...held.filter(wasThere).map((cell) => lessons.get(cell.lesson_id).starts_at),
  ]
  return {
    progress: {
      enrolment_id: enrolmentId,
      lessons_held: held.length,
      lessons_attended: count(held, wasThere),
      lessons_missed: count(held, (cell) => cell.attendance === 'absent'),
      marks_sum: sum(marks),
      marks_count: marks.length,
      credits_passed: count(living, (credit) => credit.state === 'passed'),
      credits_failed: count(living, (credit) => credit.state === 'failed'),
      modules_total: modules.length,
      milestones_done: count(milestones, (milestone) => ['done', 'waived'].includes(stateOf(milestone))),
      milestones_total: milestones.length,
      next_due_on: next ? addDays(cohort.starts_on, next.due_day_offset) : null,
      next_milestone_id: next?.id ?? null,
      route_state: route.state,
      route_hours: route.hours,
      last_activity_at: moments.sort().at(-1) ?? null,
    },
    weeks: weeksOf(held, lessons, credits, zone),
  }
}

async function routeOf(enrolmentId: number) {
  const row = await db()('learning_routes').where({ enrolment_id: enrolmentId }).first()
  if (!row) return { row, state: null, hours: 0 }
  const choices: Row[] = await db()('route_choices as rc')
    .join('topics as t', 't.id', 'rc.topic_id')
    .where({ route_id: row.id })
  const parts = [...choices, ...(await db()('route_own_items').where({ route_id: row.id }))]
  const inForce = parts.filter((part) => part.in_force === 1)
  const counted = inForce.length ? inForce : parts.filter((part) => part.in_draft === 1)
  const state = row.state !== 'approved' && inForce.length ? 'changing' : row.state
  return { row, state, hours: sum(counted.map((part) => part.hours)) }
}

function weeksOf(held: Row[], lessons: Map<number, Row>, credits: Row[], zone: string): Row[] {
  const weeks = new Map<string, Row>()
  const week = (date: DateTime) => {
    const key = monday(date)
    const found = weeks.get(key) ?? { week_starts_on: key, held: 0, attended: 0, credits: 0 }
    weeks.set(key, found)
    return found
  }
  for (const cell of held) {
    const entry = week(DateTime.fromJSDate(fromUtc(lessons.get(cell.lesson_id).starts_at)).setZone(zone))
    entry.held++
    if (wasThere(cell)) entry.attended++
  }
  for (const credit of credits) {
    if (credit.state === 'passed' && credit.credited_on) week(DateTime.fromISO(credit.credited_on)).credits++
  }
  return [...weeks.values()].sort((a, b) => a.week_starts_on.localeCompare(b.week_starts_on))
}
