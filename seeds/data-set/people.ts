import { toJson } from '../../server/core/db/index.ts'
import { roleId } from '../../server/core/rights/roles.ts'
import { fold } from '../../server/core/text.ts'
import { addDays, nowUtc } from '../../server/core/time.ts'
import { nameWords, sortName } from '../../server/features/people/service.ts'
import {
  chance,
  departmentsFor,
  headPositionFor,
  intBetween,
  makeOrganisations,
  makePeople,
  mulberry32,
  type OrganisationKind,
  positionsFor,
  weightedPicker,
} from '../demo-names/index.ts'
import type { BulkWriter } from './writer.ts'

export type Employee = { personId: number; isYoung: boolean; startsOn: string }
export type Staff = {
  organisationId: number
  kind: OrganisationKind
  head: number
  deputy: number
  employees: Employee[]
}

const CATEGORIES = [
  { code: 'school', name: { ru: 'Педагог школы', en: 'School teacher' } },
  { code: 'kindergarten', name: { ru: 'Педагог детского сада', en: 'Kindergarten teacher' } },
  { code: 'additional', name: { ru: 'Педагог дополнительного образования', en: 'Teacher of additional education' } },
  { code: 'college', name: { ru: 'Студент или педагог колледжа', en: 'College student or teacher' } },
]

export const PEOPLE_TABLES = [
  'organisations',
  'departments',
  'positions',
  'person_categories',
  'people',
  'employments',
  'grants',
]

/**
 * Invents organisations with heads, deputies and staff. Each organisation has a head (its director by employment) and a
 * deputy, who is the direct manager of a part of the staff.
 */
export async function makeStaff(
  writer: BulkWriter,
  size: { organisations: number; people: number; today: string },
): Promise<Staff[]> {
  const rng = mulberry32(7)
  const now = nowUtc()
  const stamps = { created_at: now, updated_at: now }
  const director = await roleId('director')
  const categories = new Map(
    CATEGORIES.map(({ code, name }, position) => [
      code,
      writer.add('person_categories', { code, name: toJson(name), position }),
    ]),
  )
  const positions = new Map<string, number>()
  const positionId = (name: string) => {
    const known = positions.get(name)
    if (known) return known
    const id = writer.add('positions', { name, name_folded: fold(name), created_at: now })
    positions.set(name, id)
    return id
  }
  const organisations = makeOrganisations(size.organisations, 11)
  const weight = organisations.reduce((sum, organisation) => sum + organisation.staffWeight, 0)
  const people = makePeople(size.people, 23, { referenceDate: size.today })
  const staffs: Staff[] = []
  let taken = 0

  for (const [index, organisation] of organisations.entries()) {
    const left = organisations.length - index - 1
    const share = Math.round((size.people * organisation.staffWeight) / weight)
    const count = left ? Math.max(4, Math.min(share, size.people - taken - left * 4)) : size.people - taken
    const organisationId = writer.add('organisations', {
      path: '',
      kind: organisation.kind,
      name: organisation.fullName,
      short_name: organisation.shortName,
      name_folded: fold(organisation.fullName).slice(0, 191),
      short_name_folded: fold(organisation.shortName).slice(0, 191),
      inn: organisation.inn,
      address: organisation.address,
      phone: organisation.phone,
      email: `${organisation.emailLocalPart}@school.example.org`,
      ...stamps,
    })
    const departments = new Map(
      departmentsFor(organisation.kind).map((name) => [
        name,
        writer.add('departments', {
          organisation_id: organisationId,
          path: '',
          name,
          name_folded: fold(name),
          ...stamps,
        }),
      ]),
    )
    const pickPosition = weightedPicker(
      positionsFor(organisation.kind).map((position) => [position, position.weight] as const),
    )
    const staff: Staff = { organisationId, kind: organisation.kind, head: 0, deputy: 0, employees: [] }
    for (let place = 0; place < count; place++) {
      const person = people[taken++]
      if (!person) break
      const sort_name = sortName(person)
      const personId = writer.add('people', {
        last_name: person.lastName,
        first_name: person.firstName,
        middle_name: person.middleName,
        sort_name,
        gender: person.gender,
        birth_date: person.birthDate,
        email: `${person.emailLocalPart}@school.example.org`,
        email_folded: `${person.emailLocalPart}@school.example.org`,
        phone: person.phone,
        category_id: categories.get(organisation.kind) ?? null,
        experience_years: person.experienceYears,
        source: 'demonstration',
        ...stamps,
      })
      for (const word of nameWords(sort_name)) writer.put('person_words', { word, person_id: personId })
      if (place === 0) staff.head = personId
      if (place === 1) staff.deputy = personId
      const position = place === 0 ? headPositionFor(organisation.kind) : pickPosition(rng)
      const isYoung = place > 1 && person.experienceYears <= 3
      const startsOn = isYoung
        ? addDays(size.today, -intBetween(rng, 60, 420))
        : addDays(size.today, -intBetween(rng, 500, 5000))
      const hasManager = place > 1 && chance(rng, 0.6)
      const employmentId = writer.add('employments', {
        person_id: personId,
        organisation_id: organisationId,
        department_id: departments.get(position.department) ?? null,
        position_id: positionId(position.title),
        manager_id: place === 0 ? null : place === 1 || !hasManager ? staff.head : staff.deputy,
        is_head: place === 0 ? 1 : 0,
        is_primary: 1,
        state: 'confirmed',
        starts_on: startsOn,
        ...stamps,
      })
      if (place > 1) staff.employees.push({ personId, isYoung, startsOn })
      if (place === 0) {
        const scope = { scope_type: 'organisation', scope_id: organisationId }
        const source = { source: 'employment', source_id: employmentId, starts_on: startsOn }
        writer.add('grants', { person_id: personId, role_id: director, ...scope, ...source, created_at: now })
      }
    }
    staffs.push(staff)
    if (writer.isFull) await writer.flush()
  }
  await writer.flush()
  return staffs
}
