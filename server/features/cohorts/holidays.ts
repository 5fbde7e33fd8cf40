import { addDays, isCivilDate } from '../../core/time.ts'

/** Days without classes, typed one per line: `01.01.2027 – 08.01.2027`, `2027-02-23`. Pure. */

export type Holidays = { days: Set<string>; wrongLines: string[] }

const MOST_DAYS = 1000

/** `DD.MM.YYYY` or `YYYY-MM-DD` → civil date, undefined if there is no such day. */
function readDate(text: string): string | undefined {
  const russian = /^(\d{1,2})\.(\d{1,2})\.(\d{4})$/.exec(text)
  const iso = russian ? `${russian[3]}-${russian[2]?.padStart(2, '0')}-${russian[1]?.padStart(2, '0')}` : text
  return isCivilDate(iso) ? iso : undefined
}

/** Reads the list; lines that are no dates come back to be shown. */
export function parseHolidays(text: string): Holidays {
  const days = new Set<string>()
  const wrongLines: string[] = []
  for (const line of text.split(/[\n,;]/).map((part) => part.trim())) {
    if (!line) continue
    // The dash of a range has spaces around it or stands between Russian dates; an ISO date has dashes of its own.
    const [from, to, ...more] = line.split(/\s*[–—]\s*|\s+-\s+|(?<=\.\d{4})-/).map((part) => readDate(part.trim()))
    const last = line.match(/[–—]|\s-\s|\.\d{4}-/) ? to : from
    if (!from || !last || more.length || last < from) {
      wrongLines.push(line)
      continue
    }
    for (let day = from; day <= last && days.size < MOST_DAYS; day = addDays(day, 1)) days.add(day)
  }
  return { days, wrongLines }
}

// Non-working holidays of the Labour Code (article 112), month and day; transfers are decided each year and are typed in.
const OFFICIAL = [['01-01', '01-08'], ['02-23'], ['03-08'], ['05-01'], ['05-09'], ['06-12'], ['11-04']] as const

/** The official holidays between two dates, as the form suggests them. */
export function suggestHolidays(from: string, to: string): string {
  const lines: string[] = []
  for (let year = Number(from.slice(0, 4)); year <= Number(to.slice(0, 4)); year++) {
    for (const [first, last = first] of OFFICIAL) {
      if (`${year}-${last}` < from || `${year}-${first}` > to) continue
      lines.push(first === last ? russian(year, first) : `${russian(year, first)} – ${russian(year, last)}`)
    }
  }
  return lines.join('\n')
}

const russian = (year: number, monthDay: string) => `${monthDay.slice(3)}.${monthDay.slice(0, 2)}.${year}`
