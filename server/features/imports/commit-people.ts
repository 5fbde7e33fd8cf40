import type { Actor } from '../../core/rights/index.ts'
import { addDays } from '../../core/time.ts'
import { reserveLogins } from '../accounts/bulk-service.ts'
import { createOrganisations } from '../organisations/bulk-service.ts'
import {
  createEmployments,
  type EmploymentChange,
  type ListedEmployment,
  updateEmployments,
} from '../people/bulk-employments.ts'
import { createPeople, type ListedPerson, updatePeople } from '../people/bulk-service.ts'
import { type ListedValues, saveManyValues } from '../people/fields/bulk-values.ts'
import type { ExistingEmployment } from './parsing/match-person.ts'
import { genderOf } from './parsing/names.ts'
import { organisationKindOf } from './parsing/organisation-names.ts'
import type { OrganisationTarget, PlannedPerson } from './parsing/plan-people.ts'
import { type Field, isOwnField, type PersonValues } from './parsing/types.ts'
import type { WritingPlan } from './worker/protocol.ts'

type PeopleWriting = Extract<WritingPlan, { kind: 'people' }>

/** What the plan ends: places of work by id, with their beginnings. */
export type EndingEmployments = ReadonlyMap<
  number,
  Pick<ExistingEmployment, 'startDate' | 'organisationId'> & { personId: number }
>

/**
 * Writes the planned people in the ambient transaction: organisations that they bring along, the people, their logins and
 * their places of work, each in a few statements whatever their number.
 * @returns ids of people by line of the file
 */
export async function writePeople(
  actor: Actor,
  plan: PeopleWriting,
  importId: number,
  ending: EndingEmployments,
  today: string,
): Promise<Map<number, number>> {
  const organisations = await makeOrganisations(actor, plan.newOrganisations)
  const targets = await makePeople(actor, plan.rows, importId)
  await changePeople(actor, plan.rows)
  await saveManyValues(actor, ownValues(plan.rows, targets))
  await reserveLogins(actor, newLogins(plan.rows, targets))
  const idOf = (target: OrganisationTarget) => ('id' in target ? target.id : organisations.get(target.newKey)!)
  await endEmployments(actor, plan.rows, ending, today)
  await updateEmployments(actor, changedWork(plan.rows, idOf))
  await createEmployments(actor, newWork(plan.rows, targets, idOf))
  return targets
}

async function makeOrganisations(
  actor: Actor,
  wanted: PeopleWriting['newOrganisations'],
): Promise<Map<string, number>> {
  if (wanted.length === 0) return new Map()
  const nothing = { inn: null, address: null, phone: null, email: null, website: null, headName: null }
  const ids = await createOrganisations(
    actor,
    wanted.map(({ name }) => ({ ...nothing, name, shortName: null, kind: organisationKindOf(name) })),
  )
  return new Map(wanted.map(({ key, name }) => [key, ids.get(name)!]))
}

async function makePeople(
  actor: Actor,
  rows: readonly PlannedPerson[],
  importId: number,
): Promise<Map<number, number>> {
  const made = rows.filter((row) => row.action === 'create' && row.joinsLine === null)
  const ids = await createPeople(actor, `import:${importId}`, made.map(listed))
  const targets = new Map(made.map((row, at) => [row.line, ids[at]!]))
  for (const row of rows) {
    const maker = row.joinsLine === null ? undefined : targets.get(row.joinsLine)
    if (row.action === 'create' && maker !== undefined) targets.set(row.line, maker)
  }
  return targets
}

function listed({ values, categoryId }: PlannedPerson): ListedPerson {
  const { lastName, firstName, middleName, birthDate, email, phone, experience } = values
  const name = { lastName: lastName!, firstName: firstName!, middleName, gender: genderOf(middleName) }
  return { ...name, birthDate, email, phone, experience, categoryId }
}

