import { createHash } from 'node:crypto'
import { fold, type Translated } from '../text.ts'
import type { SearchDocument } from './kinds.ts'
import { isCommon, MOST_SIGNS, nameStemOf, stemOf, wordsOf } from './words.ts'

const TITLE_WEIGHT = 8
const TEXT_WEIGHT = 1
/** As much of a text is kept to show lines of; its words are indexed to the end. */
const MOST_TEXT = 6000

/** A document as it lies in the index. */
export type Entry = {
  id: number
  title: string
  hint: string
  text: string
  sort: string
  hash: string
  words: Posting[]
}

/** A word of a document with the greatest of its weights there. */
export type Posting = { word: string; stem: string; weight: number }

/** Raised when words are taken apart, or rows are made, otherwise than before: everything is indexed anew. */
const FORMAT = 1
export const versionOf = (kind: { version?: number }): string => `${FORMAT}.${kind.version ?? 1}`

/** Takes a document apart into its words. */
export function toEntry(document: SearchDocument): Entry {
  const words = new Map<string, Posting>()
  const stem = document.isName ? nameStemOf : stemOf
  const put = (word: string, weight: number) => {
    const posting = { word, stem: stem(word), weight }
    if ((words.get(word)?.weight ?? 0) < weight) words.set(word, posting)
  }
  const putAll = (text: string, weight: number) => {
    for (const word of wordsOf(text)) put(word, weight)
  }
  for (const text of Object.values(document.title)) putAll(text, TITLE_WEIGHT)
  for (const { text, weight } of document.words ?? []) putAll(text, weight)
  for (const address of document.addresses ?? []) put(addressWord(address), TITLE_WEIGHT)
  for (const text of Object.values(document.text ?? {})) {
    for (const word of wordsOf(text)) if (!isCommon(word)) put(word, TEXT_WEIGHT)
  }
  const title = JSON.stringify(document.title)
  const hint = JSON.stringify(document.hint ?? {})
  const text = JSON.stringify(shortened(document.text ?? {}))
  const sort = sortKeyOf(Object.values(document.title).find(Boolean) ?? '')
  const postings = [...words.values()]
  const hash = createHash('sha1')
    .update(JSON.stringify([title, hint, text, postings]))
    .digest('hex')
  return { id: document.id, title, hint, text, sort, hash, words: postings }
}

// Each sign has a place in the order of the alphabet; the eleven of a key fit into 63 bits.
const BASE = 52n
const ORDER = '0123456789абвгдежзийклмнопрстуфхцчшщъыьэюя'
const LATIN_FROM = ORDER.length + 1
const placeOf = (sign: string): number =>
  /[a-z]/.test(sign) ? LATIN_FROM + Math.floor((sign.charCodeAt(0) - 97) / 3) : ORDER.indexOf(sign) + 1

/** A title as a number by which lists are sorted: six letters of the first word, five of the second. */
export function sortKeyOf(title: string): string {
  const [first = '', second = ''] = wordsOf(title)
  const signs = first.slice(0, 6).padEnd(6, ' ') + second.slice(0, 5).padEnd(5, ' ')
  return [...signs].reduce((key, sign) => key * BASE + BigInt(placeOf(sign)), 0n).toString()
}

/** An e-mail address as one word. It begins with a sign, so that beginnings of other words do not run into thousands of them. */
export const addressWord = (address: string): string => `=${fold(address)}`.slice(0, MOST_SIGNS)

const shortened = (texts: Translated): Translated =>
  Object.fromEntries(Object.entries(texts).map(([language, text]) => [language, text.slice(0, MOST_TEXT)]))
