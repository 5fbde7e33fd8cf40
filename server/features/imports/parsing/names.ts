import { clean, hasCyrillic, hasLatin, mixesScripts, repairCyrillic } from './text.ts'
import type { ProblemCode } from './types.ts'
import { PATRONYMIC, PATRONYMIC_PARTICLES, SURNAME_PARTICLES } from './vocabulary.ts'

export interface NameParts {
  lastName: string | null
  firstName: string | null
  middleName: string | null
}

export interface NameReading extends NameParts {
  /** The first name is an initial. */
  initials: boolean
  problems: { code: ProblemCode; severity: 'error' | 'warning' }[]
}

const INITIAL = /^\p{L}\.?$/u
const INITIALS = /^(?:\p{L}\.){1,3}$|^\p{L}\.\p{L}$/u

/**
 * Reads a full name written in one cell: "Иванова Галина Романовна", "ИВАНОВА ГАЛИНА", "Галина Романовна Иванова",
 * "Карпова В.С.", "В. С. Карпова", "Алиев Руслан Ахмед оглы". What cannot be a name is reported, not guessed.
 */
export function readFullName(text: string): NameReading {
  const { value, mixed } = prepared(text)
  const words = value.split(' ').filter((word) => word !== '')
  const parts = arrange(words)
  return finish(parts, mixed, parts.reordered ?? false)
}

/** Reads a name written in separate cells; the first of them may still hold initials, or both names. */
export function readNameParts(last: string, first: string, middle: string): NameReading {
  const prepare = [last, first, middle].map(prepared)
  const mixed = prepare.some((part) => part.mixed)
  let [lastName, firstName, middleName] = prepare.map((part) => part.value) as [string, string, string]
  if (middleName === '' && firstName !== '') {
    const split = splitGiven(firstName.split(' '))
    firstName = split.firstName ?? ''
    middleName = split.middleName ?? ''
  }
  if (firstName === '' && middleName === '' && lastName.includes(' ')) return readFullName(lastName)
  const parts = { lastName: lastName || null, firstName: firstName || null, middleName: middleName || null }
  return finish(parts, mixed, false)
}

/** What a Slavic or Turkic patronymic says of its owner; null where it says nothing. */
export function genderOf(middleName: string | null): 'female' | 'male' | null {
  const name = middleName?.toLowerCase() ?? ''
  if (/(?:вич|ьич|ич|оглы|оглу|угли|уулу)$/.test(name)) return 'male'
  return /(?:вна|чна|кызы|гызы|кизи)$/.test(name) ? 'female' : null
}

/** Proper case for a name in capitals or small letters; mixed case is left as its owner writes it. */
export function properCase(name: string): string {
  const letters = name.replace(/[^\p{L}]/gu, '')
  const shouting = letters.length > 1 && letters === letters.toUpperCase()
  if (!shouting && letters !== letters.toLowerCase()) return name
  return name
    .toLowerCase()
    .split(' ')
    .map((word, index) => (index > 0 && PATRONYMIC_PARTICLES.has(word) ? word : capitalised(word)))
    .join(' ')
}

/** A capital at the beginning and after each hyphen, apostrophe, bracket and initial's point. */
function capitalised(word: string): string {
  return word.replace(/(^|[-'’(.])(\p{L})/gu, (_, before: string, letter: string) => before + letter.toUpperCase())
}

function prepared(text: string): { value: string; mixed: boolean } {
  const spaced = clean(text)
    .replace(/[`´‘’ʼ]/g, "'")
    .replace(/[–—−]/g, '-')
    .replace(/\s*-\s*/g, '-')
    .replace(/[,;]+/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
  const mixed = mixesScripts(spaced)
  return { value: properCase(mixed ? repairCyrillic(spaced) : spaced), mixed }
}

function arrange(words: string[]): NameParts & { reordered?: boolean } {
  if (words.length === 0) return { lastName: null, firstName: null, middleName: null }
  const initialsAt = words.findIndex((word) => INITIAL.test(word) || INITIALS.test(word))
  if (initialsAt === 0 && words.length > 1) {
    const count = words.findIndex((word) => !INITIAL.test(word) && !INITIALS.test(word))
    if (count > 0) return { lastName: words.slice(count).join(' '), ...splitGiven(words.slice(0, count)) }
  }
  if (initialsAt > 0) {
    const before = words.slice(0, initialsAt)
    const given = before.length > 1 ? words.slice(1) : words.slice(initialsAt)
    return { lastName: before[0]!, ...splitGiven(given) }
  }
  if (words.length === 1) return { lastName: words[0]!, firstName: null, middleName: null }
  if (words.length === 2) return { lastName: words[0]!, firstName: words[1]!, middleName: null }
  return arrangeFull(words)
}

function arrangeFull(words: string[]): NameParts & { reordered?: boolean } {
  const last = words.length - 1
  if (PATRONYMIC_PARTICLES.has(words[last]!.toLowerCase()) && words.length >= 4) {
    return {
      lastName: words.slice(0, last - 2).join(' '),
      firstName: words[last - 2]!,
      middleName: words.slice(last - 1).join(' '),
    }
  }
  const isPatronymic = (word: string) => PATRONYMIC.test(word.toLowerCase())
  // "Ван Анна Петровна" has a surname that only looks like a particle.
  if (SURNAME_PARTICLES.has(words[0]!.toLowerCase()) && (words.length > 3 || !isPatronymic(words[last]!))) {
    return { lastName: words.slice(0, 2).join(' '), firstName: words[2]!, middleName: words.slice(3).join(' ') || null }
  }
  if (words.length === 3 && isPatronymic(words[1]!) && !isPatronymic(words[2]!)) {
    return { lastName: words[2]!, firstName: words[0]!, middleName: words[1]!, reordered: true }
  }
  if (words.length > 3 && isPatronymic(words[last]!)) {
    return { lastName: words.slice(0, last - 1).join(' '), firstName: words[last - 1]!, middleName: words[last]! }
  }
  return { lastName: words[0]!, firstName: words[1]!, middleName: words.slice(2).join(' ') }
}

/** First name and patronymic from the words after the surname: full, or initials with or without spaces. */
function splitGiven(words: string[]): { firstName: string | null; middleName: string | null } {
  const pieces = words.flatMap((word) => (INITIALS.test(word) ? word.split('.').filter(Boolean) : [word]))
  const [first, ...rest] = pieces.map((piece) => (INITIAL.test(piece) ? `${piece.charAt(0).toUpperCase()}.` : piece))
  return { firstName: first ?? null, middleName: rest.length > 0 ? rest.join(' ') : null }
}

function finish(parts: NameParts, mixed: boolean, reordered: boolean): NameReading {
  const problems: NameReading['problems'] = []
  const whole = [parts.lastName, parts.firstName, parts.middleName].filter((part) => part !== null).join(' ')
  const initials = parts.firstName !== null && INITIAL.test(parts.firstName)
  if (whole === '') problems.push({ code: 'nameMissing', severity: 'error' })
  else if (!/^[\p{L}\p{M}'.() -]+$/u.test(whole)) problems.push({ code: 'nameDigits', severity: 'error' })
  else if (parts.lastName === null || parts.firstName === null)
    problems.push({ code: 'nameIncomplete', severity: 'error' })
  if (mixed || (hasCyrillic(whole) && hasLatin(whole))) problems.push({ code: 'mixedLetters', severity: 'warning' })
  if (reordered) problems.push({ code: 'nameOrder', severity: 'warning' })
  return { lastName: parts.lastName, firstName: parts.firstName, middleName: parts.middleName, initials, problems }
}
