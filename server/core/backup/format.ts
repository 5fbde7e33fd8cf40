import { createHash } from 'node:crypto'
import { Transform } from 'node:stream'
import { z } from 'zod'

/**
 * A backup is one ZIP file: `tables/NAME.ndjson` (a line of column names, then a line per row), `files/HASH` (contents of
 * files), and last of all `manifest.json`, by which a whole backup is told from one that was cut off. The rows are those of
 * either database: a backup of one is restored on the other.
 */
export const FORMAT = 1
export const MANIFEST = 'manifest.json'
export const tableEntry = (name: string): string => `tables/${name}.ndjson`
export const fileEntry = (sha256: string): string => `files/${sha256}`

/**
 * Tables whose rows mean nothing elsewhere: who is signed in, which process works on what, what was made to show files, and
 * the index of the search, which is built anew when the system starts.
 */
export const LEFT_OUT = [
  ...['sessions', 'leases', 'sent_forms', 'file_previews', 'migrations', 'migrations_lock'],
  ...['search_documents', 'search_words', 'search_trigrams', 'search_postings', 'search_kinds'],
]

const manifestSchema = z.object({
  product: z.literal('integral'),
  format: z.literal(FORMAT),
  version: z.string(),
  createdAt: z.string(),
  authority: z.string(),
  publicUrl: z.string().optional(),
  migrations: z.array(z.string()),
  tables: z.record(z.string(), z.object({ rows: z.number(), sha256: z.string() })),
  files: z.array(z.string()),
  /** Contents that were gone from the store already, by hash. */
  missing: z.array(z.string()),
})
export type Manifest = z.infer<typeof manifestSchema>

/** A file that is no backup of ours, or not a whole one; `code` is a key of `backups.damage`. */
export class DamagedBackupError extends Error {
  readonly code: 'notBackup' | 'cutOff' | 'changed' | 'newer'

  constructor(code: DamagedBackupError['code'], detail = '') {
    super(detail ? `${code}: ${detail}` : code)
    this.name = 'DamagedBackupError'
    this.code = code
  }
}

/** @throws DamagedBackupError */
export function readManifest(text: string): Manifest {
  const parsed = manifestSchema.safeParse(JSON.parse(text))
  if (!parsed.success) throw new DamagedBackupError('notBackup', parsed.error.issues[0]?.path.join('.'))
  return parsed.data
}

/** Passes bytes on and knows their hash afterwards. */
export class HashingStream extends Transform {
  readonly #hash = createHash('sha256')
  digest = ''

  override _transform(chunk: Buffer, _encoding: string, done: () => void): void {
    this.#hash.update(chunk)
    this.push(chunk)
    done()
  }

  override _flush(done: () => void): void {
    this.digest = this.#hash.digest('hex')
    done()
  }
}
