import type { Knex } from 'knex'
import { db } from '../db/index.ts'
import { beginningWith } from '../text.ts'
import { distance, mistakesAllowed } from './distance.ts'
import type { Slot } from './query.ts'
import { lettersOf, trigramsOf, typedStemsOf } from './words.ts'

/** A word of the vocabulary. */
type Word = { id: number; word: string; stem: string; documents: number }

/** A word that may have been meant, and how well it fits what was typed. */
export type Form = Word & { quality: number }

/** How near a word of the vocabulary is to what was typed. */
const EXACT = 20
const SAME_STEM = 16
const BEGINS = 12
const NEARLY = [0, 8, 5]

/** Beginnings stand for many words: the commonest of them are enough. */
const MOST_BEGINNINGS = 100
const MOST_ALIKE = 60

/** Words found for each typed one, by how they were found. Those of the other keyboard are kept apart. */
export type Found = { direct: Form[]; begun: Form[]; otherDirect: Form[]; otherBegun: Form[] }

const columns = ['id', 'word', 'stem', 'documents']

const beginning = (word: string) =>
  db().from(
    db()('search_words')
      .whereBetween('word', beginningWith(word))
      .orderBy('documents', 'desc')
      .limit(MOST_BEGINNINGS)
      .select(columns)
      .as('begun'),
  )

/** Looks up what was typed, its other forms, and what begins so, on both keyboards: one query. */
export async function lookUp(slots: readonly Slot[]): Promise<Map<Slot, Found>> {
  const typed = [...new Set(slots.flatMap(({ word, others }) => [word, ...others]))]
  // A letter or two by the other keyboard would begin too many other words.
  const begun = [...new Set(slots.flatMap(({ word, others }) => [word, ...others.filter(({ length }) => length > 2)]))]
  const words: Word[] = await db()('search_words')
    .whereIn('word', typed)
    .select(columns)
    .union([
      db()('search_words').whereIn('stem', typed.flatMap(typedStemsOf)).select(columns),
      ...begun.map((word) => beginning(word).select(columns)),
    ])
  return new Map(
    slots.map((slot) => {
      const own = formsOf([slot.word], words)
      const other = formsOf(slot.others, words)
      return [slot, { ...own, otherDirect: other.direct, otherBegun: other.begun }]
    }),
  )
}

function formsOf(typed: readonly string[], words: readonly Word[]): Pick<Found, 'direct' | 'begun'> {
  const direct: Form[] = []
  const begun: Form[] = []
  const stems = new Set(typed.flatMap(typedStemsOf))
  for (const word of words) {
    if (typed.includes(word.word)) direct.push({ ...word, quality: EXACT })
    else if (stems.has(word.stem)) direct.push({ ...word, quality: SAME_STEM })
    else if (typed.some((start) => word.word.startsWith(start))) begun.push({ ...word, quality: BEGINS })
  }
  return { direct, begun: byDocuments(begun) }
}

const byDocuments = (forms: Form[]) => forms.sort((a, b) => b.quality - a.quality || b.documents - a.documents)

/** Words that are one or two mistakes away from each of these: one query, whatever the number of documents. */
export async function lookUpAlike(typed: readonly string[]): Promise<Map<string, Form[]>> {
  const parts = [...new Set(typed)].flatMap((word) => alike(word))
  const [first, ...rest] = parts
  const words: Word[] = first
    ? await db()('search_words as w')
        .join(first.unionAll(rest).as('alike'), 'alike.stem', 'w.stem')
        .distinct(columns.map((column) => `w.${column}`))
    : []
  return new Map(typed.map((word) => [word, nearest(word, words)]))
}

/** The stems that share the most pieces with those of a word. A mistake spoils three pieces, changed places four. */
function alike(word: string): Knex.QueryBuilder[] {
  const most = mistakesAllowed(word)
  const stems = new Set(typedStemsOf(word).map(lettersOf))
  return [...stems].flatMap((stem) => {
    const trigrams = trigramsOf(stem)
    if (!most || !trigrams.length) return []
    const sharing = db()('search_trigrams')
      .whereIn('trigram', trigrams)
      .whereBetween('length', [stem.length - most, stem.length + most])
      .groupBy('stem')
      .havingRaw('count(*) >= ?', [Math.max(1, stem.length - 4 * most)])
      .orderByRaw('count(*) desc')
      .limit(MOST_ALIKE)
      .select('stem')
    return [db().from(sharing.as('sharing')).select('stem')]
  })
}

/** Of the words that share pieces those with the fewest mistakes; a word is as near as its stem is. */
function nearest(typed: string, words: readonly Word[]): Form[] {
  const stems = [...new Set(typedStemsOf(typed).map(lettersOf))]
  const near = words.flatMap((word) => {
    const inStem = stems.map((stem) => distance(stem, lettersOf(word.stem), mistakesAllowed(stem)))
    const mistakes = Math.max(1, Math.min(...inStem, distance(typed, word.word, mistakesAllowed(typed))))
    return Number.isFinite(mistakes) ? [{ word, mistakes }] : []
  })
  const least = Math.min(...near.map(({ mistakes }) => mistakes))
  const nearestOnes = near.filter(({ mistakes }) => mistakes === least)
  return byDocuments(nearestOnes.map(({ word }) => ({ ...word, quality: NEARLY[least] as number })))
}
