import type { Cell, PaperTable } from '../../core/export/index.ts'
import { type Paged, pagerLinks, queryString } from '../../core/http/paging.ts'
import { type Actor, allows } from '../../core/rights/index.ts'
import { fullName } from '../../core/text.ts'
import type { CohortHead, CohortListRow } from './cohort-queries.ts'
import { FILTER_STATES, type JournalFilter, type JournalQuery } from './input.ts'
import type { Choice, JournalRow, StoredState } from './journal-queries.ts'
import { isKnown, kindOf } from './kinds.ts'
import type { LearnerMilestone } from './milestone-queries.ts'
import { mayConfirm, trackingPolicy } from './policy.ts'
import { presentLegend, presentLook, type Reader, say, shortNames } from './present-state.ts'

/** The list of tracking journals. */
export const presentCohorts = (
  reader: Reader,
  filter: { q?: string; all?: boolean },
  result: Paged<CohortListRow>,
) => ({
  filter,
  rows: result.rows.map((row) => ({
    href: `/tracking/cohorts/${row.id}`,
    title: row.title,
    programme: say(reader, row.programmeTitle),
    startsOn: { iso: row.starts_on, text: reader.format.date(row.starts_on) },
    learners: row.learners,
    waiting: row.waiting,
    late: row.late,
    waitingHref: `/tracking/cohorts/${row.id}?state=submitted`,
    lateHref: `/tracking/cohorts/${row.id}?state=late`,
  })),
  pager: pagerLinks('/tracking', filter, result),
  exportHref: `/tracking/export?${queryString({ q: filter.q, all: filter.all ? 1 : undefined })}`,
})

/** The list of tracking journals as a file. */
export const presentCohortExport = (reader: Reader, rows: readonly CohortListRow[]): Cell[][] =>
  rows.map((row) => [
    ...[row.title, say(reader, row.programmeTitle), reader.format.shortDate(row.starts_on)],
    ...[row.learners, row.waiting, row.late],
  ])

type Parts = {
  cohort: CohortHead
  columns: LearnerMilestone[]
  rows: JournalRow[]
  states: StoredState[]
}

/** The cells of a tracking journal, row by row: what the grid, the paper and the file print. */
export function presentRows(reader: Reader, { columns, rows, states }: Parts) {
  const stored = new Map(states.map((state) => [`${state.enrolment_id}:${state.milestone_id}`, state]))
  const short = shortNames(reader.t, columns, reader.lang)
  return rows.map((row) => ({
    id: row.id,
    name: fullName(row),
    href: `/tracking/enrolments/${row.id}`,
    organisation: row.organisation,
    note: row.state === 'active' ? '' : reader.t(`tracking.enrolmentState.${row.state}`),
    done: row.milestones_done ?? 0,
    total: row.milestones_total ?? columns.filter((column) => column.isRequired).length,
    cells: columns.map((column) => {
      const state = stored.get(`${row.id}:${column.id}`)
      const standing = {
        ...column,
        state: state?.state ?? 'open',
        countDone: state?.count_done ?? 0,
        offered: Number(state?.offered ?? 0),
      }
      const look = presentLook(reader, standing)
      return {
        ...look,
        label: short.get(column.id) as string,
        href: `/tracking/enrolments/${row.id}/milestones/${column.id}`,
        isMet: look.look === 'done' || look.look === 'waived',
        doneOn: state?.done_on ?? null,
      }
    }),
  }))
}

/** Heads of the columns; a click on one asks who is missing it. */
export function presentColumns(
  reader: Reader,
  cohort: CohortHead,
  columns: LearnerMilestone[],
  filter?: JournalFilter,
) {
  const short = shortNames(reader.t, columns, reader.lang)
  return columns.map((column) => ({
    id: column.id,
    label: short.get(column.id) as string,
    title: say(reader, column.title),
    icon: kindOf(column).icon,
    isKnown: isKnown(column),
    isRequired: column.isRequired,
    due: column.dueOn
      ? { iso: column.dueOn, text: reader.format.shortDate(column.dueOn), day: reader.format.dayMonth(column.dueOn) }
      : null,
    chosen: filter?.milestone === column.id,
    href: `/tracking/cohorts/${cohort.id}?${queryString({ milestone: column.id, state: 'missing' })}`,
  }))
}

