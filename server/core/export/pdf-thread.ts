import { createRequire } from 'node:module'
import { parentPort, workerData } from 'node:worker_threads'
import type { PaperTable } from './index.ts'
import type { PdfTables } from './pdf.ts'

const require = createRequire(import.meta.url)
const pdfmake = require('pdfmake')
const fonts = require('pdfmake/fonts/Roboto.js')

const { title, subtitle, tables }: PdfTables = workerData

// A table needs the fonts and nothing else: no addresses, no other files.
pdfmake.setFonts(fonts)
pdfmake.setUrlAccessPolicy(() => false)
pdfmake.setLocalAccessPolicy((path: string) => Object.values(fonts.Roboto).includes(path))

const MARGIN = 28
const widest = Math.max(...tables.map((table) => table.columns.length))
const isWide = widest > 5
const room = (isWide ? 841.89 : 595.28) - 2 * MARGIN
/** Many columns stand closer. */
const padding = widest > 12 ? 3 : 8
/** Smaller print is tried where a table does not fit. */
const SIZES = isWide ? [8, 7, 6] : [9, 8, 7, 6]

const layout = {
  hLineWidth: (line: number, { table }: { table: { body: unknown[] } }) =>
    line === 0 || line === table.body.length ? 0 : line === 1 ? 2 : 1,
  hLineColor: (line: number) => (line === 1 ? 'black' : '#aaa'),
  vLineWidth: () => 0,
  paddingLeft: (column: number) => (column === 0 ? 0 : padding),
  paddingRight: () => padding,
}

const text = (cell: unknown, bold = false) => ({ text: String(cell ?? ''), bold })

const toTable = ({ columns, rows }: PaperTable, index: number) => ({
  layout,
  pageBreak: index > 0 ? 'before' : undefined,
  table: {
    headerRows: 1,
    widths: columns.map(() => 'auto') as unknown[],
    body: [columns.map((column) => text(column, true)), ...rows.map((row) => row.map((cell) => text(cell)))],
  },
})

/** Whether the columns, as they were laid out, end before the margin. */
function fits({ table }: ReturnType<typeof toTable>): boolean {
  const widths = table.widths.map((column) => (column as { _calcWidth: number })._calcWidth)
  const gaps = padding * (2 * widths.length - 1)
  return widths.reduce((sum, width) => sum + width, gaps) <= room + 1
}

async function documentIn(fontSize: number): Promise<Buffer | undefined> {
  const printed = tables.map(toTable)
  const notes = tables.map(({ note }) => ({ text: note ?? '', color: '#555555', margin: [0, 6, 0, 0] }))
  const document = pdfmake.createPdf({
    pageSize: 'A4',
    pageOrientation: isWide ? 'landscape' : 'portrait',
    pageMargins: [MARGIN, 36, MARGIN, 36],
    defaultStyle: { font: 'Roboto', fontSize },
    info: { title },
    content: [
      { text: title, fontSize: 14, bold: true, margin: [0, 0, 0, 2] },
      { text: subtitle, color: '#555555', margin: [0, 0, 0, 8] },
      ...printed.flatMap((table, index) => [table, notes[index]]),
    ],
    footer: (page: number, pages: number) => ({
      text: `${page} / ${pages}`,
      alignment: 'right',
      margin: [0, 8, MARGIN, 0],
      fontSize: 8,
    }),
  })
  const bytes: Buffer = await document.getBuffer()
  return printed.every(fits) ? bytes : undefined
}

let bytes: Buffer | undefined
for (const size of SIZES) bytes ??= await documentIn(size)
parentPort?.postMessage(bytes ?? 'too wide')
