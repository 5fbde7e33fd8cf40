import { fold } from '../text.ts'
import { addressWord } from './entries.ts'
import { otherLayout } from './layout.ts'
import { isCommon, wordsOf } from './words.ts'

/** More words than this only cost time: the longest ones are taken. */
const MOST_WORDS = 6

/** A word that was typed. */
export type Slot = {
  word: string
  /** The same keys on the other keyboard, and once more without the signs around it. */
  others: string[]
}

/** Takes what was typed apart. Words that stand everywhere count only if there is nothing else. */
export function parseQuery(text: string): Slot[] {
  const slots = fold(text)
    .split(' ')
    .filter(Boolean)
    .flatMap((piece) => (piece.includes('@') ? [{ word: addressWord(piece), others: [] }] : slotsOf(piece)))
  const telling = slots.filter(({ word }) => !isCommon(word))
  const unique = new Map((telling.length ? telling : slots).map((slot) => [slot.word, slot]))
  const longest = [...unique.values()].sort((a, b) => b.word.length - a.word.length).slice(0, MOST_WORDS)
  return [...unique.values()].filter((slot) => longest.includes(slot))
}

function slotsOf(piece: string): Slot[] {
  const words = wordsOf(piece)
  const others = [piece, piece.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, '')]
    .map((typed) => wordsOf(otherLayout(typed) ?? ''))
    .flatMap((other) => (other.length === 1 ? other : []))
  // Signs that are letters on the other keyboard tear a word apart: `ghj,ktvf` is one word there.
  if (words.length !== 1 && others.length) return [{ word: words.join(''), others: [...new Set(others)] }]
  return words.map((word) => ({ word, others: words.length === 1 ? [...new Set(others)] : [] }))
}
