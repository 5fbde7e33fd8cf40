/** What a file is a list of. */
export type ImportKind = 'people' | 'organisations'

/** Fields of a list of people, in the order in which pages offer them. */
export const PERSON_FIELDS = [
  'fullName',
  'lastName',
  'firstName',
  'middleName',
  'birthDate',
  'email',
  'phone',
  'login',
  'organisation',
  'department',
  'position',
  'startDate',
  'endDate',
  'experience',
  'category',
  'deleted',
] as const

/** Fields of a list of organisations, in the order in which pages offer them. */
export const ORGANISATION_FIELDS = [
  'name',
  'shortName',
  'kind',
  'inn',
  'address',
  'phone',
  'email',
  'website',
  'headName',
] as const

export type PersonField = (typeof PERSON_FIELDS)[number]
export type OrganisationField = (typeof ORGANISATION_FIELDS)[number]
/** A field that the authority has added to people, by its id. */
export type OwnField = `own:${number}`
export type Field = PersonField | OrganisationField | OwnField

export const isOwnField = (field: string): field is OwnField => /^own:\d{1,10}$/.test(field)

/** One row of the file. `line` is the number that a spreadsheet shows beside it (from 1). */
export interface RawRow {
  line: number
  cells: string[]
}

/** One sheet (or the whole of a CSV file) as text, tidied of stray spaces and invisible characters. */
export interface RawTable {
  name: string
  columnCount: number
  rows: RawRow[]
}

/** A file that could be read. */
export interface ReadFile {
  format: 'csv' | 'xlsx'
  encoding: string | null
  separator: string | null
  tables: RawTable[]
}

/** Which field each column holds, by column index; null is a column that is not imported. */
export type ColumnMapping = (Field | null)[]

/** How sure a suggestion is: by its exact heading, by a part of it, or by the values under it. */
export type Confidence = 'certain' | 'likely' | 'guess' | 'none'

export interface ColumnSuggestion {
  column: number
  header: string
  field: Field | null
  confidence: Confidence
  /** Up to three different values of the column, to recognise it by. */
  samples: string[]
}

export type Severity = 'error' | 'warning'

/**
 * Something that the person who imports should know about a row. `code` is a translation key under
 * `imports.problem`; an error refuses the row, a warning does not.
 */
export interface Problem {
  code: ProblemCode
  severity: Severity
  field?: Field
  values?: Record<string, string | number>
  /** A value that would mend it, offered ready in the correction field. */
  suggestion?: string
}

export const PROBLEM_CODES = [
  'nameMissing',
  'nameIncomplete',
  'nameInitials',
  'nameDigits',
  'nameOrder',
  'mixedLetters',
  'dateImpossible',
  'dateUnreadable',
  'dateIncomplete',
  'birthDateImplausible',
  'startDateImplausible',
  'endBeforeStart',
  'emailMalformed',
  'emailSeveral',
  'emailMissing',
  'phoneDoubtful',
  'loginMalformed',
  'experienceUnreadable',
  'organisationMissing',
  'organisationUnknown',
  'organisationAmbiguous',
  'organisationClosed',
  'otherEmployer',
  'transferred',
  'secondPost',
  'identityMissing',
  'positionWithoutOrganisation',
  'positionClosed',
  'categoryUnknown',
  'ownUnreadable',
  'emailKept',
  'emailTaken',
  'loginTaken',
  'personAmbiguous',
  'personArchived',
  'sameTarget',
  'repeatedDifferent',
  'emailRepeated',
  'loginRepeated',
  'nameKept',
  'organisationNameMissing',
  'innWrong',
  'innTaken',
  'kindUnknown',
  'websiteDoubtful',
  'tooLong',
] as const
export type ProblemCode = (typeof PROBLEM_CODES)[number]

/** Why a line of the file is not a row of the list at all, or need not be imported. */
export const SKIP_REASONS = [
  'blank',
  'repeatedHeader',
  'numbering',
  'total',
  'note',
  'duplicate',
  'deleted',
  'vacancy',
] as const
export type SkipReason = (typeof SKIP_REASONS)[number]

/** Values of a person as the file has them; null where it has none. Dates are `YYYY-MM-DD`. */
export interface PersonValues {
  lastName: string | null
  firstName: string | null
  middleName: string | null
  birthDate: string | null
  email: string | null
  phone: string | null
  login: string | null
  /** The organisation as it is written in the file. */
  organisation: string | null
  department: string | null
  position: string | null
  startDate: string | null
  endDate: string | null
  /** Full years of teaching. */
  experience: number | null
  category: string | null
  /** Cells of fields that the authority has added. */
  own?: Partial<Record<OwnField, string>>
}

export interface OrganisationValues {
  name: string | null
  shortName: string | null
  /** A kind code, see `organisation-names.ts`. */
  kind: string | null
  inn: string | null
  address: string | null
  phone: string | null
  email: string | null
  website: string | null
  /** The head's name as a contact. It never becomes an account. */
  headName: string | null
}

interface ParsedRow {
  line: number
  cells: string[]
  problems: Problem[]
  skip: SkipReason | null
  /** For a duplicate: the line that stands for it. */
  sameAs: number | null
}

export interface PersonRow extends ParsedRow {
  values: PersonValues
  /** The first name is an initial only. */
  initials: boolean
  /** Where a name is corrected: as a whole, or in its own columns. */
  nameInOneColumn: boolean
}

export interface OrganisationRow extends ParsedRow {
  values: OrganisationValues
}

/** Corrections typed in place: field values by line of the file; they stand before what the file says. */
export type Corrections = Record<number, Partial<Record<Field, string>>>

export type PlanAction = 'create' | 'update' | 'same' | 'refused' | 'skipped'

/** One difference between what is stored and what the file says. */
export interface FieldChange {
  field: Field
  before: string | number | null
  after: string | number | null
  /** Of an added field: what it is called. */
  title?: string
}

/** A file that cannot be read as a table; `code` is a translation key under `imports.file`. */
export class TableError extends Error {
  readonly code: TableErrorCode
  readonly values: Record<string, string | number>

  constructor(code: TableErrorCode, values: Record<string, string | number> = {}) {
    super(code)
    this.name = 'TableError'
    this.code = code
    this.values = values
  }
}

export const TABLE_ERROR_CODES = [
  'empty',
  'noRows',
  'tooLarge',
  'tooManyRows',
  'tooManyColumns',
  'unpacksTooLarge',
  'oldExcel',
  'openDocument',
  'notTable',
  'corrupt',
  'tooComplex',
] as const
export type TableErrorCode = (typeof TABLE_ERROR_CODES)[number]

/** Bounds that keep a hostile or mistaken file from exhausting the machine. */
export interface TableLimits {
  rows: number
  columns: number
  cellLength: number
  /** Bytes of the file as uploaded. */
  fileBytes: number
  /** Bytes of an XLSX file after unpacking, all parts together. */
  unpackedBytes: number
}

export const DEFAULT_LIMITS: TableLimits = {
  rows: 50_000,
  columns: 200,
  cellLength: 2_000,
  fileBytes: 20 * 1024 * 1024,
  unpackedBytes: 96 * 1024 * 1024,
}
