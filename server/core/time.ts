import { DateTime } from 'luxon'

/** Now, as it is stored: UTC `YYYY-MM-DD HH:MM:SS.mmm`. */
export const nowUtc = (): string => toUtc(new Date())

/** A moment as it is stored. */
export const toUtc = (date: Date): string => date.toISOString().replace('T', ' ').replace('Z', '')

/** A stored UTC moment as a Date. */
export const fromUtc = (text: string): Date => new Date(`${text.replace(' ', 'T')}Z`)

/** Now plus so many seconds, as it is stored. */
export const inSeconds = (seconds: number): string => toUtc(new Date(Date.now() + seconds * 1000))

/** Today's civil date in a zone, `YYYY-MM-DD`. */
export const today = (zone: string): string => DateTime.now().setZone(zone).toISODate() as string

/** A civil date moved by so many days. */
export const addDays = (date: string, days: number): string =>
  DateTime.fromISO(date, { zone: 'utc' }).plus({ days }).toISODate() as string

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
