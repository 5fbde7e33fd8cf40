import type { Knex } from 'knex'
import { db, fromJson } from '../../core/db/index.ts'
import { NotFoundError } from '../../core/errors.ts'
import type { Attention } from '../../core/feature.ts'
import { type Paged, type Paging, paged } from '../../core/http/paging.ts'
import { type Actor, hasEverywhere } from '../../core/rights/index.ts'
import { daysAgo } from '../../core/time.ts'
import type { RowsQuery } from './input.ts'
import type { PeopleOptions } from './parsing/plan-people.ts'
import type { CheckSummary, RowDetails } from './parsing/summary.ts'
import type { ColumnMapping, Corrections, Field, ImportKind, Problem, TableErrorCode } from './parsing/types.ts'
import { importPolicy } from './policy.ts'
import type { FileInfo } from './worker/protocol.ts'

export type ImportState = 'uploaded' | 'checking' | 'checked' | 'committing' | 'done' | 'failed' | 'cancelled'

/** Which sheet is read and how. */
export interface Reading {
  sheet: number
  headerLine: number
  columns: ColumnMapping
}

export type ImportOptions = Omit<PeopleOptions, 'today'>

/** Numbers of the check, and what came of the commit or why it failed. */
export interface ImportSummary {
  check?: CheckSummary
  failure?: {
    code: TableErrorCode | 'stale' | 'forbidden' | 'gone' | 'store' | 'unexpected'
    values: Record<string, string | number>
  }
  result?: { created: number; updated: number; organisations: number }
  /** Letters of invitation that were put into the outbox. */
  invited?: number
  /** The rows of a finished import have been deleted after their time. */
  purged?: boolean
}

export interface ImportRow {
  id: number
  kind: ImportKind
  file_id: number | null
  file_name: string
  state: ImportState
  version: number
  job_id: number | null
  created_by: number
  created_at: string
  updated_at: string
  committed_at: string | null
  info: FileInfo
  reading: Reading | null
  options: ImportOptions
  summary: ImportSummary
}

export const DEFAULT_OPTIONS: ImportOptions = {
  createOrganisations: false,
  createInitials: false,
  otherEmployer: 'add',
  employerId: null,
}

// biome-ignore lint/suspicious/noExplicitAny: a raw row
function toImport(row: any): ImportRow {
  const { source_info, mapping, options, summary, ...rest } = row
  return {
    ...rest,
    info: fromJson<FileInfo>(source_info, null as unknown as FileInfo),
    reading: fromJson<Reading | null>(mapping, null),
    options: { ...DEFAULT_OPTIONS, ...fromJson<Partial<ImportOptions>>(options, {}) },
    summary: fromJson<ImportSummary | null>(summary, null) ?? {},
  }
}

const visible = (actor: Actor): Knex.QueryBuilder =>
  db()('imports as i').modify(importPolicy.visibleTo(actor, 'handle'))

/** @throws NotFoundError if it is not there or not visible */
export async function selectImport(actor: Actor, id: number): Promise<ImportRow> {
  const row = await visible(actor).where('i.id', id).first('i.*')
  if (!row) throw new NotFoundError()
  return toImport(row)
}

/** For the job that works on it. */
export async function selectOptionalImport(id: number): Promise<ImportRow | undefined> {
  const row = await db()('imports').where({ id }).first()
  return row && toImport(row)
}

export type ImportListRow = {
  id: number
  kind: ImportKind
  file_name: string
  state: ImportState
  created_at: string
  summary: ImportSummary
  creator: string
}

/** Imports, the latest first. */
export async function listImports(actor: Actor, limit = 50): Promise<ImportListRow[]> {
  const rows = await visible(actor)
    .join('people as p', 'p.id', 'i.created_by')
    .whereNot('i.state', 'cancelled')
    .orderBy('i.id', 'desc')
    .limit(limit)
    .select('i.id', 'i.kind', 'i.file_name', 'i.state', 'i.created_at', 'i.summary', 'p.last_name', 'p.first_name')
  return rows.map(({ last_name, first_name, summary, ...row }: Record<string, string>) => ({
    ...row,
    summary: fromJson<ImportSummary | null>(summary, null) ?? {},
    creator: `${last_name} ${first_name}`,
  })) as unknown as ImportListRow[]
}

