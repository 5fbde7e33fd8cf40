import { DateTime } from 'luxon'

/** Now, as it is stored: UTC `YYYY-MM-DD HH:MM:SS.mmm`. */
export const nowUtc = (): string => toUtc(new Date())

/** A moment as it is stored. */
export const toUtc = (date: Date): string => date.toISOString().replace('T', ' ').replace('Z', '')

/** A stored UTC moment as a Date. */
export const fromUtc = (text: string): Date => new Date(`${text.replace(' ', 'T')}Z`)

/** Now plus so many seconds, as it is stored. */
export const inSeconds = (seconds: number): string => toUtc(new Date(Date.now() + seconds * 1000))

const DAY_MS = 86_400_000

/** The moment so many days ago, as it is stored. */
export const daysAgo = (days: number): string => inSeconds(-days * 86_400)

const civilFormats = new Map<string, Intl.DateTimeFormat>()

/** The civil date of a moment in a zone, `YYYY-MM-DD`. */
export function civilDate(moment: Date, zone: string): string {
  // Making a format costs more than a hundred uses of it; Swedish writes dates as we store them.
  const format = civilFormats.get(zone) ?? new Intl.DateTimeFormat('sv-SE', { timeZone: zone })
  civilFormats.set(zone, format)
  return format.format(moment)
}

const MINUTE_MS = 60_000
const lastToday = new Map<string, { minute: number; date: string }>()

/** Today's civil date in a zone, `YYYY-MM-DD`. Zones change their date at full minutes, and a page asks many times. */
export function today(zone: string): string {
  const now = new Date()
  const minute = Math.floor(now.getTime() / MINUTE_MS)
  const known = lastToday.get(zone)
  if (known?.minute === minute) return known.date
  const date = civilDate(now, zone)
  lastToday.set(zone, { minute, date })
  return date
}

const midnight = (date: string): number => Date.parse(`${date}T00:00:00Z`)

/** A civil date moved by so many days. */
export const addDays = (date: string, days: number): string =>
  new Date(midnight(date) + days * DAY_MS).toISOString().slice(0, 10)

/** How many days `date` lies after `from`, both civil. */
export const daysBetween = (from: string, date: string): number =>
  Math.round((midnight(date) - midnight(from)) / DAY_MS)

/** Local wall time `YYYY-MM-DDTHH:MM` in a zone → stored UTC. Returns undefined if it is no time. */
export function localToUtc(local: string, zone: string): string | undefined {
  const time = DateTime.fromISO(local, { zone })
  return time.isValid ? toUtc(time.toJSDate()) : undefined
}

/** Stored UTC → local wall time `YYYY-MM-DDTHH:MM` in a zone (for date-time fields). */
export const utcToLocal = (utc: string, zone: string): string =>
  DateTime.fromJSDate(fromUtc(utc)).setZone(zone).toFormat("yyyy-MM-dd'T'HH:mm")

/** Whether the text is a real civil date `YYYY-MM-DD`. */
export const isCivilDate = (text: string): boolean =>
  /^\d{4}-\d{2}-\d{2}$/.test(text) && DateTime.fromISO(text, { zone: 'utc' }).isValid

/** Time zones of Russia from west to east: these stand first where a zone is chosen. */
export const RUSSIAN_ZONES = [
  'Europe/Kaliningrad',
  'Europe/Moscow',
  'Europe/Samara',
  'Asia/Yekaterinburg',
  'Asia/Omsk',
  'Asia/Novosibirsk',
  'Asia/Krasnoyarsk',
  'Asia/Irkutsk',
  'Asia/Yakutsk',
  'Asia/Vladivostok',
  'Asia/Magadan',
  'Asia/Kamchatka',
]
