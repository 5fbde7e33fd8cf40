import { afterCommit, db, insertRows, withTransaction } from '../../core/db/index.ts'
import { recordEvent } from '../../core/events/index.ts'
import { tellRoom } from '../../core/realtime/index.ts'
import type { Actor } from '../../core/rights/index.ts'
import { fromUtc, nowUtc } from '../../core/time.ts'
import type { CellChange } from './input.ts'
import type { Attendance, Mark } from './marks.ts'
import { journalPolicy } from './policy.ts'
import { type JournalGroup, selectGroup } from './queries.ts'
import { isGone, loadRegister, type Register, type RegisterCell, sumsOf } from './register.ts'

/** A cell as pages and sockets get it. */
export type CellView = {
  lessonId: number
  enrolmentId: number
  attendance: Attendance
  mark: Mark | null
  comment: string
  version: number
  byId: number
  by: string
  /** ISO 8601, UTC */
  at: string
}

/** Why a cell is not written: the cohort is over · the learner left · the lesson was cancelled · it is not theirs. */
export type CellRefusal = 'closed' | 'gone' | 'lessonCancelled' | 'notExpected'

export type SaveResult = {
  saved: CellView[]
  /** Someone wrote something else since `version`: what stands there now. */
  conflicts: CellView[]
  refused: { lessonId: number; enrolmentId: number; reason: CellRefusal }[]
  /** New sums of the learners whose cells were saved, by enrolment. */
  totals: ReturnType<typeof sumsOf>
}

export const roomOf = (groupId: number): string => `group:${groupId}`

const keyOf = (cell: { lessonId: number; enrolmentId: number }) => `${cell.lessonId}:${cell.enrolmentId}`

const iso = (utc: string) => fromUtc(utc).toISOString()

export const toView = (cell: RegisterCell): CellView => ({
  ...{ lessonId: cell.lessonId, enrolmentId: cell.enrolmentId, attendance: cell.attendance, mark: cell.mark },
  ...{ comment: cell.comment, version: cell.version, byId: cell.updatedBy ?? 0, by: cell.updatedByName },
  at: iso(cell.updatedAt),
})

const sameValue = (cell: RegisterCell | undefined, change: CellChange) =>
  (cell?.attendance ?? '') === change.attendance &&
  (cell?.mark ?? null) === change.mark &&
  (cell?.comment ?? '') === change.comment

/**
 * Writes cells of a group's journal: each only if it still has the version that its change was typed over. What cannot be
 * written comes back cell by cell and hinders nothing else. The number of statements does not depend on how many there are.
 * @throws NotFoundError if the journal is not visible, ForbiddenError if it may only be read
 */
export async function saveCells(actor: Actor, groupId: number, changes: readonly CellChange[]): Promise<SaveResult> {
  const latest = [...new Map(changes.map((change) => [keyOf(change), change])).values()]
  const { result, group } = await withTransaction(async () => {
    const group = await selectGroup(actor, groupId)
    journalPolicy.demand(actor, 'edit', group)
    const result = await writeCells(actor, group, latest)
    return { result, group }
  })
  return result.saved.length > 0 ? announce(group, result) : result
}

async function writeCells(actor: Actor, group: JournalGroup, changes: CellChange[]): Promise<SaveResult> {
  const result: SaveResult = { saved: [], conflicts: [], refused: [], totals: {} }
  const lessonIds = [...new Set(changes.map((change) => change.lessonId))]
  const enrolmentIds = [...new Set(changes.map((change) => change.enrolmentId))]
  // Whoever writes into a lesson holds its row: two people at once follow one another, and the versions below stay true.
  await db()('lessons').where({ group_id: group.id }).whereIn('id', lessonIds).orderBy('id').forUpdate().select('id')
  const register = await loadRegister(group, { lessonIds, enrolmentIds, withAuthors: true })
  const judge = judgeFor(group, register)
  const now = nowUtc()
  const rows: Record<string, unknown>[] = []
  const history: Record<string, unknown>[] = []
  for (const change of changes) {
    const cell = register.cell(change.lessonId, change.enrolmentId)
    const { lessonId, enrolmentId } = change
    const reason = judge(change)
    if (reason) result.refused.push({ lessonId, enrolmentId, reason })
    else if (sameValue(cell, change)) result.saved.push(cell ? toView(cell) : blank(change, now))
    else if ((cell?.version ?? 0) !== change.version) result.conflicts.push(cell ? toView(cell) : blank(change, now))
    else {
      const value = { attendance: change.attendance, mark: change.mark, comment: change.comment || null }
      const ids = { lesson_id: lessonId, enrolment_id: enrolmentId }
      const version = change.version + 1
      rows.push({ ...ids, ...value, version, updated_by: actor.personId, updated_at: now })
      history.push({ ...ids, ...value, source: change.source, actor_id: actor.personId, at: now })
      const who = { byId: actor.personId ?? 0, by: actor.name, at: iso(now) }
      result.saved.push({ ...change, version, ...who })
    }
  }
  if (rows.length > 0) await store(actor, group, rows, history, now)
  return result
}

/** A cell that nobody has written yet. */
const blank = ({ lessonId, enrolmentId }: CellChange, now: string): CellView => ({
  ...{ lessonId, enrolmentId, attendance: '', mark: null, comment: '', version: 0, byId: 0, by: '' },
  at: iso(now),
})

function judgeFor(group: JournalGroup, register: Register) {
  const lessons = new Map(register.lessons.map((lesson) => [lesson.id, lesson]))
  const learners = new Map(register.learners.map((learner) => [learner.enrolmentId, learner]))
  return ({ lessonId, enrolmentId }: CellChange): CellRefusal | undefined => {
    if (group.isClosed) return 'closed'
    const lesson = lessons.get(lessonId)
    const learner = learners.get(enrolmentId)
    if (!lesson || !learner) return 'notExpected'
    if (lesson.state === 'cancelled') return 'lessonCancelled'
    if (isGone(learner)) return 'gone'
    return register.isExpected(lesson, learner) ? undefined : 'notExpected'
  }
}

async function store(actor: Actor, group: JournalGroup, rows: object[], history: object[], now: string) {
  await db()('journal_cells')
    .insert(rows)
    .onConflict(['lesson_id', 'enrolment_id'])
    .merge(['attendance', 'mark', 'comment', 'version', 'updated_by', 'updated_at'])
  await insertRows('journal_cell_history', history)
  const column = (name: string) => [...new Set(rows.map((row) => (row as Record<string, number>)[name] as number))]
  const lessonIds = column('lesson_id')
  await db()('lessons')
    .whereIn('id', lessonIds)
    .where({ state: 'planned' })
    .where('starts_at', '<=', now)
    .update({ state: 'held' })
  await recordEvent(
    actor,
    'journalCellsChanged',
    { type: 'group', id: group.id },
    {
      moduleId: group.module_id,
      cohortId: group.cohort_id,
      enrolmentIds: column('enrolment_id'),
      lessonIds,
      count: rows.length,
    },
  )
}

/** Counts the learners concerned again and tells everyone who has the journal open. */
async function announce(group: JournalGroup, result: SaveResult): Promise<SaveResult> {
  const enrolmentIds = [...new Set(result.saved.map((cell) => cell.enrolmentId))]
  const totals = sumsOf(await loadRegister(group, { enrolmentIds }), group)
  afterCommit(() => tellRoom(roomOf(group.id), 'journal:cells', { groupId: group.id, cells: result.saved, totals }))
  return { ...result, totals }
}
