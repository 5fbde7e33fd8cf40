import type { Knex } from 'knex'
import { db, fromJson } from '../../core/db/index.ts'
import { NotFoundError } from '../../core/errors.ts'
import { countCapped, type Paging, paged } from '../../core/http/paging.ts'
import type { Actor } from '../../core/rights/index.ts'
import { fold, fullName, likePrefix, type Translated } from '../../core/text.ts'
import { journalPolicy } from './policy.ts'
import type { CreditRule } from './totals.ts'

/** A group as its journal needs it. */
export type JournalGroup = {
  id: number
  name: string
  module_id: number
  cohort_id: number
  programme_id: number
  moduleTitle: Translated
  cohortTitle: string
  cohortStartsOn: string
  cohortEndsOn: string
  rule: CreditRule
  /** The cohort is over or the group was closed: everything may be read, nothing written. */
  isClosed: boolean
}

const groups = (): Knex.QueryBuilder =>
  db()('groups as g').join('cohorts as c', 'c.id', 'g.cohort_id').join('modules as m', 'm.id', 'g.module_id')

const visible = (actor: Actor) => groups().modify(journalPolicy.visibleTo(actor, 'view'))

const columns = [
  ...['g.id', 'g.name', 'g.module_id', 'g.cohort_id', 'g.archived_at', 'c.programme_id', 'c.title as cohort_title'],
  ...['c.starts_on', 'c.ends_on', 'c.state as cohort_state', 'm.title as module_title', 'm.credit_rule'],
]

// biome-ignore lint/suspicious/noExplicitAny: a raw row
function toGroup(row: any): JournalGroup {
  const rule = fromJson<Partial<CreditRule>>(row.credit_rule, {})
  return {
    ...{ id: row.id, name: row.name, module_id: row.module_id, cohort_id: row.cohort_id },
    programme_id: row.programme_id,
    moduleTitle: fromJson<Translated>(row.module_title, {}),
    cohortTitle: row.cohort_title,
    cohortStartsOn: row.starts_on,
    cohortEndsOn: row.ends_on,
    rule: { minAttendancePercent: rule.minAttendancePercent ?? null, minMark: rule.minMark ?? null },
    isClosed: row.archived_at !== null || row.cohort_state === 'finished' || row.cohort_state === 'archived',
  }
}

/** Undefined if it is not there or not visible. */
export async function selectOptionalGroup(actor: Actor, id: number): Promise<JournalGroup | undefined> {
  const row = await visible(actor).where('g.id', id).first(columns)
  return row && toGroup(row)
}

/** @throws NotFoundError if it is not there or not visible */
export async function selectGroup(actor: Actor, id: number): Promise<JournalGroup> {
  const group = await selectOptionalGroup(actor, id)
  if (!group) throw new NotFoundError()
  return group
}

export type GroupFilter = Paging & { q?: string | undefined; state: 'running' | 'all' }
export type GroupListRow = JournalGroup & { sortKey: string; learners: number }

const matching = (filter: GroupFilter) => (query: Knex.QueryBuilder) => {
  if (filter.state === 'running') {
    void query.whereNull('g.archived_at').whereNotIn('c.state', ['finished', 'archived'])
  }
  if (filter.q) {
    // Group and cohort names have no folded twin: both spellings of case that people type are tried.
    const words = [...new Set([filter.q, fold(filter.q), capitalised(filter.q)])]
    void query.where((either) => {
      for (const word of words) {
        void either.orWhere('g.name', 'like', `%${likePrefix(word)}`).orWhere('c.title', 'like', `%${likePrefix(word)}`)
      }
    })
  }
}

const capitalised = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)

const learners = () =>
  db()('group_members as gm')
    .whereRaw('gm.group_id = g.id')
    .where((open) => void open.whereNull('gm.ends_on'))
    .count('*')
    .as('learners')

