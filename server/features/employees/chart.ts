import type { Format } from '../../core/i18n/format.ts'
import { addDays } from '../../core/time.ts'
import type { WeekRow } from './queries.ts'

const WIDTH = 720
const HEIGHT = 200
const LEFT = 56
const BOTTOM = 24
const TOP = 16
const LABEL_WIDTH = 52

export type Bar = { x: number; y: number; width: number; height: number; label: string; labelX: number; labelY: number }
export type Chart = {
  width: number
  height: number
  left: number
  bars: Bar[]
  lines: { y: number; text: string }[]
  ticks: { x: number; text: string }[]
  baseline: number
}

/** All weeks of a stretch, also those in which nothing happened. @param from, @param to Mondays */
export function fillWeeks(rows: readonly WeekRow[], from: string, to: string): WeekRow[] {
  const known = new Map(rows.map((row) => [row.week, row]))
  const weeks: WeekRow[] = []
  for (let week = from; week <= to; week = addDays(week, 7)) {
    weeks.push(known.get(week) ?? { week, held: 0, attended: 0, credits: 0 })
  }
  return weeks
}

/** Bars for one number a week; null: nothing to show that week. Coordinates for an SVG without inline styles. */
export function layOutBars(
  weeks: readonly WeekRow[],
  values: readonly (number | null)[],
  top: number,
  steps: readonly number[],
  say: { bar: (value: number) => string; axis: (value: number) => string; week: (week: string) => string },
): Chart {
  const baseline = HEIGHT - BOTTOM
  const room = baseline - TOP
  const slot = (WIDTH - LEFT) / Math.max(1, weeks.length)
  const width = Math.min(36, slot * 0.6)
  const yOf = (value: number) => round(baseline - (value / top) * room)
  const bars = values.flatMap((value, index): Bar[] => {
    if (value === null) return []
    const middle = LEFT + slot * (index + 0.5)
    const y = yOf(value)
    const height = round(baseline - y)
    return [
      {
        x: round(middle - width / 2),
        y,
        width: round(width),
        height,
        label: say.bar(value),
        labelX: round(middle),
        labelY: y - 4,
      },
    ]
  })
  const every = Math.max(1, Math.ceil(LABEL_WIDTH / slot))
  return {
    ...{ width: WIDTH, height: HEIGHT, left: LEFT, bars, baseline },
    lines: steps.map((step) => ({ y: yOf(step), text: say.axis(step) })),
    ticks: weeks.flatMap(({ week }, index) =>
      index % every ? [] : [{ x: round(LEFT + slot * (index + 0.5)), text: say.week(week) }],
    ),
  }
}

/** The two charts of a trend: share of lessons attended, and credits given. */
export function chartsOf(weeks: readonly WeekRow[], format: Format) {
  const week = (monday: string) => format.dayMonth(monday)
  const percents = weeks.map(({ held, attended }) => (held ? Math.round((attended * 100) / held) : null))
  const most = Math.max(1, ...weeks.map(({ credits }) => credits))
  const step = most <= 5 ? 1 : Math.ceil(most / 5)
  const steps = Array.from({ length: Math.floor(most / step) }, (_, index) => (index + 1) * step)
  const plain = (value: number) => format.number(value, 0)
  // Sixteen bars leave no room for sixteen signs of per cent: the axis has them.
  const attendance = { bar: plain, axis: (value: number) => format.percent(value / 100), week }
  const credits = weeks.map((one) => one.credits || null)
  return {
    attendance: layOutBars(weeks, percents, 100, [50, 100], attendance),
    credits: layOutBars(weeks, credits, Math.max(most, steps.at(-1) ?? 1), steps, { bar: plain, axis: plain, week }),
  }
}

const round = (value: number) => Math.round(value * 10) / 10
