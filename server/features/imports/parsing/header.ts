import { looksLikeData } from './evidence.ts'
import { isIgnoredHeading, matchHeading } from './headings.ts'
import type { ImportKind, RawRow, RawTable, ReadFile } from './types.ts'
import { TELLING_FIELDS } from './vocabulary.ts'

/** How far down the heading is looked for; above it stand titles. */
const SEARCH_ROWS = 60

export interface HeaderFinding {
  /** Line of the headings in the file; 0 when the list begins without them. */
  line: number
  /** Headings recognised in that line. */
  recognised: number
}

/**
 * Finds the line of the headings among the titles above it: the line with the most known headings, at least two of
 * them (one for a list of one or two columns) and nothing that only data has.
 */
export function findHeader(table: RawTable): HeaderFinding {
  let best: HeaderFinding = { line: 0, recognised: 0 }
  const needed = table.columnCount <= 2 ? 1 : 2
  for (const row of table.rows.slice(0, SEARCH_ROWS)) {
    const recognised = Math.max(countRecognised(row, 'people'), countRecognised(row, 'organisations'))
    if (recognised > best.recognised && recognised >= needed && !looksLikeData(row.cells)) {
      best = { line: row.line, recognised }
    }
  }
  if (best.line > 0) return best
  return { line: unknownHeadings(table), recognised: 0 }
}

/** Headings in words that nobody foresaw: a full first line without data above lines with data. */
function unknownHeadings(table: RawTable): number {
  const wide = table.rows.find((row) => filledCells(row) >= Math.max(2, table.columnCount * 0.7))
  if (!wide || looksLikeData(wide.cells)) return 0
  const next = table.rows[table.rows.indexOf(wide) + 1]
  return next && looksLikeData(next.cells) ? wide.line : 0
}

function filledCells(row: RawRow): number {
  return row.cells.filter((cell) => cell !== '').length
}

function countRecognised(row: RawRow, kind: ImportKind): number {
  const fields = new Set<string>()
  for (const cell of row.cells) {
    // A sentence is not a heading, even if it contains one.
    if (cell === '' || cell.length > 80) continue
    const match = matchHeading(cell, kind)[0]
    if (match) fields.add(match.field)
  }
  return fields.size
}

/** Rows of the table under the headings. */
export function rowsBelow(table: RawTable, headerLine: number): RawRow[] {
  return table.rows.filter((row) => row.line > headerLine)
}

/** The cells of the line of headings; empty texts when there is none. */
export function headerCells(table: RawTable, headerLine: number): string[] {
  const row = table.rows.find((candidate) => candidate.line === headerLine)
  return row ? row.cells : Array.from({ length: table.columnCount }, () => '')
}

/** Whether a list is of people or of organisations, by the headings that only one of them has. */
export function detectKind(table: RawTable, headerLine: number): ImportKind {
  const cells = headerCells(table, headerLine)
  const score = (kind: ImportKind) => {
    const telling = new Map<string, number>()
    for (const cell of cells) {
      if (isIgnoredHeading(cell)) continue
      const match = matchHeading(cell, kind)[0]
      if (!match || !TELLING_FIELDS[kind].includes(match.field)) continue
      telling.set(match.field, Math.max(telling.get(match.field) ?? 0, match.confidence === 'certain' ? 2 : 1))
    }
    return [...telling.values()].reduce((sum, points) => sum + points, 0)
  }
  return score('organisations') > score('people') ? 'organisations' : 'people'
}

/** The sheet that is most likely the list: the one with the most recognised headings, then with the most rows. */
export function chooseTable(file: ReadFile): number {
  let best = 0
  let bestScore = -1
  for (const [index, table] of file.tables.entries()) {
    const score = findHeader(table).recognised * 1_000_000 + table.rows.length
    if (score > bestScore) {
      bestScore = score
      best = index
    }
  }
  return best
}
