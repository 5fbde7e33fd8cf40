import { readCsv } from './read-csv.ts'
import { DEFAULT_LIMITS, type ReadFile, TableError, type TableLimits } from './types.ts'

/**
 * Reads an uploaded file as a table. What it is is found from its first bytes, never from its name.
 * @throws TableError with a code that says what is wrong with the file
 */
export async function readTable(bytes: Buffer, limits: TableLimits = DEFAULT_LIMITS): Promise<ReadFile> {
  if (bytes.length === 0) throw new TableError('empty')
  if (bytes.length > limits.fileBytes) {
    throw new TableError('tooLarge', { max: Math.round(limits.fileBytes / 1024 / 1024) })
  }
  if (startsWith(bytes, [0x50, 0x4b, 0x03, 0x04])) {
    // The library for workbooks is large: a CSV file need not wait for it.
    const { readXlsx } = await import('./read-xlsx.ts')
    return readXlsx(bytes, limits)
  }
  // The container of .xls, and of workbooks locked by a password.
  if (startsWith(bytes, [0xd0, 0xcf, 0x11, 0xe0])) throw new TableError('oldExcel')
  if (isKnownOther(bytes)) throw new TableError('notTable')
  const file = readCsv(bytes, limits)
  if (file.tables[0]!.rows.length === 0) throw new TableError('empty')
  return file
}

function startsWith(bytes: Buffer, signature: number[]): boolean {
  return signature.every((byte, index) => bytes[index] === byte)
}

/** Formats whose beginning could pass for text: PDF, RTF, HTML and XML saved under a table's name, empty archives. */
function isKnownOther(bytes: Buffer): boolean {
  if (startsWith(bytes, [0x50, 0x4b])) return true
  const head = bytes
    .subarray(0, 512)
    .toString('latin1')
    .replace(/^\u00ef\u00bb\u00bf/, '')
    .trimStart()
    .toLowerCase()
  return /^(?:%pdf-|\{\\rtf|<!doctype|<html|<\?xml|<table|<meta)/.test(head)
}
