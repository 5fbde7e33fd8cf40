import { createWriteStream } from 'node:fs'
import { mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { Readable } from 'node:stream'
import { finished, pipeline } from 'node:stream/promises'
import { ZipFile } from 'yazl'
import type { DatabaseConfig, StorageConfig } from '../../config.ts'
import { contentKey } from '../files/keys.ts'
import { MissingContentError, storesOf } from '../files/stores/index.ts'
import { nowUtc } from '../time.ts'
import { packageVersion } from '../version.ts'
import { FORMAT, fileEntry, HashingStream, LEFT_OUT, MANIFEST, type Manifest, tableEntry } from './format.ts'
import { checkBackup } from './read.ts'
import { openSnapshot, type Row, type Snapshot } from './snapshot.ts'

/** What there is to keep. */
export type Source = {
  dataFolder: string
  database: DatabaseConfig
  storage?: StorageConfig | undefined
  publicUrl?: string | undefined
}

/** Where backups are kept unless somebody takes them elsewhere. */
export const backupsFolder = (dataFolder: string): string => join(dataFolder, 'backups')

export const BACKUP_NAME = /^integral-\d{8}-\d{6}\.zip$/
const nameFor = (moment: string) => `integral-${moment.replace(/[-:]/g, '').replace(' ', '-').slice(0, 15)}.zip`

type Progress = (done: number, total: number) => Promise<void>
export type Made = { file: string; name: string; size: number; manifest: Manifest }

/**
 * Makes a backup while the system runs: the database as it is at one instant, and every file that it names. It is written
 * beside its name, read again as a whole, and only then gets its name: what was cut off is never taken for a backup.
 */
export async function makeBackup(
  config: Source,
  { target, onProgress = async () => {} }: { target?: string; onProgress?: Progress } = {},
): Promise<Made> {
  const createdAt = nowUtc()
  const file = target ?? join(backupsFolder(config.dataFolder), nameFor(createdAt))
  await mkdir(join(file, '..'), { recursive: true, mode: 0o700 })
  const part = `${file}.part`
  const snapshot = await openSnapshot(config.database)
  try {
    const manifest = await writeArchive(part, snapshot, config, createdAt, onProgress)
    await checkBackup(part)
    await sync(part)
    await rename(part, file)
    return { file, name: basename(file), size: (await stat(file)).size, manifest }
  } catch (error) {
    await rm(part, { force: true })
    throw error
  } finally {
    await snapshot.close()
  }
}

async function sync(file: string): Promise<void> {
  const handle = await open(file, 'r+')
  await handle.sync()
  await handle.close()
}

async function writeArchive(
  part: string,
  snapshot: Snapshot,
  config: Source,
  createdAt: string,
  onProgress: Progress,
): Promise<Manifest> {
  const zip = new ZipFile()
  const writing = pipeline(zip.outputStream, createWriteStream(part, { mode: 0o600 }))
  // Whoever waits for an entry must hear of a full disk.
  const failed = writing.then(() => new Promise<never>(() => {}))
  failed.catch(() => {})
  const add = async (entry: string, content: Readable, compress: boolean): Promise<string> => {
    const hashing = new HashingStream()
    content.on('error', (error) => hashing.destroy(error))
    zip.addReadStream(content.pipe(hashing), entry, { compress, mode: 0o100600 })
    await Promise.race([finished(hashing), failed])
    return hashing.digest
  }
  const manifest: Manifest = {
    ...{ product: 'integral', format: FORMAT, version: packageVersion, createdAt, authority: '' },
    ...(config.publicUrl ? { publicUrl: config.publicUrl } : {}),
    ...{ migrations: [], tables: {}, files: [], missing: [] },
  }
  const hashes = new Set<string>()
  const look = {
    migrations: (row: Record<string, unknown>) => manifest.migrations.push(String(row.name)),
    settings: (row: Record<string, unknown>) => {
      if (row.name === 'authority') manifest.authority = String(JSON.parse(String(row.value)).name ?? '')
    },
    files: (row: Record<string, unknown>) => row.deleted_at === null && hashes.add(String(row.sha256)),
  } as Record<string, (row: Record<string, unknown>) => unknown>

  for await (const row of rowsOf(snapshot, 'migrations')) look.migrations?.(row)
  const tables = snapshot.tables.filter((table) => !LEFT_OUT.includes(table))
  for (const [at, table] of tables.entries()) {
    await onProgress(at, tables.length + 1)
    const { columns, pieces } = await snapshot.read(table)
    const counted = { rows: 0 }
    const seen = look[table]
    const note = (row: Row) => {
      counted.rows++
      seen?.(Object.fromEntries(columns.map((name, index) => [name, row[index]])))
    }
    const sha256 = await add(tableEntry(table), Readable.from(lines(columns, pieces, note)), true)
    manifest.tables[table] = { rows: counted.rows, sha256 }
  }
  // Files may take hours: the database need not keep its past for so long, nor the connection live.
  await snapshot.close()
  await onProgress(tables.length, tables.length + 1)
  const store = storesOf(config)
  for (const sha256 of [...hashes].sort()) {
    const content = await store.open(contentKey(sha256)).catch((error) => {
      // A store that does not answer is no reason to leave files out: the backup is made later.
      if (!(error instanceof MissingContentError)) throw error
    })
    if (!content) manifest.missing.push(sha256)
    else {
      await add(fileEntry(sha256), content, false)
      manifest.files.push(sha256)
    }
  }
  zip.addBuffer(Buffer.from(JSON.stringify(manifest, null, 1)), MANIFEST)
  zip.end()
  await writing
  return manifest
}

async function* rowsOf(snapshot: Snapshot, table: string): AsyncGenerator<Record<string, unknown>> {
  const { columns, pieces } = await snapshot.read(table)
  for await (const piece of pieces) {
    for (const row of piece) yield Object.fromEntries(columns.map((name, index) => [name, row[index]]))
  }
}

async function* lines(
  columns: string[],
  pieces: AsyncIterable<Row[]>,
  note: (row: Row) => void,
): AsyncGenerator<string> {
  yield `${JSON.stringify(columns)}\n`
  for await (const piece of pieces) {
    let text = ''
    for (const row of piece) {
      note(row)
      text += `${JSON.stringify(row)}\n`
    }
    yield text
  }
}
