import { once } from 'node:events'
import { startThread } from '../threads.ts'
import type { Cell } from './index.ts'

export type PdfTable = { title: string; subtitle: string; columns: string[]; rows: Cell[][] }

/** A table as an A4 document (on its side when it is wide), made in a thread of its own. */
export async function tableToPdf(table: PdfTable): Promise<Buffer> {
  const thread = startThread(import.meta.url, 'pdf-thread', {
    workerData: table,
    resourceLimits: { maxOldGenerationSizeMb: 512 },
  })
  try {
    const [bytes] = await once(thread, 'message')
    return Buffer.from(bytes as Uint8Array)
  } finally {
    await thread.terminate()
  }
}
