import type { Knex } from 'knex'
import { db, withTransaction } from '../db/index.ts'
import { takeTurn } from './write.ts'

/** Removes at most so many words of the vocabulary that stand in no document. @returns how many */
export const forgetWords = (most: number): Promise<number> =>
  forgetSome('search_words', 'id', most, (unused) => {
    const postings = db()('search_postings').whereRaw('search_postings.word_id = search_words.id')
    void unused.whereNotExists(postings.select('word_id'))
  })

/** Removes pieces of stems that no word has any more. @returns how many */
export const forgetTrigrams = (most: number): Promise<number> =>
  forgetSome('search_trigrams', 'stem', most, (unused) => {
    const words = db()('search_words').whereRaw('search_words.stem = search_trigrams.stem')
    void unused.whereNotExists(words.select('search_words.id'))
  })

/** In turn with those who write the index: a word that is about to be used must not vanish meanwhile. */
const forgetSome = (table: string, key: string, most: number, isUnused: (query: Knex.QueryBuilder) => void) =>
  withTransaction(async () => {
    await takeTurn()
    const keys = await db()(table).where(isUnused).limit(most).pluck(key)
    return keys.length ? db()(table).whereIn(key, keys).del() : 0
  })
