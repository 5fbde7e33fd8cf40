import { randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { JobDefinition } from '../../jobs/index.ts'
import { log } from '../../log.ts'
import { paintThumbnail } from '../images.ts'
import type { StoredFile } from '../index.ts'
import { contentKey, type PreviewKind, previewKey } from '../keys.ts'
import { MissingContentError, stores, temporaryFolder } from '../stores/index.ts'
import { PreviewFailure } from './failure.ts'
import { settlePreview } from './index.ts'
import { convertToPdf } from './office.ts'
import { wordToHtml } from './word.ts'

type Payload = { sha256: string; kind: PreviewKind; extension: string }

/** Makes what shows a document in the browser. It has a lane of its own: somebody looks at the page and waits, and a conversion takes long. */
export const previewJob: JobDefinition = {
  kind: 'files.preview',
  lane: 'previews',
  attempts: 3,
  run: async ({ sha256, kind, extension }: Payload) => {
    try {
      if (!(await stores().find(previewKey(sha256, kind)))) await make(sha256, kind, extension)
      await settlePreview(sha256, kind, 'ready')
    } catch (error) {
      const failure = error instanceof MissingContentError ? new PreviewFailure('broken', error) : error
      if (!(failure instanceof PreviewFailure)) throw error
      log.warn({ error: failure.cause, sha256, kind }, failure.message)
      await settlePreview(sha256, kind, 'failed', failure.reason)
    }
  },
}

async function make(sha256: string, kind: PreviewKind, extension: string): Promise<void> {
  const target = join(await temporaryFolder(), randomUUID())
  try {
    await stores().withFile(contentKey(sha256), async (path) => {
      if (kind === 'html') await wordToHtml(path, target)
      else if (kind === 'pdf') await convertToPdf(path, extension, target)
      else await paintThumbnail(path, target)
    })
    await stores().main.put(previewKey(sha256, kind), target)
  } finally {
    await rm(target, { force: true })
  }
}

/** Thumbnails that are being painted: a list asks for the same ones again while they are. */
const painting = new Map<string, Promise<void>>()

/**
 * Makes sure that there is a thumbnail of a picture; painted when it is first asked for.
 * @returns its key in the stores
 */
export async function thumbnailOf(file: StoredFile): Promise<string> {
  const key = previewKey(file.sha256, 'thumb')
  if (await stores().find(key)) return key
  const known = painting.get(key) ?? make(file.sha256, 'thumb', '').finally(() => painting.delete(key))
  painting.set(key, known)
  await known
  return key
}
