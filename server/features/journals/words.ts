/** How journals say things in the reader's language; shared by all presenters of the feature. */
import { formatFor } from '../../core/i18n/format.ts'
import { localeOf, rawText, readTexts, type Translate } from '../../core/i18n/index.ts'
import { pick, type Translated } from '../../core/text.ts'
import { fromUtc } from '../../core/time.ts'
import { type CellCodes, type CellValue, NOT_PASSED, PASSED, printEntry } from './marks.ts'
import type { JournalGroup } from './queries.ts'
import { type BehindReason, type CreditObstacle, type CreditSuggestion, suggestCredit, type Totals } from './totals.ts'

/** Who reads: language, zone, and the words and formats that follow from them. */
export type Reader = { lang: string; zone: string; t: Translate }

/** The signs of cells in the reader's language. */
export const codesOf = (t: Translate): CellCodes => ({
  present: t('journals.code.present'),
  absent: t('journals.code.absent'),
  late: t('journals.code.late'),
  excused: t('journals.code.excused'),
  ill: t('journals.code.ill'),
  passed: t('journals.code.passed'),
  notPassed: t('journals.code.notPassed'),
})

/** A cell in words, for lists that are read and not scanned: «опоздал, отметка 4». */
export function cellInWords(value: CellValue, t: Translate): string {
  if (value.attendance === '') return t('journals.meaning.clear')
  const attendance = t(`journals.meaning.${value.attendance}`)
  if (value.mark === null) return attendance
  const mark =
    value.mark === PASSED
      ? t('journals.meaning.passed')
      : value.mark === NOT_PASSED
        ? t('journals.meaning.notPassed')
        : t('journals.meaning.markGiven', { mark: value.mark })
  return `${attendance}, ${mark}`
}

export const cellSign = (value: CellValue, codes: CellCodes): string => printEntry(value, codes)

/** What each sign means, in one line under the register. */
export const codesLine = (t: Translate): string => {
  const codes = codesOf(t)
  const attendance = (['present', 'absent', 'late', 'excused', 'ill'] as const).map(
    (name) => `${codes[name]} — ${t(`journals.meaning.${name}`)}`,
  )
  const marks = `2–5 — ${t('journals.meaning.mark')}`
  return [...attendance, marks, `${codes.passed} — ${t('journals.meaning.passed')}`].join('; ')
}

/** The subject of a lesson: its own title, else its topic, else just "lesson". */
export const lessonTitle = (
  lesson: { title: string | null; topicTitle: Translated | null },
  { lang, t }: Reader,
): string => lesson.title || (lesson.topicTitle ? pick(lesson.topicTitle, lang) : '') || t('journals.lesson.untitled')

/** «12 ноября, 15:00» in the reader's zone. */
export function lessonMoment(startsAt: string, { lang, zone }: Reader): string {
  const format = formatFor(lang, zone)
  return `${format.dayMonth(format.civil(startsAt))}, ${format.time(startsAt)}`
}

type HeadFormats = { day: Intl.DateTimeFormat; weekday: Intl.DateTimeFormat }
const heads = new Map<string, HeadFormats>()

/** Day and weekday for the narrow head of a column. */
export function columnHead(startsAt: string, { lang, zone }: Reader): { day: string; weekday: string } {
  const key = `${lang}|${zone}`
  const found: HeadFormats = heads.get(key) ?? {
    day: new Intl.DateTimeFormat(localeOf(lang), { timeZone: zone, day: '2-digit', month: '2-digit' }),
    weekday: new Intl.DateTimeFormat(localeOf(lang), { timeZone: zone, weekday: 'short' }),
  }
  heads.set(key, found)
  const date = fromUtc(startsAt)
  return { day: found.day.format(date), weekday: found.weekday.format(date) }
}

export const behindText = (reasons: readonly BehindReason[], t: Translate): string =>
  reasons.map(({ code, ...values }) => t(`journals.client.behind.${code}`, values)).join('; ')

const obstacleText = ({ code, ...values }: CreditObstacle, t: Translate, number: (value: number) => string): string => {
  const printed = 'mean' in values ? { ...values, mean: number(values.mean) } : values
  return t(`journals.obstacle.${code}`, printed)
}

/** What the credit rule says of a learner, in words. */
export function suggestionText(suggestion: CreditSuggestion, { t, lang, zone }: Reader): string {
  const number = (value: number) => formatFor(lang, zone).number(value, 2)
  if (suggestion.state === 'passed') return t('journals.suggestion.passed')
  if (suggestion.state === 'notYet') {
    return suggestion.reasons.map((reason) => obstacleText(reason, t, number)).join('; ')
  }
  const { ahead, unmarked } = suggestion
  const parts = [
    ahead > 0 && t('journals.suggestion.ahead', { count: ahead }),
    unmarked > 0 && t('journals.suggestion.unmarked', { count: unmarked }),
  ]
  return t('journals.suggestion.onTrack', { rest: parts.filter(Boolean).join(', ') })
}

export const suggestionOf = (totals: Totals, group: JournalGroup): CreditSuggestion => suggestCredit(totals, group.rule)

/** The rule of a credit in words. */
export function ruleText(group: JournalGroup, t: Translate): string {
  const { minAttendancePercent: percent, minMark: mark } = group.rule
  const parts = [
    percent !== null && t('journals.rule.attendance', { percent }),
    mark !== null && t('journals.rule.mark', { mark }),
  ].filter(Boolean)
  return parts.length > 0 ? parts.join(', ') : t('journals.rule.none')
}

const clientTexts = new Map<string, Record<string, string>>()

/** Sentences that the scripts of the journal say, flat, in one language, with their plural forms. */
export function clientStrings(lang: string): Record<string, string> {
  const known = clientTexts.get(lang)
  if (known) return known
  const { client } = readTexts(lang).journals as { client: object }
  const flat = Object.fromEntries(namesOf(client).map((name) => [name, rawText(`journals.client.${name}`, lang)]))
  clientTexts.set(lang, flat)
  return flat
}

const namesOf = (node: object, path = ''): string[] =>
  Object.entries(node).flatMap(([name, value]) =>
    typeof value === 'string' ? [path + name] : namesOf(value, `${path}${name}.`),
  )
