import { type Paged, pagerLinks } from '../../core/http/paging.ts'
import type { Format } from '../../core/i18n/format.ts'
import type { Translate } from '../../core/i18n/index.ts'
import { innerQuotes } from '../../core/text.ts'
import { ROW_ACTIONS, type RowsQuery } from './input.ts'
import type { ProblemCount } from './parsing/summary.ts'
import type { Field, FieldChange, Problem } from './parsing/types.ts'
import type { CheckedRow, ImportRow } from './queries.ts'

const ACTION_KINDS: Record<string, string> = {
  create: 'success',
  update: 'info',
  same: 'neutral',
  refused: 'danger',
  skipped: 'neutral',
}
const ACTION_ICONS: Record<string, string> = {
  create: 'plus',
  update: 'pencil',
  same: 'check',
  refused: 'circle-x',
  skipped: 'minus',
}

/** What a row's problem says, with the field by its name. What the file has stands in quotation marks, `date` is a date. */
export function problemText(t: Translate, format: Format, { code, field, values = {} }: Problem): string {
  const { value, date } = values
  return t(`imports.problem.${code}.row`, {
    field: field ? t(`imports.field.${field}`) : '',
    ...values,
    ...(typeof value === 'string' ? { value: innerQuotes(value) } : {}),
    ...(date ? { date: format.shortDate(String(date)) } : {}),
  })
}

const DATES = new Set<Field>(['birthDate', 'startDate', 'endDate'])

function changeText(t: Translate, format: Format, { field, before, after, title }: FieldChange): string {
  const show = (value: string | number | null) => {
    if (value === null || value === '') return t('imports.check.nothing')
    if (DATES.has(field)) return format.shortDate(String(value))
    return field === 'kind' ? t(`organisations.kind.${value}`) : String(value)
  }
  return t('imports.check.change', {
    field: title ?? t(`imports.field.${field}`),
    before: show(before),
    after: show(after),
  })
}

/** The fields of a refused row that can be corrected in place, with what they say now or what is suggested. */
function correctionFields(t: Translate, row: CheckedRow, columns: ImportRow['reading']) {
  const fields = new Map<Field, Problem>()
  for (const problem of row.problems) {
    if (problem.severity === 'error' && problem.field && !fields.has(problem.field)) fields.set(problem.field, problem)
  }
  return [...fields].map(([field, problem]) => {
    const column = columns?.columns.indexOf(field) ?? -1
    const now = row.corrections[field] ?? (column >= 0 ? (row.cells[column] ?? '') : '')
    return {
      name: `corrections[r${row.line}][${field}]`,
      label: t('imports.check.correction', { field: t(`imports.field.${field}`), line: row.line }),
      shortLabel: t(`imports.field.${field}`),
      value: problem.suggestion ?? now,
      suggested: problem.suggestion !== undefined,
      isDate: DATES.has(field),
    }
  })
}

function presentRow(t: Translate, format: Format, row: CheckedRow, reading: ImportRow['reading']) {
  const { details } = row
  const words = row.problems.map((problem) => problemText(t, format, problem))
  const skip = details.skip && t(`imports.skip.${details.skip}`, { line: details.sameAs ?? 0 })
  const name = details.name || row.cells.filter(Boolean).slice(0, 3).join(' · ')
  return {
    line: row.line,
    name: name || '—',
    place: details.place,
    action: { kind: ACTION_KINDS[row.action], icon: ACTION_ICONS[row.action], text: t(`imports.action.${row.action}`) },
    isRefused: row.action === 'refused',
    words: [...(skip ? [skip] : []), ...words],
    changes: details.changes.map((change) => changeText(t, format, change)),
    isCorrected: Object.keys(row.corrections).length > 0,
    corrections: row.action === 'refused' ? correctionFields(t, row, reading) : [],
  }
}

/** The check: counts, problems by kind with their first rows, and what will be written. */
export function presentCheck(t: Translate, format: Format, row: ImportRow, rows: CheckedRow[]) {
  const check = row.summary.check!
  const byLine = new Map(rows.map((each) => [each.line, presentRow(t, format, each, row.reading)]))
  const { counts } = check
  return {
    id: row.id,
    version: row.version,
    kind: row.kind,
    stats: ROW_ACTIONS.map((action) => ({
      value: format.number(counts[action]),
      label: t(`imports.check.stat.${action}`, { count: counts[action] }),
      icon: ACTION_ICONS[action],
      ...(counts[action] > 0 ? { href: `/imports/${row.id}/rows?action=${action}` } : {}),
      ...(action === 'refused' && counts.refused > 0 ? { kind: 'danger' } : {}),
    })),
    writes: counts.create + counts.update,
    commitLabel: commitLabel(t, row),
    refused: counts.refused,
    suggestions: check.suggestions,
    problems: check.problems.map((problem) => presentProblem(t, row.id, problem, byLine)),
    canCorrect: rows.some((each) => each.action === 'refused'),
    skips: check.skips.map(({ reason, count }) => t(`imports.check.skip.${reason}`, { count })),
    newOrganisations: check.newOrganisations,
    tabs: tabs(t, row.id, 'check'),
  }
}

function commitLabel(t: Translate, row: ImportRow): string {
  const { create, update } = row.summary.check!.counts
  if (update === 0) return t(`imports.check.commit.${row.kind}.create`, { count: create })
  if (create === 0) return t(`imports.check.commit.${row.kind}.update`, { count: update })
  return t(`imports.check.commit.${row.kind}.both`, { create, update })
}

function presentProblem(
  t: Translate,
  id: number,
  { code, severity, count, lines }: ProblemCount,
  byLine: Map<number, ReturnType<typeof presentRow>>,
) {
  return {
    code,
    isError: severity === 'error',
    badge: { kind: severity === 'error' ? 'danger' : 'warning', text: t(`imports.check.severity.${severity}`) },
    title: t(`imports.problem.${code}.title`),
    count: t('imports.check.rows', { count }),
    rows: lines.flatMap((line) => byLine.get(line) ?? []),
    more:
      count > lines.length
        ? { href: `/imports/${id}/rows?problem=${code}`, label: t('imports.check.all', { count }) }
        : null,
  }
}

function tabs(t: Translate, id: number, active: 'check' | 'rows') {
  return {
    label: t('imports.tabs.label'),
    items: (['check', 'rows'] as const).map((tab) => ({
      href: `/imports/${id}/${tab}`,
      label: t(`imports.tabs.${tab}`),
      active: tab === active,
    })),
  }
}

/** All rows of the file with their fate, a page at a time. */
export function presentRows(
  t: Translate,
  format: Format,
  row: ImportRow,
  filter: RowsQuery,
  result: Paged<CheckedRow>,
) {
  const { after: _after, before: _before, ...kept } = filter
  const check = row.summary.check
  const problems = (check?.problems ?? []).map(({ code }) => code)
  return {
    id: row.id,
    version: row.version,
    isOpen: row.state === 'checked',
    filter: kept,
    actions: ROW_ACTIONS.map((value) => ({ value, label: t(`imports.action.${value}`) })),
    problemOptions: [...new Set(problems)].map((value) => ({ value, label: t(`imports.problem.${value}.title`) })),
    rows: result.rows.map((each) => presentRow(t, format, each, row.reading)),
    canCorrect: row.state === 'checked' && result.rows.some((each) => each.action === 'refused'),
    pager: pagerLinks(`/imports/${row.id}/rows`, kept, result),
    tabs: row.state === 'checked' ? tabs(t, row.id, 'rows') : null,
  }
}
