import { parse } from 'csv-parse/sync'
import { buildTable } from './build-table.ts'
import { decodeText } from './decode.ts'
import type { ReadFile, TableLimits } from './types.ts'
import { TableError } from './types.ts'

const SEPARATORS = [';', '\t', ','] as const
export type Separator = (typeof SEPARATORS)[number]

/**
 * Reads a CSV file. Encoding and separator are found from the content; stray quotation marks inside values and lines
 * of unequal length are taken as they are.
 * @throws TableError when the bytes are not a table or exceed the limits
 */
export function readCsv(bytes: Uint8Array, limits: TableLimits): ReadFile {
  const { text, encoding } = decodeText(bytes)
  const { body, declared } = cutSeparatorLine(text)
  const separator = declared ?? findSeparator(body)
  const records = parseRecords(body, separator, limits)
  return { format: 'csv', encoding, separator, tables: [buildTable('', records, limits, declared ? 1 : 0)] }
}

/** Spreadsheets accept a first line "sep=;" that only names the separator. */
function cutSeparatorLine(text: string): { body: string; declared: Separator | null } {
  const match = /^sep=([;,\t])\r?\n/i.exec(text)
  if (!match) return { body: text, declared: null }
  return { body: text.slice(match[0].length), declared: match[1] as Separator }
}

/**
 * The separator by evidence: the one that cuts the most of the first lines into the same number of cells, more cells
 * being better evidence. A comma inside addresses loses to the semicolon because its counts vary.
 */
export function findSeparator(text: string): Separator {
  const sample = text.slice(0, 64 * 1024)
  let best: Separator = ';'
  let bestScore = 0
  for (const separator of SEPARATORS) {
    const counts = new Map<number, number>()
    for (const record of parseSample(sample, separator)) {
      if (record.length > 1) counts.set(record.length, (counts.get(record.length) ?? 0) + 1)
    }
    let score = 0
    for (const [cells, lines] of counts) score = Math.max(score, lines * Math.log2(cells + 1))
    if (score > bestScore) {
      bestScore = score
      best = separator
    }
  }
  return best
}

function parseSample(text: string, separator: Separator): string[][] {
  const options = {
    delimiter: separator,
    to: 100,
    relax_quotes: true,
    relax_column_count: true,
    skip_empty_lines: true,
  }
  try {
    return parse(text, options) as string[][]
  } catch {
    // A quotation mark opened in the sample is closed after its end or never.
    return parse(text, { ...options, quote: false }) as string[][]
  }
}

function parseRecords(text: string, separator: Separator, limits: TableLimits): string[][] {
  const options = {
    delimiter: separator,
    relax_quotes: true,
    relax_column_count: true,
    skip_empty_lines: false,
    // One more than allowed, so that too many can be told from just enough.
    to: limits.rows + 1,
  }
  try {
    const records = parse(text, options) as string[][]
    if (!swallowsLines(records)) return records
  } catch {
    // Falls through: an unclosed quotation mark makes the rest of the file one cell.
  }
  try {
    return parse(text, { ...options, quote: false }) as string[][]
  } catch {
    throw new TableError('corrupt')
  }
}

/** A cell of very many lines is not a cell but a quotation mark that was never meant to open one. */
function swallowsLines(records: string[][]): boolean {
  return records.some((record) => record.some((cell) => cell.length > 2_000 && cell.split('\n').length > 20))
}
