import { organisationKey } from './organisation-names.ts'
import { foldText } from './text.ts'
import type { Field, OrganisationRow, PersonRow, PersonValues, PlanAction, Problem } from './types.ts'

type AnyRow = PersonRow | OrganisationRow

/** Marks rows whose chosen cells are letter for letter the same as an earlier row's: one of them is enough. */
function markIdentical(rows: AnyRow[], columns: readonly number[]): void {
  const first = new Map<string, number>()
  for (const row of rows) {
    if (row.skip) continue
    const key = columns.map((column) => foldText(row.cells[column] ?? '')).join('\u0001')
    const earlier = first.get(key)
    if (earlier === undefined) first.set(key, row.line)
    else markDuplicate(row, earlier)
  }
}

function markDuplicate(row: AnyRow, of: number): void {
  row.skip = 'duplicate'
  row.sameAs = of
  row.problems = []
}

type Planned = { line: number; action: PlanAction; problems: Problem[] }

/** Two rows that would change one stored thing: neither is imported, since the file does not say which is right. */
export function refuseBoth(earlier: Planned, later: Planned): void {
  for (const [row, line] of [
    [earlier, later.line],
    [later, earlier.line],
  ] as const) {
    row.action = 'refused'
    if (row.problems.some(({ code }) => code === 'sameTarget')) continue
    row.problems.push({ code: 'sameTarget', severity: 'error', values: { line } })
  }
}

/** The key by which two rows name the same person: their full name. */
export function nameKey(values: Pick<PersonValues, 'lastName' | 'firstName' | 'middleName'>): string {
  return [values.lastName, values.firstName, values.middleName].map((part) => foldText(part ?? '')).join('|')
}

/**
 * Finds people who stand in the list more than once.
 *
 * Rows that say the same are one row; the later is skipped. The same person (name and birth date, or name where a
 * birth date is missing and the organisation is the same) at another organisation has a second post there and is
 * imported with a word. The same person with contradicting data, one e-mail or login used by two people: both rows
 * are refused, since the file does not say which is right.
 */
export function markRepeatedPeople(rows: PersonRow[], columns: readonly number[]): void {
  markIdentical(rows, columns)
  const live = rows.filter((row) => row.skip === null)
  const byName = groupBy(live, (row) => (row.values.lastName && row.values.firstName ? nameKey(row.values) : null))
  for (const group of byName.values()) if (group.length > 1) comparePeople(group)
  const left = live.filter((row) => row.skip === null)
  for (const [field, code] of [
    ['email', 'emailRepeated'],
    ['login', 'loginRepeated'],
  ] as const) {
    const groups = groupBy(left, (row) => row.values[field] && foldText(row.values[field]))
    for (const group of groups.values()) refuseShared(group, field, code)
  }
}

function comparePeople(group: PersonRow[]): void {
  for (const [index, row] of group.entries()) {
    for (const earlier of group.slice(0, index)) {
      if (row.skip || earlier.skip || !maySame(earlier.values, row.values)) continue
      const differing = differingFields(earlier.values, row.values)
      if (differing.length === 0 && !hasErrors(row)) markDuplicate(row, earlier.line)
      else if (differing.length > 0) judgeDifference(earlier, row, differing)
    }
  }
}

/** Namesakes with different birth dates, or unknown ones at different places, are different people. */
function maySame(a: PersonValues, b: PersonValues): boolean {
  if (a.birthDate && b.birthDate) return a.birthDate === b.birthDate
  if (a.email && a.email === b.email) return true
  if (a.login && a.login === b.login) return true
  return a.organisation !== null && b.organisation !== null && sameOrganisation(a, b)
}

function sameOrganisation(a: PersonValues, b: PersonValues): boolean {
  return organisationKey(a.organisation ?? '') === organisationKey(b.organisation ?? '')
}

const COMPARED: (keyof PersonValues & Field)[] = [
  'birthDate',
  'email',
  'phone',
  'login',
  'department',
  'position',
  'startDate',
  'endDate',
  'experience',
  'category',
]
/** What belongs to a place of work and not to the person. */
const OF_POST = new Set<Field>(['organisation', 'department', 'position', 'startDate', 'endDate'])

function differingFields(a: PersonValues, b: PersonValues): Field[] {
  const fields: Field[] = COMPARED.filter(
    (field) => foldText(String(a[field] ?? '')) !== foldText(String(b[field] ?? '')),
  )
  if (!sameOrganisation(a, b)) fields.push('organisation')
  return fields
}

function judgeDifference(earlier: PersonRow, row: PersonRow, differing: Field[]): void {
  const contradicting = differing.filter(
    (field) => !OF_POST.has(field) && fieldValue(earlier, field) && fieldValue(row, field),
  )
  const secondPost = differing.includes('organisation') && earlier.values.organisation && row.values.organisation
  if (secondPost && contradicting.length === 0) {
    row.problems.push({
      code: 'secondPost',
      severity: 'warning',
      field: 'organisation',
      values: { line: earlier.line },
    })
    return
  }
  const field = (contradicting[0] ?? differing[0])!
  refuseOnce(earlier, 'repeatedDifferent', field, row.line)
  refuseOnce(row, 'repeatedDifferent', field, earlier.line)
}

function fieldValue(row: PersonRow, field: Field): unknown {
  return row.values[field as keyof PersonValues]
}

function hasErrors(row: PersonRow): boolean {
  return row.problems.some((problem) => problem.severity === 'error')
}

function refuseOnce(
  row: PersonRow,
  code: 'repeatedDifferent' | 'emailRepeated' | 'loginRepeated',
  field: Field,
  line: number,
): void {
  if (row.problems.some((problem) => problem.code === code)) return
  row.problems.push({ code, severity: 'error', field, values: { line } })
}

/** One e-mail or login for several people; the several posts of one person share them rightly. */
function refuseShared(group: PersonRow[], field: 'email' | 'login', code: 'emailRepeated' | 'loginRepeated'): void {
  const first = group[0]!
  const other = group.find((row) => nameKey(row.values) !== nameKey(first.values))
  if (!other) return
  for (const row of group) refuseOnce(row, code, field, row === first ? other.line : first.line)
}

function groupBy<T>(rows: readonly T[], keyOf: (row: T) => string | null | undefined | false): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const row of rows) {
    const key = keyOf(row)
    if (!key) continue
    const group = groups.get(key)
    if (group) group.push(row)
    else groups.set(key, [row])
  }
  return groups
}

/** Finds organisations that stand in the list more than once, by tax number or name. */
export function markRepeatedOrganisations(rows: OrganisationRow[], columns: readonly number[]): void {
  markIdentical(rows, columns)
  const live = rows.filter((row) => row.skip === null)
  const byTax = groupBy(live, (row) => row.values.inn)
  const byName = groupBy(live, (row) => row.values.name && organisationKey(row.values.name))
  for (const [groups, field] of [
    [byTax, 'inn'],
    [byName, 'name'],
  ] as const) {
    for (const group of groups.values()) {
      for (const row of group.slice(1)) refuseOrganisations(group[0]!, row, field)
    }
  }
}

function refuseOrganisations(first: OrganisationRow, row: OrganisationRow, field: 'inn' | 'name'): void {
  // Schools of one legal body share its tax number: different titles are different organisations only without it.
  for (const [target, line] of [
    [first, row.line],
    [row, first.line],
  ] as const) {
    if (target.problems.some((problem) => problem.code === 'repeatedDifferent')) continue
    target.problems.push({ code: 'repeatedDifferent', severity: 'error', field, values: { line } })
  }
}