const OWN_FIELDS = new Set<Field>(['lastName', 'firstName', 'middleName', 'birthDate', 'email', 'phone', 'experience'])

async function changePeople(actor: Actor, rows: readonly PlannedPerson[]): Promise<void> {
  const changes = rows.flatMap((row) => {
    if (row.action !== 'update') return []
    const own = row.changes.filter(({ field }) => OWN_FIELDS.has(field)).map(({ field, after }) => [field, after])
    const values: Partial<ListedPerson> = Object.fromEntries(own)
    if (row.changes.some(({ field }) => field === 'category')) values.categoryId = row.categoryId
    return Object.keys(values).length > 0 ? [{ id: row.personId!, values }] : []
  })
  await updatePeople(actor, changes)
}

/** Of every person the values of added fields, with what they are called for the audit trail. */
function ownValues(rows: readonly PlannedPerson[], targets: Map<number, number>): ListedValues[] {
  return rows.flatMap((row) => {
    if (!row.own.length || (row.action !== 'create' && row.action !== 'update')) return []
    const own = row.changes.filter(({ field }) => isOwnField(field))
    const words = (which: 'before' | 'after') =>
      Object.fromEntries(own.map((change) => [change.title ?? change.field, change[which] as string | null]))
    const personId = row.personId ?? targets.get(row.line)!
    return [{ personId, values: row.own, before: words('before'), after: words('after') }]
  })
}

function newLogins(rows: readonly PlannedPerson[], targets: Map<number, number>) {
  return rows.flatMap((row) => {
    const login = row.values.login
    if (login === null || row.joinsLine !== null) return []
    const isNew = row.action === 'create' || row.changes.some(({ field }) => field === 'login')
    return isNew ? [{ personId: row.personId ?? targets.get(row.line)!, login }] : []
  })
}

/** A person who moves leaves the former place the day before, or yesterday where no date is given. */
async function endEmployments(
  actor: Actor,
  rows: readonly PlannedPerson[],
  ending: EndingEmployments,
  today: string,
): Promise<void> {
  const changes = rows.flatMap((row) =>
    (row.employment?.ends ?? []).flatMap((id): EmploymentChange[] => {
      const stored = ending.get(id)
      if (!stored) return []
      const { startDate, organisationId, personId } = stored
      const last = addDays(row.values.startDate ?? today, -1)
      const endsOn = startDate !== null && last < startDate ? startDate : last
      return [{ id, personId, organisationId, values: { endsOn } }]
    }),
  )
  await updateEmployments(actor, changes)
}

function changedWork(rows: readonly PlannedPerson[], idOf: (target: OrganisationTarget) => number): EmploymentChange[] {
  return rows.flatMap((row) => {
    if (row.employment?.action !== 'update') return []
    const { id, organisation } = row.employment
    const says = (field: keyof PersonValues & Field) => row.changes.some((change) => change.field === field)
    const { department, position, startDate, endDate } = row.values
    const values: EmploymentChange['values'] = {
      ...(says('department') ? { department } : {}),
      ...(says('position') ? { position } : {}),
      ...(says('startDate') ? { startsOn: startDate } : {}),
      ...(says('endDate') ? { endsOn: endDate } : {}),
      ...(says('organisation') ? { confirmed: true as const } : {}),
    }
    return [{ id: id!, personId: row.personId!, organisationId: idOf(organisation), values }]
  })
}

function newWork(
  rows: readonly PlannedPerson[],
  targets: Map<number, number>,
  idOf: (target: OrganisationTarget) => number,
): ListedEmployment[] {
  return rows.flatMap((row) => {
    if (row.employment?.action !== 'create') return []
    const { department, position, startDate, endDate } = row.values
    return [
      {
        personId: row.personId ?? targets.get(row.line)!,
        organisationId: idOf(row.employment.organisation),
        department,
        position,
        startsOn: startDate,
        endsOn: endDate,
      },
    ]
  })
}
