import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { stringify } from 'csv-stringify'
import ExcelJS from 'exceljs'
import { AppError } from '../errors.ts'
import { custom, type Reply } from '../http/reply.ts'
import { tableToPdf } from './pdf.ts'

export type Cell = string | number | null
export type ExportTable = {
  fileName: string
  title: string
  columns: string[]
  rows: Iterable<Cell[]> | AsyncIterable<Cell[]>
}
export const EXPORT_FORMATS = ['csv', 'xlsx', 'pdf'] as const
export type ExportFormat = (typeof EXPORT_FORMATS)[number]

/** The format that a link asks for by `?format=`; anything else is CSV. */
export const exportFormat = (asked: unknown): ExportFormat => EXPORT_FORMATS.find((format) => format === asked) ?? 'csv'

/** A printed list of more lines helps nobody; XLSX takes any number. */
const MOST_PDF_ROWS = 3000

/** A cell that begins like a formula would run in a spreadsheet; an apostrophe makes it text. A lone sign is none. */
export const harmless = (cell: Cell): Cell =>
  typeof cell === 'string' && /^([=@\t\r]|[+-].)/s.test(cell) ? `'${cell}` : cell

const disposition = (name: string) => `attachment; filename*=UTF-8''${encodeURIComponent(name)}`

/**
 * Sends a table as a file, row by row. CSV opens correctly in Russian Excel: byte order mark, semicolons, CRLF.
 * Journals hold "+" and "-" as marks: they stay as they are.
 */
export function sendTable(format: ExportFormat, table: ExportTable): Reply {
  return custom(async (_req, res) => {
    res.set('Cache-Control', 'no-store')
    res.set('Content-Disposition', disposition(`${table.fileName}.${format}`))
    if (format === 'pdf') {
      const rows: Cell[][] = []
      for await (const row of table.rows) {
        if (rows.length >= MOST_PDF_ROWS)
          throw new AppError(422, 'errors.pdfTooLong', { values: { count: MOST_PDF_ROWS } })
        rows.push(row)
      }
      const subtitle = new Date().toISOString().slice(0, 10)
      const pdf = await tableToPdf({ title: table.title, subtitle, columns: table.columns, rows })
      res.type('application/pdf').send(pdf)
      return
    }
    if (format === 'csv') {
      res.type('text/csv; charset=utf-8')
      const writer = stringify({ bom: true, delimiter: ';', record_delimiter: 'windows' })
      const lines = async function* () {
        yield table.columns.map(harmless)
        for await (const row of table.rows) yield row.map(harmless)
      }
      // Whoever closes the window meanwhile wants the rest no more: reading stops.
      await pipeline(Readable.from(lines()), writer, res).catch((error) => {
        if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error
      })
      return
    }
    res.type('application/vnd.openxmlformats-officedocument.spreadsheetml.sheet')
    const book = new ExcelJS.stream.xlsx.WorkbookWriter({ stream: res, useStyles: true })
    const sheet = book.addWorksheet(table.title.replace(/[\\/*?:[\]]/g, ' ').slice(0, 31) || 'Sheet', {
      views: [{ state: 'frozen', ySplit: 1 }],
    })
    sheet.columns = table.columns.map((header) => ({ header, width: Math.min(40, Math.max(12, header.length + 2)) }))
    sheet.getRow(1).font = { bold: true }
    sheet.getRow(1).commit()
    for await (const row of table.rows) sheet.addRow(row).commit()
    sheet.commit()
    await book.commit()
  })
}
