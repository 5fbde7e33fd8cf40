import type { Knex } from 'knex'
import { breathe, chunks, db } from '../db/index.ts'
import { beginningWith, fold, fullName } from '../text.ts'
import { personalTables } from './declarations.ts'

export type Named = {
  id: number
  last_name: string
  first_name: string
  middle_name: string | null
  email: string | null
  phone: string | null
}

/** Shorter telephone numbers are parts of other numbers. */
const SHORTEST = 7

/**
 * The texts by which a person is known in free texts: addresses, and names as far as nobody else has them. A namesake's
 * letters and records must not lose their name.
 */
export async function valuesOf(person: Named): Promise<string[]> {
  const others = () => db()('people').whereNot({ id: person.id })
  const values: string[] = []
  if (person.email) values.push(person.email)
  if (person.phone && person.phone.length >= SHORTEST && !(await others().where({ phone: person.phone }).first('id')))
    values.push(person.phone)
  const short = `${person.last_name} ${person.first_name}`
  const isFree = async (name: string) =>
    !(await others()
      .whereBetween('sort_name', beginningWith(fold(name)))
      .first('id'))
  if (person.middle_name && (await isFree(fullName(person)))) {
    values.push(fullName(person), `${person.first_name} ${person.middle_name} ${person.last_name}`)
  }
  if (await isFree(short)) values.push(short, `${person.first_name} ${person.last_name}`)
  // The longest first: what is replaced by part leaves the rest behind.
  return values.sort((a, b) => b.length - a.length)
}

/** As the texts of JSON documents have it. */
const inJson = (value: string) => JSON.stringify(value).slice(1, -1)

const literal = (value: string) => value.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')

// What goes on before or behind belongs to another name, number or address: «Иван Петров» stands in «Иван Петрович», and
// anna@x.example in ioanna@x.example. A line break before a name ends with a letter in JSON documents: \n.
const NAME_BORDERS = ['(?:(?<![\\p{L}\\p{N}\\p{M}-])|(?<=\\\\[bfnrt]))', '(?!-?[\\p{L}\\p{N}\\p{M}])'] as const
const ADDRESS_BORDERS = [
  '(?:(?<![\\p{L}\\p{N}\\p{M}._%+-])|(?<=\\\\[bfnrt]))',
  '(?![\\p{L}\\p{N}\\p{M}-]|\\.[\\p{L}\\p{N}])',
] as const

/** Finds a value where it stands by itself, as it is and as JSON documents have it. */
function standingAlone(value: string): RegExp {
  const [before, behind] = value.includes('@') ? ADDRESS_BORDERS : NAME_BORDERS
  return new RegExp(`${before}(?:${literal(inJson(value))}|${literal(value)})${behind}`, 'gu')
}

/** What the database finds first: rows in which the letters stand, perhaps as a part of other words. */
const containing = (columns: readonly string[], values: readonly string[]) => (query: Knex.QueryBuilder) =>
  void query.where((either) => {
    for (const column of columns) {
      // Without LIKE: its pattern signs stand in names and addresses, and it ignores the case of Latin letters in SQLite.
      for (const value of new Set(values.flatMap((text) => [text, inJson(text)])))
        void either.orWhereRaw('instr(??, ?) > 0', [column, value])
    }
  })

const WINDOW = 20_000
/** Texts that are read at once: letters may be long. */
const PIECE = 100

/** Ids of rows in which one of the values stands by itself, read along the ids so that no statement takes long. */
export async function findMentions(
  table: string,
  columns: readonly string[],
  values: readonly string[],
  { after = 0, mayGoOn = () => true }: { after?: number; mayGoOn?: () => boolean } = {},
): Promise<number[]> {
  if (!values.length) return []
  const patterns = values.map(standingAlone)
  const found: number[] = []
  const last = Number((await db()(table).max({ id: 'id' }).first())?.id ?? 0)
  for (let from = after; from < last; from += WINDOW) {
    if (!mayGoOn()) throw new Error('stopped: the search begins anew in another process')
    const rows: number[] = await db()(table)
      .whereBetween('id', [from + 1, from + WINDOW])
      .modify(containing(columns, values))
      .pluck('id')
    for (const ids of chunks(rows.map(Number), PIECE)) found.push(...(await confirmed(table, columns, ids, patterns)))
    await breathe()
  }
  return found
}

/** Those of the rows in which one of the patterns is found. */
async function confirmed(table: string, columns: readonly string[], ids: number[], patterns: readonly RegExp[]) {
  const rows = await db()(table)
    .whereIn('id', ids)
    .select('id', ...columns)
  const isNamed = (row: Record<string, unknown>) =>
    columns.some((column) => patterns.some((pattern) => String(row[column] ?? '').search(pattern) >= 0))
  return rows.filter(isNamed).map(({ id }) => Number(id))
}

/** Tables in whose free texts somebody may be named who is not the person of the row. */
export const mentioningTables = (): [string, readonly string[]][] =>
  [...personalTables()].flatMap(([name, { mentions }]) =>
    mentions ? [[name, mentions] as [string, readonly string[]]] : [],
  )

/** Puts the neutral designation where the values stand by themselves. @returns how many rows were changed */
export async function replaceMentions(
  table: string,
  columns: readonly string[],
  ids: readonly number[],
  values: readonly string[],
  neutral: string,
): Promise<number> {
  const patterns = values.map(standingAlone)
  let changed = 0
  for (const id of ids) {
    const row = await db()(table)
      .where({ id })
      .first([...columns])
    if (!row) continue
    const fresh = Object.fromEntries(
      columns
        .filter((column) => row[column] !== null)
        .map((column) => [
          column,
          patterns.reduce((text, pattern) => text.replace(pattern, () => neutral), String(row[column])),
        ]),
    )
    changed += await db()(table).where({ id }).update(fresh)
  }
  return changed
}
