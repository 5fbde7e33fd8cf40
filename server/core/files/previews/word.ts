import { once } from 'node:events'
import { startThread } from '../../threads.ts'
import { PreviewFailure } from './failure.ts'

const MOST_MS = 30_000

export type WordTask = { path: string; target: string }
export type WordAnswer = 'done' | 'broken' | 'tooLarge'

/**
 * Writes a Word document as one page of harmless HTML, in a thread of its own with limits of time and memory.
 * @throws PreviewFailure
 */
export async function wordToHtml(path: string, target: string): Promise<void> {
  const task: WordTask = { path, target }
  const thread = startThread(import.meta.url, 'word-thread', {
    workerData: task,
    resourceLimits: { maxOldGenerationSizeMb: 512 },
  })
  const timer = new AbortController()
  const late = setTimeout(() => timer.abort(), MOST_MS)
  try {
    const [answer] = (await once(thread, 'message', { signal: timer.signal })) as [WordAnswer]
    if (answer !== 'done') throw new PreviewFailure(answer)
  } catch (error) {
    if (error instanceof PreviewFailure) throw error
    const { code } = error as NodeJS.ErrnoException
    if (timer.signal.aborted) throw new PreviewFailure('tooLong', error)
    throw new PreviewFailure(code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'tooLarge' : 'broken', error)
  } finally {
    clearTimeout(late)
    await thread.terminate()
  }
}
