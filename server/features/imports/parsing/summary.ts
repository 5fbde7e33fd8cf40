import { fullName } from '../../../core/text.ts'
import type { PlannedOrganisation } from './plan-organisations.ts'
import type { PlannedPerson } from './plan-people.ts'
import type { FieldChange, PlanAction, Problem, ProblemCode, Severity, SkipReason } from './types.ts'

export type PlannedRow = PlannedPerson | PlannedOrganisation

/** What a page says of one row beside its cells. Kept as `import_rows.changes`. */
export interface RowDetails {
  /** Whom or what the row is about. */
  name: string
  /** The organisation of a person, the short name of an organisation. */
  place: string
  changes: FieldChange[]
  skip: SkipReason | null
  sameAs: number | null
}

export interface ProblemCount {
  code: ProblemCode
  severity: Severity
  count: number
  /** The first rows that have it. */
  lines: number[]
}

/** The whole check in numbers. Kept as `imports.summary`. */
export interface CheckSummary {
  counts: Record<PlanAction, number>
  problems: ProblemCount[]
  skips: { reason: SkipReason; count: number }[]
  /** Names of organisations that the import of people would make. */
  newOrganisations: string[]
  /** Rows that a suggestion would mend. */
  suggestions: number
  /** What the plan was, for comparing with what it would be at the moment of commit. */
  fingerprint: string
}

const LINES_SHOWN = 5

/** Counts actions, problems by kind (errors first, then the most frequent) and lines left out. */
export function summarise(rows: readonly PlannedRow[], newOrganisations: string[], fingerprint: string): CheckSummary {
  const counts: CheckSummary['counts'] = { create: 0, update: 0, same: 0, refused: 0, skipped: 0 }
  const problems = new Map<string, ProblemCount>()
  const skips = new Map<SkipReason, number>()
  let suggestions = 0
  for (const row of rows) {
    counts[row.action]++
    if (row.skip) skips.set(row.skip, (skips.get(row.skip) ?? 0) + 1)
    if (row.problems.some((problem) => problem.suggestion)) suggestions++
    for (const problem of row.problems) countProblem(problems, problem, row.line)
  }
  const order = [...problems.values()].sort(
    (a, b) => Number(a.severity === 'warning') - Number(b.severity === 'warning') || b.count - a.count,
  )
  const skipped = [...skips].map(([reason, count]) => ({ reason, count })).sort((a, b) => b.count - a.count)
  return { counts, problems: order, skips: skipped, newOrganisations, suggestions, fingerprint }
}

function countProblem(problems: Map<string, ProblemCount>, { code, severity }: Problem, line: number): void {
  const key = `${severity} ${code}`
  const entry = problems.get(key) ?? { code, severity, count: 0, lines: [] }
  entry.count++
  if (entry.lines.length < LINES_SHOWN) entry.lines.push(line)
  problems.set(key, entry)
}

/** What is kept of a row for its page. */
export function detailsOf(row: PlannedRow): RowDetails {
  const { changes, skip, sameAs } = row
  if ('personId' in row) {
    return { name: fullName(row.values), place: row.values.organisation ?? '', changes, skip, sameAs }
  }
  const { name, shortName } = row.values
  return { name: name ?? '', place: shortName === name ? '' : (shortName ?? ''), changes, skip, sameAs }
}

/** The stored object that a row is about, if there is one. */
export function targetOf(row: PlannedRow): number | null {
  return 'personId' in row ? row.personId : row.organisationId
}
