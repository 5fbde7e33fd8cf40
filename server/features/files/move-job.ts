import { basename } from 'node:path'
import { recordEvent } from '../../core/events/index.ts'
import { stores } from '../../core/files/stores/index.ts'
import { enqueueJob, type JobContext, type JobDefinition } from '../../core/jobs/index.ts'
import { SYSTEM } from '../../core/rights/index.ts'
import { countContents } from './queries.ts'

/** Steps between two words about progress. */
const REPORT = 20

/**
 * Moves every content from the other store into the one in use, one by one: kept and compared there, then removed here. Cut
 * off anywhere, each content is in one of the two or in both, and both are read; the rest is moved when the job goes on.
 */
export const moveJob: JobDefinition = {
  kind: 'files.move',
  attempts: 10,
  run: async (_payload, context) => {
    const { main, other } = stores()
    if (!other) return { moved: 0 }
    const moved = await moveAll(context)
    if (moved === undefined) {
      // The process stops: the next one goes on where this one is.
      await enqueueJob('files.move', {}, { inSeconds: 5 })
      return undefined
    }
    // What was made for the browser is made anew when somebody looks.
    for await (const { key } of other.list('previews/')) await other.remove(key)
    await recordEvent(SYSTEM, 'filesMoved', { type: 'setting', id: 0 }, { to: main.kind, count: moved })
    return { moved }
  },
}

async function moveAll({ progress, mayGoOn }: JobContext): Promise<number | undefined> {
  const { main, other, withFile } = stores()
  if (!other) return 0
  const total = await countContents()
  let moved = 0
  for await (const { key, size } of other.list('files/')) {
    if (!mayGoOn()) return undefined
    const sha256 = basename(key)
    // Half a copy that a crash has left is for the housekeeping.
    if (!/^[0-9a-f]{64}$/.test(sha256)) continue
    if ((await main.find(key))?.size !== size) await withFile(key, (path) => main.put(key, path, sha256))
    const kept = await main.find(key)
    if (kept?.size !== size) throw new Error(`${key} has ${kept?.size} bytes in its new place instead of ${size}`)
    await other.remove(key)
    if (++moved % REPORT === 0) await progress(Math.min(moved, total), total)
  }
  return moved
}
