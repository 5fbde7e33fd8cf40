import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { stringify } from 'csv-stringify'
import { breathe } from '../db/index.ts'
import { AppError } from '../errors.ts'
import { contentDisposition } from '../files/names.ts'
import { custom, type Reply } from '../http/reply.ts'
import { contextOf } from '../http/route.ts'
import { authorityToday } from '../settings.ts'
import { tablesToPdf } from './pdf.ts'
import { tableToXlsx } from './xlsx.ts'

export type Cell = string | number | null
export type ExportTable = {
  fileName: string
  title: string
  columns: string[]
  rows: Iterable<Cell[]> | AsyncIterable<Cell[]>
  /** What a PDF prints in place of these columns where a sheet of paper is too narrow for them; each begins a page. */
  paper?: PaperTable[]
}
/** `note` stands below: what short heads and signs mean. */
export type PaperTable = { columns: string[]; rows: Cell[][]; note?: string }
export const EXPORT_FORMATS = ['csv', 'xlsx', 'pdf'] as const
export type ExportFormat = (typeof EXPORT_FORMATS)[number]

/** The format that a link asks for by `?format=`; anything else is CSV. */
export const exportFormat = (asked: unknown): ExportFormat => EXPORT_FORMATS.find((format) => format === asked) ?? 'csv'

/** A printed list of more lines helps nobody; XLSX takes any number. */
const MOST_PDF_ROWS = 3000

/** A telephone number as people write it: no spreadsheet takes it for a sum, which it would do without brackets. */
const TELEPHONE = /^\+\d{1,3} ?\(\d+\)[\d -]+$/

/** A cell that begins like a formula would run in a spreadsheet; an apostrophe makes it text. A lone sign is none. */
export const harmless = (cell: Cell): Cell =>
  typeof cell === 'string' && /^([=@\t\r]|[+-].)/s.test(cell) && !TELEPHONE.test(cell) ? `'${cell}` : cell

const XLSX_TYPE = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'

/**
 * Sends a table as a file, row by row. CSV opens correctly in Russian Excel: byte order mark, semicolons, CRLF.
 * Journals hold "+" and "-" as marks: they stay as they are.
 */
export function sendTable(format: ExportFormat, table: ExportTable): Reply {
  return custom(async (req, res) => {
    res.set('Cache-Control', 'no-store')
    res.set('Content-Disposition', contentDisposition('attachment', `${table.fileName}.${format}`))
    if (format === 'pdf') {
      const tables = table.paper ?? [{ columns: table.columns, rows: await printable(table.rows) }]
      const { format: say } = await contextOf(req, res)
      const subtitle = say.date(authorityToday())
      const pdf = await tablesToPdf({ title: table.title, subtitle, tables })
      res.type('application/pdf').send(pdf)
      return
    }
    const isCsv = format === 'csv'
    res.type(isCsv ? 'text/csv; charset=utf-8' : XLSX_TYPE)
    const bytes = isCsv ? csvOf(table) : Readable.from(tableToXlsx(table, inBatches(table.rows)), { objectMode: false })
    // Whoever closes the window meanwhile wants the rest no more: reading stops.
    await pipeline(bytes, res).catch((error) => {
      if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error
    })
  })
}

/** @throws AppError 422 if there are more rows than anybody prints */
async function printable(source: ExportTable['rows']): Promise<Cell[][]> {
  const rows: Cell[][] = []
  for await (const row of source) {
    if (rows.length >= MOST_PDF_ROWS) throw new AppError(422, 'errors.pdfTooLong', { values: { count: MOST_PDF_ROWS } })
    rows.push(row)
  }
  return rows
}

function csvOf(table: ExportTable): Readable {
  const writer = stringify({ bom: true, delimiter: ';', record_delimiter: 'windows' })
  const lines = async function* () {
    yield table.columns.map(harmless)
    for await (const batch of inBatches(table.rows)) for (const row of batch) yield row.map(harmless)
  }
  return Readable.from(lines()).compose(writer)
}

const BATCH = 100

/** Rows in pieces, with room for other requests between them: rows that are in memory already never leave the loop. */
async function* inBatches(rows: ExportTable['rows']): AsyncGenerator<Cell[][]> {
  let batch: Cell[][] = []
  for await (const row of rows) {
    batch.push(row)
    if (batch.length < BATCH) continue
    yield batch
    batch = []
    await breathe()
  }
  if (batch.length) yield batch
}
