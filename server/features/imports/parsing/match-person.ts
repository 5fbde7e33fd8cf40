import type { StoredValue } from '../../people/fields/kinds.ts'
import { nameKey } from './repeats.ts'
import { foldText } from './text.ts'
import type { OwnField, PersonRow, PersonValues } from './types.ts'

/** A place of work that is stored. */
export interface ExistingEmployment {
  id: number
  organisationId: number
  department: string | null
  position: string | null
  startDate: string | null
  endDate: string | null
  /** Claimed by the person and not yet confirmed by the employer. */
  claimed: boolean
}

/** A stored person who may be one in the file. */
export interface ExistingPerson {
  id: number
  lastName: string
  firstName: string
  middleName: string | null
  birthDate: string | null
  email: string | null
  phone: string | null
  login: string | null
  experience: number | null
  categoryId: number | null
  /** Name and addresses may not be changed by import, because the person may do what the importer may not. */
  guarded: boolean
  archived: boolean
  /** Values of fields that the authority has added and the list names. */
  own?: Partial<Record<OwnField, StoredValue[]>>
  employments: ExistingEmployment[]
}

export type PersonMatch =
  | { kind: 'none' }
  | { kind: 'one'; person: ExistingPerson }
  | { kind: 'several'; count: number }
  | { kind: 'taken'; field: 'email' | 'login'; person: ExistingPerson }

/**
 * Finds the stored person whom a row means: by login, by e-mail, then by name together with the birth date or, where one
 * of the two has none, with the organisation. A login or e-mail of somebody of another name is taken, not matched.
 */
export class PersonFinder {
  readonly #byLogin = new Map<string, ExistingPerson>()
  readonly #byEmail = new Map<string, ExistingPerson>()
  readonly #byName = new Map<string, ExistingPerson[]>()
  readonly #bySurname = new Map<string, ExistingPerson[]>()

  constructor(people: Iterable<ExistingPerson>) {
    for (const person of people) {
      if (person.login) this.#byLogin.set(foldText(person.login), person)
      if (person.email) this.#byEmail.set(foldText(person.email), person)
      push(this.#byName, nameKey(person), person)
      push(this.#bySurname, foldText(person.lastName), person)
    }
  }

  /** @param organisationId the row's organisation, null when it has none or a new one */
  find(row: PersonRow, organisationId: number | null): PersonMatch {
    const { values } = row
    const found = new Map<number, ExistingPerson>()
    for (const [field, index] of [
      ['login', this.#byLogin],
      ['email', this.#byEmail],
    ] as const) {
      const person = values[field] ? index.get(foldText(values[field])) : undefined
      if (!person) continue
      if (!mayBe(values, person)) return { kind: 'taken', field, person }
      found.set(person.id, person)
    }
    if (found.size === 0) for (const person of this.#byWords(row, organisationId)) found.set(person.id, person)
    if (found.size === 0) return { kind: 'none' }
    if (found.size > 1) return { kind: 'several', count: found.size }
    return { kind: 'one', person: [...found.values()][0]! }
  }

  #byWords(row: PersonRow, organisationId: number | null): ExistingPerson[] {
    const { values } = row
    const namesakes = row.initials ? [] : (this.#byName.get(nameKey(values)) ?? [])
    const exact = namesakes.filter((person) => sameByBirth(values, person) ?? worksAt(person, organisationId))
    if (exact.length > 0) return exact
    // Initials on either side say little: the birth date must agree or, where one has none, the organisation.
    return (this.#bySurname.get(foldText(values.lastName ?? '')) ?? []).filter(
      (person) =>
        (row.initials || isInitial(person.firstName)) &&
        givenNamesAgree(values, person) &&
        (sameByBirth(values, person) ?? worksAt(person, organisationId)),
    )
  }
}

function push<T>(index: Map<string, T[]>, key: string, value: T): void {
  const list = index.get(key)
  if (list) list.push(value)
  else index.set(key, [value])
}

/** True or false where both birth dates are known, else undefined. */
function sameByBirth(values: PersonValues, person: ExistingPerson): boolean | undefined {
  if (!values.birthDate || !person.birthDate) return undefined
  return values.birthDate === person.birthDate
}

function worksAt(person: ExistingPerson, organisationId: number | null): boolean {
  return (
    organisationId !== null && person.employments.some((employment) => employment.organisationId === organisationId)
  )
}

const isInitial = (name: string) => /^\p{L}\.?$/u.test(name)

function agree(a: string | null, b: string | null): boolean {
  if (!a || !b) return true
  const [first, second] = [foldText(a), foldText(b)]
  return first === second || ((isInitial(a) || isInitial(b)) && first[0] === second[0])
}

function givenNamesAgree(values: PersonValues, person: ExistingPerson): boolean {
  return agree(values.firstName, person.firstName) && agree(values.middleName, person.middleName)
}

/** Whether an e-mail or login may lead to this person: same name, or a changed one with first name or birth date kept. */
function mayBe(values: PersonValues, person: ExistingPerson): boolean {
  const sameLast = foldText(values.lastName ?? '') === foldText(person.lastName)
  const sameGiven = givenNamesAgree(values, person)
  const birth = sameByBirth(values, person)
  if (birth === false) return sameLast && sameGiven
  return birth === true ? sameLast || sameGiven : sameGiven && (sameLast || values.middleName !== null)
}
