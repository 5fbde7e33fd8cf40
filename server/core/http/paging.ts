import { z } from 'zod'
import { db } from '../db/index.ts'

/**
 * Paging by key: a page begins after (or before) the last row seen, so the thousandth page costs what the first does and
 * rows that come or go meanwhile shift nothing. The cursor is the sort key and the id of that row.
 */
export type Cursor = { key: string; id: number }

const decode = (text: string): Cursor | undefined => {
  const at = text.lastIndexOf('.')
  const id = Number(text.slice(at + 1))
  return at >= 0 && Number.isInteger(id) ? { key: text.slice(0, at), id } : undefined
}
const encode = (cursor: Cursor) => `${cursor.key}.${cursor.id}`

const cursor = () => z.string().max(250).transform(decode).optional()

/** Fields of a list's query: `after`, `before`. */
export const pagingQuery = { after: cursor(), before: cursor() }

export type Paging = { after?: Cursor | undefined; before?: Cursor | undefined }
export type Paged<Row> = { rows: Row[]; next: Cursor | null; previous: Cursor | null }

export const PAGE_SIZE = 50

type Builder = import('knex').Knex.QueryBuilder

type PageShape = {
  size?: number
  descending?: boolean
  /** The key is a number: SQLite sorts every text after all numbers. */
  numeric?: boolean
}

/**
 * Adds order, limit and the cursor to a query and runs it.
 * @param key column to sort by (text), @param id column of the id
 */
export async function paged<Row extends object>(
  query: Builder,
  paging: Paging,
  key: string,
  id: string,
  cursorOf: (row: Row) => Cursor,
  { size = PAGE_SIZE, descending = false, numeric = false }: PageShape = {},
): Promise<Paged<Row>> {
  const back = paging.before !== undefined
  const from = paging.before ?? paging.after
  if (from) {
    const sign = back !== descending ? '<' : '>'
    const value = numeric ? Number(from.key) || 0 : from.key
    void query.where((after) => {
      void after.where(key, sign, value).orWhere((same) => void same.where(key, value).where(id, sign, from.id))
    })
  }
  const direction = back !== descending ? 'desc' : 'asc'
  const rows: Row[] = await query
    .orderBy([
      { column: key, order: direction },
      { column: id, order: direction },
    ])
    .limit(size + 1)
  const more = rows.length > size
  if (more) rows.pop()
  if (back) rows.reverse()
  const first = rows[0]
  const last = rows.at(-1)
  return {
    rows,
    next: last && (back || more) ? cursorOf(last) : null,
    previous: first && (back ? more : paging.after !== undefined) ? cursorOf(first) : null,
  }
}

/** All pages of a list one after another: what an export reads. */
export async function* eachPage<Row>(list: (paging: Paging) => Promise<Paged<Row>>): AsyncGenerator<Row[]> {
  let after: Cursor | undefined
  for (;;) {
    const { rows, next } = await list({ after })
    yield rows
    if (!next) return
    after = next
  }
}

/** Rows of one page of an export. */
export const EXPORT_PAGE = 1000

/** The addresses of the neighbouring pages, keeping the filters of this one. */
export function pagerLinks(path: string, filters: Record<string, unknown>, result: Paged<object>) {
  const href = (name: 'after' | 'before', to: Cursor | null) =>
    to && `${path}?${queryString({ ...filters, after: undefined, before: undefined, [name]: encode(to) })}`
  return { nextHref: href('after', result.next), prevHref: href('before', result.previous) }
}

/** A query string of what is set. */
export function queryString(values: Record<string, unknown>): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined || value === null || value === '') continue
    for (const item of Array.isArray(value) ? value : [value]) search.append(name, String(item))
  }
  return search.toString()
}

/** Totals are capped rather than counted to the end: "1000+". */
export const COUNT_CAP = 1000

/**
 * Counts at most `COUNT_CAP` rows of a query; the database counts, no row travels.
 * @param distinct a column, where joins repeat its rows
 */
export async function countCapped(query: Builder, distinct?: string): Promise<{ count: number; capped: boolean }> {
  const counted = query
    .clearSelect()
    .clearOrder()
    .limit(COUNT_CAP + 1)
  void (distinct ? counted.distinct(distinct) : counted.select(db().raw('1 as one')))
  const { count } = await db().from(counted.as('counted')).count('* as count').first()
  return { count: Math.min(Number(count), COUNT_CAP), capped: Number(count) > COUNT_CAP }
}
