import type { Knex } from 'knex'
import { db } from '../../core/db/index.ts'
import { COUNT_CAP, countCapped } from '../../core/http/paging.ts'
import type { Actor } from '../../core/rights/index.ts'
import { seenIds } from './policy.ts'

/** So many people are looked at one by one; more are better walked through in the order of their names. */
const FEW = 5000

/** Questions that had very many answers a moment ago: they are not asked again just to hear the same. */
const many = new Map<string, number>()
const REMEMBERED_MS = 60_000
const MOST_REMEMBERED = 500
const LONGEST = 4000

function hadMany(question: string): boolean {
  const until = many.get(question)
  return until !== undefined && until > Date.now()
}

function rememberMany(question: string): void {
  if (question.length > LONGEST) return
  if (many.size >= MOST_REMEMBERED) many.clear()
  many.set(question, Date.now() + REMEMBERED_MS)
}

/** Forgets all that; tests change databases under the process. */
export const forgetMany = (): void => many.clear()

/** The ids of a query, if they are few. */
async function fewOf(ids: Knex.QueryBuilder, most: number): Promise<number[] | undefined> {
  const question = `${most}: ${ids.toString()}`
  if (hadMany(question)) return undefined
  const rows: Record<string, number>[] = await db()
    .from(ids.as('ids'))
    .limit(most + 1)
  if (rows.length <= most) return [...new Set(rows.map((row) => Number(Object.values(row)[0])))]
  rememberMany(question)
  return undefined
}

/**
 * Where a search among people (`p`) begins: with those whom the actor sees, or with one of `sets`, if they are few. The
 * database would guess, and at the size of a city guess wrong. At most three small queries.
 * @param most how many of a set are few
 */
export async function beginning(
  actor: Actor,
  sets: readonly Knex.QueryBuilder[] = [],
  most: number = FEW,
): Promise<(query: Knex.QueryBuilder) => void> {
  const seen = seenIds(actor)
  for (const ids of [...(seen ? [seen] : []), ...sets].slice(0, 3)) {
    const few = await fewOf(ids, ids === seen ? FEW : most)
    if (few) return (query) => void query.whereIn('p.id', few)
  }
  return () => {}
}

/** Counts as `countCapped`; that there are more than can be counted is believed for a minute. */
export async function countPatiently(query: Knex.QueryBuilder, distinct?: string): ReturnType<typeof countCapped> {
  const question = query.toString()
  if (hadMany(question)) return { count: COUNT_CAP, capped: true }
  const counted = await countCapped(query, distinct)
  if (counted.capped) rememberMany(question)
  return counted
}
