import { on } from 'node:events'
import { startThread } from '../threads.ts'
import type { Cell } from './index.ts'

export type XlsxHead = { title: string; columns: string[] }

/**
 * The bytes of a workbook with one sheet, made in a thread of its own while rows are read.
 * @param batches rows in pieces: a piece is read when the one before is written
 */
export async function* tableToXlsx(head: XlsxHead, batches: AsyncIterator<Cell[][]>): AsyncGenerator<Uint8Array> {
  const thread = startThread(import.meta.url, 'xlsx-thread', {
    workerData: { title: head.title, columns: head.columns },
    resourceLimits: { maxOldGenerationSizeMb: 512 },
  })
  try {
    // Listens until it is left: a thread that breaks is an error of the loop.
    for await (const [message] of on(thread, 'message')) {
      if (message === 'end') return
      if (message !== 'more') {
        yield message
        continue
      }
      const { value, done } = await batches.next()
      thread.postMessage(done ? 'end' : value)
    }
  } finally {
    await thread.terminate()
  }
}
