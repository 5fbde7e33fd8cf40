import { type Paged, pagerLinks, queryString } from '../../core/http/paging.ts'
import { addDays } from '../../core/time.ts'
import type { Reader } from '../tracking/present-state.ts'
import { chartsOf, fillWeeks } from './chart.ts'
import { type EmployeeFilter, type ListQuery, ROUTE_STATES, SHOWN, SORTS } from './input.ts'
import { hrefWith, presentAlert, presentRow } from './present-row.ts'
import type { Choice, Counts, EmployeeRow, Found, WeekRow } from './queries.ts'

const PATH = '/employees'

/** Faces of the whole: the list and the trend. */
export const presentTabs = ({ t }: Reader, active: 'list' | 'trend') => ({
  label: t('employees.tabs.label'),
  items: (['list', 'trend'] as const).map((name) => ({
    href: name === 'list' ? PATH : `${PATH}/trend`,
    label: t(`employees.tabs.${name}`),
    active: name === active,
  })),
})

/** "12 employees learn, 3 need attention": the first thing on the page. */
export function presentSentence({ t }: Reader, counts: { learning: number; attention: number }): string {
  if (counts.learning === 0) return t('employees.sentence.nobody')
  const learning = t('employees.sentence.learning', { count: counts.learning })
  const attention = counts.attention
    ? t('employees.sentence.attention', { count: counts.attention })
    : t('employees.sentence.calm')
  return t('employees.sentence.both', { learning, attention })
}

const DEFAULTS = { shown: 'current', sort: 'name', dir: 'asc' } as const

/** Filters as they stand in an address: what is usual is left out. */
const keptOf = (filter: EmployeeFilter): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(filter)
      .filter(([name, value]) => value !== DEFAULTS[name as keyof typeof DEFAULTS])
      .map(([name, value]) => [name, value === true ? 1 : value]),
  )

function sortLinks(filter: EmployeeFilter) {
  const kept = keptOf(filter)
  return Object.fromEntries(
    SORTS.map((sort) => {
      const isActive = filter.sort === sort
      const dir = isActive && filter.dir === 'asc' ? 'desc' : 'asc'
      const href = hrefWith(PATH, {
        ...kept,
        sort: sort === 'name' ? undefined : sort,
        dir: dir === 'asc' ? undefined : dir,
      })
      return [sort, { sortHref: href, sortDir: isActive ? filter.dir : undefined }]
    }),
  )
}

const CONDITIONS = ['q', 'attention', 'route', 'cohort', 'organisation', 'shown']

/** How many conditions are set beside what is usual. */
export function conditionsOf(filter: EmployeeFilter): number {
  const kept = keptOf(filter)
  return CONDITIONS.filter((name) => kept[name] !== undefined).length
}

export type ListParts = {
  counts: Counts
  /** Empty but on the first look: who filters or turns pages knows them. */
  attention: EmployeeRow[]
  found: Paged<Found>
  rows: EmployeeRow[]
  total: { count: number; capped: boolean }
  cohorts: Choice[]
  organisations: Choice[]
}

/** How many of those who need attention stand above the list; the rest are one click away. */
export const ATTENTION_SHOWN = 8

/** The director's first page. */
export function presentList(reader: Reader, parts: ListParts, query: ListQuery) {
  const { t } = reader
  const { after: _after, before: _before, ...filter } = query
  const kept = keptOf(filter)
  const conditions = conditionsOf(filter)
  const rows = parts.rows.map((row) => presentRow(reader, row))
  const options = (choices: Choice[]) => choices.map((choice) => ({ value: choice.id, label: choice.name }))
  return {
    tabs: presentTabs(reader, 'list'),
    sentence: presentSentence(reader, parts.counts),
    attention: parts.attention.slice(0, ATTENTION_SHOWN).map((row) => presentAlert(reader, row)),
    attentionMore: parts.attention.length > ATTENTION_SHOWN ? `${PATH}?attention=1` : null,
    filter,
    activeFilters: conditions,
    shownOptions: SHOWN.map((value) => ({ value, label: t(`employees.shown.${value}`) })),
    routeOptions: ROUTE_STATES.map((value) => ({ value, label: t(`employees.route.${value}`) })),
    cohortOptions: options(parts.cohorts),
    organisationOptions: options(parts.organisations),
    showsOrganisation: parts.organisations.length > 1,
    sort: sortLinks(filter),
    rows,
    exportHref: `${PATH}/export?${queryString(kept)}`,
    printHref: hrefWith(`${PATH}/print`, kept),
    pager: pagerLinks(PATH, kept, parts.found),
    countLabel: parts.total.capped
      ? t('ui.count.over', { count: parts.total.count })
      : t('employees.list.count', { count: parts.total.count }),
  }
}

/** What of the list fits a sheet on its side. */
const ON_PAPER = 'name organisation cohort state route attendance credits milestones due attention'.split(' ')

/** The list for CSV, XLSX and PDF. */
export const presentExport = (reader: Reader, rows: EmployeeRow[]) => {
  const { t, format } = reader
  const names = ['name', 'position', 'organisation', 'cohort', 'state', 'route', 'routeHours', 'held', 'attended']
  const more = [
    'missed',
    'attendance',
    'credits',
    'modules',
    'milestones',
    'milestonesTotal',
    'due',
    'next',
    'attention',
  ]
  const columns = [...names, ...more].map((name) => t(`employees.export.${name}`))
  const lines = rows.map((row) => {
    const shown = presentAlert(reader, row)
    return [
      ...[shown.name, row.position, row.organisation, row.cohort_title, shown.state || t('employees.state.active')],
      ...[shown.route.text, row.route_hours ?? 0, row.lessons_held ?? 0, row.lessons_attended ?? 0],
      ...[row.lessons_missed ?? 0, shown.attendance, row.credits_passed ?? 0, row.modules_total ?? 0],
      ...[row.milestones_done ?? 0, row.milestones_total ?? 0, format.shortDate(row.next_due_on), shown.dueHint],
      shown.reasons.join('; '),
    ]
  })
  const printed = [...names, ...more].flatMap((name, at) => (ON_PAPER.includes(name) ? [at] : []))
  const pick = <T>(line: readonly T[]) => printed.map((at) => line[at] as T)
  return { columns, rows: lines, paper: [{ columns: pick(columns), rows: lines.map(pick) }] }
}

const monday = (date: string) => addDays(date, -((new Date(`${date}T00:00:00Z`).getUTCDay() + 6) % 7))

/** The first Monday of a trend that ends this week. */
export const firstWeek = (today: string, weeks: number): string => addDays(monday(today), -7 * (weeks - 1))

/** Attendance and credits by week: two charts and the table beside them. */
export function presentTrend(reader: Reader, rows: WeekRow[], since: string) {
  const { t, format } = reader
  const weeks = fillWeeks(rows, since, monday(reader.today))
  return {
    isEmpty: rows.length === 0,
    charts: chartsOf(weeks, format),
    rows: weeks
      .filter((week) => week.held > 0 || week.credits > 0)
      .map((week) => ({
        week: t('employees.trend.week', {
          from: format.dayMonth(week.week),
          to: format.dayMonth(addDays(week.week, 6)),
        }),
        held: week.held,
        attended: week.attended,
        percent: format.percent(week.held ? week.attended / week.held : null),
        credits: week.credits,
      })),
  }
}
