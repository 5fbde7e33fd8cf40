import { db, fromJson } from '../../core/db/index.ts'
import { NotFoundError } from '../../core/errors.ts'
import { countCapped, paged } from '../../core/http/paging.ts'
import { fold, likePrefix, type Translated } from '../../core/text.ts'
import type { PositionQuery } from './input.ts'

export type PositionRow = { id: number; name: string; name_folded: string; state: string; version: number }

const matching = ({ q, state }: PositionQuery) =>
  db()('positions as s')
    .where('s.state', state)
    .modify((query) => {
      if (q) void query.where('s.name_folded', 'like', `%${likePrefix(fold(q))}`)
    })

/** Places of work with a position, present and past. */
const uses = () => db()('employments as e').whereRaw('e.position_id = s.id').count('*').as('uses')

/** One page of positions by name. */
export const listPositions = (query: PositionQuery) =>
  paged<PositionRow & { uses: number }>(
    matching(query).select('s.*', uses()),
    query,
    's.name_folded',
    's.id',
    (row) => ({ key: row.name_folded, id: row.id }),
  )

export const countPositions = (query: PositionQuery) => countCapped(matching(query))

/** At most ten open positions whose name contains the text, for the picker. */
export const suggestPositions = (text: string): Promise<{ name: string }[]> =>
  db()('positions')
    .where({ state: 'active' })
    .where('name_folded', 'like', `%${likePrefix(fold(text))}`)
    .orderBy('name_folded')
    .limit(10)
    .select('name')

/** @throws NotFoundError, also for what was merged into another position: it is none any more */
export async function selectPosition(id: number): Promise<PositionRow & { uses: number }> {
  const row = await db()('positions as s').where('s.id', id).whereNot('s.state', 'merged').first('s.*', uses())
  if (!row) throw new NotFoundError()
  return row
}

/** Other spellings that were merged into a position. */
export const listSpellings = (id: number): Promise<string[]> =>
  db()('positions').where({ merged_into: id }).orderBy('name_folded').pluck('name')

export type CategoryRow = {
  id: number
  name: Translated
  position: number
  state: string
  version: number
  people: number
}

const categories = () =>
  db()('person_categories as c').select(
    'c.*',
    db()('people as p').whereRaw('p.category_id = c.id').count('*').as('people'),
  )
const toCategory = (row: CategoryRow & { name: string }): CategoryRow => ({ ...row, name: fromJson(row.name, {}) })

/** All categories in their order. */
export const listCategories = async (): Promise<CategoryRow[]> =>
  (await categories().orderBy(['c.position', 'c.id'])).map(toCategory)

/** @throws NotFoundError */
export async function selectCategory(id: number): Promise<CategoryRow> {
  const row = await categories().where('c.id', id).first()
  if (!row) throw new NotFoundError()
  return toCategory(row)
}
