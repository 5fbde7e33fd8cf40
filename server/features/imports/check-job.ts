import { breathe, db, insertRows, toJson } from '../../core/db/index.ts'
import { NotFoundError } from '../../core/errors.ts'
import { selectReadableFile, withFile } from '../../core/files/index.ts'
import { MissingContentError, StoreError } from '../../core/files/stores/index.ts'
import type { JobContext, JobDefinition } from '../../core/jobs/index.ts'
import { log } from '../../core/log.ts'
import { loadActor } from '../../core/rights/actor.ts'
import { type Actor, hasEverywhere } from '../../core/rights/index.ts'
import { setting } from '../../core/settings.ts'
import { nowUtc, today } from '../../core/time.ts'
import { lookUpOrganisations, lookUpPeople } from './lookups.ts'
import type { CheckSummary } from './parsing/summary.ts'
import { isOwnField, TableError } from './parsing/types.ts'
import { type ImportRow, type ImportSummary, selectCorrections, selectOptionalImport } from './queries.ts'
import { type ImportWorker, withImportWorker } from './worker/import-worker.ts'
import type { LookupAnswer, LookupNeed, ReadingChoice } from './worker/protocol.ts'

/** Rows moved from the thread to the database at a time. */
const PIECE = 500
/** Shares of the progress bar, in per cent. */
const READ = 30
const LOOKED_UP = 50
const PLANNED = 60

/** Reads the file, judges its rows against what is stored and keeps the verdicts. Writes nothing else. */
export const checkJob: JobDefinition = {
  kind: 'imports.check',
  // What goes wrong is kept with the import; only a database that is gone makes the job itself fail.
  attempts: 5,
  run: async ({ importId }: { importId: number }, context) => {
    const row = await selectOptionalImport(importId)
    if (row?.state !== 'checking') return
    try {
      await check(row, context)
    } catch (error) {
      await fail(row, 'checking', error)
    }
  },
}

async function check(row: ImportRow, { progress }: JobContext): Promise<void> {
  const actor = await actorOf(row.created_by)
  const corrections = await selectCorrections(row.id)
  const choice = await choiceOf(row, corrections)
  await progress(1, 100)
  await withImportWorker(async (worker) => {
    const need = await withFileOf(actor, row, (path) => worker.ask({ task: 'read', path, choice }))
    await progress(READ, 100)
    const answer = await lookUp(actor, need, row, choice.today)
    await progress(LOOKED_UP, 100)
    const summary = await worker.ask({ task: 'plan', answer })
    await progress(PLANNED, 100)
    await keepRows(row, worker, summary, corrections, progress)
    await settle(row, 'checking', 'checked', { check: summary })
  })
}

/** @throws TableError-like failure if the person may no longer import */
export async function actorOf(personId: number): Promise<Actor> {
  const { timeZone } = await setting('authority')
  const actor = await loadActor(personId, timeZone)
  if (!actor || !hasEverywhere(actor, 'imports.run')) throw new ImportFailure('forbidden')
  return actor
}

/** What the thread must know to read the file as it was chosen. */
export async function choiceOf(row: ImportRow, corrections: ReadingChoice['corrections']): Promise<ReadingChoice> {
  const { timeZone } = await setting('authority')
  const reading = row.reading
  if (!reading) throw new ImportFailure('unexpected')
  const { sheet, headerLine, columns } = reading
  return { kind: row.kind, sheet, headerLine, mapping: columns, corrections, today: today(timeZone) }
}

/** Gives `work` the uploaded file. @throws ImportFailure if it is gone or its store does not answer */
export async function withFileOf<T>(actor: Actor, row: ImportRow, work: (path: string) => Promise<T>): Promise<T> {
  if (row.file_id === null) throw new ImportFailure('gone')
  try {
    return await withFile(await selectReadableFile(actor, row.file_id), work)
  } catch (error) {
    if (error instanceof NotFoundError || error instanceof MissingContentError) throw new ImportFailure('gone')
    throw error instanceof StoreError ? new ImportFailure('store') : error
  }
}

/** What the thread asked for. */
export async function lookUp(actor: Actor, need: LookupNeed, row: ImportRow, date: string): Promise<LookupAnswer> {
  if (need.kind === 'organisations') return { kind: 'organisations', existing: await lookUpOrganisations() }
  const listed = (row.reading?.columns ?? []).filter((field) => field !== null && isOwnField(field))
  const lookup = await lookUpPeople(actor, need.keys, listed)
  return { kind: 'people', lookup, options: { ...row.options, today: date } }
}

async function keepRows(
  row: ImportRow,
  worker: ImportWorker,
  summary: CheckSummary,
  corrections: ReadingChoice['corrections'],
  progress: JobContext['progress'],
): Promise<void> {
  const total = Object.values(summary.counts).reduce((sum, count) => sum + count, 0)
  await db()('import_rows').where({ import_id: row.id }).del()
  for (let from = 0; from < total; from += PIECE) {
    const rows = await worker.ask({ task: 'rows', from, count: PIECE })
    await insertRows(
      'import_rows',
      rows.map((stored) => {
        const typed = corrections[stored.row_number]
        return { import_id: row.id, ...stored, corrections: typed ? toJson(typed) : null }
      }),
    )
    await progress(PLANNED + Math.round(((from + rows.length) / total) * (100 - PLANNED)), 100)
    await breathe()
  }
}

/** A reason for which a check or a commit ends without success, in words of `imports.failure`. */
export class ImportFailure extends Error {
  readonly code: 'stale' | 'forbidden' | 'gone' | 'store' | 'unexpected'

  constructor(code: ImportFailure['code']) {
    super(code)
    this.code = code
  }
}

/** Ends a job's work on an import, unless it was given up meanwhile. */
export async function settle(row: ImportRow, from: string, to: string, summary: ImportSummary): Promise<boolean> {
  const now = nowUtc()
  const values = { state: to, summary: toJson(summary), version: row.version + 1, updated_at: now }
  const committed = to === 'done' ? { committed_at: now } : {}
  const where = { id: row.id, state: from, version: row.version }
  return (
    (await db()('imports')
      .where(where)
      .update({ ...values, ...committed })) > 0
  )
}

/** Says on the import's page why it failed; what nobody foresaw goes to the log as well. */
export async function fail(row: ImportRow, from: 'checking' | 'committing', error: unknown): Promise<void> {
  const failure: ImportSummary['failure'] =
    error instanceof TableError
      ? { code: error.code, values: error.values }
      : { code: error instanceof ImportFailure ? error.code : 'unexpected', values: {} }
  if (failure.code === 'unexpected') log.error({ error, import: row.id }, 'an import failed')
  await settle(row, from, 'failed', { failure })
}
