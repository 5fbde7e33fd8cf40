/** The register of a group, and the list of groups. */
import type { Cell } from '../../core/export/index.ts'
import { formatFor } from '../../core/i18n/format.ts'
import type { Actor } from '../../core/rights/index.ts'
import { fullName, pick } from '../../core/text.ts'
import { nowUtc } from '../../core/time.ts'
import { type CellCodes, entryTable } from './marks.ts'
import { journalPolicy, keepsOwnJournals } from './policy.ts'
import type { GroupAgenda, JournalGroup } from './queries.ts'
import { isGone, type Register, type RegisterLearner, type RegisterLesson } from './register.ts'
import { behindReasons } from './totals.ts'
import {
  behindText,
  cellSign,
  clientStrings,
  codesLine,
  codesOf,
  columnHead,
  lessonMoment,
  lessonTitle,
  type Reader,
} from './words.ts'

export const journalUrl = (groupId: number, rest = ''): string => `/journals/${groupId}${rest}`

/** The list of journals by the name that it has in the person's navigation. */
export const listTitle = (actor: Actor, t: Reader['t']): string =>
  t(keepsOwnJournals(actor) ? 'journals.list.titleOwn' : 'journals.list.title')

/** What every page of a group's journal says above its content. */
export function presentHead(
  actor: Actor,
  group: JournalGroup,
  { lang, t }: Reader,
  active: 'grid' | 'plan' | 'credits',
) {
  const can = journalPolicy.abilities(actor, group)
  const tab = (name: 'grid' | 'plan' | 'credits', rest: string, icon: string) => ({
    href: journalUrl(group.id, rest),
    label: t(`journals.tab.${name}`),
    icon,
    active: name === active,
  })
  return {
    title: pick(group.moduleTitle, lang),
    subtitle: t('journals.head.subtitle', { group: group.name, cohort: group.cohortTitle }),
    breadcrumbs: [{ href: '/journals', label: listTitle(actor, t) }],
    tabs: {
      label: t('journals.tab.label'),
      items: [tab('grid', '', 'table'), tab('plan', '/lessons', 'calendar-event'), tab('credits', '/credits', 'award')],
    },
    isClosed: group.isClosed,
    can,
  }
}

const lastStarted = (lessons: readonly RegisterLesson[], now: string) =>
  lessons.filter((lesson) => lesson.startsAt <= now).at(-1) ?? lessons[0]

/** The settings that the scripts of the grid and of a lesson begin with. */
export function clientConfig(actor: Actor, group: JournalGroup, reader: Reader, readOnly: boolean): string {
  const url = (rest: string) => journalUrl(group.id, rest)
  const own = JSON.stringify({
    ...{ groupId: group.id, personId: actor.personId, readOnly },
    urls: {
      save: url('/cells'),
      cells: url('/cells'),
      history: url('/history'),
      socketClient: '/vendor/socket.io/socket.io.esm.min.js',
    },
  })
  return `${own.slice(0, -1)},${wordsOf(reader).config.slice(1)}`
}

/** The grid: everything that its template prints. */
export function presentGrid(actor: Actor, group: JournalGroup, register: Register, reader: Reader) {
  const { t, lang } = reader
  const now = nowUtc()
  const readOnly = group.isClosed || !journalPolicy.can(actor, 'edit', group)
  const current = lastStarted(register.lessons, now)
  const words = wordsOf(reader)
  return {
    readOnly,
    config: clientConfig(actor, group, reader, readOnly),
    caption: t('journals.grid.caption', { group: group.name, module: pick(group.moduleTitle, lang) }),
    lessons: register.lessons.map((lesson) => presentColumn(group, lesson, reader, now, current?.id)),
    rows: register.learners.map((learner) => presentRow(group, register, learner, words.codes, reader)),
    creditsUrl: journalUrl(group.id, '/credits'),
    currentUrl: current ? journalUrl(group.id, `/lessons/${current.id}`) : '',
    currentLabel: current ? lessonMoment(current.startsAt, reader) : '',
    codesLine: words.codesLine,
    paper: paperActions(group, t),
    keys: words.keys,
    choices: words.choices,
  }
}

/** The register as a file and on paper. */
const paperActions = (group: JournalGroup, t: Reader['t']) => [
  { href: journalUrl(group.id, '/export?format=csv'), label: t('ui.export.csv'), icon: 'download', kind: 'quiet' },
  { href: journalUrl(group.id, '/export?format=xlsx'), label: t('ui.export.xlsx'), icon: 'download', kind: 'quiet' },
  { href: journalUrl(group.id, '/export?format=pdf'), label: t('ui.export.pdf'), icon: 'download', kind: 'quiet' },
  { href: journalUrl(group.id, '/print'), label: t('journals.grid.print'), icon: 'printer', kind: 'quiet' },
]

/** What is the same on every grid of a language; made once, since a page has a hundred such words. */
type Words = {
  codes: CellCodes
  codesLine: string
  ahead: string
  keys: { keys: string; does: string }[]
  choices: ReturnType<typeof choicesOf>
  config: string
}
const wordsByLanguage = new Map<string, Words>()

