import { fold, likePrefix } from '../../../core/text.ts'

/** Reading a list of people as it was copied from a letter or a spreadsheet: pure. */

export type NamePattern = {
  /** The folded words; an initial is one letter. */
  words: string[]
  /** Family name, first name and patronymic in full: looked up as it stands. */
  isWhole: boolean
  exact: string
  /** A pattern for LIKE that finds everyone who may be meant. */
  like: string
}

export type PastedLine = {
  /** As it was typed, for showing. */
  text: string
  email: string | null
  name: NamePattern | null
  /** As the picker writes who was chosen: `Иванова Анна Петровна #17`. */
  id: number | null
}

export const MOST_LINES = 2000

/** What is read of a line. No row of a list is longer, and the search for an address would take minutes on a page of letters. */
const MOST_SIGNS = 1000

/** The mark of a chosen person at the end of a text; undefined: nobody was chosen. */
export const markedId = (text: string): number | undefined => {
  const digits = /#(\d{1,10})\s*$/.exec(text)?.[1]
  return digits === undefined ? undefined : Number(digits)
}

const EMAIL = /[^\s;,<>"'()]+@[^\s;,<>"'()]+\.[^\s;,<>"'()]+/u

/** Lines of a pasted list, each with the address or the name in it. Blank lines and repeated ones are left out. */
export function parsePasted(text: string): PastedLine[] {
  const lines = new Map<string, PastedLine>()
  for (const raw of text.split(/\r\n?|\n/)) {
    const line = raw.replace(/\p{Cc}/gu, (sign) => (sign === '\t' ? sign : ' ')).trim()
    if (!line) continue
    const key = fold(line)
    if (!lines.has(key)) lines.set(key, readLine(line))
  }
  return [...lines.values()]
}

function readLine(whole: string): PastedLine {
  const text = whole.slice(0, MOST_SIGNS)
  const id = markedId(text)
  if (id !== undefined) return { text: text.slice(0, 200), email: null, name: null, id }
  const email = EMAIL.exec(text)?.[0].replace(/[.]+$/, '') ?? null
  // Of several columns, the name is in the first that is not a number or an address.
  const column = text
    .split(/[\t;,<]/)
    .map((part) => part.replace(/^\s*\d+[.)]?\s+/, '').trim())
    .find((part) => /\p{L}{2}/u.test(part) && !part.includes('@'))
  return { text: text.slice(0, 200), email: email && fold(email), name: column ? patternOf(column) : null, id: null }
}

/** «Иванова А. П.», «Иванова Анна», «Иванова Анна Петровна» → what to look for; null if it is no name. */
function patternOf(text: string): NamePattern | null {
  // Initials may stand without a space: «А.П.».
  const words = fold(text.replaceAll('.', '. '))
    .split(' ')
    .filter((word) => /\p{L}/u.test(word))
    .map((word) => (word.endsWith('.') ? (word[0] as string) : word))
  if (words.length < 2 || words.length > 5) return null
  const isWhole = words.length >= 3 && words.every((word) => word.length > 1)
  // Names shorter than their columns: a pattern of one word would find half the town, so two words are needed.
  const parts = words.map((word) => (word.length === 1 ? likePrefix(word) : likePrefix(word).slice(0, -1)))
  const like = words.length < 3 && (words.at(-1) as string).length > 1 ? `${parts.join(' ')}%` : parts.join(' ')
  return { words, isWhole, exact: words.join(' '), like }
}

/** Whether a stored, folded name is one that the pattern means: word by word, an initial by its letter. */
export function meets(pattern: NamePattern, sortName: string): boolean {
  const own = sortName.split(' ')
  if (pattern.isWhole) return sortName === pattern.exact
  return pattern.words.every((word, index) => (word.length === 1 ? own[index]?.startsWith(word) : own[index] === word))
}

type Person = { id: number; sort_name: string; email: string | null }

export type Matched<P extends Person> = {
  found: { line: PastedLine; person: P }[]
  /** Several people may be meant. */
  ambiguous: { line: PastedLine; people: P[] }[]
  notFound: PastedLine[]
}

/** Who is meant by each line. An address decides; a name must lead to one person. Nobody is found twice. */
export function matchPasted<P extends Person>(lines: readonly PastedLine[], people: readonly P[]): Matched<P> {
  const byEmail = new Map(people.flatMap((person) => (person.email ? [[fold(person.email), person] as const] : [])))
  const byId = new Map(people.map((person) => [person.id, person]))
  const byFamilyName = new Map<string, P[]>()
  for (const person of people) {
    const family = person.sort_name.split(' ')[0] as string
    byFamilyName.set(family, [...(byFamilyName.get(family) ?? []), person])
  }
  const result: Matched<P> = { found: [], ambiguous: [], notFound: [] }
  const seen = new Set<number>()
  const add = (line: PastedLine, person: P) => {
    if (!seen.has(person.id)) result.found.push({ line, person })
    seen.add(person.id)
  }
  for (const line of lines) {
    const owner = line.id !== null ? byId.get(line.id) : line.email ? byEmail.get(line.email) : undefined
    const { name } = line
    const named = name
      ? (byFamilyName.get(name.words[0] as string) ?? []).filter((one) => meets(name, one.sort_name))
      : []
    if (owner) add(line, owner)
    else if (named.length === 1 && !line.email) add(line, named[0] as P)
    // An address that nobody has beside a name that somebody has: perhaps another person of that name.
    else if (named.length > 0) result.ambiguous.push({ line, people: named })
    else result.notFound.push(line)
  }
  return result
}
