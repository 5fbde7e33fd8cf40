import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { parentPort } from 'node:worker_threads'
import { chooseTable, detectKind, findHeader } from '../parsing/header.ts'
import { parseOrganisations } from '../parsing/parse-organisations.ts'
import { parsePeople } from '../parsing/parse-people.ts'
import { planOrganisations } from '../parsing/plan-organisations.ts'
import { peopleKeys, planPeople } from '../parsing/plan-people.ts'
import { readTable } from '../parsing/read-table.ts'
import { type CheckSummary, detailsOf, type PlannedRow, summarise, targetOf } from '../parsing/summary.ts'
import { type OrganisationRow, type PersonRow, type RawTable, TableError } from '../parsing/types.ts'
import type {
  FileInfo,
  LookupAnswer,
  LookupNeed,
  ReadingChoice,
  SheetInfo,
  StoredRow,
  WorkerRequest,
  WorkerResponse,
  WorkerResults,
  WritingPlan,
} from './protocol.ts'

/*
 * The thread in which files are read and rows are judged, so that pages do not wait for it. It knows no database: what
 * must be looked up it asks for, and gets it in the next message. One thread serves one
 * file at a time.
 */

const SHEETS = 30
const SAMPLE_ROWS = 80
const SAMPLE_CELL = 120

let parsed: { kind: 'people'; rows: PersonRow[] } | { kind: 'organisations'; rows: OrganisationRow[] } | undefined
let planned: { rows: PlannedRow[]; writing: WritingPlan } | undefined

async function inspect(path: string): Promise<FileInfo> {
  const file = await readTable(await readFile(path))
  const tables = file.tables.slice(0, SHEETS)
  const likelySheet = chooseTable({ ...file, tables })
  return {
    format: file.format,
    encoding: file.encoding,
    separator: file.separator,
    sheets: tables.map(describe),
    likelySheet,
  }
}

function describe(table: RawTable): SheetInfo {
  const headerLine = findHeader(table).line
  return {
    name: table.name,
    rowCount: table.rows.length,
    columnCount: table.columnCount,
    headerLine,
    kind: detectKind(table, headerLine),
    sample: table.rows
      .slice(0, SAMPLE_ROWS)
      .map(({ line, cells }) => ({ line, cells: cells.map((cell) => cell.slice(0, SAMPLE_CELL)) })),
  }
}

async function read(path: string, choice: ReadingChoice): Promise<LookupNeed> {
  const file = await readTable(await readFile(path))
  const table = file.tables[choice.sheet]
  if (!table) throw new TableError('corrupt')
  const options = { ...choice }
  if (choice.kind === 'organisations') {
    parsed = { kind: 'organisations', rows: parseOrganisations(table, options) }
    return demandRows(parsed.rows, { kind: 'organisations' })
  }
  parsed = { kind: 'people', rows: parsePeople(table, options) }
  return demandRows(parsed.rows, { kind: 'people', keys: peopleKeys(parsed.rows) })
}

function demandRows(rows: readonly { skip: unknown }[], need: LookupNeed): LookupNeed {
  if (!rows.some((row) => row.skip === null)) throw new TableError('noRows')
  return need
}

function plan(answer: LookupAnswer): CheckSummary {
  if (parsed?.kind === 'people' && answer.kind === 'people') {
    const { rows, newOrganisations } = planPeople(parsed.rows, answer.lookup, answer.options)
    const writing = rows.filter(writes)
    planned = { rows, writing: { kind: 'people', rows: writing, newOrganisations } }
    const names = newOrganisations.map(({ name }) => name)
    return summarise(rows, names, fingerprint(planned.writing))
  }
  if (parsed?.kind === 'organisations' && answer.kind === 'organisations') {
    const rows = planOrganisations(parsed.rows, answer.existing)
    planned = { rows, writing: { kind: 'organisations', rows: rows.filter(writes) } }
    return summarise(rows, [], fingerprint(planned.writing))
  }
  throw new Error('A plan was asked for before its rows were read')
}

const writes = (row: PlannedRow) => row.action === 'create' || row.action === 'update'

/** Plans that would write the same have the same fingerprint. */
function fingerprint(writing: WritingPlan): string {
  const hash = createHash('sha256')
  for (const { problems: _problems, ...row } of writing.rows) hash.update(JSON.stringify(row))
  return hash.digest('hex')
}

function storedRows(from: number, count: number): StoredRow[] {
  if (!parsed || !planned) throw new Error('Rows were asked for before the plan')
  const cells = parsed.rows
  return planned.rows.slice(from, from + count).map((row, index) => ({
    row_number: row.line,
    action: row.action,
    cells: JSON.stringify(cells[from + index]!.cells),
    problems: JSON.stringify(row.problems),
    changes: JSON.stringify(detailsOf(row)),
    target_id: targetOf(row),
  }))
}

async function answer(request: WorkerRequest): Promise<WorkerResults[keyof WorkerResults]> {
  switch (request.task) {
    case 'inspect':
      return inspect(request.path)
    case 'read':
      return read(request.path, request.choice)
    case 'plan':
      return plan(request.answer)
    case 'rows':
      return storedRows(request.from, request.count)
    case 'writing':
      if (!planned) throw new Error('The plan to write was asked for before the plan')
      return planned.writing
    case 'forget':
      parsed = undefined
      planned = undefined
      return null
  }
}

parentPort?.on('message', (request: WorkerRequest) => {
  answer(request)
    .then((result): WorkerResponse => ({ ok: true, result }))
    .catch(
      (error: unknown): WorkerResponse =>
        error instanceof TableError
          ? { ok: false, code: error.code, values: error.values }
          : { ok: false, code: null, message: error instanceof Error ? (error.stack ?? error.message) : String(error) },
    )
    .then((response) => parentPort?.postMessage(response))
})
