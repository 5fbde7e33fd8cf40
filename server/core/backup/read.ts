import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { type Entry, open, type ZipFile } from 'yauzl'
import { DamagedBackupError, fileEntry, MANIFEST, type Manifest, readManifest, tableEntry } from './format.ts'

/** An opened backup: its manifest, and each entry as a stream. */
export type Archive = { manifest: Manifest; stream(entry: string): Promise<Readable>; close(): void }

const openZip = promisify<string, object, ZipFile>(open)

/** @throws DamagedBackupError if the file is no backup, or one that was cut off */
export async function openBackup(file: string): Promise<Archive> {
  const options = { lazyEntries: true, autoClose: false, validateEntrySizes: true }
  const zip = await openZip(file, options).catch((error) => {
    if (error.code === 'ENOENT' || error.code === 'EACCES') throw error
    // Its list of contents is the last thing that a ZIP file gets.
    throw new DamagedBackupError(
      /end of central directory/i.test(error.message) ? 'cutOff' : 'notBackup',
      error.message,
    )
  })
  try {
    const entries = await listEntries(zip)
    const stream = async (name: string): Promise<Readable> => {
      const entry = entries.get(name)
      if (!entry) throw new DamagedBackupError('changed', name)
      return promisify<Entry, Readable>(zip.openReadStream.bind(zip) as never)(entry)
    }
    if (!entries.has(MANIFEST)) throw new DamagedBackupError('notBackup', MANIFEST)
    const manifest = readManifest(await text(await stream(MANIFEST)))
    return { manifest, stream, close: () => zip.close() }
  } catch (error) {
    zip.close()
    throw error
  }
}

function listEntries(zip: ZipFile): Promise<Map<string, Entry>> {
  const entries = new Map<string, Entry>()
  return new Promise((resolve, reject) => {
    zip.on('entry', (entry: Entry) => {
      entries.set(entry.fileName, entry)
      zip.readEntry()
    })
    zip.once('end', () => resolve(entries))
    zip.once('error', (error) => reject(new DamagedBackupError('notBackup', error.message)))
    zip.readEntry()
  })
}

/**
 * Reads a whole backup and compares every table and file with what it should be.
 * @throws DamagedBackupError
 */
export async function checkBackup(file: string): Promise<Manifest> {
  const archive = await openBackup(file)
  try {
    const { tables, files } = archive.manifest
    const expected = [
      ...Object.entries(tables).map(([name, { sha256 }]) => [tableEntry(name), sha256] as const),
      ...files.map((sha256) => [fileEntry(sha256), sha256] as const),
    ]
    for (const [entry, sha256] of expected) {
      if ((await hashOf(await archive.stream(entry), entry)) !== sha256) throw new DamagedBackupError('changed', entry)
    }
    return archive.manifest
  } finally {
    archive.close()
  }
}

async function hashOf(content: Readable, entry: string): Promise<string> {
  const hash = createHash('sha256')
  try {
    for await (const chunk of content) hash.update(chunk)
  } catch (error) {
    throw new DamagedBackupError('changed', `${entry}: ${(error as Error).message}`)
  }
  return hash.digest('hex')
}
