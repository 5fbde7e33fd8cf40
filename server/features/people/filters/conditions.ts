import type { Knex } from 'knex'
import { beginningWith, fold } from '../../../core/text.ts'
import { addDays, localToUtc } from '../../../core/time.ts'
import { boundsOf } from './dates.ts'
import { type Condition, numberOf } from './model.ts'

/** What conditions are compared with. */
export type Now = { today: string; zone: string }

/** Adds one condition on a column to a query; a column that holds nothing meets none but `empty` and `noneOf`. */
export function onColumn(query: Knex.QueryBuilder, column: string, condition: Condition, now: Now): void {
  const { op, values } = condition
  const bounds = boundsOf(condition, now.today)
  if (bounds) {
    if (bounds.from) void query.where(column, '>=', bounds.from)
    if (bounds.to) void query.where(column, '<=', bounds.to)
    return
  }
  switch (op) {
    case 'begins':
      return void query.whereBetween(column, beginningWith(fold(values[0] ?? '')))
    case 'is':
      return void query.where(column, fold(values[0] ?? '').slice(0, 191))
    case 'atLeast':
      return void query.where(column, '>=', numberOf(values[0] ?? ''))
    case 'atMost':
      return void query.where(column, '<=', numberOf(values[0] ?? ''))
    case 'equals':
      return void query.where(column, numberOf(values[0] ?? ''))
    case 'oneOf':
      return void query.whereIn(column, values)
    case 'noneOf':
      return void query.where((free) => void free.whereNull(column).orWhereNotIn(column, values))
    case 'yes':
      return void query.where(column, 1)
    case 'no':
      return void query.where((either) => void either.where(column, 0).orWhereNull(column))
    case 'filled':
      return void query.whereNotNull(column)
    case 'empty':
      return void query.whereNull(column)
    default:
      void query.whereRaw('1 = 0')
  }
}

const midnight = (date: string, zone: string) => localToUtc(`${date}T00:00`, zone) as string

/** The same for a column with moments: days begin and end where the authority is. */
export function onMoment(query: Knex.QueryBuilder, column: string, condition: Condition, now: Now): void {
  const bounds = boundsOf(condition, now.today)
  if (!bounds) onColumn(query, column, condition, now)
  if (bounds?.from) void query.where(column, '>=', midnight(bounds.from, now.zone))
  if (bounds?.to) void query.where(column, '<', midnight(addDays(bounds.to, 1), now.zone))
}
