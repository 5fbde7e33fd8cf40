import { db } from '../../core/db/index.ts'

export type UseRow = { purpose: string; count: number; bytes: number }

/** How many files there are for each use, and how much they take. */
export async function listUses(): Promise<UseRow[]> {
  const rows: { purpose: string; count: number | string; bytes: number | string | null }[] = await db()('files')
    .whereNull('deleted_at')
    .groupBy('purpose')
    .select('purpose')
    .count('* as count')
    .sum('size as bytes')
  return rows.map(({ purpose, count, bytes }) => ({ purpose, count: Number(count), bytes: Number(bytes ?? 0) }))
}

export type OwnerRow = {
  id: number
  last_name: string
  first_name: string
  middle_name: string | null
  count: number
  bytes: number
}

/** Who has sent most, for these uses. */
export async function listLargestOwners(uses: readonly string[], most: number): Promise<OwnerRow[]> {
  const sums = db()('files')
    .whereNull('deleted_at')
    .whereIn('purpose', [...uses])
    .whereNotNull('created_by')
    .groupBy('created_by')
    .select('created_by')
    .count('* as count')
    .sum('size as bytes')
    .orderBy('bytes', 'desc')
    .limit(most)
    .as('s')
  const rows: OwnerRow[] = await db()
    .from(sums)
    .join('people as p', 'p.id', 's.created_by')
    .orderBy('s.bytes', 'desc')
    .select('p.id', 'p.last_name', 'p.first_name', 'p.middle_name', 's.count', 's.bytes')
  return rows.map((row) => ({ ...row, count: Number(row.count), bytes: Number(row.bytes) }))
}

/** The last move of contents between stores: under way, done or failed. */
export const selectLastMove = () =>
  db()('jobs')
    .where({ kind: 'files.move' })
    .orderBy('id', 'desc')
    .first('id', 'state', 'error', 'progress_done', 'progress_total')

export const countContents = async (): Promise<number> =>
  Number((await db()('files').whereNull('deleted_at').countDistinct('sha256 as count').first())?.count ?? 0)
