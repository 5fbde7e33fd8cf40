import { civilDate, daysBetween, fromUtc, today } from '../time.ts'
import { localeOf, type Translate, translator } from './index.ts'

/** Prints dates and numbers as people of a language and a time zone say them. */
export type Format = {
  /** `YYYY-MM-DD` → «21 ноября 2026 г.» */
  date: (civil: string | null | undefined) => string
  /** `YYYY-MM-DD` → «21 ноября», with the year when it is another one */
  dayOfYear: (civil: string | null | undefined) => string
  /** `YYYY-MM-DD` → «21.11.2026» */
  shortDate: (civil: string | null | undefined) => string
  /** `YYYY-MM-DD` → «21 нояб.» */
  dayMonth: (civil: string | null | undefined) => string
  /** stored UTC → «21 ноября 2026 г., 15:00» */
  dateTime: (utc: string | null | undefined) => string
  /** stored UTC → «15:00» */
  time: (utc: string) => string
  /** «12.11.2026 15:00», for cells of a file; '' for nothing */
  shortMoment: (utc: string | null | undefined) => string
  /** stored UTC → «завтра, 15:00», else «21 ноября, 15:00» */
  human: (utc: string) => string
  /** `YYYY-MM-DD` → «сегодня», «завтра», «вчера», else the date */
  humanDate: (civil: string) => string
  /** stored UTC → its civil date in the zone */
  civil: (utc: string) => string
  number: (value: number, digits?: number) => string
  percent: (share: number | null) => string
}

const cache = new Map<string, Format>()

/** The formatter of a language and a time zone (cached). */
export function formatFor(language: string, zone: string): Format {
  const key = `${language}|${zone}`
  const found = cache.get(key) ?? build(language, zone, translator(language))
  cache.set(key, found)
  return found
}

function build(language: string, zone: string, t: Translate): Format {
  const locale = localeOf(language)
  const utc = { timeZone: 'UTC' } as const
  const long = new Intl.DateTimeFormat(locale, { ...utc, day: 'numeric', month: 'long', year: 'numeric' })
  const short = new Intl.DateTimeFormat(locale, { ...utc, day: '2-digit', month: '2-digit', year: 'numeric' })
  const dayMonth = new Intl.DateTimeFormat(locale, { ...utc, day: 'numeric', month: 'short' })
  const dayMonthUtc = new Intl.DateTimeFormat(locale, { ...utc, day: 'numeric', month: 'long' })
  const dayMonthLong = new Intl.DateTimeFormat(locale, { timeZone: zone, day: 'numeric', month: 'long' })
  const moment = new Intl.DateTimeFormat(locale, { timeZone: zone, dateStyle: 'long', timeStyle: 'short' })
  const time = new Intl.DateTimeFormat(locale, { timeZone: zone, hour: '2-digit', minute: '2-digit' })
  // Making a number format costs more than a hundred uses of it.
  const numbers = new Map<number, Intl.NumberFormat>()
  const numberFormat = (digits: number) => {
    const found = numbers.get(digits) ?? new Intl.NumberFormat(locale, { maximumFractionDigits: digits })
    numbers.set(digits, found)
    return found
  }
  const percent = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 })
  const day = (civil: string) => new Date(`${civil}T00:00:00Z`)
  const near = (civil: string): string | undefined => {
    const days = daysBetween(today(zone), civil)
    if (days === 0) return t('ui.date.today')
    if (days === 1) return t('ui.date.tomorrow')
    return days === -1 ? t('ui.date.yesterday') : undefined
  }
  const civil = (stored: string) => civilDate(fromUtc(stored), zone)
  return {
    date: (text) => (text ? long.format(day(text)) : ''),
    dayOfYear: (text) => {
      if (!text) return ''
      const isThisYear = text.slice(0, 4) === today(zone).slice(0, 4)
      return (isThisYear ? dayMonthUtc : long).format(day(text))
    },
    shortDate: (text) => (text ? short.format(day(text)) : ''),
    dayMonth: (text) => (text ? dayMonth.format(day(text)) : ''),
    dateTime: (text) => (text ? moment.format(fromUtc(text)) : ''),
    time: (text) => time.format(fromUtc(text)),
    shortMoment: (text) => (text ? `${short.format(day(civil(text)))} ${time.format(fromUtc(text))}` : ''),
    human: (text) => `${near(civil(text)) ?? dayMonthLong.format(fromUtc(text))}, ${time.format(fromUtc(text))}`,
    humanDate: (text) => near(text) ?? long.format(day(text)),
    civil,
    number: (value, digits = 1) => numberFormat(digits).format(value),
    percent: (share) => (share === null ? '—' : percent.format(share)),
  }
}
