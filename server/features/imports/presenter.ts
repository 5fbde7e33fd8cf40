import type { Form } from '../../core/http/forms.ts'
import type { Action } from '../../core/http/reply.ts'
import type { Format } from '../../core/i18n/format.ts'
import type { Translate } from '../../core/i18n/index.ts'
import { fold, innerQuotes } from '../../core/text.ts'
import { fieldsOf, suggestColumns } from './parsing/columns.ts'
import { headerCells } from './parsing/header.ts'
import { isIgnoredHeading } from './parsing/headings.ts'
import type { ListedField } from './parsing/own-fields.ts'
import type { ColumnSuggestion, ImportKind } from './parsing/types.ts'
import type { ImportListRow, ImportRow, ImportState } from './queries.ts'
import type { FileInfo, SheetInfo } from './worker/protocol.ts'

const STEPS = ['file', 'columns', 'check', 'done'] as const
export type Step = (typeof STEPS)[number]

/** The four steps with their states; those that lie behind can be opened again while nothing is written. */
export function stepper(t: Translate, current: Step, row?: ImportRow) {
  const at = STEPS.indexOf(current)
  return {
    steps: STEPS.map((step, index) => ({
      label: t(`imports.steps.${step}`),
      state: index < at ? 'done' : index === at ? 'current' : 'todo',
      ...(row && step === 'columns' && current === 'check' && row.state !== 'committing'
        ? { href: `/imports/${row.id}/columns` }
        : {}),
    })),
  }
}

const STATE_KINDS: Record<ImportState, string> = {
  uploaded: 'info',
  checking: 'info',
  checked: 'warning',
  committing: 'info',
  done: 'success',
  failed: 'danger',
  cancelled: 'neutral',
}

/** The list of imports. */
export function presentList(t: Translate, format: Format, rows: ImportListRow[]) {
  return {
    rows: rows.map((row) => ({
      cells: [
        { text: row.file_name, href: `/imports/${row.id}`, hint: t(`imports.kind.${row.kind}`) },
        { badge: { kind: STATE_KINDS[row.state], text: t(`imports.state.${row.state}`) }, hint: outcome(t, row) },
        row.creator,
        format.human(row.created_at),
      ],
    })),
  }
}

function outcome(t: Translate, { state, summary }: ImportListRow): string {
  if (summary.result) {
    const { created, updated } = summary.result
    return t('imports.list.outcome', { created, updated })
  }
  if (state !== 'checked' || !summary.check) return ''
  const { create, update, refused } = summary.check.counts
  if (create + update === 0) return refused > 0 ? t('imports.list.allRefused', { refused }) : t('imports.list.nothing')
  return t('imports.list.ahead', { create, update, refused })
}

/** What the system found out about the file, in one line. */
export function fileFacts(t: Translate, info: FileInfo): string {
  const rows = info.sheets.reduce((sum, sheet) => sum + sheet.rowCount, 0)
  const facts = [info.format.toUpperCase()]
  if (info.encoding) facts.push(info.encoding)
  if (info.separator)
    facts.push(t('imports.columns.separator', { sign: info.separator === '\t' ? 'Tab' : info.separator }))
  facts.push(t('imports.columns.rows', { count: rows }))
  return facts.join(' · ')
}

/** Which sheet, line of headings and kind of list the page of columns shows. */
export interface Look {
  sheet: number
  header: number
  kind: ImportKind
}

/** The look that the address asks for, else the one kept, else the likely one. */
export function lookOf(row: ImportRow, query: { sheet?: number; header?: number; kind?: ImportKind }): Look {
  const kept = row.reading
  const wanted = query.sheet ?? kept?.sheet ?? row.info.likelySheet
  const sheet = row.info.sheets[wanted] ? wanted : row.info.likelySheet
  const info = row.info.sheets[sheet]!
  const keptHeader = kept?.sheet === sheet ? kept.headerLine : info.headerLine
  const header = query.header ?? keptHeader
  return { sheet, header, kind: query.kind ?? (kept?.sheet === sheet ? row.kind : info.kind) }
}

const HEADER_CHOICES = 25

