import { db } from '../db/index.ts'
import { searchKinds } from './kinds.ts'

/** How the index is: how much can be found, and since when all of it can; null while some of it was never indexed. */
export async function readSearchState(): Promise<{ documents: number; builtAt: string | null; isUnderWay: boolean }> {
  const [documents, kinds, job] = await Promise.all([
    db()('search_documents').count('* as count').first(),
    db()('search_kinds').whereNot('kind', '').select('built_at'),
    db()('jobs').where({ kind: 'search.rebuild' }).whereIn('state', ['queued', 'running']).first('id'),
  ])
  const moments: string[] = kinds.map((row: { built_at: string }) => row.built_at).sort()
  const isWhole = moments.length >= searchKinds().length
  return {
    documents: Number(documents?.count ?? 0),
    builtAt: isWhole ? (moments[0] ?? null) : null,
    isUnderWay: job !== undefined,
  }
}
