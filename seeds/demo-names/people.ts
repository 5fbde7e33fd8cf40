import { ARMENIAN_NAMES, type NameFashion, RUSSIAN_NAMES, TATAR_NAMES } from './first-names.ts'
import { type Gender, patronymic, surnameFor, transliterate } from './grammar.ts'
import { chance, intBetween, mulberry32, type Rng, weightedPicker } from './prng.ts'
import { ARMENIAN_SURNAMES, SURNAMES, TATAR_SURNAMES } from './surnames.ts'

export interface DemoPerson {
  lastName: string
  firstName: string
  /** Null for the few people who have no patronymic. */
  middleName: string | null
  gender: Gender
  /** YYYY-MM-DD. */
  birthDate: string
  /** The part of an address before `@`, unique among all people made with the same `takenLocalParts`. */
  emailLocalPart: string
  /** In the area code 000, which no telephone has. */
  phone: string
  /** Whole years of work with children; never more than the age allows. */
  experienceYears: number
}

export interface PeopleOptions {
  /** The day on which ages are counted, YYYY-MM-DD. */
  referenceDate?: string
  minAge?: number
  maxAge?: number
  /** Share of women, 0 to 1. */
  womenShare?: number
  /** Addresses that are in use already; those given out are added to it. */
  takenLocalParts?: Set<string>
  /** How many people were made before with the same seed, so that telephones go on from there. */
  firstIndex?: number
}

export const REFERENCE_DATE = '2026-09-01'

/** Ages of pedagogues: [from, to, weight]. The young are somewhat more than in life: the programme is for them. */
const AGE_BANDS: [number, number, number][] = [
  [21, 25, 13],
  [26, 30, 14],
  [31, 35, 13],
  [36, 40, 12],
  [41, 45, 13],
  [46, 50, 13],
  [51, 55, 11],
  [56, 60, 7],
  [61, 65, 4],
]

interface Culture {
  surname: (rng: Rng) => string
  fashions: { before: number; women: Draw; men: Draw; fathers: Draw }[]
}
type Draw = (rng: Rng) => string

// The first surnames of a list are met often and the last ones seldom, as in life.
const byRank = (names: string[]): Draw => weightedPicker(names.map((name, rank) => [name, 1 / (rank + 25)] as const))

const culture = (surnames: string[], fashions: NameFashion[]): Culture => ({
  surname: byRank(surnames),
  fashions: fashions.map((fashion) => ({
    before: fashion.before,
    women: weightedPicker(fashion.women),
    men: weightedPicker(fashion.men),
    fathers: weightedPicker(fashion.fathers),
  })),
})

const CULTURES = weightedPicker<Culture>([
  [culture(SURNAMES, RUSSIAN_NAMES), 92],
  [culture(TATAR_SURNAMES, [TATAR_NAMES]), 6.5],
  [culture(ARMENIAN_SURNAMES, [ARMENIAN_NAMES]), 1.5],
])

/**
 * Invented pedagogues, mostly women, with names that agree in gender and suit the year of birth. The same arguments
 * give the same people. Throws when no age is left between `minAge` and `maxAge` (both within 21 to 65).
 */
export function makePeople(count: number, seed: number, options: PeopleOptions = {}): DemoPerson[] {
  const rng = mulberry32(seed)
  const { referenceDate = REFERENCE_DATE, womenShare = 0.85, firstIndex = 0 } = options
  const taken = options.takenLocalParts ?? new Set<string>()
  const drawAge = agePicker(options.minAge ?? 21, options.maxAge ?? 65)
  const namesakes = new Map<string, number>()
  return Array.from({ length: count }, (_, index) => {
    const age = drawAge(rng)
    const birthDate = birthDateFor(rng, age, referenceDate)
    const gender: Gender = chance(rng, womenShare) ? 'female' : 'male'
    const name = makeName(rng, gender, Number(birthDate.slice(0, 4)))
    const emailLocalPart = freeLocalPart(name, birthDate, taken, namesakes)
    const phone = phoneNumber('000', firstIndex + index, seed)
    return { ...name, gender, birthDate, emailLocalPart, phone, experienceYears: experience(rng, age) }
  })
}

/** `+7 (area) 123-45-67`: different for each of ten million indexes, without looking counted. */
export function phoneNumber(area: string, index: number, seed: number): string {
  // The step has no common divisor with 10⁷, so all numbers are met before one is repeated.
  const digits = String((index * 7_368_787 + (seed % 10_000) * 997) % 10_000_000).padStart(7, '0')
  return `+7 (${area}) ${digits.slice(0, 3)}-${digits.slice(3, 5)}-${digits.slice(5)}`
}

function agePicker(minAge: number, maxAge: number): (rng: Rng) => number {
  const ages: [number, number][] = AGE_BANDS.flatMap(([from, to, weight]) =>
    Array.from({ length: to - from + 1 }, (_, i): [number, number] => [from + i, weight]),
  ).filter(([age]) => age >= minAge && age <= maxAge)
  return weightedPicker(ages)
}

function birthDateFor(rng: Rng, age: number, referenceDate: string): string {
  const [year, month, day] = referenceDate.split('-').map(Number) as [number, number, number]
  return new Date(Date.UTC(year - age, month - 1, day - intBetween(rng, 1, 364))).toISOString().slice(0, 10)
}

function makeName(rng: Rng, gender: Gender, birthYear: number) {
  const { surname, fashions } = CULTURES(rng)
  const fashion = fashions.find(({ before }) => birthYear < before)!
  const firstName = (gender === 'female' ? fashion.women : fashion.men)(rng)
  const middleName = chance(rng, 0.003) ? null : patronymic(fashion.fathers(rng), gender)
  return { lastName: doubled(rng, surname, gender), firstName, middleName }
}

/** A surname in the right gender; one woman in a hundred has kept her own before her husband's. */
function doubled(rng: Rng, surname: Draw, gender: Gender): string {
  const one = surnameFor(surname(rng), gender)
  if (gender === 'male' || !chance(rng, 0.01)) return one
  const other = surnameFor(surname(rng), gender)
  return other === one ? one : `${one}-${other}`
}

/** The first free of: ivanova.ap · ivanova.anna · ivanova.ap87 · ivanova.ap87-2, -3 … */
function freeLocalPart(
  name: Pick<DemoPerson, 'lastName' | 'firstName' | 'middleName'>,
  birthDate: string,
  taken: Set<string>,
  namesakes: Map<string, number>,
): string {
  const last = transliterate(name.lastName)
  const initials = transliterate(`${name.firstName[0]}${name.middleName?.[0] ?? ''}`)
  const dated = `${last}.${initials}${birthDate.slice(2, 4)}`
  let free = [`${last}.${initials}`, `${last}.${transliterate(name.firstName)}`, dated].find((part) => !taken.has(part))
  for (let next = namesakes.get(dated) ?? 2; free === undefined; next++) {
    if (!taken.has(`${dated}-${next}`)) free = `${dated}-${next}`
    namesakes.set(dated, next + 1)
  }
  taken.add(free)
  return free
}

function experience(rng: Rng, age: number): number {
  const possible = Math.max(0, age - 21)
  // Most began soon after their studies; some came to school from another trade.
  return Math.round(possible * (chance(rng, 0.75) ? 0.8 + rng() * 0.2 : rng() * 0.8))
}
