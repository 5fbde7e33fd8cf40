import { deflateRawSync } from 'node:zlib'
import ExcelJS from 'exceljs'
import { suggestColumns } from './columns.ts'
import { findHeader } from './header.ts'
import type { ExistingPerson } from './match-person.ts'
import { parsePeople } from './parse-people.ts'
import type { PeopleLookup, PeopleOptions } from './plan-people.ts'
import type { Corrections, PersonRow, RawTable } from './types.ts'

/** The day on which all tests of imports take place. */
export const TEST_TODAY = '2026-11-21'

/** A table as the readers would give it. */
export function tableOf(...lines: string[][]): RawTable {
  const columnCount = Math.max(...lines.map((cells) => cells.length))
  const rows = lines.map((cells, index) => ({
    line: index + 1,
    cells: [...cells, ...Array.from({ length: columnCount - cells.length }, () => '')],
  }))
  return { name: '', columnCount, rows: rows.filter((row) => row.cells.some((cell) => cell !== '')) }
}

/** People parsed with the columns that the system suggests. */
export function parsedPeople(lines: string[][], corrections: Corrections = {}): PersonRow[] {
  const table = tableOf(...lines)
  const headerLine = findHeader(table).line
  const mapping = suggestColumns(table, headerLine, 'people').map(({ field }) => field)
  return parsePeople(table, { headerLine, mapping, corrections, today: TEST_TODAY })
}

/** One person parsed from named cells. */
export function parsedPerson(cells: Record<string, string>): PersonRow {
  const [row] = parsedPeople([Object.keys(cells), Object.values(cells)])
  return row!
}

/** Codes of a row's problems in order. */
export function codes(row: { problems: { code: string }[] }): string[] {
  return row.problems.map(({ code }) => code)
}

export const PEOPLE_OPTIONS: PeopleOptions = {
  createOrganisations: false,
  createInitials: false,
  otherEmployer: 'add',
  employerId: null,
  today: TEST_TODAY,
}

/** A stored person, with what matters to the test. */
export function storedPerson(person: Partial<ExistingPerson> & { id: number }): ExistingPerson {
  return {
    lastName: 'Карпова',
    firstName: 'Виктория',
    middleName: 'Сергеевна',
    birthDate: null,
    email: null,
    phone: null,
    login: null,
    experience: null,
    categoryId: null,
    guarded: false,
    archived: false,
    employments: [],
    ...person,
  }
}

/** A place of work at an organisation. */
export function storedEmployment(organisationId: number, more: Partial<ExistingPerson['employments'][number]> = {}) {
  return {
    id: organisationId * 10,
    organisationId,
    department: null,
    position: null,
    startDate: null,
    endDate: null,
    claimed: false,
    ...more,
  }
}

export const LOOKUP: PeopleLookup = {
  people: [],
  organisations: [
    { id: 1, name: 'ГБОУ средняя общеобразовательная школа № 184', shortName: 'ГБОУ СОШ № 184' },
    { id: 2, name: 'ГБДОУ детский сад № 19', shortName: 'ГБДОУ д/с № 19' },
  ],
  categories: [{ id: 7, names: ['Педагог школы', 'School teacher'] }],
  formerPositions: [],
}

/** A workbook as bytes. */
export async function workbookBytes(fill: (workbook: ExcelJS.Workbook) => void): Promise<Buffer> {
  const workbook = new ExcelJS.Workbook()
  fill(workbook)
  return Buffer.from(await workbook.xlsx.writeBuffer())
}

/** An archive with these entries. @param declaredSize what each entry says of itself, instead of the truth */
export function archiveOf(entries: Record<string, string | Buffer>, declaredSize?: number): Buffer {
  const locals: Buffer[] = []
  const centrals: Buffer[] = []
  let offset = 0
  for (const [name, content] of Object.entries(entries)) {
    const data = deflateRawSync(content)
    const file = Buffer.from(name)
    const common = Buffer.alloc(26)
    common.writeUInt16LE(20, 0)
    common.writeUInt16LE(8, 4)
    common.writeUInt32LE(data.length, 14)
    common.writeUInt32LE(declaredSize ?? Buffer.byteLength(content), 18)
    common.writeUInt16LE(file.length, 22)
    const local = Buffer.concat([Buffer.from([0x50, 0x4b, 3, 4]), common, file, data])
    const position = Buffer.alloc(14)
    position.writeUInt32LE(offset, 10)
    centrals.push(Buffer.concat([Buffer.from([0x50, 0x4b, 1, 2, 20, 0]), common, position, file]))
    locals.push(local)
    offset += local.length
  }
  const central = Buffer.concat(centrals)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(centrals.length, 8)
  end.writeUInt16LE(centrals.length, 10)
  end.writeUInt32LE(central.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...locals, central, end])
}

/** The smallest workbook around the XML of one sheet. */
export function workbookOf(sheetXml: string): Buffer {
  const relations = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
  const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'
  return archiveOf({
    'xl/workbook.xml': `<workbook xmlns="${main}" xmlns:r="${relations}"><sheets><sheet name="x" sheetId="1" r:id="rId1"/></sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="${relations}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
    'xl/worksheets/sheet1.xml': `<worksheet xmlns="${main}">${sheetXml}</worksheet>`,
  })
}
