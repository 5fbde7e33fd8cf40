import { once } from 'node:events'
import { Writable } from 'node:stream'
import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import ExcelJS from 'exceljs'
import type { Cell } from './index.ts'
import type { XlsxHead } from './xlsx.ts'

const { title, columns }: XlsxHead = workerData
const port = parentPort as MessagePort

// Finished bytes go back as they come; the next rows are asked for when these are written.
const bytes = new Writable({
  write: (chunk: Buffer, _encoding, done) => {
    port.postMessage(Uint8Array.from(chunk))
    done()
  },
})
const book = new ExcelJS.stream.xlsx.WorkbookWriter({ stream: bytes, useStyles: true })
const sheet = book.addWorksheet(title.replace(/[\\/*?:[\]]/g, ' ').slice(0, 31) || 'Sheet', {
  views: [{ state: 'frozen', ySplit: 1 }],
})
sheet.columns = columns.map((header) => ({ header, width: Math.min(40, Math.max(12, header.length + 2)) }))
sheet.getRow(1).font = { bold: true }
sheet.getRow(1).commit()

for (;;) {
  port.postMessage('more')
  const [rows] = (await once(port, 'message')) as [Cell[][] | 'end']
  if (rows === 'end') break
  for (const row of rows) sheet.addRow(row).commit()
}
sheet.commit()
await book.commit()
port.postMessage('end')
port.close()
