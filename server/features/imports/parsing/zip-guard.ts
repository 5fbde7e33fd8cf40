import { type Entry, fromBuffer, type ZipFile } from 'yauzl'
import { TableError, type TableLimits } from './types.ts'

const MAX_ENTRIES = 2_000

/** What an archive holds, known before anything of it is unpacked for use. */
export interface ZipContents {
  names: Set<string>
  /** The archive's `mimetype` entry, which office formats other than Microsoft's begin with. */
  mimetype: string
  /** The XML of each worksheet's merged ranges, by entry name. */
  merges: Map<string, string[]>
}

/**
 * Walks through an archive and refuses it when it would unpack to more than allowed. Declared sizes are checked first;
 * then every entry is unpacked into nothing and counted, since a declared size can lie.
 * @throws TableError `unpacksTooLarge` for bombs, `corrupt` for damaged archives
 */
export async function inspectZip(bytes: Buffer, limits: TableLimits): Promise<ZipContents> {
  const zip = await openZip(bytes)
  const contents: ZipContents = { names: new Set(), mimetype: '', merges: new Map() }
  let declared = 0
  try {
    if (zip.entryCount > MAX_ENTRIES) throw tooLarge(limits)
    for (let entry = await nextEntry(zip); entry; entry = await nextEntry(zip)) {
      declared += entry.uncompressedSize
      if (declared > limits.unpackedBytes) throw tooLarge(limits)
      if (contents.names.has(entry.fileName)) throw new TableError('corrupt')
      contents.names.add(entry.fileName)
      await inspectEntry(zip, entry, contents)
    }
  } finally {
    zip.close()
  }
  return contents
}

function tooLarge(limits: TableLimits): TableError {
  return new TableError('unpacksTooLarge', { max: Math.round(limits.unpackedBytes / 1024 / 1024) })
}

function openZip(bytes: Buffer): Promise<ZipFile> {
  return new Promise((resolve, reject) => {
    fromBuffer(bytes, { lazyEntries: true, validateEntrySizes: true, decodeStrings: true }, (error, zip) =>
      error || !zip ? reject(new TableError('corrupt')) : resolve(zip),
    )
  })
}

function nextEntry(zip: ZipFile): Promise<Entry | null> {
  return new Promise((resolve, reject) => {
    const settle = (action: () => void) => {
      zip.removeAllListeners()
      action()
    }
    zip.once('entry', (entry: Entry) => settle(() => resolve(entry)))
    zip.once('end', () => settle(() => resolve(null)))
    zip.once('error', () => settle(() => reject(new TableError('corrupt'))))
    zip.readEntry()
  })
}

function inspectEntry(zip: ZipFile, entry: Entry, contents: ZipContents): Promise<void> {
  if (entry.fileName.endsWith('/')) return Promise.resolve()
  const isSheet = /^\/?xl\/worksheets\/[^/]+\.xml$/.test(entry.fileName)
  return new Promise((resolve, reject) => {
    zip.openReadStream(entry, (error, stream) => {
      if (error || !stream) return reject(new TableError('corrupt'))
      const merges: string[] = []
      let tail = ''
      stream.on('data', (chunk: Buffer) => {
        if (entry.fileName === 'mimetype' && contents.mimetype.length < 200)
          contents.mimetype += chunk.toString('latin1')
        if (!isSheet) return
        // References are ASCII, so the bytes can be searched without decoding; the tail carries what a chunk cuts.
        const text = tail + chunk.toString('latin1')
        for (const match of text.matchAll(/<(?:\w+:)?mergeCell [^>]{0,80}?ref="([A-Z0-9:]{1,30})"/g))
          merges.push(match[1]!)
        const cut = text.lastIndexOf('<')
        tail = cut >= 0 && text.length - cut < 120 ? text.slice(cut) : ''
      })
      // yauzl ends with an error when an entry unpacks to another size than it declares.
      stream.on('error', () => reject(new TableError('corrupt')))
      stream.on('end', () => {
        if (isSheet) contents.merges.set(entry.fileName.replace(/^\//, ''), merges)
        resolve()
      })
    })
  })
}
