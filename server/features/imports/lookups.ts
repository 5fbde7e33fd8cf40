import { breathe, chunks, db, fromJson } from '../../core/db/index.ts'
import type { Actor } from '../../core/rights/index.ts'
import { settingAsSeen } from '../../core/settings.ts'
import { beginningWith, pick } from '../../core/text.ts'
import { listFields, listStoredValues } from '../people/fields/queries.ts'
import { listMorePowerful } from '../rights/service.ts'
import type { ExistingEmployment, ExistingPerson } from './parsing/match-person.ts'
import type { ListedField } from './parsing/own-fields.ts'
import type { ExistingOrganisation } from './parsing/plan-organisations.ts'
import type { PeopleKeys, PeopleLookup } from './parsing/plan-people.ts'
import type { OwnField } from './parsing/types.ts'

/** All organisations, closed ones too, by id. */
export async function lookUpOrganisations(): Promise<ExistingOrganisation[]> {
  const rows = await db()('organisations').orderBy('id').select('*')
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    shortName: row.short_name,
    kind: row.kind,
    inn: row.inn,
    address: row.address,
    phone: row.phone,
    email: row.email,
    website: row.website,
    headName: row.head_name,
    closed: row.state !== 'active',
  }))
}

/** Everybody who may be meant by the keys, with their places of work, and what their rows refer to. */
export async function lookUpPeople(
  actor: Actor,
  keys: PeopleKeys,
  listed: readonly OwnField[] = [],
): Promise<PeopleLookup> {
  const ids = await findIds(keys)
  const people = await loadPeople(ids)
  await addEmployments(people)
  await markGuarded(actor, people)
  const ownFields = (await listOwnFields(actor)).filter(({ key }) => listed.includes(key))
  await addOwnValues(people, ownFields)
  const organisations = (await lookUpOrganisations()).map(({ id, name, shortName, closed }) => ({
    id,
    name,
    shortName,
    closed,
  }))
  return {
    people: [...people.values()],
    organisations,
    categories: await loadCategories(),
    formerPositions: await loadFormerPositions(),
    ...(ownFields.length ? { ownFields } : {}),
  }
}

/** The fields that the authority has added, named in the actor's language. */
export async function listOwnFields(actor: Actor): Promise<ListedField[]> {
  const language = actor.language ?? settingAsSeen('authority').defaultLanguage
  const fields = await listFields()
  return fields
    .filter(({ isActive }) => isActive)
    .map(({ id, kind, title, options }) => ({
      key: `own:${id}` as const,
      id,
      kind,
      title: pick(title, language),
      names: Object.values(title),
      options: options.map((option) => ({
        id: option.id,
        names: [pick(option.title, language), ...Object.values(option.title)],
        isActive: option.isActive,
      })),
    }))
}

async function addOwnValues(people: Map<number, ExistingPerson>, fields: readonly ListedField[]): Promise<void> {
  if (!fields.length) return
  for (const part of chunks([...people.keys()])) {
    for (const [id, values] of await listStoredValues(part)) {
      const own = fields.flatMap(({ key, id: field }) => {
        const stored = values.get(field)
        return stored ? [[key, stored] as const] : []
      })
      const person = people.get(id)
      if (person && own.length) person.own = Object.fromEntries(own)
    }
    await breathe()
  }
}

async function findIds(keys: PeopleKeys): Promise<number[]> {
  const ids = new Set<number>()
  const collect = async (rows: PromiseLike<{ id: number }[]>) => {
    for (const { id } of await rows) ids.add(id)
    await breathe()
  }
  for (const emails of chunks(keys.emails)) await collect(db()('people').whereIn('email_folded', emails).select('id'))
  for (const names of chunks(keys.names)) await collect(db()('people').whereIn('sort_name', names).select('id'))
  for (const logins of chunks(keys.logins)) {
    await collect(db()('accounts').whereIn('login_folded', logins).select('person_id as id'))
  }
  for (const prefixes of chunks(keys.namePrefixes, 50)) {
    await collect(
      db()('people')
        .where((either) => {
          for (const prefix of prefixes) void either.orWhereBetween('sort_name', beginningWith(prefix))
        })
        .select('id'),
    )
  }
  return [...ids].sort((a, b) => a - b)
}

async function loadPeople(ids: number[]): Promise<Map<number, ExistingPerson>> {
  const people = new Map<number, ExistingPerson>()
  for (const part of chunks(ids)) {
    const rows = await db()('people as p')
      .leftJoin('accounts as a', 'a.person_id', 'p.id')
      .whereIn('p.id', part)
      .orderBy('p.id')
      .select('p.*', 'a.login')
    for (const row of rows) {
      people.set(row.id, {
        id: row.id,
        lastName: row.last_name,
        firstName: row.first_name,
        middleName: row.middle_name,
        birthDate: row.birth_date,
        email: row.email,
        phone: row.phone,
        login: row.login,
        experience: row.experience_years,
        categoryId: row.category_id,
        guarded: false,
        archived: row.state !== 'active',
        employments: [],
      })
    }
    await breathe()
  }
  return people
}

async function addEmployments(people: Map<number, ExistingPerson>): Promise<void> {
  for (const part of chunks([...people.keys()])) {
    const rows = await db()('employments as e')
      .leftJoin('positions as s', 's.id', 'e.position_id')
      .leftJoin('departments as d', 'd.id', 'e.department_id')
      .whereIn('e.person_id', part)
      .whereIn('e.state', ['confirmed', 'claimed'])
      .orderBy('e.id')
      .select('e.*', 's.name as position', 'd.name as department')
    for (const row of rows) {
      const employment: ExistingEmployment = {
        id: row.id,
        organisationId: row.organisation_id,
        department: row.department,
        position: row.position,
        startDate: row.starts_on,
        endDate: row.ends_on,
        claimed: row.state === 'claimed',
      }
      people.get(row.person_id)?.employments.push(employment)
    }
    await breathe()
  }
}

/** Marks those whose names and addresses the importer must leave alone: they may do what the importer may not. */
async function markGuarded(actor: Actor, people: Map<number, ExistingPerson>): Promise<void> {
  for (const id of await listMorePowerful([...people.keys()], actor)) {
    const person = people.get(id)
    if (person) person.guarded = true
  }
}

async function loadCategories(): Promise<PeopleLookup['categories']> {
  const rows: { id: number; code: string; name: string }[] = await db()('person_categories')
    .where({ state: 'active' })
    .select('id', 'code', 'name')
  return rows.map(({ id, code, name }) => ({
    id,
    names: [code, ...Object.values(fromJson<Record<string, string>>(name, {}))],
  }))
}

/** Positions that were merged into others, and those that are closed. */
async function loadFormerPositions(): Promise<PeopleLookup['formerPositions']> {
  const rows: { name: string; becomes: string | null }[] = await db()('positions as s')
    .leftJoin('positions as m', 'm.id', 's.merged_into')
    .whereNot('s.state', 'active')
    .select('s.name', 'm.name as becomes')
  return rows
}