export interface CheckedRow {
  line: number
  action: string
  cells: string[]
  problems: Problem[]
  details: RowDetails
  corrections: Partial<Record<Field, string>>
  targetId: number | null
}

const ROW_COLUMNS = ['row_number', 'action', 'cells', 'problems', 'changes', 'corrections', 'target_id']

// biome-ignore lint/suspicious/noExplicitAny: a raw row
const toCheckedRow = (row: any): CheckedRow => ({
  line: row.row_number,
  action: row.action,
  cells: fromJson(row.cells, []),
  problems: fromJson(row.problems, []),
  details: fromJson(row.changes, { name: '', place: '', changes: [], skip: null, sameAs: null }),
  corrections: fromJson(row.corrections, {}),
  targetId: row.target_id,
})

/** One page of checked rows by their line in the file. The import was found visible before. */
export async function listRows(importId: number, filter: RowsQuery & Paging): Promise<Paged<CheckedRow>> {
  const query = db()('import_rows').where({ import_id: importId }).select(ROW_COLUMNS)
  if (filter.action) void query.where('action', filter.action)
  if (filter.problem) void query.where('problems', 'like', `%"code":"${filter.problem}"%`)
  const cursorOf = (row: { row_number: number }) => ({ key: String(row.row_number), id: row.row_number })
  const result = await paged<{ row_number: number }>(query, filter, 'row_number', 'row_number', cursorOf)
  return { ...result, rows: result.rows.map(toCheckedRow) }
}

/** Checked rows with these lines. */
export async function listRowsByLine(importId: number, lines: readonly number[]): Promise<CheckedRow[]> {
  if (lines.length === 0) return []
  const rows = await db()('import_rows')
    .where({ import_id: importId })
    .whereIn('row_number', lines)
    .orderBy('row_number')
    .select(ROW_COLUMNS)
  return rows.map(toCheckedRow)
}

/** Refused rows piece by piece, for the file to mend. */
export async function* streamRefused(importId: number): AsyncGenerator<CheckedRow> {
  let after = 0
  for (;;) {
    const rows = await db()('import_rows')
      .where({ import_id: importId, action: 'refused' })
      .where('row_number', '>', after)
      .orderBy('row_number')
      .limit(500)
      .select(ROW_COLUMNS)
    for (const row of rows) yield toCheckedRow(row)
    if (rows.length < 500) return
    after = rows.at(-1).row_number
  }
}

/** Corrections that were typed, by line. */
export async function selectCorrections(importId: number): Promise<Corrections> {
  const rows: { row_number: number; corrections: string }[] = await db()('import_rows')
    .where({ import_id: importId })
    .whereNotNull('corrections')
    .select('row_number', 'corrections')
  return Object.fromEntries(rows.map((row) => [row.row_number, fromJson(row.corrections, {})]))
}

/** Problems of all rows that have a suggestion. */
export async function selectSuggestions(importId: number): Promise<{ line: number; problems: Problem[] }[]> {
  const rows: { row_number: number; problems: string }[] = await db()('import_rows')
    .where({ import_id: importId })
    .where('problems', 'like', '%"suggestion":%')
    .select('row_number', 'problems')
  return rows.map((row) => ({ line: row.row_number, problems: fromJson(row.problems, []) }))
}

/** Days for which the rows that an import has refused are worth a reminder. */
const REMINDED_DAYS = 7

/** The person's own imports that wait for a decision, and rows lately refused. */
export async function listAttention(actor: Actor): Promise<Attention[]> {
  if (actor.personId === null || !hasEverywhere(actor, 'imports.run')) return []
  const mine = () => db()('imports as i').where('i.created_by', actor.personId)
  const since = daysAgo(REMINDED_DAYS)
  const waiting = await mine().whereIn('i.state', ['checked', 'failed']).count('* as count').first()
  const refused = await mine()
    .join('import_rows as r', 'r.import_id', 'i.id')
    .where({ 'i.state': 'done', 'r.action': 'refused' })
    .where('i.committed_at', '>', since)
    .count('* as count')
    .first()
  return [
    { key: 'imports.attention.waiting', count: Number(waiting?.count ?? 0), href: '/imports' },
    { key: 'imports.attention.refused', count: Number(refused?.count ?? 0), href: '/imports' },
  ]
}
