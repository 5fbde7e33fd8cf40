import { fromJson } from '../../core/db/index.ts'
import type { AnyContext } from '../../core/http/route.ts'
import { personalTable, type Value } from '../../core/personal-data/declarations.ts'
import type { Row } from '../../core/personal-data/rows.ts'
import { sayValue } from '../audit/presenter.ts'
import { namesOf } from '../audit/subjects.ts'

export type Words = Pick<AnyContext, 't' | 'lang' | 'format'>

/** Columns whose values are codes of ours and have words of their own. */
const CODES = [
  ...['state', 'source', 'action', 'kind', 'gender', 'attendance', 'channel', 'purpose', 'scope_type', 'route_state'],
  'place',
]

const ZONED = /(^|_)at$/
const CIVIL = /_(on|date)$|^date_value$/
const FLAG = /^(is|in)_/

/** A value as its person reads it. */
function sayCell(words: Words, column: string, value: Value): string {
  const { t, format } = words
  if (value === null || value === '') return ''
  if (ZONED.test(column)) return format.dateTime(String(value))
  if (CIVIL.test(column)) return format.date(String(value))
  if (FLAG.test(column)) return t(value ? 'audit.yes' : 'audit.no')
  if (CODES.includes(column)) {
    const key = `privacy.value.${String(value).replace(/\W/g, '-')}`
    const text = t(key)
    return text === key ? String(value) : text
  }
  const text = String(value)
  return /^[{[]/.test(text) ? sayValue(words, fromJson<unknown>(text, text)) : text
}

/** Rows of a table in words, with the names of what they point to: two queries however many there are. */
export async function sayRows(words: Words, name: string, rows: Row[]): Promise<{ label: string; value: string }[][]> {
  const { shows = [], names = {} } = personalTable(name)
  const subjects = rows.flatMap((row) =>
    Object.entries(names).flatMap(([column, type]) => (row[column] ? [{ type, id: Number(row[column]) }] : [])),
  )
  const known = await namesOf(subjects, words.lang)
  return rows.map((row) =>
    shows.map((column) => {
      const named = names[column] && row[column] ? known.get(`${names[column]}:${row[column]}`)?.name : undefined
      const value = named ?? sayCell(words, column, row[column] ?? null)
      return { label: words.t(`privacy.field.${column}`), value }
    }),
  )
}
