import type { Setting } from '../../core/settings.ts'
import { addDays } from '../../core/time.ts'
import { parseHolidays, suggestHolidays } from '../cohorts/holidays.ts'
import type { RequestKind } from './request-queries.ts'

/** Longest run of days without work, with room to spare. */
const MOST_DAYS_OFF = 15

/** The day on which so many working days are over: Saturdays, Sundays and official holidays do not count. Pure. */
export function addWorkingDays(from: string, days: number): string {
  const { days: holidays } = parseHolidays(suggestHolidays(from, addDays(from, days * 2 + MOST_DAYS_OFF)))
  let date = from
  for (let left = days; left > 0; ) {
    date = addDays(date, 1)
    const weekday = new Date(`${date}T12:00:00Z`).getUTCDay()
    if (weekday !== 0 && weekday !== 6 && !holidays.has(date)) left--
  }
  return date
}

/** Until when a request has to be answered: Articles 20 (1), 20 (3) and 21 (5) of Federal Law 152-FZ, as set. */
export function dueOn(kind: RequestKind, from: string, set: Setting<'dataRequests'>): string {
  if (kind === 'access') return addWorkingDays(from, set.accessWorkingDays)
  if (kind === 'correction') return addWorkingDays(from, set.correctionWorkingDays)
  return addDays(from, set.erasureDays)
}
