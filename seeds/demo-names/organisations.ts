import {
  CENTRE_KINDS,
  CENTRE_NAMES,
  CITY,
  CITY_GENITIVE,
  COLLEGE_TRADES,
  DISTRICTS,
  KINDERGARTEN_NAMES,
  STREETS,
} from './organisation-words.ts'
import { phoneNumber } from './people.ts'
import { intBetween, mulberry32, pickOne, type Rng, weightedPicker } from './prng.ts'

export type OrganisationKind = 'school' | 'kindergarten' | 'additional' | 'college'

export interface DemoOrganisation {
  kind: OrganisationKind
  /** Official name, unique. */
  fullName: string
  /** Name in daily use, unique. */
  shortName: string
  city: string
  district: string
  address: string
  /** In the area code 001, which no telephone has. */
  phone: string
  /** Ten digits whose check digit is wrong on purpose: nobody's tax number. */
  inn: string
  /** The part of an address before `@`, unique. */
  emailLocalPart: string
  /** How many pedagogues work here, to share people out in proportion. */
  staffWeight: number
}

type Names = Pick<DemoOrganisation, 'fullName' | 'shortName'>

/** Sixty schools, twenty-five kindergartens, eleven centres and four colleges in each hundred. */
const SHARES: [OrganisationKind, number][] = [
  ['school', 0.6],
  ['kindergarten', 0.25],
  ['additional', 0.11],
  ['college', 0.04],
]

const STAFF: Record<OrganisationKind, [from: number, to: number]> = {
  school: [35, 110],
  kindergarten: [14, 45],
  additional: [12, 60],
  college: [40, 90],
}

/**
 * Invented institutions of the invented city of Новоречинск, first the schools, then the other kinds. The same
 * arguments give the same institutions; names, tax numbers and addresses of mail are unique up to 2,000.
 */
export function makeOrganisations(count: number, seed: number): DemoOrganisation[] {
  const rng = mulberry32(seed ^ 0x0c17)
  const numbers = { school: numberSequence(rng), kindergarten: numberSequence(rng) }
  const met: Record<OrganisationKind, number> = { school: 0, kindergarten: 0, additional: 0, college: 0 }
  return kindsFor(count).map((kind, index) => {
    const nth = met[kind]++
    const number = kind === 'school' || kind === 'kindergarten' ? numbers[kind]() : nth + 1
    const street = intBetween(rng, 0, STREETS.length - 1)
    const [from, to] = STAFF[kind]
    return {
      kind,
      ...NAMING[kind](rng, number, nth),
      city: CITY,
      district: DISTRICTS[street % DISTRICTS.length]!,
      address: `г. ${CITY}, ${STREETS[street]}, ${house(rng)}`,
      phone: phoneNumber('001', index, seed),
      inn: impossibleInn(rng, index),
      emailLocalPart: `${MAIL_PREFIX[kind]}${number}`,
      staffWeight: intBetween(rng, from, to),
    }
  })
}

const MAIL_PREFIX: Record<OrganisationKind, string> = {
  school: 'school',
  kindergarten: 'ds',
  additional: 'centre',
  college: 'college',
}

function kindsFor(count: number): OrganisationKind[] {
  const kinds = SHARES.flatMap(([kind, share]) => Array<OrganisationKind>(Math.round(count * share)).fill(kind))
  // Rounding may leave one too few or too many.
  while (kinds.length < count) kinds.unshift('school')
  return kinds.slice(kinds.length - count)
}

/** Growing numbers with gaps: institutions have been merged and closed. */
function numberSequence(rng: Rng): () => number {
  let last = 0
  return () => (last += rng() < 0.85 ? 1 : intBetween(rng, 2, 4))
}

/** 12 · 12, корп. 2 · 12а */
function house(rng: Rng): string {
  const tail = rng()
  const addition = tail < 0.12 ? `, корп. ${intBetween(rng, 1, 3)}` : tail < 0.2 ? 'а' : ''
  return `д. ${intBetween(rng, 1, 120)}${addition}`
}

type SchoolType = [full: string, short: string]
const schoolType = weightedPicker<SchoolType>([
  [['Средняя общеобразовательная школа', 'СОШ'], 72],
  [['Гимназия', 'Гимназия'], 8],
  [['Лицей', 'Лицей'], 8],
  [['Основная общеобразовательная школа', 'ООШ'], 6],
  [['Средняя общеобразовательная школа с углублённым изучением отдельных предметов', 'СОШ с УИОП'], 6],
])
const founding = weightedPicker<['бюджетное' | 'автономное', 'Б' | 'А']>([
  [['бюджетное', 'Б'], 80],
  [['автономное', 'А'], 20],
])

const NAMING: Record<OrganisationKind, (rng: Rng, number: number, nth: number) => Names> = {
  school(rng, number) {
    const [full, short] = schoolType(rng)
    const [founded, letter] = founding(rng)
    return {
      fullName: `Муниципальное ${founded} общеобразовательное учреждение «${full} № ${number}» города ${CITY_GENITIVE}`,
      shortName: `М${letter}ОУ «${short} № ${number}»`,
    }
  },
  kindergarten(rng, number) {
    const name = pickOne(rng, KINDERGARTEN_NAMES)
    const [founded, letter] = founding(rng)
    return {
      fullName: `Муниципальное ${founded} дошкольное образовательное учреждение «Детский сад № ${number} „${name}“» города ${CITY_GENITIVE}`,
      shortName: `М${letter}ДОУ «Детский сад № ${number} „${name}“»`,
    }
  },
  additional(rng, _number, nth) {
    const [founded, letter] = founding(rng)
    const [full, short] = CENTRE_KINDS[nth % CENTRE_KINDS.length]!
    // Seven kinds and twenty names have no common divisor: a hundred and forty pairs before one is met again.
    const name = `${CENTRE_NAMES[nth % CENTRE_NAMES.length]}${numeral(nth, CENTRE_KINDS.length * CENTRE_NAMES.length, '-')}`
    return {
      fullName: `Муниципальное ${founded} учреждение дополнительного образования «${full} „${name}“» города ${CITY_GENITIVE}`,
      shortName: `М${letter}У ДО «${short} „${name}“»`,
    }
  },
  college(_rng, _number, nth) {
    const [full, short] = COLLEGE_TRADES[nth % COLLEGE_TRADES.length]!
    const number = numeral(nth, COLLEGE_TRADES.length, ' № ')
    return {
      fullName: `Государственное бюджетное профессиональное образовательное учреждение «Новоречинский ${full}${number}»`,
      shortName: `ГБПОУ «${short}${number}»`,
    }
  },
}

/** Nothing in the first round through the names, then a number. */
const numeral = (nth: number, round: number, before: string): string =>
  nth < round ? '' : `${before}${Math.floor(nth / round) + 1}`

const INN_WEIGHTS = [2, 4, 10, 3, 5, 9, 4, 6, 8]

/** The right check digit of the first nine digits of an organisation's tax number. */
export const innCheckDigit = (nine: string): number =>
  (INN_WEIGHTS.reduce((sum, weight, i) => sum + weight * Number(nine[i]), 0) % 11) % 10

function impossibleInn(rng: Rng, index: number): string {
  const nine = `99${String((index * 1_237_579 + 4_021) % 10_000_000).padStart(7, '0')}`
  return `${nine}${(innCheckDigit(nine) + intBetween(rng, 1, 9)) % 10}`
}
