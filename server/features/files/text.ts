import { buffer } from 'node:stream/consumers'
import iconv from 'iconv-lite'
import { openFile, type StoredFile } from '../../core/files/index.ts'

export type TextHead = { text: string; isCut: boolean }

/** More than a hundred pages nobody reads in a preview. */
const MOST_BYTES = 300_000

/** The beginning of a text in letters, whichever way they are written: in UTF-8, UTF-16, or as Windows writes Russian. */
export async function readText(file: StoredFile): Promise<TextHead> {
  if (file.size === 0) return { text: '', isCut: false }
  const bytes = await buffer(await openFile(file, { start: 0, end: Math.min(file.size, MOST_BYTES) - 1 }))
  return { text: decode(bytes), isCut: file.size > MOST_BYTES }
}

export function decode(bytes: Buffer): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return iconv.decode(bytes, 'utf-16le')
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return iconv.decode(bytes, 'utf-16be')
  try {
    // The last letter may be cut in two.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true })
  } catch {
    return iconv.decode(bytes, 'windows-1251')
  }
}
