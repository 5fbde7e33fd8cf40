import { addDays, localToUtc } from '../../server/core/time.ts'

const ZONE = 'Europe/Moscow'
const MOST_DAYS = 60

/** Days on which nobody meets, month and day. */
const HOLIDAYS = ['02-23', '03-08', '05-01', '05-09', '06-12', '11-04']
const isHoliday = (day: string) => {
  const date = day.slice(5)
  return date >= '12-30' || date <= '01-08' || HOLIDAYS.includes(date)
}

/**
 * Who and what is busy when. Lessons that are laid out through one calendar need no room, group or person twice: all of
 * them begin at the same hours and last equally long.
 */
export class Calendar {
  readonly #busy = new Set<string>()

  /**
   * Takes the first working day from `date` on at which everything in `wanted` is free at this hour.
   * @returns the day, and the start in UTC
   */
  take(date: string, hour: string, wanted: readonly string[]): { day: string; startsAt: string } {
    for (let ahead = 0; ahead < MOST_DAYS; ahead++) {
      const day = addDays(date, ahead)
      const isWeekend = [0, 6].includes(new Date(`${day}T00:00:00Z`).getUTCDay())
      const keys = wanted.map((name) => `${day} ${hour} ${name}`)
      if (isWeekend || isHoliday(day) || keys.some((key) => this.#busy.has(key))) continue
      for (const key of keys) this.#busy.add(key)
      return { day, startsAt: localToUtc(`${day}T${hour}`, ZONE) as string }
    }
    throw new Error(`Nothing is free within ${MOST_DAYS} days of ${date}`)
  }
}
