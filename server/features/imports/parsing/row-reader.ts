import { readEmail, readPhone } from './contacts.ts'
import { type DateOrder, readDate } from './dates.ts'
import { clean, saysNothing } from './text.ts'
import {
  type ColumnMapping,
  type Corrections,
  type Field,
  isOwnField,
  type OwnField,
  type Problem,
  type ProblemCode,
  type RawRow,
  type Severity,
} from './types.ts'

/**
 * Reads the fields of one row through the chosen columns, corrections first, and gathers what is wrong with them.
 *
 * What refuses a row and what only warns is decided by one rule. A value by which a person or an organisation is known
 * or a date of record (name, birth date, dates of work, e-mail, login, tax number, organisation) refuses the row when it
 * contradicts itself or cannot be read: 31.02.1990, a name with digits, "a.b(at)c". Such rows can be corrected in
 * place. A value that is missing or incomplete ("1990 г.", no e-mail), and a value that only informs (phone,
 * experience, site), warns; the doubtful field stays empty and the row is imported.
 */
export class RowReader {
  readonly problems: Problem[] = []
  readonly #cells: readonly string[]
  readonly #columns: ReadonlyMap<Field, number>
  readonly #corrected: Partial<Record<Field, string>>

  constructor(row: RawRow, columns: ReadonlyMap<Field, number>, corrections: Corrections) {
    this.#cells = row.cells
    this.#columns = columns
    this.#corrected = corrections[row.line] ?? {}
  }

  /** Notes a problem. */
  report(code: ProblemCode, severity: Severity, field?: Field, more: Partial<Problem> = {}): void {
    this.problems.push({ code, severity, ...(field ? { field } : {}), ...more })
  }

  /** Whether the field has a column or a correction. */
  has(field: Field): boolean {
    return this.#corrected[field] !== undefined || this.#columns.has(field)
  }

  /** The text as corrected or as the file has it; empty when there is none. */
  text(field: Field): string {
    const corrected = this.#corrected[field]
    if (corrected !== undefined) return clean(corrected)
    const column = this.#columns.get(field)
    return column === undefined ? '' : (this.#cells[column] ?? '')
  }

  /** The cells of fields that the authority has added, as they stand; nothing if none of them is listed. */
  own(): { own?: Partial<Record<OwnField, string>> } {
    const fields = [...this.#columns.keys()].filter(isOwnField)
    if (!fields.length) return {}
    return { own: Object.fromEntries(fields.map((field) => [field, this.text(field)])) }
  }

  /** A text of limited length, null when the cell says nothing. Too long a text refuses the row. */
  limited(field: Field, max: number): string | null {
    const text = this.text(field)
    if (saysNothing(text)) return null
    if (text.length <= max) return text
    this.report('tooLong', 'error', field, { values: { length: text.length, max } })
    return null
  }

  /** A civil date, null when there is none or it is not to be relied on. */
  date(field: Field, today: string, order: DateOrder): string | null {
    const text = this.text(field)
    if (saysNothing(text)) return null
    const reading = readDate(text, today, order)
    if (reading.kind === 'date') return reading.date
    const values = { value: text }
    if (reading.kind === 'incomplete') this.report('dateIncomplete', 'warning', field, { values })
    else if (reading.kind === 'impossible') this.report('dateImpossible', 'error', field, { values })
    else this.report('dateUnreadable', 'error', field, { values })
    return null
  }

  /** An e-mail address; a malformed one refuses the row and may bring a suggestion. */
  email(): string | null {
    const text = this.text('email')
    const reading = readEmail(text)
    if (reading.kind === 'none') return null
    if (reading.kind === 'malformed') {
      const more = reading.suggestion ? { suggestion: reading.suggestion } : {}
      this.report('emailMalformed', 'error', 'email', { values: { value: text }, ...more })
      return null
    }
    if (reading.several) this.report('emailSeveral', 'warning', 'email', { values: { value: reading.email } })
    return reading.email
  }

  /** A phone; a doubtful one is left out with a warning. */
  phone(): string | null {
    const text = this.text('phone')
    const reading = readPhone(text)
    if (reading.kind === 'phone') return reading.phone
    if (reading.kind === 'doubtful') this.report('phoneDoubtful', 'warning', 'phone', { values: { value: text } })
    return null
  }
}

/** The column of each field; of a field chosen twice the first column. */
export function columnsByField(mapping: ColumnMapping): Map<Field, number> {
  const columns = new Map<Field, number>()
  for (const [column, field] of mapping.entries()) if (field !== null && !columns.has(field)) columns.set(field, column)
  return columns
}
