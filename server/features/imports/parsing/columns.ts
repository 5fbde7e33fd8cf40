import { type ColumnEvidence, examineColumn } from './evidence.ts'
import { headerCells, rowsBelow } from './header.ts'
import { isIgnoredHeading, matchHeading } from './headings.ts'
import {
  type ColumnMapping,
  type ColumnSuggestion,
  type Confidence,
  type Field,
  type ImportKind,
  isOwnField,
  ORGANISATION_FIELDS,
  PERSON_FIELDS,
  type RawTable,
} from './types.ts'

interface Claim {
  column: number
  field: Field
  confidence: Confidence
  score: number
}

const NAME_PARTS: Field[] = ['lastName', 'firstName', 'middleName']

/** The fields that columns of a kind of list can hold. */
export function fieldsOf(kind: ImportKind): readonly Field[] {
  return kind === 'people' ? PERSON_FIELDS : ORGANISATION_FIELDS
}

/**
 * Suggests a field for every column, each field once: by headings first, by what the values look like where headings
 * say nothing, and with the values as a check (a column headed "Почта" full of street addresses is not e-mail).
 */
export function suggestColumns(table: RawTable, headerLine: number, kind: ImportKind): ColumnSuggestion[] {
  const headers = headerCells(table, headerLine)
  const rows = rowsBelow(table, headerLine)
  const evidence = headers.map((_, column) => examineColumn(rows, column))
  const claims = headers.flatMap((header, column) => [
    ...claimsOfHeading(header, column, kind, evidence[column]!),
    ...claimsOfValues(header, column, kind, evidence[column]!),
  ])
  const chosen = settle(claims)
  return headers.map((header, column) => ({
    column,
    header,
    field: chosen.get(column)?.field ?? null,
    confidence: chosen.get(column)?.confidence ?? 'none',
    samples: samplesOf(table, headerLine, column),
  }))
}

function claimsOfHeading(header: string, column: number, kind: ImportKind, evidence: ColumnEvidence): Claim[] {
  return matchHeading(header, kind)
    .filter(({ field }) => !contradicts(field, evidence))
    .map(({ field, confidence, score }) => ({ column, field, confidence, score: score + support(field, evidence) }))
}

/** Values that cannot be what the heading says. */
function contradicts(field: Field, evidence: ColumnEvidence): boolean {
  if (evidence.filled < 3) return false
  if (field === 'email') return evidence.email === 0 && evidence.phone + evidence.date > 0.5
  if (field === 'phone') return evidence.email > 0.8
  if (field === 'birthDate' || field === 'startDate' || field === 'endDate') return evidence.email > 0.5
  return false
}

function support(field: Field, evidence: ColumnEvidence): number {
  if (field === 'email') return evidence.email * 5
  if (field === 'phone') return evidence.phone * 5
  if (field === 'birthDate' || field === 'startDate') return evidence.date * 5
  if (field === 'fullName') return evidence.fullName * 5
  if (field === 'organisation') return evidence.organisation * 5
  return 0
}

function claimsOfValues(header: string, column: number, kind: ImportKind, evidence: ColumnEvidence): Claim[] {
  if (header !== '' && isIgnoredHeading(header)) return []
  const claims: Claim[] = []
  const guess = (field: Field, share: number) => {
    if (share >= 0.5) claims.push({ column, field, confidence: 'guess', score: share * 20 })
  }
  guess('email', evidence.email)
  guess('phone', evidence.phone)
  if (kind === 'people') {
    guess('fullName', evidence.fullName)
    guess('organisation', evidence.organisation)
    if (evidence.year !== null) guess(evidence.year < 2005 ? 'birthDate' : 'startDate', evidence.date)
  } else {
    guess('name', evidence.organisation)
    guess('headName', evidence.fullName)
    guess('inn', evidence.inn)
  }
  return claims
}

/** Gives each field to the best claim for it, best claims first. */
function settle(claims: Claim[]): Map<number, Claim> {
  const byColumn = new Map<number, Claim>()
  const taken = new Set<Field>()
  for (const claim of claims.toSorted((a, b) => b.score - a.score || a.column - b.column)) {
    if (byColumn.has(claim.column) || taken.has(claim.field)) continue
    // Separate surname and name columns make a full-name column needless, and the other way round.
    if (claim.field === 'fullName' && NAME_PARTS.some((field) => taken.has(field))) continue
    if (NAME_PARTS.includes(claim.field) && taken.has('fullName')) continue
    byColumn.set(claim.column, claim)
    taken.add(claim.field)
  }
  return byColumn
}

function samplesOf(table: RawTable, headerLine: number, column: number): string[] {
  const samples = new Set<string>()
  for (const row of rowsBelow(table, headerLine).slice(0, 100)) {
    const value = row.cells[column] ?? ''
    if (value !== '') samples.add(value)
    if (samples.size === 3) break
  }
  return [...samples]
}

export const MAPPING_ERRORS = [
  'nameColumnMissing',
  'organisationNameColumnMissing',
  'fieldTwice',
  'fieldForeign',
  'nameTwice',
] as const
export type MappingError = (typeof MAPPING_ERRORS)[number]

/** What is wrong with a choice of columns; `column` where it is one column's fault. */
export function mappingErrors(kind: ImportKind, mapping: ColumnMapping): { code: MappingError; column?: number }[] {
  const errors: { code: MappingError; column?: number }[] = []
  const allowed = new Set<Field>(fieldsOf(kind))
  const seen = new Set<Field>()
  for (const [column, field] of mapping.entries()) {
    if (field === null) continue
    const isOwn = kind === 'people' && isOwnField(field)
    if (!allowed.has(field) && !isOwn) errors.push({ code: 'fieldForeign', column })
    else if (seen.has(field)) errors.push({ code: 'fieldTwice', column })
    seen.add(field)
  }
  if (kind === 'people') {
    if (!seen.has('fullName') && !seen.has('lastName')) errors.push({ code: 'nameColumnMissing' })
    if (seen.has('fullName') && NAME_PARTS.some((field) => seen.has(field))) errors.push({ code: 'nameTwice' })
  } else if (!seen.has('name') && !seen.has('shortName')) errors.push({ code: 'organisationNameColumnMissing' })
  return errors
}