/** The grid of a cohort: learners × milestones, filters, and what may be done with the chosen ones. */
export function presentJournal(
  actor: Actor,
  reader: Reader,
  parts: Parts & {
    choices: Choice[]
    counts: { total: number; late: number; waiting: number }
    page: Paged<JournalRow>
  },
  query: JournalQuery,
) {
  const { cohort, columns, choices, counts, page } = parts
  const { after: _after, before: _before, ...filter } = query
  const path = `/tracking/cohorts/${cohort.id}`
  const heads = presentColumns(reader, cohort, columns, filter)
  const kept = queryString(filter)
  const mayWrite = mayWriteTo(actor, cohort, parts.rows, reader.today)
  return {
    path,
    filter,
    activeFilters: Object.values(filter).filter((value) => value !== undefined).length,
    counts,
    sentence: sentence(reader, counts, filter),
    lateHref: `${path}?state=late`,
    waitingHref: `${path}?state=submitted`,
    columns: heads,
    rows: presentRows(reader, parts),
    legend: presentLegend(reader.t),
    milestoneOptions: heads.map((head) => ({ value: head.id, label: head.title })),
    stateOptions: FILTER_STATES.map((state) => ({ value: state, label: reader.t(`tracking.filter.${state}`) })),
    organisationOptions: optionsOf(choices, 'organisation'),
    groupOptions: optionsOf(choices, 'group'),
    confirmable: cohort.state === 'archived' ? [] : confirmable(actor, columns, parts.rows, heads),
    chosenMilestone: filter.milestone,
    letterHref: mayWrite && counts.total > 0 ? `${path}/letter?${kept}` : null,
    letterLabel: reader.t('tracking.letter.open', { count: counts.total }),
    exportHref: `${path}/export?${kept}`,
    printHref: `${path}/print?${kept}`,
    pager: pagerLinks(path, filter, page),
    countLabel: reader.t('tracking.journal.learners', { count: counts.total }),
  }
}

function sentence(
  { t }: Reader,
  counts: { total: number; late: number; waiting: number },
  filter: JournalFilter,
): string {
  const filtered = Object.values(filter).some((value) => value !== undefined)
  return t(filtered ? 'tracking.journal.found' : 'tracking.journal.all', { count: counts.total })
}

const optionsOf = (choices: Choice[], kind: Choice['kind']) =>
  choices.filter((choice) => choice.kind === kind).map((choice) => ({ value: choice.id, label: choice.name }))

/** Milestones that the actor may confirm for at least one learner of this page. */
function confirmable(
  actor: Actor,
  columns: LearnerMilestone[],
  rows: JournalRow[],
  heads: { id: number; title: string }[],
) {
  return columns
    .filter((column) => !isKnown(column))
    .filter((column) => rows.some(({ places }) => mayConfirm(actor, { places, moduleId: column.module_id })))
    .map((column) => ({ value: column.id, label: heads.find((head) => head.id === column.id)?.title ?? '' }))
}

function mayWriteTo(actor: Actor, cohort: CohortHead, rows: JournalRow[], date: string): boolean {
  const scopes = [{ type: 'cohort', id: cohort.id } as const, { type: 'programme', id: cohort.programme_id } as const]
  if (allows(actor, 'tracking.letter', scopes)) return true
  const policy = trackingPolicy(date)
  return rows.length > 0 && rows.every((row) => policy.can(actor, 'write', row.places))
}

/** The grid as a table for CSV and XLSX; on paper with short heads, without the days. */
export function presentExport(reader: Reader, parts: Parts) {
  const { t } = reader
  const heads = presentColumns(reader, parts.cohort, parts.columns)
  return {
    columns: [
      ...[t('tracking.export.learner'), t('tracking.export.organisation'), t('tracking.export.state')],
      ...[t('tracking.export.done'), t('tracking.export.total')],
      ...heads.map((head) => (head.due ? `${head.title} (${head.due.text})` : head.title)),
    ],
    rows: presentRows(reader, parts).map((row) => [
      ...[row.name, row.organisation, row.note || t('tracking.enrolmentState.active'), row.done, row.total],
      ...row.cells.map((cell) =>
        [cell.word, cell.count, cell.doneOn && reader.format.shortDate(cell.doneOn)].filter(Boolean).join(', '),
      ),
    ]),
    paper: [presentPaper(reader, parts)],
  }
}

function presentPaper(reader: Reader, parts: Parts): PaperTable {
  const { t } = reader
  const heads = presentColumns(reader, parts.cohort, parts.columns)
  return {
    columns: [
      ...[t('tracking.print.number'), t('tracking.export.learner'), t('tracking.export.organisation')],
      ...heads.map((head) => (head.due ? `${head.label}\n${head.due.day}` : head.label)),
      t('tracking.export.done'),
    ],
    rows: presentRows(reader, parts).map((row, index) => [
      ...[index + 1, row.note ? `${row.name} (${row.note})` : row.name, row.organisation],
      ...row.cells.map((cell) => cell.count || cell.word),
      `${row.done} / ${row.total}`,
    ]),
    note: heads.map((head) => `${head.label} — ${head.title}`).join('; '),
  }
}
