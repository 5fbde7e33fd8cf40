import { DateTime } from 'luxon'
import { addDays } from '../../../core/time.ts'
import type { Condition, Unit } from './model.ts'

/** The first and the last day that a condition on a date allows, both included. */
export type Bounds = { from?: string; to?: string }

const before = (today: string, count: number, unit: Unit): string =>
  DateTime.fromISO(today, { zone: 'utc' })
    .minus({ [unit]: count })
    .toISODate() as string

/** The last 1 September (or whichever day) that has come by today. */
function lastYearly(today: string, day: string): string {
  const ofThisYear = `${today.slice(0, 4)}-${day}`
  return ofThisYear <= today ? ofThisYear : `${Number(today.slice(0, 4)) - 1}-${day}`
}

/** The days that a condition allows, as seen from today. Undefined: it asks for no days (`filled`, `empty`). */
export function boundsOf({ op, values }: Condition, today: string): Bounds | undefined {
  const [first = '', second = ''] = values
  switch (op) {
    case 'from':
      return { from: first }
    case 'to':
      return { to: first }
    case 'between':
      return { from: first, to: second }
    case 'lastDays':
      return { from: addDays(today, 1 - Number(first)), to: today }
    case 'nextDays':
      return { from: addDays(today, 1), to: addDays(today, Number(first)) }
    case 'olderThan':
      return { to: addDays(before(today, Number(first), second as Unit), -1) }
    case 'youngerThan':
      return { from: before(today, Number(first), second as Unit), to: today }
    case 'sinceYearly':
      return { from: lastYearly(today, first), to: today }
    default:
      return undefined
  }
}
