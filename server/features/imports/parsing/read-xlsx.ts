import ExcelJS from 'exceljs'
import { buildTable } from './build-table.ts'
import { type ReadFile, TableError, type TableLimits } from './types.ts'
import { inspectZip, type ZipContents } from './zip-guard.ts'

// Parts of a sheet that say nothing about its values; some of them (validation lists over whole columns) cost
// the library more memory than all the cells.
const IGNORED_NODES = [
  'dataValidations',
  'conditionalFormatting',
  'sheetProtection',
  'autoFilter',
  'rowBreaks',
  'picture',
  'drawing',
  'tableParts',
  'extLst',
]
const MAX_MERGES = 2_000
const MAX_MERGED_CELLS = 200_000

/**
 * Reads an XLSX workbook: every visible sheet that has rows, with formulas as their results, links as their text and
 * date cells as `YYYY-MM-DD`. A value merged over several rows stands in each of them (a school beside its teachers);
 * one merged over several columns only in the first (a title).
 * @throws TableError when the file is damaged, of another office format, or exceeds the limits
 */
export async function readXlsx(bytes: Buffer, limits: TableLimits): Promise<ReadFile> {
  const contents = await inspectZip(bytes, limits)
  if (contents.mimetype.includes('opendocument')) throw new TableError('openDocument')
  if (!contents.names.has('xl/workbook.xml') && !contents.names.has('/xl/workbook.xml'))
    throw new TableError('notTable')
  const workbook = await loadWorkbook(bytes, contents)
  const visible = workbook.worksheets.filter((sheet) => sheet.state === 'visible' || sheet.state === undefined)
  const sheets = visible.length > 0 ? visible : workbook.worksheets
  const tables = sheets.map((sheet) => readSheet(sheet, limits)).filter((table) => table.rows.length > 0)
  if (tables.length === 0) throw new TableError('empty')
  return { format: 'xlsx', encoding: null, separator: null, tables }
}

async function loadWorkbook(bytes: Buffer, contents: ZipContents): Promise<ExcelJS.Workbook> {
  if (mergesAreSane(contents)) {
    try {
      return await load(bytes, IGNORED_NODES)
    } catch {
      // Overlapping merges, which spreadsheets repair without a word, stop the library: read again without them.
    }
  }
  try {
    return await load(bytes, [...IGNORED_NODES, 'mergeCells'])
  } catch {
    throw new TableError('corrupt')
  }
}

async function load(bytes: Buffer, ignoreNodes: string[]): Promise<ExcelJS.Workbook> {
  const workbook = new ExcelJS.Workbook()
  // The library types its own, older Buffer.
  await workbook.xlsx.load(bytes as unknown as ExcelJS.Buffer, { ignoreNodes } as Partial<ExcelJS.XlsxReadOptions>)
  return workbook
}

/** Merges cost the library a cell object for every cell covered, and comparing each with all the others. */
function mergesAreSane(contents: ZipContents): boolean {
  for (const merges of contents.merges.values()) {
    if (merges.length > MAX_MERGES) return false
    let covered = 0
    for (const range of merges) covered += rangeArea(range)
    if (covered > MAX_MERGED_CELLS) return false
  }
  return true
}

function rangeArea(range: string): number {
  const match = /^([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})$/.exec(range)
  if (!match) return 1
  const width = Math.abs(columnNumber(match[3]!) - columnNumber(match[1]!)) + 1
  const height = Math.abs(Number(match[4]) - Number(match[2])) + 1
  return width * height
}

function columnNumber(letters: string): number {
  return [...letters].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0)
}

function readSheet(sheet: ExcelJS.Worksheet, limits: TableLimits) {
  const records: string[][] = []
  sheet.eachRow({ includeEmpty: false }, (row, number) => {
    if (number > limits.rows * 4) throw new TableError('tooManyRows', { max: limits.rows })
    const cells: string[] = []
    row.eachCell({ includeEmpty: false }, (cell, column) => {
      if (cell.isMerged && cell.master.col !== cell.col) return
      const text = cellText(cell.value)
      if (text === '') return
      if (column > limits.columns) throw new TableError('tooManyColumns', { max: limits.columns })
      while (cells.length < column - 1) cells.push('')
      cells[column - 1] = text
    })
    while (records.length < number - 1) records.push([])
    records[number - 1] = cells
  })
  return buildTable(sheet.name, records, limits)
}

/** The text of a cell value, whatever kind of value it is; an error value is no text. */
export function cellText(value: ExcelJS.CellValue): string {
  if (value === null || value === undefined) return ''
  if (value instanceof Date) return dateText(value)
  if (typeof value === 'number') return numberText(value)
  if (typeof value !== 'object') return String(value)
  if ('richText' in value) return value.richText.map((part) => part.text ?? '').join('')
  if ('hyperlink' in value) return linkText(value)
  if ('formula' in value || 'sharedFormula' in value) return cellText((value.result ?? null) as ExcelJS.CellValue)
  return ''
}

/** The text of a link; for a mail link whose text is a word ("write"), the address behind it. */
function linkText(value: ExcelJS.CellHyperlinkValue): string {
  // The text may itself be formatted or a formula's result, which the library's types do not say.
  const text = cellText(value.text as unknown as ExcelJS.CellValue)
  const address = /^mailto:([^?]+)/i.exec(value.hyperlink ?? '')?.[1]
  return address && !text.includes('@') ? address : text
}

function dateText(date: Date): string {
  if (Number.isNaN(date.getTime())) return ''
  // A date computed from a floating serial number may miss midnight by a fraction of a second.
  const iso = new Date(Math.round(date.getTime() / 1000) * 1000).toISOString()
  const time = iso.slice(11, 16)
  return time === '00:00' ? iso.slice(0, 10) : `${iso.slice(0, 10)} ${time}`
}

/** Whole numbers in full (phones and tax numbers exceed what a spreadsheet shows), others without rounding noise. */
function numberText(value: number): string {
  if (!Number.isFinite(value)) return ''
  if (Number.isInteger(value)) return BigInt(value).toString()
  return String(Number(value.toPrecision(15)))
}
