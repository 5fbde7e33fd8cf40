import { clean } from './text.ts'
import type { RawRow, RawTable, TableLimits } from './types.ts'
import { TableError } from './types.ts'

/**
 * Makes a table of records: cells tidied, blank lines dropped, line numbers kept as a spreadsheet shows them, columns
 * that are empty throughout cut from the right.
 * @param firstLine lines of the file before the first record
 * @throws TableError `tooManyRows`, `tooManyColumns`
 */
export function buildTable(name: string, records: string[][], limits: TableLimits, firstLine = 0): RawTable {
  const rows: RawRow[] = []
  let columnCount = 0
  for (const [index, record] of records.entries()) {
    const cells = record.map((cell) => clean(cell.length > limits.cellLength ? cell.slice(0, limits.cellLength) : cell))
    while (cells.length > 0 && cells.at(-1) === '') cells.pop()
    if (cells.length === 0) continue
    if (cells.length > limits.columns) throw new TableError('tooManyColumns', { max: limits.columns })
    columnCount = Math.max(columnCount, cells.length)
    rows.push({ line: firstLine + index + 1, cells })
    if (rows.length > limits.rows) throw new TableError('tooManyRows', { max: limits.rows })
  }
  for (const row of rows) while (row.cells.length < columnCount) row.cells.push('')
  return { name, columnCount, rows }
}
