import { pick, type Translated } from '../text.ts'
import { wordsOf } from './words.ts'

/** A piece of a text; found words are marked. */
export type Piece = { text: string; isFound: boolean }

// A stress mark is inside its word.
const WORD = /(?:[\p{L}\p{N}]|\u0300|\u0301)+/gu
const SNIPPET = 220
const BEFORE = 60

type Range = { from: number; to: number; word: string }

function foundIn(text: string, words: ReadonlySet<string>): Range[] {
  const ranges: Range[] = []
  for (const match of text.matchAll(WORD)) {
    const [word = ''] = wordsOf(match[0])
    if (words.has(word)) ranges.push({ from: match.index, to: match.index + match[0].length, word })
  }
  return ranges
}

/** A text with the found words marked. */
export function markFound(text: string, words: ReadonlySet<string>): Piece[] {
  const pieces: Piece[] = []
  let at = 0
  for (const { from, to } of foundIn(text, words)) {
    if (from > at) pieces.push({ text: text.slice(at, from), isFound: false })
    pieces.push({ text: text.slice(from, to), isFound: true })
    at = to
  }
  if (at < text.length) pieces.push({ text: text.slice(at), isFound: false })
  return pieces
}

/**
 * The lines of a text around the most of the found words, in the reader's language if they stand there.
 * @returns nothing if none of the words is in it
 */
export function snippetOf(texts: Translated, language: string, words: ReadonlySet<string>): Piece[] {
  for (const text of new Set([pick(texts, language), ...Object.values(texts)])) {
    const ranges = foundIn(text, words)
    if (!ranges.length) continue
    const near = (range: Range) =>
      new Set(
        ranges.filter(({ from }) => from >= range.from && from < range.from + SNIPPET - BEFORE).map(({ word }) => word),
      ).size
    const best = ranges.reduce((most, range) => (near(range) > near(most) ? range : most))
    return markFound(cut(text, best.from), words)
  }
  return []
}

/** A part of a text that begins and ends with whole words. */
function cut(text: string, around: number): string {
  const wanted = Math.max(0, around - BEFORE)
  const from = wanted === 0 ? 0 : text.indexOf(' ', wanted) + 1
  const end = from + SNIPPET
  const to = end >= text.length ? text.length : Math.max(around, text.lastIndexOf(' ', end))
  return `${from > 0 ? '… ' : ''}${text.slice(from, to)}${to < text.length ? ' …' : ''}`
}
