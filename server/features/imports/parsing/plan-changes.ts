import { phoneKey } from './contacts.ts'
import type { ExistingEmployment, ExistingPerson } from './match-person.ts'
import type { OrganisationTarget, PlannedPerson } from './plan-people.ts'
import { foldText } from './text.ts'
import type { Field, FieldChange, PersonValues } from './types.ts'

/** The organisation of somebody who works at one only, for rows that name none. */
export function soleOrganisation(current: ExistingEmployment[]): OrganisationTarget | null {
  return current.length === 1 ? { id: current[0]!.organisationId } : null
}

/** The place of work at an organisation that a row is about: a current one, or the ended one that the row repeats. */
export function storedEmployment(
  person: ExistingPerson,
  organisationId: number,
  values: PersonValues,
  today: string,
): ExistingEmployment | undefined {
  const there = person.employments.filter((employment) => employment.organisationId === organisationId)
  const current = there.filter(({ endDate }) => endDate === null || endDate >= today)
  const samePost = (list: ExistingEmployment[]) =>
    list.find(({ position }) => position !== null && same(position, values.position))
  if (current.length > 0) return samePost(current) ?? current[0]
  // Work that has ended begins anew only with a later start.
  const ended = there.toSorted((a, b) => (b.endDate ?? '').localeCompare(a.endDate ?? ''))[0]
  if (ended && (values.startDate === null || values.startDate <= (ended.endDate ?? ''))) return ended
  return undefined
}

function same(a: string | number | null, b: string | number | null): boolean {
  return foldText(String(a ?? '')) === foldText(String(b ?? ''))
}

/** What the row changes of the person's own data. */
export function personChanges(planned: PlannedPerson, person: ExistingPerson, initials: boolean): FieldChange[] {
  const { values } = planned
  const changes: FieldChange[] = []
  const compare = (field: Field, before: string | number | null, after: string | number | null) => {
    if (after !== null && !same(before, after)) changes.push({ field, before, after })
  }
  const names = initials ? [] : (['lastName', 'firstName', 'middleName'] as const)
  for (const field of names) compare(field, person[field], values[field])
  compare('birthDate', person.birthDate, values.birthDate)
  compare('email', person.email, values.email)
  if (!values.phone || !person.phone || phoneKey(values.phone) !== phoneKey(person.phone))
    compare('phone', person.phone, values.phone)
  compare('experience', person.experience, values.experience)
  if (planned.categoryId !== null) compare('category', person.categoryId, planned.categoryId)
  // A login is how the account's owner signs in: import gives one, it does not take one away.
  if (person.login === null) compare('login', null, values.login)
  return person.guarded ? withoutGuarded(planned, changes) : changes
}

/** Someone who may do more than the importer keeps name and addresses: whoever sets the e-mail can take the account. */
function withoutGuarded(planned: PlannedPerson, changes: FieldChange[]): FieldChange[] {
  const guarded = new Set<Field>(['lastName', 'firstName', 'middleName', 'email', 'login'])
  const kept = changes.filter(({ field }) => !guarded.has(field))
  for (const { field } of changes.filter((change) => guarded.has(change.field))) {
    const code = field === 'email' || field === 'login' ? 'emailKept' : 'nameKept'
    if (!planned.problems.some((problem) => problem.code === code))
      planned.problems.push({ code, severity: 'warning', field })
  }
  return kept
}

/** What the row changes of a place of work. */
export function employmentChanges(
  values: PersonValues,
  stored: ExistingEmployment,
  organisation: string | null,
): FieldChange[] {
  const changes: FieldChange[] = []
  if (stored.claimed) changes.push({ field: 'organisation', before: null, after: organisation })
  for (const field of ['department', 'position', 'startDate', 'endDate'] as const) {
    const after = values[field]
    if (after !== null && !same(stored[field], after)) changes.push({ field, before: stored[field], after })
  }
  return changes
}
