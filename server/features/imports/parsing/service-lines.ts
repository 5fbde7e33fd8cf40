import { looksLikeFullName } from './evidence.ts'
import { foldText, saysNothing, wordsKey } from './text.ts'
import type { RawRow, SkipReason } from './types.ts'
import { NOTE_LINE, TOTAL_LINE, VACANCY } from './vocabulary.ts'

/**
 * Tells lines that belong to the paper and not to the list: totals, signatures, headings repeated on each page, the
 * numbering of columns, vacancies. Null for a row of the list.
 */
export function serviceLine(
  row: RawRow,
  headers: readonly string[],
  mappedColumns: readonly number[],
): SkipReason | null {
  const filled = row.cells.filter((cell) => cell !== '')
  if (mappedColumns.every((column) => saysNothing(row.cells[column] ?? '')))
    return filled.length > 1 ? null : lone(filled)
  if (repeatsHeader(row, headers)) return 'repeatedHeader'
  if (numbersColumns(row)) return 'numbering'
  if (filled.some((cell) => TOTAL_LINE.test(wordsKey(cell))) && filled.length <= 3) return 'total'
  if (filled.some((cell) => VACANCY.test(foldText(cell)))) return 'vacancy'
  if (filled.length === 1 && mappedColumns.length >= 3 && !looksLikeFullName(filled[0]!)) return 'note'
  if (filled.length <= 2 && mappedColumns.length >= 3 && filled.some((cell) => NOTE_LINE.test(foldText(cell))))
    return 'note'
  return null
}

function lone(filled: string[]): SkipReason {
  if (filled.length === 0) return 'blank'
  return TOTAL_LINE.test(wordsKey(filled[0]!)) ? 'total' : 'note'
}

function repeatsHeader(row: RawRow, headers: readonly string[]): boolean {
  let same = 0
  let named = 0
  for (const [column, header] of headers.entries()) {
    if (header === '') continue
    named++
    if (foldText(row.cells[column] ?? '') === foldText(header)) same++
  }
  return named > 0 && same >= Math.max(2, Math.ceil(named * 0.6))
}

/** The line "1 2 3 4 5" that official forms put under their headings. */
function numbersColumns(row: RawRow): boolean {
  const filled = row.cells.filter((cell) => cell !== '')
  return filled.length >= 3 && filled.every((cell, index) => cell === String(index + 1))
}
