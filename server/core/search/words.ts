import { stemmer as englishStem } from '@orama/stemmers/english'
import { stemmer as russianStem } from '@orama/stemmers/russian'
import { fold } from '../text.ts'

/** Words longer than this are compared by their beginning. */
export const MOST_SIGNS = 48

const WORD = /[\p{L}\p{N}]+/gu
const STRESS = /[\u0300\u0301]/g

/** Words that stand everywhere and tell nothing apart. */
const COMMON = new Set(
  (
    'а без был была были было быть в во вы для до его ее если и из или им их к как ко на над не ни но о об от по под при ' +
    'с со так также то у что чтобы это a an and are as at be by for from in is it of on or that the this to with'
  ).split(' '),
)

export const isCommon = (word: string): boolean => COMMON.has(word)

/** The words of a text in their order: folded, without signs; the parts of a double name are words of their own. */
export const wordsOf = (text: string): string[] =>
  (fold(text).replace(STRESS, '').match(WORD) ?? []).map((word) => word.slice(0, MOST_SIGNS))

/** What the forms of a word have in common: школа, школы, школами → школ. Numbers and mixtures are their own stem. */
export function stemOf(word: string): string {
  if (/^[а-я]+$/.test(word)) return russianStem(word) || word
  if (/^[a-z]+$/.test(word)) return englishStem(word) || word
  return word
}

const NAME = '@'
const VOWELS = /[аеиоуыэюяйь]+$/
const CASES = /(?:ого|его|ому|ему|ыми|ими|ым|им|ом|ем)$/

/**
 * The stem of a part of a name. The common stemmer takes Иванов for many an Иван: of names only the last vowels go, so that
 * Иванов, Иванова and Ивановой are one and Иван is another. Stems of names are kept apart from those of other words.
 */
export const nameStemOf = (word: string): string => NAME + (word.replace(VOWELS, '') || word)

/** The stems of a word that somebody typed, who may have put a name into any case: Максимом is a Максим. */
export const typedStemsOf = (word: string): string[] => [
  ...new Set([stemOf(word), nameStemOf(word), nameStemOf(word.replace(CASES, '') || word)]),
]

/** The letters of a stem of either sort. */
export const lettersOf = (stem: string): string => (stem.startsWith(NAME) ? stem.slice(1) : stem)

/** Numbers, addresses and codes are found exactly or not at all: only words of letters are misspelt. */
const isSpelt = (word: string) => /^\p{L}{2,32}$/u.test(word)

/** Pieces of three letters, with the borders of the word: по shares as many with its neighbours as a long word does. */
export function trigramsOf(stem: string): string[] {
  const letters = lettersOf(stem)
  if (!isSpelt(letters)) return []
  const framed = ` ${letters} `
  return [...new Set(Array.from({ length: letters.length }, (_, at) => framed.slice(at, at + 3)))]
}
