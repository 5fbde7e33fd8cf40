import { db, fromJson } from '../../core/db/index.ts'
import { NotFoundError } from '../../core/errors.ts'
import type { Actor } from '../../core/rights/index.ts'
import type { Translated } from '../../core/text.ts'
import { followed, type Shown } from './policy.ts'
import { columnsOf, type EmployeeRow, toRow } from './queries.ts'

export type EmployeeHead = EmployeeRow & {
  programmeTitle: Translated
  programme_id: number
  cohort_id: number
  starts_on: string
  ends_on: string
  enrolled_on: string
  ended_on: string | null
}

/**
 * One enrolment with its sums, and the other enrolments of the same person that the actor may follow: one query.
 * @throws NotFoundError if there is no such enrolment or it is not the actor's to follow
 */
export async function selectEmployee(
  actor: Actor,
  id: number,
  date: string,
): Promise<{ employee: EmployeeHead; others: EmployeeHead[] }> {
  const ofPerson = db()('enrolments as same').where('same.id', id).select('same.person_id')
  // biome-ignore lint/suspicious/noExplicitAny: raw rows
  const rows: any[] = await followed(actor, date, (query) => void query.whereIn('e.person_id', ofPerson))
    .leftJoin('enrolment_progress as ep', 'ep.enrolment_id', 'e.id')
    .modify(columnsOf(actor, date))
    .select('c.programme_id', 'c.starts_on', 'c.ends_on', 'e.enrolled_on', 'e.ended_on', 'pr.title as programme_title')
    .orderBy([
      { column: 'c.starts_on', order: 'desc' },
      { column: 'e.id', order: 'desc' },
    ])
  const heads = rows.map(
    (row): EmployeeHead => ({
      ...row,
      ...toRow(row),
      programmeTitle: fromJson<Translated>(row.programme_title, {}),
    }),
  )
  const employee = heads.find((row) => row.id === id)
  if (!employee) throw new NotFoundError()
  return { employee, others: heads.filter((row) => row.id !== id) }
}

export type ModuleRow = {
  id: number
  title: Translated
  held: number
  attended: number
  credit: string | null
  credited_on: string | null
  /** The mean mark; null: none, or not for this reader. */
  mean: number | null
}

/** Per module of the programme: attendance in its lessons, the credit and, where it may be seen, the mean mark. */
export async function listModules(employee: EmployeeHead, shown: Shown): Promise<ModuleRow[]> {
  const attendance = db()('journal_cells as jc')
    .join('lessons as l', 'l.id', 'jc.lesson_id')
    .join('groups as g', 'g.id', 'l.group_id')
    .where('jc.enrolment_id', employee.id)
    .whereNot('jc.attendance', '')
    .whereNot('l.state', 'cancelled')
    .groupBy('g.module_id')
    .select('g.module_id', db().raw('count(*) as held'))
    .select(db().raw("sum(case when jc.attendance in ('present', 'late') then 1 else 0 end) as attended"))
    .modify((query) => void (shown.marks && query.avg('jc.mark as mean')))
  // biome-ignore lint/suspicious/noExplicitAny: raw rows
  const rows: any[] = await db()('modules as m')
    .leftJoin(attendance.as('a'), 'a.module_id', 'm.id')
    .leftJoin('module_credits as k', (on) => on.on('k.module_id', 'm.id').andOnVal('k.enrolment_id', employee.id))
    .where('m.programme_id', employee.programme_id)
    .whereNull('m.archived_at')
    .orderBy(['m.position', 'm.id'])
    .select('m.id', 'm.title', 'a.held', 'a.attended', 'k.state as credit', 'k.credited_on')
    .modify((query) => void (shown.marks && query.select('a.mean')))
  return rows.map((row) => ({
    ...row,
    title: fromJson<Translated>(row.title, {}),
    held: Number(row.held ?? 0),
    attended: Number(row.attended ?? 0),
    mean: row.mean === null || row.mean === undefined ? null : Number(row.mean),
  }))
}

export type RouteItem = { moduleId: number | null; title: Translated; hours: number }

/** The route in force, where it may be seen: its topics by module, then the learner's own items (`moduleId` null). */
export async function listRoute(employee: EmployeeHead, shown: Shown): Promise<RouteItem[]> {
  if (!shown.route) return []
  const topics = db()('learning_routes as r')
    .join('route_choices as rc', 'rc.route_id', 'r.id')
    .join('topics as t', 't.id', 'rc.topic_id')
    .join('modules as m', 'm.id', 't.module_id')
    .where('r.enrolment_id', employee.id)
    .where('rc.in_force', 1)
    .select('m.id as module_id', 'm.position as place', 't.position as at', 't.id', 't.title', 't.hours')
    .select(db().raw('0 as is_own'))
  const own = db()('learning_routes as r')
    .join('route_own_items as o', 'o.route_id', 'r.id')
    .where('r.enrolment_id', employee.id)
    .where('o.in_force', 1)
    .select(db().raw('null as module_id, 1000000 as place'), 'o.id as at', 'o.id', 'o.title', 'o.hours')
    .select(db().raw('1 as is_own'))
  const rows = await db()
    .from(topics.unionAll([own]).as('x'))
    .orderBy(['place', 'at', 'id'])
    .select('*')
  return rows.map((row) => ({
    moduleId: row.module_id === null ? null : Number(row.module_id),
    // An own item is written in the learner's words alone.
    title: Number(row.is_own) ? { ru: row.title } : fromJson<Translated>(row.title, {}),
    hours: row.hours,
  }))
}

export type HistoryRow = { action: string; at: string; reason?: string | null }

/** What happened to the enrolment. Reasons (illness, family) are there where they may be seen. */
export const listHistory = (employee: EmployeeHead, shown: Shown): Promise<HistoryRow[]> =>
  db()('enrolment_history')
    .where({ enrolment_id: employee.id })
    .orderBy('id', 'desc')
    .limit(50)
    .select(shown.reasons ? ['action', 'at', 'reason'] : ['action', 'at'])
