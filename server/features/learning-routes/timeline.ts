import { DateTime } from 'luxon'
import type { Span } from './rules-types.ts'

/** Something to draw on the months of a cohort; either classes at certain hours or a stretch of days. */
export interface TimelineEntry {
  key: string
  /** Classes, UTC text. */
  dates: readonly Span[]
  /** Civil dates of an own item; both or neither. */
  from: string | null
  to: string | null
  /** Moments (UTC text) at which it clashes with something. */
  clashesAt: readonly string[]
}

/** Positions and lengths are per cent of the whole width, with two decimals. */
export interface TimelineRow {
  key: string
  bar: { start: number; length: number } | null
  marks: { at: number; clash: boolean }[]
}

export interface Timeline {
  months: { year: number; month: number; start: number; length: number }[]
  rows: TimelineRow[]
  /** Null when today lies outside. */
  today: number | null
}

const parse = (utc: string) => DateTime.fromSQL(utc, { zone: 'utc' })

/**
 * Lays entries out on whole months from the first to the last date of the cohort, stretched where something lies
 * outside. An entry without any date has a row without a bar.
 */
export function layOutTimeline(
  cohort: { startsOn: string; endsOn: string },
  entries: readonly TimelineEntry[],
  options: { timeZone: string; now: string },
): Timeline {
  const zone = options.timeZone
  const day = (civil: string) => DateTime.fromISO(civil, { zone })
  const moments = [day(cohort.startsOn), day(cohort.endsOn)]
  for (const entry of entries) {
    for (const span of entry.dates) moments.push(parse(span.startsAt).setZone(zone), parse(span.endsAt).setZone(zone))
    if (entry.from !== null) moments.push(day(entry.from))
    if (entry.to !== null) moments.push(day(entry.to))
  }
  const first = DateTime.min(...moments)!.startOf('month')
  const end = DateTime.max(...moments)!
    .startOf('month')
    .plus({ months: 1 })
  const whole = end.toMillis() - first.toMillis()
  const place = (moment: DateTime) => percent((moment.toMillis() - first.toMillis()) / whole)

  const months: Timeline['months'] = []
  for (let month = first; month < end; month = month.plus({ months: 1 })) {
    const start = place(month)
    months.push({
      year: month.year,
      month: month.month,
      start,
      length: round(place(month.plus({ months: 1 })) - start),
    })
  }
  const now = parse(options.now)
  return {
    months,
    rows: entries.map((entry) => layOutRow(entry, place, day)),
    today: now >= first && now < end ? place(now) : null,
  }
}

function layOutRow(
  entry: TimelineEntry,
  place: (moment: DateTime) => number,
  day: (civil: string) => DateTime,
): TimelineRow {
  const starts: number[] = []
  const ends: number[] = []
  const clashes = new Set(entry.clashesAt)
  const marks = entry.dates.map((span) => {
    const at = place(parse(span.startsAt))
    starts.push(at)
    ends.push(place(parse(span.endsAt)))
    // A clash begins inside one of the two classes: the class that holds the moment is the one to mark.
    return { at, clash: [...clashes].some((moment) => moment >= span.startsAt && moment < span.endsAt) }
  })
  if (entry.from !== null) starts.push(place(day(entry.from)))
  if (entry.to !== null) ends.push(place(day(entry.to).plus({ days: 1 })))
  if (starts.length === 0) return { key: entry.key, bar: null, marks }
  const start = Math.min(...starts)
  return { key: entry.key, bar: { start, length: round(Math.max(...starts, ...ends) - start) }, marks }
}

const percent = (share: number) => round(Math.min(100, Math.max(0, share * 100)))
const round = (value: number) => Math.round(value * 100) / 100
