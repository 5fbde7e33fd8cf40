import type { ExistingOrganisation, PlannedOrganisation } from '../parsing/plan-organisations.ts'
import type { PeopleKeys, PeopleLookup, PeopleOptions, PeoplePlan } from '../parsing/plan-people.ts'
import type { CheckSummary } from '../parsing/summary.ts'
import type { ColumnMapping, Corrections, ImportKind, RawRow, TableErrorCode } from '../parsing/types.ts'

/** One sheet as the page of columns needs it: its first rows, and what the system takes it for. */
export interface SheetInfo {
  name: string
  rowCount: number
  columnCount: number
  headerLine: number
  kind: ImportKind
  /** The first rows of the file, titles and headings among them; long cells cut. */
  sample: RawRow[]
}

/** What is known of an uploaded file before anything is chosen. Kept as `imports.source_info`. */
export interface FileInfo {
  format: 'csv' | 'xlsx'
  encoding: string | null
  separator: string | null
  sheets: SheetInfo[]
  /** Index of the sheet that is most likely the list. */
  likelySheet: number
}

/** How to read the chosen sheet. */
export interface ReadingChoice {
  kind: ImportKind
  sheet: number
  headerLine: number
  mapping: ColumnMapping
  corrections: Corrections
  today: string
}

/** What must be looked up before the rows can be judged: people by keys, or all organisations. */
export type LookupNeed = { kind: 'people'; keys: PeopleKeys } | { kind: 'organisations' }

/** What was found. */
export type LookupAnswer =
  | { kind: 'people'; lookup: PeopleLookup; options: PeopleOptions }
  | { kind: 'organisations'; existing: ExistingOrganisation[] }

/** A row of `import_rows`, with its JSON made where it holds up nobody. */
export interface StoredRow {
  row_number: number
  action: string
  cells: string
  problems: string
  changes: string
  target_id: number | null
}

/** Only the rows that a commit writes. */
export type WritingPlan =
  | { kind: 'people'; rows: PeoplePlan['rows']; newOrganisations: PeoplePlan['newOrganisations'] }
  | { kind: 'organisations'; rows: PlannedOrganisation[] }

/** What the main thread asks. `read` comes before `plan`; `rows` and `writing` after it, piece by piece. */
export type WorkerRequest =
  | { task: 'inspect'; path: string }
  | { task: 'read'; path: string; choice: ReadingChoice }
  | { task: 'plan'; answer: LookupAnswer }
  | { task: 'rows'; from: number; count: number }
  | { task: 'writing' }
  | { task: 'forget' }

export interface WorkerResults {
  inspect: FileInfo
  read: LookupNeed
  plan: CheckSummary
  rows: StoredRow[]
  writing: WritingPlan
  forget: null
}

export type WorkerResponse =
  | { ok: true; result: WorkerResults[keyof WorkerResults] }
  | { ok: false; code: TableErrorCode; values: Record<string, string | number> }
  | { ok: false; code: null; message: string }
