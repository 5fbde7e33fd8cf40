import { chunks, db, fromJson, insertRow, toJson, withTransaction } from '../../core/db/index.ts'
import { ConflictError, ForbiddenError, InputError } from '../../core/errors.ts'
import { recordEvent } from '../../core/events/index.ts'
import { attachFile, keepFile, releaseFile } from '../../core/files/index.ts'
import type { UploadedFile } from '../../core/http/uploads.ts'
import { enqueueJob } from '../../core/jobs/index.ts'
import { type Actor, hasEverywhere } from '../../core/rights/index.ts'
import { nowUtc } from '../../core/time.ts'
import { resolveOrganisation } from '../organisations/resolve.ts'
import type { ColumnsInput, CorrectionsInput } from './input.ts'
import { mappingErrors } from './parsing/columns.ts'
import { type ColumnMapping, type Field, TableError } from './parsing/types.ts'
import { importPolicy } from './policy.ts'
import { type ImportRow, type ImportState, selectImport, selectSuggestions } from './queries.ts'
import { withImportWorker } from './worker/import-worker.ts'
import type { FileInfo } from './worker/protocol.ts'

function demandRun(actor: Actor): void {
  if (!hasEverywhere(actor, 'imports.run')) throw new ForbiddenError()
}

/** Loads an import for a change. @throws NotFoundError, ForbiddenError */
async function selectForChange(actor: Actor, id: number): Promise<ImportRow> {
  demandRun(actor)
  const row = await selectImport(actor, id)
  importPolicy.demand(actor, 'handle', row)
  return row
}

/**
 * Takes in a file and finds out what it is. Nothing of it is written to people or organisations yet.
 * @throws InputError with the reason beside `file` when it is no table
 * @returns the import's id
 */
export async function startImport(actor: Actor, file: UploadedFile | undefined): Promise<number> {
  demandRun(actor)
  if (!file) throw InputError.of('file', 'imports.file.missing')
  const info = await inspect(file.path)
  // The kind was found from the content; the name only has to agree with it for the file store.
  const name = `${file.name.replace(/\.[^.]{1,8}$/, '')}.${info.format}`
  const fileId = await keepFile(actor, { ...file, name }, 'file')
  return withTransaction(async () => {
    const now = nowUtc()
    const id = await insertRow('imports', {
      kind: info.sheets[info.likelySheet]!.kind,
      file_id: fileId,
      file_name: file.name,
      state: 'uploaded',
      source_info: toJson(info),
      mapping: toJson(null),
      options: toJson({}),
      created_by: actor.personId,
      created_at: now,
      updated_at: now,
    })
    await attachFile(fileId, 'import', id)
    await recordEvent(actor, 'importStarted', { type: 'import', id }, { fileName: file.name })
    return id
  })
}

async function inspect(path: string): Promise<FileInfo> {
  try {
    return await withImportWorker((worker) => worker.ask({ task: 'inspect', path }))
  } catch (error) {
    if (error instanceof TableError) throw InputError.of('file', `imports.file.${error.code}`, error.values)
    throw error
  }
}

/** Moves an import to another state if it still is as it was seen. @throws ConflictError otherwise */
async function move(row: ImportRow, version: number, state: ImportState, values: object = {}): Promise<void> {
  const changed = await db()('imports')
    .where({ id: row.id, version, state: row.state })
    .update({ ...values, state, version: version + 1, updated_at: nowUtc() })
  if (!changed) throw new ConflictError('imports.conflict')
}

/** States in which columns, options and corrections may change. */
const OPEN: readonly ImportState[] = ['uploaded', 'checked', 'failed']

function demandOpen(row: ImportRow): void {
  if (!OPEN.includes(row.state)) throw new ConflictError('imports.conflict')
}

/** Keeps the choice of columns and starts the check in the background. */
export async function chooseColumns(actor: Actor, id: number, input: ColumnsInput): Promise<void> {
  await withTransaction(async () => {
    const row = await selectForChange(actor, id)
    demandOpen(row)
    const sheet = row.info.sheets[input.sheet]
    if (!sheet) throw InputError.of('sheet', 'errors.field.invalid')
    const columns: ColumnMapping = Array.from({ length: sheet.columnCount }, (_, at) => input.columns[`c${at}`] ?? null)
    const errors = mappingErrors(input.kind, columns)
    if (errors.length > 0) {
      throw new InputError(
        errors.map(({ code, column }) => ({
          field: column === undefined ? '' : `columns.c${column}`,
          code: `imports.columns.${code}`,
        })),
      )
    }
    const { createOrganisations, createInitials, otherEmployer } = input
    const employerId = await employerOf(actor, input, columns)
    // Corrections belong to lines of one sheet.
    if (row.reading && row.reading.sheet !== input.sheet) await db()('import_rows').where({ import_id: id }).del()
    await move(row, input.version, 'checking', {
      kind: input.kind,
      mapping: toJson({ sheet: input.sheet, headerLine: input.header, columns }),
      options: toJson({ createOrganisations, createInitials, otherEmployer, employerId }),
      summary: null,
      job_id: await enqueueCheck(id, actor),
    })
  })
}