function wordsOf(reader: Reader): Words {
  const { lang, t } = reader
  const known = wordsByLanguage.get(lang)
  if (known) return known
  const codes = codesOf(t)
  const words = {
    codes,
    codesLine: codesLine(t),
    ahead: t('journals.grid.ahead'),
    keys: KEY_NAMES.map((name) => ({ keys: t(`journals.keyName.${name}`), does: t(`journals.keys.${name}`) })),
    choices: choicesOf(reader),
    config: JSON.stringify({ language: lang, codes, table: entryTable(codes), strings: clientStrings(lang) }),
  }
  wordsByLanguage.set(lang, words)
  return words
}

const KEY_NAMES = [
  ...['arrows', 'type', 'enter', 'tab', 'homeEnd', 'shiftArrows', 'wholeColumn'],
  ...['delete', 'undo', 'copy', 'fill', 'details'],
]

function presentColumn(group: JournalGroup, lesson: RegisterLesson, reader: Reader, now: string, currentId?: number) {
  const isAhead = lesson.startsAt > now
  return {
    id: lesson.id,
    url: journalUrl(group.id, `/lessons/${lesson.id}`),
    ...columnHead(lesson.startsAt, reader),
    label: `${lessonMoment(lesson.startsAt, reader)}, ${lessonTitle(lesson, reader)}`,
    className: isAhead ? ' is-ahead' : lesson.id === currentId ? ' is-current' : '',
    current: lesson.id === currentId,
    note: isAhead ? wordsOf(reader).ahead : '',
  }
}

function presentRow(
  group: JournalGroup,
  register: Register,
  learner: RegisterLearner,
  codes: CellCodes,
  reader: Reader,
) {
  const { t, lang, zone } = reader
  const format = formatFor(lang, zone)
  const totals = register.totals(learner)
  const reasons = isGone(learner) ? [] : behindReasons(totals, group.rule)
  const { credit } = learner
  return {
    enrolmentId: learner.enrolmentId,
    url: journalUrl(group.id, `/learners/${learner.enrolmentId}`),
    name: fullName(learner),
    shortName: `${learner.lastName} ${learner.firstName}`,
    note: noteOf(learner, reader),
    locked: isGone(learner),
    className: isGone(learner) ? 'is-gone' : '',
    behind: behindText(reasons, t),
    // The figure that is the reason is coloured, the mean mark beside it is not.
    lacksAttendance: reasons.some(({ code }) => code === 'attendance'),
    cells: register.lessons.map((lesson) => {
      if (!register.isExpected(lesson, learner)) return OUT
      const cell = register.cell(lesson.id, learner.enrolmentId)
      return cell ? { out: false, text: cellSign(cell, codes), version: cell.version, comment: cell.comment } : EMPTY
    }),
    percent: totals.percent === null ? '' : format.percent(totals.percent / 100),
    mean: totals.mean === null ? '' : format.number(totals.mean, 2),
    credit: credit?.state ? { state: credit.state, text: t(`journals.creditState.${credit.state}`) } : null,
  }
}

const OUT = { out: true, text: '', version: 0, comment: '' }
const EMPTY = { out: false, text: '', version: 0, comment: '' }

/** Why a learner's line is grey: left the programme, paused, or moved to another group. */
export function noteOf(learner: RegisterLearner, { t, lang, zone }: Reader): string {
  if (isGone(learner)) return t(`journals.learnerState.${learner.state}`)
  const last = learner.memberships.at(-1)
  if (!last?.endsOn) return ''
  return t('journals.learnerState.moved', { date: formatFor(lang, zone).dayMonth(last.endsOn) })
}

/** What may be given to a whole lesson, in the order of use. */
function choicesOf({ t }: Reader) {
  const codes = codesOf(t)
  const attendance = (['present', 'absent', 'excused', 'ill', 'late'] as const).map((name) => ({
    entry: codes[name],
    sign: codes[name],
    label: t(`journals.meaning.${name}`),
  }))
  const marks = [5, 4, 3, 2].map((mark) => ({ entry: String(mark), sign: String(mark), label: '' }))
  const passed = { entry: codes.passed, sign: codes.passed, label: '' }
  return [...attendance, ...marks, passed, { entry: '', sign: '∅', label: t('journals.meaning.clear') }]
}

type ListedGroup = JournalGroup & { learners: number }

/** The list of groups as rows of a file. */
export const presentGroupExport = (
  rows: ListedGroup[],
  agendas: ReadonlyMap<number, GroupAgenda>,
  reader: Reader,
): Cell[][] =>
  rows.map((group) => {
    const agenda = agendas.get(group.id)
    return [
      ...[group.name, group.cohortTitle, pick(group.moduleTitle, reader.lang), group.learners],
      ...[formatFor(reader.lang, reader.zone).shortMoment(agenda?.nextAt), agenda?.blank ?? 0],
    ]
  })

/** The list of groups with what waits in each. */
export function presentGroups(rows: ListedGroup[], agendas: ReadonlyMap<number, GroupAgenda>, reader: Reader) {
  const { t, lang, zone } = reader
  const format = formatFor(lang, zone)
  return rows.map((group) => {
    const agenda = agendas.get(group.id)
    const blank = agenda?.blank ?? 0
    return {
      href: journalUrl(group.id),
      name: group.name,
      module: pick(group.moduleTitle, lang),
      cohort: group.cohortTitle,
      learners: group.learners,
      next: agenda?.nextAt ? format.human(agenda.nextAt) : '',
      blank: blank > 0 ? { kind: 'warning', text: t('journals.list.blank', { count: blank }) } : null,
      isClosed: group.isClosed,
    }
  })
}
