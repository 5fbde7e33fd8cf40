import { promisify } from 'node:util'
import { type Entry, open, type ZipFile } from 'yauzl'
import { InputError } from '../errors.ts'

/** Parts of an office document: hundreds in a book with pictures. */
const MOST_PARTS = 10_000
/** Bytes of all parts unpacked. A document of 50 MB has rarely 200. */
const MOST_UNPACKED = 500_000_000

const openZip = promisify<string, object, ZipFile>(open)

/**
 * Refuses a document that swells when it is opened. The sizes that its list of parts names are added up first; then every
 * part is unpacked into nothing, since that list may lie.
 * @throws InputError
 */
export async function demandSoundPackage(path: string, field: string): Promise<void> {
  const zip = await openZip(path, { lazyEntries: true, autoClose: false, validateEntrySizes: true }).catch(() => {
    throw InputError.of(field, 'errors.field.fileBroken')
  })
  try {
    const entries = await listEntries(zip)
    for (const entry of entries) await unpackIntoNothing(zip, entry)
  } catch (error) {
    throw error instanceof SwellingError
      ? InputError.of(field, 'errors.field.fileSwells', { megabytes: MOST_UNPACKED / 1e6 })
      : InputError.of(field, 'errors.field.fileBroken')
  } finally {
    zip.close()
  }
}

class SwellingError extends Error {}

function listEntries(zip: ZipFile): Promise<Entry[]> {
  const entries: Entry[] = []
  let unpacked = 0
  return new Promise((resolve, reject) => {
    zip.on('entry', (entry: Entry) => {
      entries.push(entry)
      unpacked += entry.uncompressedSize
      if (entries.length > MOST_PARTS || unpacked > MOST_UNPACKED) reject(new SwellingError())
      else zip.readEntry()
    })
    zip.once('end', () => resolve(entries))
    zip.once('error', reject)
    zip.readEntry()
  })
}

async function unpackIntoNothing(zip: ZipFile, entry: Entry): Promise<void> {
  if (entry.uncompressedSize === 0) return
  const stream = await new Promise<NodeJS.ReadableStream>((resolve, reject) => {
    zip.openReadStream(entry, (error, opened) => (error || !opened ? reject(error) : resolve(opened)))
  })
  // The library ends with an error as soon as a part is larger than the list says.
  for await (const _ of stream);
}
