import { readWebsite } from './contacts.ts'
import { headerCells, rowsBelow } from './header.ts'
import { readFullName } from './names.ts'
import { organisationKindOf } from './organisation-names.ts'
import { LENGTHS, type ParseOptions } from './parse-people.ts'
import { markRepeatedOrganisations } from './repeats.ts'
import { columnsByField, RowReader } from './row-reader.ts'
import { serviceLine } from './service-lines.ts'
import { saysNothing } from './text.ts'
import type { OrganisationRow, OrganisationValues, RawTable } from './types.ts'

/** Reads the rows of a list of organisations, as `parsePeople` does those of a list of people. */
export function parseOrganisations(table: RawTable, options: ParseOptions): OrganisationRow[] {
  const columns = columnsByField(options.mapping)
  const headers = headerCells(table, options.headerLine)
  const mapped = [...columns.values()]
  const rows = rowsBelow(table, options.headerLine).map((row): OrganisationRow => {
    const skip = serviceLine(row, headers, mapped)
    const base = { line: row.line, cells: row.cells, skip, sameAs: null }
    if (skip) return { ...base, problems: [], values: { ...NO_ORGANISATION } }
    const reader = new RowReader(row, columns, options.corrections)
    return { ...base, values: readOrganisation(reader), problems: reader.problems }
  })
  markRepeatedOrganisations(rows, mapped)
  return rows
}

const NO_ORGANISATION: OrganisationValues = {
  name: null,
  shortName: null,
  kind: null,
  inn: null,
  address: null,
  phone: null,
  email: null,
  website: null,
  headName: null,
}

function readOrganisation(reader: RowReader): OrganisationValues {
  const shortName = reader.limited('shortName', LENGTHS.shortName)
  const name = reader.limited('name', LENGTHS.organisation) ?? shortName
  const field = reader.has('name') ? 'name' : 'shortName'
  if (name === null && saysNothing(reader.text(field))) reader.report('organisationNameMissing', 'error', field)
  return {
    name,
    shortName,
    kind: readKind(reader),
    inn: readTaxNumber(reader),
    address: reader.limited('address', LENGTHS.address),
    phone: reader.phone(),
    email: reader.email(),
    website: readSite(reader),
    headName: readHead(reader),
  }
}

function readKind(reader: RowReader): string | null {
  const text = reader.text('kind')
  if (saysNothing(text)) return null
  const kind = organisationKindOf(text)
  if (kind === null) reader.report('kindUnknown', 'warning', 'kind', { values: { value: text } })
  return kind
}

/** Ten digits of a legal body or twelve of a person; nine have lost their leading nought in a spreadsheet. */
function readTaxNumber(reader: RowReader): string | null {
  const text = reader.text('inn')
  if (saysNothing(text)) return null
  const digits = text.replace(/[\s.-]/g, '')
  if (/^(?:\d{10}|\d{12})$/.test(digits)) return digits
  const suggestion = /^(?:\d{9}|\d{11})$/.test(digits) ? { suggestion: `0${digits}` } : {}
  reader.report('innWrong', 'error', 'inn', { values: { value: text }, ...suggestion })
  return null
}

function readSite(reader: RowReader): string | null {
  const text = reader.text('website')
  if (saysNothing(text)) return null
  const site = readWebsite(text)
  if (site === null) reader.report('websiteDoubtful', 'warning', 'website', { values: { value: text } })
  return site
}

/** The head as a contact: a name in proper case when it is one, else the words as they are ("и. о. директора …"). */
function readHead(reader: RowReader): string | null {
  const text = reader.limited('headName', LENGTHS.headName)
  if (text === null) return null
  const name = readFullName(text)
  if (name.problems.some((problem) => problem.severity === 'error')) return text
  return [name.lastName, name.firstName, name.middleName].filter((part) => part !== null).join(' ')
}