/** The page of columns: what each column seems to hold, and how it is to be read. */
export function presentColumns(
  t: Translate,
  row: ImportRow,
  look: Look,
  form: Form,
  employer: string,
  added: readonly ListedField[],
) {
  const sheet = row.info.sheets[look.sheet]!
  const table = { name: sheet.name, columnCount: sheet.columnCount, rows: sheet.sample }
  const own = look.kind === 'people' ? added : []
  const suggestions = withOwn(suggestColumns(table, look.header, look.kind), own)
  const isKept = row.reading?.sheet === look.sheet && row.reading.headerLine === look.header && row.kind === look.kind
  const kept = isKept ? row.reading?.columns : undefined
  const typed = form.values.columns as Record<string, string> | undefined
  const columns = suggestions.map((suggestion) =>
    presentColumn(t, suggestion, typed?.[`c${suggestion.column}`] ?? kept?.[suggestion.column]),
  )
  return {
    id: row.id,
    version: row.version,
    form,
    look,
    facts: fileFacts(t, row.info),
    sheets: row.info.sheets.map((each, value) => ({
      value,
      label: `${each.name} (${t('imports.columns.rows', { count: each.rowCount })})`,
    })),
    headers: headerChoices(t, sheet, look.header),
    kinds: (['people', 'organisations'] as const).map((value) => ({ value, label: t(`imports.kind.${value}`) })),
    titles: titleLines(sheet, look.header),
    columns,
    fields: [
      ...fieldsOf(look.kind).map((value) => ({ value: value as string, label: t(`imports.field.${value}`) })),
      ...own.map(({ key, title }) => ({ value: key as string, label: title })),
    ],
    options: { ...row.options, ...pickOptions(form) },
    // Where a column says who works where, one place for everybody would be in its way.
    employer:
      form.values.employer || !columns.some(({ value }) => value === 'organisation')
        ? { value: typed ? form.values.employer : employer }
        : null,
  }
}

/** Columns that bear the name of a field that the authority has added. */
function withOwn(suggestions: ColumnSuggestion[], own: readonly ListedField[]): ColumnSuggestion[] {
  const free = [...own]
  return suggestions.map((suggestion) => {
    const at = free.findIndex(({ names }) => names.some((name) => fold(name) === fold(suggestion.header)))
    const [field] = at < 0 || suggestion.confidence === 'certain' ? [] : free.splice(at, 1)
    return field ? { ...suggestion, field: field.key, confidence: 'certain' } : suggestion
  })
}

function pickOptions(form: Form) {
  if (form.values.columns === undefined) return {}
  const { createOrganisations, createInitials, otherEmployer } = form.values
  return {
    createOrganisations: Boolean(createOrganisations),
    createInitials: Boolean(createInitials),
    otherEmployer: otherEmployer === 'transfer' ? 'transfer' : 'add',
  }
}

function presentColumn(t: Translate, suggestion: ColumnSuggestion, chosen: string | null | undefined) {
  const { column, header, field, confidence, samples } = suggestion
  const value = chosen === undefined ? (field ?? '') : (chosen ?? '')
  return {
    name: `columns[c${column}]`,
    header: innerQuotes(header) || t('imports.columns.nameless', { number: column + 1 }),
    samples: samples.join(' · '),
    value,
    hint:
      chosen === undefined && !(field === null && isIgnoredHeading(header))
        ? t(`imports.confidence.${confidence}`)
        : '',
  }
}

function headerChoices(t: Translate, sheet: SheetInfo, chosen: number) {
  const lines = sheet.sample.slice(0, HEADER_CHOICES)
  const choices = lines.map(({ line, cells }) => ({
    value: line,
    label: t('imports.columns.headerLine', { line, text: cells.filter(Boolean).join(' · ').slice(0, 70) }),
  }))
  if (chosen > 0 && !lines.some(({ line }) => line === chosen)) {
    choices.push({ value: chosen, label: t('imports.columns.headerLine', { line: chosen, text: '' }) })
  }
  return [...choices, { value: 0, label: t('imports.columns.noHeader') }]
}

/** What stands above the headings and is not imported. */
function titleLines(sheet: SheetInfo, headerLine: number): string[] {
  return sheet.sample
    .filter(({ line }) => line < headerLine)
    .map(({ cells }) => innerQuotes(cells.filter(Boolean).join(' · ')))
}

/** Headings of the file as they were read, for the file of refused rows. */
export function headingsOf(t: Translate, row: ImportRow): string[] {
  const reading = row.reading!
  const sheet = row.info.sheets[reading.sheet]!
  const cells = headerCells({ name: '', columnCount: sheet.columnCount, rows: sheet.sample }, reading.headerLine)
  return cells.map((cell, index) => cell || t('imports.columns.nameless', { number: index + 1 }))
}

/** The page's address for the state that an import is in. */
export function pageOf({ id, state }: { id: number; state: ImportState }): string {
  if (state === 'cancelled') return '/imports'
  if (state === 'uploaded') return `/imports/${id}/columns`
  return state === 'done' ? `/imports/${id}/done` : `/imports/${id}/check`
}

/** Giving an import up. */
export function cancelAction(t: Translate, row: ImportRow): Action {
  return {
    href: `/imports/${row.id}/cancel`,
    label: t('imports.cancel.button'),
    method: 'post',
    kind: 'quiet',
    fields: { version: row.version },
    confirm: t('imports.cancel.confirm'),
  }
}
