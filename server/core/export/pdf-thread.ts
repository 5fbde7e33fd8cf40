import { createRequire } from 'node:module'
import { parentPort, workerData } from 'node:worker_threads'
import type { PdfTable } from './pdf.ts'

const require = createRequire(import.meta.url)
const pdfmake = require('pdfmake')
const fonts = require('pdfmake/fonts/Roboto.js')

const table: PdfTable = workerData

// A table needs the fonts and nothing else: no addresses, no other files.
pdfmake.setFonts(fonts)
pdfmake.setUrlAccessPolicy(() => false)
pdfmake.setLocalAccessPolicy((path: string) => Object.values(fonts.Roboto).includes(path))

const isWide = table.columns.length > 5
const text = (cell: unknown, bold = false) => ({ text: String(cell ?? ''), bold })

const document = pdfmake.createPdf({
  pageSize: 'A4',
  pageOrientation: isWide ? 'landscape' : 'portrait',
  pageMargins: [28, 36, 28, 36],
  defaultStyle: { font: 'Roboto', fontSize: isWide ? 8 : 9 },
  info: { title: table.title },
  content: [
    { text: table.title, fontSize: 14, bold: true, margin: [0, 0, 0, 2] },
    { text: table.subtitle, color: '#555555', margin: [0, 0, 0, 8] },
    {
      layout: 'lightHorizontalLines',
      table: {
        headerRows: 1,
        widths: table.columns.map(() => 'auto'),
        body: [
          table.columns.map((column) => text(column, true)),
          ...table.rows.map((row) => row.map((cell) => text(cell))),
        ],
      },
    },
  ],
  footer: (page: number, pages: number) => ({
    text: `${page} / ${pages}`,
    alignment: 'right',
    margin: [0, 8, 28, 0],
    fontSize: 8,
  }),
})
parentPort?.postMessage(await document.getBuffer())
