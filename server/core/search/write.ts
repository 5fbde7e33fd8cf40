import { breathe, chunks, db, insertRows, upsertRow, withTransaction } from '../db/index.ts'
import { nowUtc } from '../time.ts'
import { type Entry, type Posting, toEntry } from './entries.ts'
import type { SearchDocument, SearchKind, Wanted } from './kinds.ts'
import { lettersOf, trigramsOf } from './words.ts'

/** Objects that are read and written in one transaction. */
const PIECE = 500

/** Reads these objects of a kind anew, in pieces: what has changed is written, what is gone disappears. */
export async function reindex(kind: SearchKind, ids: readonly number[]): Promise<void> {
  for (const piece of chunks([...new Set(ids)], PIECE)) {
    await writePiece(kind, { ids: piece }, (query) => void query.whereIn('object_id', piece))
    await breathe()
  }
}

/**
 * Reads the next objects of a kind after an id; what lies in the index between them and is no longer there disappears.
 * @returns the id of the last one, or undefined if there are no more
 */
export async function reindexNext(kind: SearchKind, after: number): Promise<number | undefined> {
  return writePiece(kind, { after, limit: PIECE }, (query, last) => {
    void query.where('object_id', '>', after)
    if (last !== undefined) void query.where('object_id', '<=', last)
  })
}

type Narrow = (query: import('knex').Knex.QueryBuilder, last: number | undefined) => void

/** @returns the last id of a full piece */
async function writePiece(kind: SearchKind, wanted: Wanted, narrow: Narrow): Promise<number | undefined> {
  return withTransaction(async () => {
    await takeTurn()
    const documents = await kind.documents(wanted)
    const last = documents.length < PIECE ? undefined : documents.at(-1)?.id
    const stored: { object_id: number; hash: string }[] = await db()('search_documents')
      .where({ kind: kind.name })
      .modify((query) => narrow(query, last))
      .select('object_id', 'hash')
    const entries = await toEntries(documents)
    const known = new Map(stored.map((row) => [row.object_id, row.hash]))
    const there = new Set(entries.map(({ id }) => id))
    const gone = [...known.keys()].filter((id) => !there.has(id))
    const changed = entries.filter((entry) => known.get(entry.id) !== entry.hash)
    await forget(kind.name, [...gone, ...changed.filter(({ id }) => known.has(id)).map(({ id }) => id)])
    await store(kind.name, changed)
    return last
  })
}

/** Writers follow one another, so that what was read first is never written last. Held until the transaction ends. */
export const takeTurn = () =>
  upsertRow('search_kinds', { kind: '', version: '', built_at: nowUtc() }, ['kind'], ['built_at'])

async function toEntries(documents: readonly SearchDocument[]): Promise<Entry[]> {
  const entries: Entry[] = []
  for (const piece of chunks(documents, 50)) {
    entries.push(...piece.map(toEntry))
    await breathe()
  }
  return entries
}

async function forget(kind: string, ids: readonly number[]) {
  for (const piece of chunks(ids)) {
    await db()('search_postings').where({ kind }).whereIn('object_id', piece).del()
    await db()('search_documents').where({ kind }).whereIn('object_id', piece).del()
  }
}

async function store(kind: string, entries: readonly Entry[]) {
  if (!entries.length) return
  const ids = await wordIds(entries.flatMap(({ words }) => words))
  await insertRows(
    'search_documents',
    entries.map(({ id, title, hint, text, hash }) => ({ kind, object_id: id, title, hint, text, hash })),
  )
  const postings = entries.flatMap(({ id, words, sort }) =>
    words.map((posting) => ({ kind, object_id: id, word_id: ids.get(keyOf(posting)), weight: posting.weight, sort })),
  )
  await insertRows('search_postings', postings)
}

/** The same letters may be a word and a name. */
const keyOf = ({ word, stem }: { word: string; stem: string }) => `${word} ${stem}`

/** The ids of words; those that the vocabulary lacks are added. */
async function wordIds(postings: readonly Posting[]): Promise<Map<string, number>> {
  const wanted = new Map(postings.map(({ word, stem }) => [keyOf({ word, stem }), { word, stem }]))
  const ids = new Map<string, number>()
  const look = async (words: readonly string[]) => {
    for (const piece of chunks([...new Set(words)])) {
      const rows: { id: number; word: string; stem: string }[] = await db()('search_words')
        .whereIn('word', piece)
        .select('id', 'word', 'stem')
      for (const row of rows) ids.set(keyOf(row), row.id)
    }
  }
  await look([...wanted.values()].map(({ word }) => word))
  const missing = [...wanted].filter(([key]) => !ids.has(key)).map(([, word]) => word)
  if (!missing.length) return ids
  await insertRows('search_words', missing)
  await addTrigrams(new Set(missing.map(({ stem }) => stem)))
  await look(missing.map(({ word }) => word))
  return ids
}

async function addTrigrams(stems: ReadonlySet<string>) {
  const rows = [...stems].flatMap((stem) =>
    trigramsOf(stem).map((trigram) => ({ trigram, length: lettersOf(stem).length, stem })),
  )
  // Another form may have brought the stem long ago.
  for (const piece of chunks(rows)) {
    await db()('search_trigrams').insert(piece).onConflict(['trigram', 'length', 'stem']).ignore()
  }
}

/** Counts anew in how many documents each word stands: by that the likeliest of many endings are chosen. */
export async function countDocuments(): Promise<void> {
  const last = Number((await db()('search_words').max('id as last').first())?.last ?? 0)
  const STEP = 2000
  for (let from = 0; from <= last; from += STEP) {
    const counted = db()('search_postings').whereRaw('search_postings.word_id = search_words.id').count('*')
    await db()('search_words')
      .where('id', '>', from)
      .where('id', '<=', from + STEP)
      .update({ documents: counted })
    await breathe()
  }
}
