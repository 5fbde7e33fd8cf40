/**
 * What may stand in one cell of a module journal and how it is typed and printed. Pure: no database, no request.
 *
 * The same table drives the server and the grid in the browser (`public/js/components/journal-entry.js` receives
 * `entryTable()` as data), so that what is accepted while typing is exactly what is accepted when saving.
 */

export const ATTENDANCES = ['', 'present', 'absent', 'late', 'excused', 'ill'] as const
export type Attendance = (typeof ATTENDANCES)[number]

/** Marks: 2–5, and two that carry no number: 1 = passed («зачтено»), 0 = not passed («не зачтено»). */
export const MARKS = [0, 1, 2, 3, 4, 5] as const
export type Mark = (typeof MARKS)[number]
export const PASSED: Mark = 1
export const NOT_PASSED: Mark = 0

export const MAX_COMMENT = 500

export interface CellValue {
  attendance: Attendance
  mark: Mark | null
}

/** Why an entry was refused: not a known sign · a number that is no mark · a mark for someone who was not there. */
export type EntryRefusal = 'unknown' | 'markRange' | 'markWithoutPresence'
export type Entry = ({ ok: true } & CellValue) | { ok: false; reason: EntryRefusal }

/** The signs of one language, from its translations: `+`, `н`, `б`, … */
export interface CellCodes {
  present: string
  absent: string
  late: string
  excused: string
  ill: string
  passed: string
  notPassed: string
}

/**
 * Signs that mean an attendance, in lower case. Each list begins with the usual sign; the rest is what a hurried
 * person produces instead: the same key on the other keyboard layout (`y` lies on the key of `н`), a Latin letter of
 * the same look (`h` for `н`, `o` for `о`) or sound (`n`, `b`), the first letter of the English word, a forgotten Shift
 * (`=` for `+`), and whole words as they come out of other people's spreadsheets.
 */
const ATTENDANCE_SIGNS: Record<Exclude<Attendance, ''>, readonly string[]> = {
  present: ['+', '.', 'п', '=', '/', 'g', 'p', 'да', 'v', '✓', '✔', 'был', 'была', 'present'],
  absent: ['н', 'y', 'n', 'h', 'a', 'ф', '-', '–', '−', 'нет', 'нб', 'ня', 'absent'],
  late: ['о', 'j', 'o', 'l', 'д', 'оп', 'опоздал', 'опоздала', 'late'],
  excused: ['у', 'e', 'u', 'ув', 'excused'],
  ill: ['б', ',', 'b', 'i', 'ш', 'бол', 'болен', 'больна', 'ill'],
}

const MARK_SIGNS: Record<Mark, readonly string[]> = {
  0: ['незач', 'нз', 'незачет', 'не зачтено', 'незачтено', 'ytpfx', 'yp', 'fail', 'failed'],
  1: ['зач', 'з', 'зч', 'зачет', 'зачтено', 'pfx', 'px', 'pass', 'passed'],
  2: ['2'],
  3: ['3'],
  4: ['4'],
  5: ['5'],
}

/** The sign printed in the cell of a lesson that is not expected of a learner; never an entry. */
export const NOT_EXPECTED_SIGN = '—'

export interface EntryTable {
  attendance: Record<string, Attendance>
  mark: Record<string, Mark>
}

/**
 * Every known sign with its meaning; sent to the browser as it is. The signs that the reader's own language prints
 * come last and win, so that what the page shows can always be typed.
 */
export function entryTable(codes?: CellCodes): EntryTable {
  const table: EntryTable = { attendance: {}, mark: {} }
  for (const [attendance, signs] of Object.entries(ATTENDANCE_SIGNS)) {
    for (const sign of signs) table.attendance[normaliseEntry(sign)] = attendance as Attendance
  }
  for (const mark of MARKS) for (const sign of MARK_SIGNS[mark]) table.mark[normaliseEntry(sign)] = mark
  if (codes) addCodes(table, codes)
  return table
}

function addCodes(table: EntryTable, codes: CellCodes): void {
  const { passed, notPassed, ...attendance } = codes
  for (const [meaning, sign] of Object.entries(attendance)) {
    table.attendance[normaliseEntry(sign)] = meaning as Attendance
  }
  table.mark[normaliseEntry(passed)] = PASSED
  table.mark[normaliseEntry(notPassed)] = NOT_PASSED
}

const BASE_TABLE = entryTable()

/** Case, ё/е, and spaces do not matter; a stroke between two signs (`о/4`) does not either. */
export function normaliseEntry(text: string): string {
  const folded = text.normalize('NFC').toLowerCase().replaceAll('ё', 'е').replace(/\s+/gu, '')
  return folded.length > 1 ? folded.replaceAll('/', '') : folded
}

/**
 * Reads what was typed or pasted into a cell. An empty text clears the cell; a mark means that the learner was present;
 * lateness and a mark go together (`о4`, `4о`), any other absence and a mark do not (`н5` is refused, since nobody can
 * later tell which of the two was meant).
 */
export function parseEntry(text: string, table: EntryTable = BASE_TABLE): Entry {
  const sign = normaliseEntry(text)
  if (sign === '') return { ok: true, attendance: '', mark: null }
  const attendance = lookUp(table.attendance, sign)
  if (attendance) return { ok: true, attendance, mark: null }
  const mark = lookUp(table.mark, sign)
  if (mark !== undefined) return { ok: true, attendance: 'present', mark }
  return parsePair(sign, table) ?? { ok: false, reason: /^\d+$/u.test(sign) ? 'markRange' : 'unknown' }
}

/** An attendance sign and a mark in one cell, in either order; undefined when it is no such pair. */
function parsePair(sign: string, table: EntryTable): Entry | undefined {
  for (let cut = 1; cut < sign.length; cut++) {
    const [left, right] = [sign.slice(0, cut), sign.slice(cut)]
    const attendance = lookUp(table.attendance, left) ?? lookUp(table.attendance, right)
    const mark = lookUp(table.mark, right) ?? lookUp(table.mark, left)
    if (!attendance || mark === undefined) continue
    if (attendance === 'present' || attendance === 'late') return { ok: true, attendance, mark }
    return { ok: false, reason: 'markWithoutPresence' }
  }
  return undefined
}

/** Own properties only: what is typed may be `constructor`. */
function lookUp<T>(table: Record<string, T>, sign: string): T | undefined {
  return Object.hasOwn(table, sign) ? table[sign] : undefined
}

/** The text of a cell in one language: `5`, `н`, `о4`, `зач`, or empty. `parseEntry` reads it back. */
export function printEntry(value: CellValue, codes: CellCodes): string {
  const sign = value.attendance === '' ? '' : codes[value.attendance]
  if (value.mark === null) return sign
  const mark = value.mark === PASSED ? codes.passed : value.mark === NOT_PASSED ? codes.notPassed : String(value.mark)
  return value.attendance === 'late' ? `${sign}${mark}` : mark
}

/** Whether attendance and mark may stand together; forms that give the two apart are checked by it. */
export function isConsistent(value: CellValue): boolean {
  return value.mark === null || value.attendance === 'present' || value.attendance === 'late'
}