/** One page of the journals that the actor may see, by name of the group. */
export async function listGroups(actor: Actor, filter: GroupFilter, size = 25) {
  const query = visible(actor)
    .modify(matching(filter))
    .select([...columns, learners()])
  const result = await paged<{ name: string; id: number; learners: number }>(
    query,
    filter,
    'g.name',
    'g.id',
    (row) => ({ key: row.name, id: row.id }),
    { size },
  )
  return { ...result, rows: result.rows.map((row) => ({ ...toGroup(row), learners: Number(row.learners) })) }
}

export const countGroups = (actor: Actor, filter: GroupFilter) => countCapped(visible(actor).modify(matching(filter)))

export type GroupAgenda = { groupId: number; nextAt: string | null; blank: number }

/**
 * For each group its next lesson and how many past lessons have nothing written down at all.
 * @param now UTC text
 */
export async function listAgendas(groupIds: number[], now: string): Promise<Map<number, GroupAgenda>> {
  if (groupIds.length === 0) return new Map()
  const written = db()('journal_cells as jc').whereRaw('jc.lesson_id = l.id').whereNot('jc.attendance', '')
  const rows = await db()('lessons as l')
    .whereIn('l.group_id', groupIds)
    .whereNot('l.state', 'cancelled')
    .groupBy('l.group_id')
    .select('l.group_id as groupId')
    .select(
      db().raw('min(case when l.starts_at > ? then l.starts_at end) as nextAt', [now]),
      db().raw('sum(case when l.starts_at <= ? and not exists ? then 1 else 0 end) as blank', [
        now,
        written.select(db().raw('1')),
      ]),
    )
  return new Map(rows.map((row) => [row.groupId, { ...row, blank: Number(row.blank) }]))
}

export type HistoryRow = {
  attendance: string
  mark: number | null
  comment: string | null
  source: string
  at: string
  last_name: string | null
  first_name: string | null
}

/** What was written into a cell, newest first, with who did it. */
export const listCellHistory = (lessonId: number, enrolmentId: number): Promise<HistoryRow[]> =>
  db()('journal_cell_history as h')
    .leftJoin('people as p', 'p.id', 'h.actor_id')
    .where({ 'h.lesson_id': lessonId, 'h.enrolment_id': enrolmentId })
    .orderBy('h.id', 'desc')
    .limit(200)
    .select('h.attendance', 'h.mark', 'h.comment', 'h.source', 'h.at', 'p.last_name', 'p.first_name')

export type CreditHistoryRow = {
  state: string
  comment: string | null
  at: string
  last_name: string | null
  first_name: string | null
}

/** How a learner's credit in a module came about, newest first. */
export const listCreditHistory = (enrolmentId: number, moduleId: number): Promise<CreditHistoryRow[]> =>
  db()('module_credit_history as h')
    .leftJoin('people as p', 'p.id', 'h.actor_id')
    .where({ 'h.enrolment_id': enrolmentId, 'h.module_id': moduleId })
    .orderBy('h.id', 'desc')
    .limit(100)
    .select('h.state', 'h.comment', 'h.at', 'p.last_name', 'p.first_name')

/** Names of a group's instructors: who may write its journal by a grant for the group or its module. */
export async function listInstructorNames(group: JournalGroup): Promise<string[]> {
  const rows = await db()('grants as gr')
    .join('role_permissions as rp', 'rp.role_id', 'gr.role_id')
    .join('people as p', 'p.id', 'gr.person_id')
    .where('rp.permission', 'journals.edit')
    .whereNull('gr.ends_on')
    .where((either) => {
      void either.where({ 'gr.scope_type': 'group', 'gr.scope_id': group.id })
      void either.orWhere({ 'gr.scope_type': 'module', 'gr.scope_id': group.module_id })
    })
    .orderBy('p.sort_name')
    .distinct('p.id', 'p.sort_name', 'p.last_name', 'p.first_name', 'p.middle_name')
  return rows.map(fullName)
}
