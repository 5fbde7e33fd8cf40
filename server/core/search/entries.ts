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
  for (const code of document.codes ?? []) put(codeOf(code), TITLE_WEIGHT)
  for (const text of Object.values(document.text ?? {})) {
    for (const word of wordsOf(text)) if (!isCommon(word)) put(word, TEXT_WEIGHT)
  }
  const title = JSON.stringify(document.title)
  const hint = JSON.stringify(document.hint ?? {})
  const text = JSON.stringify(shortened(document.text ?? {}))
  const sort = fold(Object.values(document.title).find(Boolean) ?? '').slice(0, 64)
  const postings = [...words.values()]
  const hash = createHash('sha1')
    .update(JSON.stringify([title, hint, text, postings]))
    .digest('hex')
  return { id: document.id, title, hint, text, sort, hash, words: postings }
}

/** A code or an address as one word. */
export const codeOf = (code: string): string => fold(code).slice(0, MOST_SIGNS)

const shortened = (texts: Translated): Translated =>
  Object.fromEntries(Object.entries(texts).map(([language, text]) => [language, text.slice(0, MOST_TEXT)]))
