import { db, insertRow, isUniqueViolation } from '../../db/index.ts'
import { enqueueJob } from '../../jobs/index.ts'
import { inSeconds, nowUtc } from '../../time.ts'
import type { StoredFile } from '../index.ts'
import { type PreviewKind, previewKey } from '../keys.ts'
import { type Showing, showingOf } from '../kinds.ts'
import { extensionOf } from '../names.ts'
import { stores } from '../stores/index.ts'
import { findConverter } from './office.ts'

/** Why a preview could not be made; words in `files.preview.reason`. */
export type PreviewReason = 'broken' | 'tooLarge' | 'tooLong'

/** How a file can be seen in the browser now. */
export type Preview = {
  showing: Showing
  /** `none`: only to be saved; `waiting`: it is being made. What the browser shows by itself is always ready. */
  state: 'ready' | 'waiting' | 'failed' | 'none'
  reason?: PreviewReason
}

/** What has to be made of a file before the browser can show it. */
export function previewKindOf(showing: Showing): 'html' | 'pdf' | undefined {
  if (showing === 'word') return 'html'
  return showing === 'office' ? 'pdf' : undefined
}

/** After this time what failed is tried again: the machine may have got what it lacked. */
const FAILED_SECONDS = 86_400
/** Work that was begun so long ago was lost together with its process. */
const LOST_SECONDS = 900

/**
 * How a file can be seen, for whoever may read it. What has to be made for that is asked for, once for each content,
 * whoever looks and however often.
 */
export async function previewOf(file: StoredFile): Promise<Preview> {
  const showing = showingOf(file.mediaType)
  const kind = previewKindOf(showing)
  if (!kind) return { showing, state: showing === 'none' ? 'none' : 'ready' }
  const known = await db()('file_previews').where({ sha256: file.sha256, kind }).first()
  if (known?.state === 'ready') return { showing, state: 'ready' }
  if (kind === 'pdf' && !(await findConverter())) return { showing, state: 'none' }
  if (known?.state === 'failed' && known.updated_at > inSeconds(-FAILED_SECONDS)) {
    return { showing, state: 'failed', reason: known.reason }
  }
  if (!known || known.state === 'failed' || known.updated_at < inSeconds(-LOST_SECONDS)) await request(file, kind)
  return { showing, state: 'waiting' }
}

async function request(file: StoredFile, kind: PreviewKind): Promise<void> {
  const where = { sha256: file.sha256, kind }
  const values = { state: 'waiting', reason: null, updated_at: nowUtc() }
  if (!(await db()('file_previews').where(where).update(values))) {
    await insertRow('file_previews', { ...where, ...values }).catch((error) => {
      // Somebody else looks at the same moment.
      if (!isUniqueViolation(error)) throw error
    })
  }
  const payload = { ...where, extension: extensionOf(file.name) }
  await enqueueJob('files.preview', payload, { uniqueKey: `files.preview:${kind}:${file.sha256}` })
}

/** Notes what became of a preview. */
export async function settlePreview(
  sha256: string,
  kind: PreviewKind,
  state: 'ready' | 'failed',
  reason: PreviewReason | null = null,
): Promise<void> {
  await db()('file_previews').where({ sha256, kind }).update({ state, reason, updated_at: nowUtc() })
}

/** Removes everything that was made of a content. */
export async function removePreviews(sha256: string): Promise<void> {
  for (const kind of ['thumb', 'html', 'pdf'] as const) await stores().remove(previewKey(sha256, kind))
  await db()('file_previews').where({ sha256 }).del()
}
