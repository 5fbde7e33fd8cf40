import { isEmail, readEmail } from './contacts.ts'
import { readDate } from './dates.ts'
import { organisationKindOf } from './organisation-names.ts'
import { clean } from './text.ts'
import type { RawRow } from './types.ts'
import { PATRONYMIC } from './vocabulary.ts'

/** What the values of a column look like: shares between 0 and 1 of the values that are filled. */
export interface ColumnEvidence {
  filled: number
  email: number
  date: number
  /** Mean year of the dates, to tell birthdays from beginnings of work. */
  year: number | null
  phone: number
  fullName: number
  inn: number
  organisation: number
}

const SAMPLE = 200
const TODAY = '2099-12-31'

/** Looks at the first values of a column. */
export function examineColumn(rows: readonly RawRow[], column: number): ColumnEvidence {
  const counts = { email: 0, date: 0, phone: 0, fullName: 0, inn: 0, organisation: 0 }
  let filled = 0
  let years = 0
  for (const row of rows.slice(0, SAMPLE)) {
    const value = row.cells[column] ?? ''
    if (value === '') continue
    filled++
    const year = dateYear(value)
    if (year !== null) {
      counts.date++
      years += year
    } else if (looksLikeEmail(value)) counts.email++
    else if (/^(?:\d{10}|\d{12})$/.test(value)) counts.inn++
    else if (looksLikePhone(value)) counts.phone++
    else if (looksLikeFullName(value)) counts.fullName++
    else if (organisationKindOf(value) !== null) counts.organisation++
  }
  const share = (count: number) => (filled === 0 ? 0 : count / filled)
  return {
    filled,
    email: share(counts.email),
    date: share(counts.date),
    year: counts.date > 0 ? years / counts.date : null,
    phone: share(counts.phone),
    fullName: share(counts.fullName),
    inn: share(counts.inn),
    organisation: share(counts.organisation),
  }
}

function dateYear(value: string): number | null {
  if (!/\d/.test(value)) return null
  const reading = readDate(value, TODAY)
  return reading.kind === 'date' ? Number(reading.date.slice(0, 4)) : null
}

function looksLikeEmail(value: string): boolean {
  if (!/@|\(at\)/i.test(value)) return false
  const reading = readEmail(value)
  return reading.kind === 'email' || (reading.kind === 'malformed' && reading.suggestion !== null) || isEmail(value)
}

function looksLikePhone(value: string): boolean {
  const digits = value.replace(/\D/g, '').length
  return digits >= 6 && digits <= 24 && /^[+(\d]/.test(value) && digits > value.replace(/[\d\s()+.,-]/g, '').length * 2
}

/** A patronymic in its place, or a surname with initials. */
export function looksLikeFullName(value: string): boolean {
  const words = clean(value).split(' ')
  if (words.length < 2 || words.length > 5 || /[\d:_@№]/.test(value)) return false
  if (words.slice(1).some((word) => PATRONYMIC.test(word.toLowerCase()))) return true
  return /^\p{Lu}[\p{L}'-]+ \p{Lu}\. ?\p{Lu}\.?$/u.test(value)
}

/** Whether a row holds values (dates, addresses, phones) as only a row of data does. */
export function looksLikeData(cells: readonly string[]): boolean {
  return cells.some((cell) => cell !== '' && (looksLikeEmail(cell) || dateYear(cell) !== null || looksLikePhone(cell)))
}
