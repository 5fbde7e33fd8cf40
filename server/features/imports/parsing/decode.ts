import iconv from 'iconv-lite'
import { TableError } from './types.ts'

export type TextEncoding = 'UTF-8' | 'UTF-16LE' | 'UTF-16BE' | 'Windows-1251'

/**
 * Turns the bytes of a text file into text. The encoding is taken from the byte-order mark; without one it is UTF-8
 * if the bytes are valid UTF-8 (a few damaged characters in an otherwise valid file are forgiven), else Windows-1251,
 * in which Russian spreadsheets save CSV.
 * @throws TableError `empty`; `notTable` when the bytes are not text
 */
export function decodeText(bytes: Uint8Array): { text: string; encoding: TextEncoding } {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const { encoding, offset } = findEncoding(buffer)
  const name = encoding === 'Windows-1251' ? 'win1251' : encoding
  const text = iconv.decode(buffer.subarray(offset), name, { stripBOM: true })
  if (text.trim() === '') throw new TableError('empty')
  if (looksBinary(text)) throw new TableError('notTable')
  return { text, encoding }
}

function findEncoding(buffer: Buffer): { encoding: TextEncoding; offset: number } {
  if (buffer.length >= 3 && buffer[0] === 0xef && buffer[1] === 0xbb && buffer[2] === 0xbf) {
    return { encoding: 'UTF-8', offset: 3 }
  }
  if (buffer.length >= 2 && buffer[0] === 0xff && buffer[1] === 0xfe) return { encoding: 'UTF-16LE', offset: 2 }
  if (buffer.length >= 2 && buffer[0] === 0xfe && buffer[1] === 0xff) return { encoding: 'UTF-16BE', offset: 2 }
  const wide = unmarkedUtf16(buffer)
  if (wide) return { encoding: wide, offset: 0 }
  return { encoding: isUtf8(buffer) ? 'UTF-8' : 'Windows-1251', offset: 0 }
}

/** UTF-16 without its mark: line ends and separators have a zero byte on one and the same side. */
function unmarkedUtf16(buffer: Buffer): TextEncoding | null {
  const length = Math.min(buffer.length - (buffer.length % 2), 8192)
  if (length < 4) return null
  let low = 0
  let high = 0
  for (let i = 0; i < length; i += 2) {
    const first = buffer[i]!
    const second = buffer[i + 1]!
    // ASCII and Cyrillic are the pages 0x00 and 0x04 of Unicode.
    if (second === 0x00 || second === 0x04) low++
    if (first === 0x00 || first === 0x04) high++
  }
  const pairs = length / 2
  if (low > pairs * 0.9 && high < pairs * 0.5) return 'UTF-16LE'
  if (high > pairs * 0.9 && low < pairs * 0.5) return 'UTF-16BE'
  return null
}

/** Valid UTF-8, or nearly: more whole multi-byte characters than a hundred for every broken one. */
function isUtf8(buffer: Buffer): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(buffer)
    return true
  } catch {
    const text = buffer.toString('utf8')
    let broken = 0
    let whole = 0
    for (const char of text) {
      if (char === '\uFFFD') broken++
      else if (char > '\u007F') whole++
    }
    return whole > broken * 100
  }
}

/** Text has line ends and tabs but next to no other control characters; a picture or an archive has many. */
function looksBinary(text: string): boolean {
  const length = Math.min(text.length, 20_000)
  let odd = 0
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i)
    if ((code < 32 && code !== 9 && code !== 10 && code !== 13 && code !== 12) || code === 0xfffd) odd++
  }
  return odd > length * 0.02
}
