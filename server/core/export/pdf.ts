import { once } from 'node:events'
import { AppError } from '../errors.ts'
import { startThread } from '../threads.ts'
import type { PaperTable } from './index.ts'

export type PdfTables = { title: string; subtitle: string; tables: PaperTable[] }

/**
 * Tables as an A4 document (on its side when they are wide), made in a thread of its own.
 * @throws AppError 422 if a table is too wide even in the smallest print: nothing is cut off in silence
 */
export async function tablesToPdf(tables: PdfTables): Promise<Buffer> {
  const thread = startThread(import.meta.url, 'pdf-thread', {
    workerData: tables,
    resourceLimits: { maxOldGenerationSizeMb: 512 },
  })
  try {
    const [bytes] = (await once(thread, 'message')) as [Uint8Array | 'too wide']
    if (bytes === 'too wide') throw new AppError(422, 'errors.pdfTooWide')
    return Buffer.from(bytes)
  } finally {
    await thread.terminate()
  }
}
