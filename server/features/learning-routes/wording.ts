import { localeOf } from '../../core/i18n/index.ts'
import type { Translated } from '../../core/text.ts'
import { pick } from '../../core/text.ts'
import { fromUtc } from '../../core/time.ts'
import type { Span } from './rules-types.ts'

/** Translates a key of any feature. */
export type Translate = (key: string, values?: Record<string, unknown>) => string

/** How one person reads: language, zone, and the moment from which "tomorrow" counts. */
export interface Reader {
  t: Translate
  lang: string
  timeZone: string
  now: string
}

type Formatters = Record<
  'day' | 'dayYear' | 'moment' | 'momentYear' | 'time' | 'month' | 'monthShort',
  Intl.DateTimeFormat
>

// Making a formatter costs a hundred times more than using it, and a map of eight modules prints some hundred dates.
const cache = new Map<string, Formatters>()

function formatters({ lang, timeZone }: Reader): Formatters {
  const key = `${lang}|${timeZone}`
  let found = cache.get(key)
  if (!found) {
    const civil = { timeZone: 'UTC', day: 'numeric', month: 'long' } as const
    // A timetable is read by the 24-hour clock in every language.
    const clock = { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const
    const moment = { ...clock, weekday: 'short', day: 'numeric', month: 'short' } as const
    found = {
      day: new Intl.DateTimeFormat(localeOf(lang), civil),
      dayYear: new Intl.DateTimeFormat(localeOf(lang), { ...civil, year: 'numeric' }),
      moment: new Intl.DateTimeFormat(localeOf(lang), moment),
      momentYear: new Intl.DateTimeFormat(localeOf(lang), { ...moment, year: 'numeric' }),
      time: new Intl.DateTimeFormat(localeOf(lang), clock),
      month: new Intl.DateTimeFormat(localeOf(lang), { timeZone: 'UTC', month: 'long' }),
      monthShort: new Intl.DateTimeFormat(localeOf(lang), { timeZone: 'UTC', month: 'short' }),
    }
    cache.set(key, found)
  }
  return found
}

/** Nearer than this nobody doubts the year. */
const SURE_DAYS = 300

const isNear = (reader: Reader, date: Date) =>
  Math.abs(date.getTime() - fromUtc(reader.now).getTime()) < SURE_DAYS * 86_400_000

const civilDate = (civil: string) => new Date(`${civil}T00:00:00Z`)

/** A civil date as people say it: "6 октября", with the year when it is far away. */
export function sayDate(reader: Reader, civil: string): string {
  const { day, dayYear } = formatters(reader)
  const date = civilDate(civil)
  return (isNear(reader, date) ? day : dayYear).format(date)
}

/** A stretch of civil dates, "22–24 декабря"; either end may be open. */
export function sayPeriod(reader: Reader, from: string | null, to: string | null): string {
  if (from && to && from !== to) {
    const { day, dayYear } = formatters(reader)
    const bothNear = [from, to].every((civil) => isNear(reader, civilDate(civil)))
    return (bothNear ? day : dayYear).formatRange(civilDate(from), civilDate(to))
  }
  if (from) return sayDate(reader, from)
  return to ? reader.t('learning-routes.period.until', { to: sayDate(reader, to) }) : ''
}

/** A moment: "вт, 6 окт., 15:00". */
export function sayMoment(reader: Reader, utc: string): string {
  const { moment, momentYear } = formatters(reader)
  const date = fromUtc(utc)
  return (isNear(reader, date) ? moment : momentYear).format(date)
}

/** A class with its end: "вт, 6 окт., 15:00–16:30". */
export const saySpan = (reader: Reader, span: Span): string =>
  `${sayMoment(reader, span.startsAt)}–${formatters(reader).time.format(fromUtc(span.endsAt))}`

/** The name of a month, short where there are many side by side. */
export function sayMonth(reader: Reader, year: number, month: number, isShort: boolean): string {
  const { month: long, monthShort } = formatters(reader)
  return (isShort ? monthShort : long).format(new Date(Date.UTC(year, month - 1, 1))).replace('.', '')
}

/** The civil date of a moment where the reader is. */
export const civilDay = (reader: Reader, utc: string): string =>
  new Intl.DateTimeFormat('sv-SE', { timeZone: reader.timeZone }).format(fromUtc(utc))

/** A stored moment for the attribute `datetime`. */
export const machineMoment = (utc: string): string => fromUtc(utc).toISOString()

/** Academic hours: "4 ч". */
export const sayHours = (reader: Reader, hours: number): string => reader.t('learning-routes.hours', { count: hours })

/** A content text in the reader's language, else in any that is there. */
export const say = (reader: Reader, text: Translated): string => pick(text, reader.lang)