/** The organisation that was named for the whole list. @throws InputError if a column says it too, or it is not known */
async function employerOf(actor: Actor, { kind, employer }: ColumnsInput, columns: ColumnMapping) {
  if (kind !== 'people' || !employer) return null
  if (columns.includes('organisation')) throw InputError.of('employer', 'imports.options.employerTwice')
  return (await resolveOrganisation(actor, employer, 'employer')).id
}

const enqueueCheck = async (id: number, actor: Actor): Promise<number | null> =>
  (await enqueueJob('imports.check', { importId: id }, { createdBy: actor.personId })) ?? null

/** Checks once more, because stored data changed or a check failed. */
export async function checkAgain(actor: Actor, id: number, version: number): Promise<void> {
  await withTransaction(async () => {
    const row = await selectForChange(actor, id)
    demandOpen(row)
    if (!row.reading) throw new ConflictError('imports.conflict')
    await move(row, version, 'checking', { summary: null, job_id: await enqueueCheck(id, actor) })
  })
}

/** Keeps what was typed in place of wrong values and checks again. A correction left as it was costs nothing. */
export async function correctRows(actor: Actor, id: number, input: CorrectionsInput): Promise<void> {
  await withTransaction(async () => {
    const row = await selectForChange(actor, id)
    if (row.state !== 'checked') throw new ConflictError('imports.conflict')
    await writeCorrections(
      row,
      new Map(Object.entries(input.corrections).map(([line, fields]) => [Number(line.slice(1)), fields])),
    )
    await move(row, input.version, 'checking', { summary: null, job_id: await enqueueCheck(id, actor) })
  })
}

/** Accepts every suggestion that the check has made. */
export async function acceptSuggestions(actor: Actor, id: number, version: number): Promise<void> {
  await withTransaction(async () => {
    const row = await selectForChange(actor, id)
    if (row.state !== 'checked') throw new ConflictError('imports.conflict')
    const accepted = new Map<number, Partial<Record<Field, string>>>()
    for (const { line, problems } of await selectSuggestions(id)) {
      const fields: Partial<Record<Field, string>> = {}
      for (const { field, suggestion } of problems) if (field && suggestion) fields[field] = suggestion
      accepted.set(line, fields)
    }
    await writeCorrections(row, accepted)
    await move(row, version, 'checking', { summary: null, job_id: await enqueueCheck(id, actor) })
  })
}

/** Adds to the corrections of rows what differs from the file; rows that are not of this import are left alone. */
async function writeCorrections(
  row: ImportRow,
  corrections: Map<number, Partial<Record<Field, string>>>,
): Promise<void> {
  const columns = row.reading?.columns ?? []
  for (const lines of chunks([...corrections.keys()])) {
    const stored = await db()('import_rows')
      .where({ import_id: row.id })
      .whereIn('row_number', lines)
      .select('import_id', 'row_number', 'action', 'cells', 'problems', 'corrections')
    if (stored.length === 0) continue
    const merged = stored.map((line) => {
      const before: Partial<Record<Field, string>> = fromJson(line.corrections, {})
      const cells: string[] = fromJson(line.cells, [])
      // A form sends every field that it shows; what still says the same is no correction.
      const typed = Object.entries(corrections.get(line.row_number) ?? {}).filter(
        ([field, text]) => field in before || text !== (cells[columns.indexOf(field as Field)] ?? ''),
      )
      const all = { ...before, ...Object.fromEntries(typed) }
      return { ...line, corrections: Object.keys(all).length ? toJson(all) : null }
    })
    await db()('import_rows').insert(merged).onConflict(['import_id', 'row_number']).merge(['corrections'])
  }
}

/**
 * Confirms an import: it will be written as a whole, or not at all. A second click does nothing more.
 * @throws ConflictError if the page is stale; InputError if there is nothing to write
 */
export async function confirmImport(actor: Actor, id: number, version: number): Promise<void> {
  await withTransaction(async () => {
    const row = await selectForChange(actor, id)
    if (row.state === 'committing' || row.state === 'done') return
    const counts = row.state === 'checked' ? row.summary.check?.counts : undefined
    if (!counts) throw new ConflictError('imports.conflict')
    if (counts.create + counts.update === 0) throw InputError.of('', 'imports.check.nothingToWrite')
    const jobId = await enqueueJob(
      'imports.commit',
      { importId: id, actorId: actor.personId },
      { createdBy: actor.personId },
    )
    await move(row, version, 'committing', { job_id: jobId ?? null })
  })
}

/** Gives an import up: its rows and its file go. */
export async function cancelImport(actor: Actor, id: number, version: number): Promise<void> {
  await withTransaction(async () => {
    const row = await selectForChange(actor, id)
    if (row.state === 'cancelled') return
    if (row.state === 'committing' || row.state === 'done') throw new ConflictError('imports.conflict')
    await move(row, version, 'cancelled', { summary: null, file_id: null })
    await forgetData(row)
    await recordEvent(actor, 'importCancelled', { type: 'import', id }, { fileName: row.file_name })
  })
}

/** Removes the personal data of an import; what it did stays in the events of the people concerned. */
export async function forgetData(row: ImportRow): Promise<void> {
  await db()('import_rows').where({ import_id: row.id }).del()
  if (row.file_id !== null) await releaseFile(row.file_id, 'import', row.id)
}
