import { foldText } from './text.ts'
import { MONTHS } from './vocabulary.ts'

/** How a column writes the numbers of a date: day first as in Russia, or month first as American programs export. */
export type DateOrder = 'dmy' | 'mdy'

export type DateReading =
  | { kind: 'date'; date: string }
  | { kind: 'incomplete' }
  | { kind: 'impossible' }
  | { kind: 'unreadable' }

// Serial day numbers of spreadsheets that fall between 1927 and 2064.
const SERIAL = /^([1-5]\d{4})(?:[.,]\d+)?$/
const EXCEL_EPOCH = Date.UTC(1899, 11, 30)
const DAY_MS = 86_400_000

/**
 * Reads a date as people write it: 19.10.2002, 19/10/02, 2002-10-19, "19 октября 2002 г.", "Oct 19, 2002", a
 * spreadsheet's day number. "1990 г." and "сентябрь 2026" are incomplete, 31.02.1990 is impossible.
 * @param today `YYYY-MM-DD`, by which two-digit years are placed: those up to next year are of this century
 */
export function readDate(text: string, today: string, order: DateOrder = 'dmy'): DateReading {
  const value = foldText(text)
    .replace(/[,\s]*(?<!\p{L})(?:г\.?|год|года)$/u, '')
    .replace(/[.,\s]+$/, '')
    .replace(/[ t]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?z?$/, '')
  if (/^(?:1[89]|20)\d{2}$/.test(value)) return { kind: 'incomplete' }
  const serial = SERIAL.exec(value)
  if (serial) {
    return { kind: 'date', date: new Date(EXCEL_EPOCH + Number(serial[1]) * DAY_MS).toISOString().slice(0, 10) }
  }
  return readNumeric(value, today, order) ?? readWorded(value, today) ?? { kind: 'unreadable' }
}

function readNumeric(value: string, today: string, order: DateOrder): DateReading | null {
  const iso = /^(\d{4})[-./](\d{1,2})[-./](\d{1,2})$/.exec(value)
  if (iso) return made(Number(iso[1]), Number(iso[2]), Number(iso[3]))
  const common = /^(\d{1,2})\s?[-./, ]\s?(\d{1,2})\s?[-./, ]\s?(\d{4}|\d{2})$/.exec(value)
  if (common) {
    const year = fullYear(common[3]!, today)
    const [first, second] = [Number(common[1]), Number(common[2])]
    return order === 'mdy' ? made(year, first, second) : made(year, second, first)
  }
  if (/^\d{1,2}[./-]\d{4}$/.test(value)) return { kind: 'incomplete' }
  return null
}

function readWorded(value: string, today: string): DateReading | null {
  const words = value.split(/[\s.,]+/).filter((word) => word !== '')
  const monthAt = words.findIndex((word) => monthNumber(word) !== null)
  if (monthAt < 0) return null
  const month = monthNumber(words[monthAt]!)!
  const numbers = words
    .filter((_, index) => index !== monthAt)
    .map((word) => word.replace(/(?<=\d)(?:st|nd|rd|th|го)$/, ''))
  if (numbers.some((word) => !/^\d+$/.test(word))) return null
  if (numbers.length === 1) return { kind: 'incomplete' }
  if (numbers.length !== 2) return null
  const [day, year] = numbers[0]!.length === 4 ? [numbers[1]!, numbers[0]!] : [numbers[0]!, numbers[1]!]
  if (day.length > 2 || (year.length !== 4 && year.length !== 2)) return null
  return made(fullYear(year, today), month, Number(day))
}

function monthNumber(word: string): number | null {
  return MONTHS.find(([pattern]) => pattern.test(word))?.[1] ?? null
}

function fullYear(digits: string, today: string): number {
  if (digits.length === 4) return Number(digits)
  const century = Number(today.slice(0, 2)) * 100
  const year = century + Number(digits)
  return year <= Number(today.slice(0, 4)) + 1 ? year : year - 100
}

function made(year: number, month: number, day: number): DateReading {
  const date = new Date(Date.UTC(year, month - 1, day))
  if (year < 1800 || year > 2200 || date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) {
    return { kind: 'impossible' }
  }
  return { kind: 'date', date: date.toISOString().slice(0, 10) }
}

/**
 * Whether a column of dates puts the month first. It takes evidence: some value with slashes whose second number can
 * only be a day, and none whose first can.
 */
export function findDateOrder(values: Iterable<string>): DateOrder {
  let monthFirst = false
  for (const value of values) {
    const match = /^(\d{1,2})\/(\d{1,2})\/\d{2,4}(?:\s|$)/.exec(value)
    if (!match) continue
    if (Number(match[1]) > 12) return 'dmy'
    if (Number(match[2]) > 12) monthFirst = true
  }
  return monthFirst ? 'mdy' : 'dmy'
}

/** Full years between two civil dates. */
export function yearsBetween(from: string, to: string): number {
  const years = Number(to.slice(0, 4)) - Number(from.slice(0, 4))
  return to.slice(5) < from.slice(5) ? years - 1 : years
}
