import { NOTHING_WORDS } from './vocabulary.ts'

// Zero-width characters, soft hyphens, direction marks and byte-order marks that come along with copied text.
const INVISIBLE = /[\u00AD\u200B-\u200F\u202A-\u202E\u2060\uFEFF]/g

/**
 * Tidies one cell: composed characters, no invisible ones, line breaks and runs of spaces as one space, trimmed; and
 * without the apostrophe that an export puts before a sign to keep the cell from being a formula.
 */
export function clean(value: string): string {
  const tidy = value
    .normalize('NFC')
    .replace(INVISIBLE, '')
    .replace(/\s+/g, ' ')
    .replace(/\p{Cc}/gu, '')
    .trim()
  return tidy.replace(/^'(?=[=+\-@])/, '')
}

/** Folds for comparison: lower case, ё as е, one space; two spellings that fold alike are the same word to people. */
export function foldText(value: string): string {
  return clean(value).toLowerCase().replaceAll('ё', 'е')
}

/** A heading or phrase reduced to its words: folded, punctuation and underscores as spaces. */
export function wordsKey(value: string): string {
  return foldText(value)
    .replace(/[^\p{L}\p{N}№]+/gu, ' ')
    .trim()
}

/** Whether the cell holds nothing or only says so ("нет", "—", "n/a"). */
export function saysNothing(value: string): boolean {
  const key = foldText(value)
  return key === '' || /^[-–—_.*?/\\]+$/.test(key) || NOTHING_WORDS.has(key)
}

const LATIN_TWINS = 'aceopxyABCEHKMOPTX'
const CYRILLIC_TWINS = 'асеорхуАВСЕНКМОРТХ'

function swapTwins(value: string, from: string, to: string): string {
  return [...value].map((char) => (from.includes(char) ? to[from.indexOf(char)]! : char)).join('')
}

const CYRILLIC = /\p{Script=Cyrillic}/u
const LATIN = /\p{Script=Latin}/u

/** Whether one word mixes Latin and Cyrillic letters, as happens when keyboards are switched in the middle of it. */
export function mixesScripts(value: string): boolean {
  return value.split(/[^\p{L}']+/u).some((word) => CYRILLIC.test(word) && LATIN.test(word))
}

/** Replaces Latin letters that look Cyrillic in words that mix both; other words stay as they are. */
export function repairCyrillic(value: string): string {
  return value.replace(/[\p{L}']+/gu, (word) =>
    CYRILLIC.test(word) && LATIN.test(word) ? swapTwins(word, LATIN_TWINS, CYRILLIC_TWINS) : word,
  )
}

/** Replaces Cyrillic letters that look Latin, for addresses. */
export function toLatinTwins(value: string): string {
  return swapTwins(value, CYRILLIC_TWINS, LATIN_TWINS)
}

/** Whether the text has Cyrillic letters. */
export function hasCyrillic(value: string): boolean {
  return CYRILLIC.test(value)
}

/** Whether the text has Latin letters. */
export function hasLatin(value: string): boolean {
  return LATIN.test(value)
}
