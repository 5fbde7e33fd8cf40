import { findDateOrder, yearsBetween } from './dates.ts'
import { headerCells, rowsBelow } from './header.ts'
import { type NameReading, readFullName, readNameParts } from './names.ts'
import { markRepeatedPeople } from './repeats.ts'
import { columnsByField, RowReader } from './row-reader.ts'
import { serviceLine } from './service-lines.ts'
import { foldText, saysNothing } from './text.ts'
import type { ColumnMapping, Corrections, Field, PersonRow, PersonValues, RawRow, RawTable } from './types.ts'
import { NO_EXPERIENCE } from './vocabulary.ts'

/** How to read a table: where its headings are, what its columns hold, and what was corrected by hand. */
export interface ParseOptions {
  headerLine: number
  mapping: ColumnMapping
  corrections: Corrections
  /** Today in the authority's time zone, `YYYY-MM-DD`. */
  today: string
}

/** Column lengths of the tables behind the fields. */
export const LENGTHS = {
  name: 100,
  organisation: 300,
  shortName: 150,
  position: 200,
  department: 200,
  login: 100,
  category: 100,
  address: 300,
  headName: 200,
}

const YOUNGEST = 14
const OLDEST = 100

/**
 * Reads the rows of a list of people: lines that are no rows are marked skipped, each row has its values and its
 * problems, and repeated rows are found (identical ones skipped, contradicting ones refused).
 */
export function parsePeople(table: RawTable, options: ParseOptions): PersonRow[] {
  const columns = columnsByField(options.mapping)
  const headers = headerCells(table, options.headerLine)
  const below = rowsBelow(table, options.headerLine)
  const dates = (['birthDate', 'startDate', 'endDate'] as const).flatMap((field) => {
    const column = columns.get(field)
    return column === undefined ? [] : below.map((row) => row.cells[column] ?? '')
  })
  const order = findDateOrder(dates)
  const mapped = [...columns.values()]
  const rows = below.map((row) => {
    const skip = serviceLine(row, headers, mapped)
    if (skip) return skippedRow(row, skip)
    return readPerson(row, new RowReader(row, columns, options.corrections), options.today, order)
  })
  markRepeatedPeople(rows, mapped)
  return rows
}

export const NO_PERSON: PersonValues = {
  lastName: null,
  firstName: null,
  middleName: null,
  birthDate: null,
  email: null,
  phone: null,
  login: null,
  organisation: null,
  department: null,
  position: null,
  startDate: null,
  endDate: null,
  experience: null,
  category: null,
}

function skippedRow(row: RawRow, skip: PersonRow['skip']): PersonRow {
  const values = { ...NO_PERSON }
  return {
    line: row.line,
    cells: row.cells,
    problems: [],
    skip,
    sameAs: null,
    values,
    initials: false,
    nameInOneColumn: true,
  }
}

function readPerson(row: RawRow, reader: RowReader, today: string, order: 'dmy' | 'mdy'): PersonRow {
  const name = readName(reader)
  const values: PersonValues = {
    lastName: name.lastName,
    firstName: name.firstName,
    middleName: name.middleName,
    birthDate: reader.date('birthDate', today, order),
    email: reader.email(),
    phone: reader.phone(),
    login: readLogin(reader),
    organisation: reader.limited('organisation', LENGTHS.organisation),
    department: reader.limited('department', LENGTHS.department),
    position: reader.limited('position', LENGTHS.position),
    startDate: reader.date('startDate', today, order),
    endDate: reader.date('endDate', today, order),
    experience: readExperience(reader),
    category: reader.limited('category', LENGTHS.category),
    ...reader.own(),
  }
  checkDates(values, reader, today)
  checkGaps(values, reader)
  const deleted = saysDeleted(reader.text('deleted'))
  return {
    line: row.line,
    cells: row.cells,
    problems: deleted ? [] : reader.problems,
    skip: deleted ? 'deleted' : null,
    sameAs: null,
    values,
    initials: name.initials,
    nameInOneColumn: reader.has('fullName'),
  }
}

function readName(reader: RowReader): NameReading {
  const whole = reader.has('fullName')
  const name = whole
    ? readFullName(reader.text('fullName'))
    : readNameParts(reader.text('lastName'), reader.text('firstName'), reader.text('middleName'))
  for (const { code, severity } of name.problems) reader.report(code, severity, nameField(whole, code))
  for (const field of ['lastName', 'firstName', 'middleName'] as const) {
    const length = name[field]?.length ?? 0
    if (length > LENGTHS.name)
      reader.report('tooLong', 'error', whole ? 'fullName' : field, { values: { length, max: LENGTHS.name } })
  }
  return name
}

/** The field in which a name's problem is corrected. */
function nameField(whole: boolean, code: string): Field {
  if (whole) return 'fullName'
  return code === 'nameIncomplete' ? 'firstName' : 'lastName'
}

function readLogin(reader: RowReader): string | null {
  const login = reader.limited('login', LENGTHS.login)?.toLowerCase() ?? null
  if (login === null || /^[\p{L}\p{N}][\p{L}\p{N}._@'+-]*$/u.test(login)) return login
  reader.report('loginMalformed', 'error', 'login', { values: { value: login } })
  return null
}

/** Full years: a number, its first number in "5 лет 3 мес.", nought for words that deny any. */
function readExperience(reader: RowReader): number | null {
  const text = foldText(reader.text('experience'))
  if (text === '') return null
  if (NO_EXPERIENCE.test(text) || saysNothing(text)) return 0
  const match = /^(\d{1,2})(?:[.,]\d+)?(?!\d|[./-]\d)/.exec(text)
  const years = match ? Number(match[1]) : Number.NaN
  if (years <= 80) return years
  reader.report('experienceUnreadable', 'warning', 'experience', { values: { value: reader.text('experience') } })
  return null
}

function checkDates(values: PersonValues, reader: RowReader, today: string): void {
  const { birthDate, startDate, endDate } = values
  if (birthDate) {
    const age = yearsBetween(birthDate, today)
    if (age < YOUNGEST || age > OLDEST) {
      reader.report('birthDateImplausible', 'error', 'birthDate', { values: { date: birthDate, age } })
    } else if (startDate && yearsBetween(birthDate, startDate) < YOUNGEST) {
      reader.report('startDateImplausible', 'warning', 'startDate', { values: { date: startDate } })
    }
  }
  if (startDate && endDate && endDate < startDate) reader.report('endBeforeStart', 'error', 'endDate')
}

/** What a complete list would have; a column that is not there at all is not worth a word in every row. */
function checkGaps(values: PersonValues, reader: RowReader): void {
  if (reader.has('organisation') && saysNothing(reader.text('organisation'))) {
    reader.report('organisationMissing', 'warning', 'organisation')
  }
  if (reader.has('email') && values.email === null && saysNothing(reader.text('email'))) {
    reader.report('emailMissing', 'warning', 'email')
  }
}

function saysDeleted(text: string): boolean {
  return /^(?:1|да|yes|true|x|х|\+)$/.test(foldText(text))
}
