import type { Knex } from 'knex'
import { isMysql } from './connect.ts'
import { db } from './index.ts'

// The few expressions that the two databases write differently. Column names come from our own code, never from input.

/** A civil date moved by a number of days: both are columns. Text `YYYY-MM-DD`. */
export const plusDays = (date: string, days: string): Knex.Raw =>
  isMysql(db())
    ? db().raw('cast(date_add(??, interval ?? day) as char(10))', [date, days])
    : db().raw("date(??, ?? || ' days')", [date, days])

/**
 * The Monday of the week of a stored moment or civil date (a column). Text `YYYY-MM-DD`.
 * @param minutes the zone's distance from UTC: a class on Monday morning in the far east is on Sunday in UTC
 */
export const mondayOf = (moment: string, minutes: number): Knex.Raw => {
  const local = isMysql(db())
    ? db().raw('date_add(??, interval ? minute)', [moment, minutes])
    : db().raw('datetime(??, ?)', [moment, `${minutes} minutes`])
  return isMysql(db())
    ? db().raw('cast(date(date_sub(?, interval weekday(?) day)) as char(10))', [local, local])
    : db().raw("date(?, 'weekday 0', '-6 days')", [local])
}

/** The greatest of several texts (columns); those that are missing do not count, and null if all are. */
export const latestOf = (...columns: string[]): Knex.Raw => {
  const list = columns.map(() => "coalesce(??, '')").join(', ')
  return db().raw(`nullif(${isMysql(db()) ? 'greatest' : 'max'}(${list}), '')`, columns)
}

/**
 * A join whose left side is read first, whatever the database thinks: with hundreds of ids it guesses how many rows they
 * have, and begins at the wrong end.
 */
export const orderedJoin = (): string => (isMysql(db()) ? 'straight_join' : 'cross join')
