import { db, insertRow, toJson } from '../core/db/index.ts'
import type { Scope } from '../core/rights/index.ts'
import { roleId } from '../core/rights/roles.ts'
import { fold } from '../core/text.ts'
import { addDays, nowUtc, toUtc } from '../core/time.ts'
import { hashPassword } from '../features/accounts/passwords.ts'
import { TEST_PASSWORD } from './app.ts'

// Builders write rows directly and create what is missing around them, so that a test names only what it is about.

type Row = Record<string, unknown>
let counter = 0
const next = () => ++counter
const stamps = () => ({ created_at: nowUtc(), updated_at: nowUtc() })
const both = (text: string) => toJson({ ru: text, en: `${text} (en)` })

export async function makeOrganisation(values: Row = {}): Promise<number> {
  const name = String(values.name ?? `Школа № ${next()}`)
  const folded = { name_folded: fold(name), short_name_folded: fold(String(values.short_name ?? name)) }
  const id = await insertRow('organisations', {
    kind: 'school',
    name,
    short_name: name,
    ...folded,
    path: '',
    ...stamps(),
    ...values,
  })
  await db()('organisations')
    .where({ id })
    .update({ path: `/${id}/` })
  return id
}

let passwordHash: Promise<string> | undefined

/** A person with an active account; `login` defaults to `person<n>`. @returns the id */
export async function makePerson(values: Row & { login?: string | null } = {}): Promise<number> {
  const { login = `person${next()}`, ...columns } = values
  const names = { last_name: 'Тестова', first_name: `Анна${next()}`, middle_name: 'Ивановна', ...columns }
  const sort_name = fold(`${names.last_name} ${names.first_name} ${names.middle_name ?? ''}`)
  const email = login ? `${login}@example.org` : null
  const id = await insertRow('people', { sort_name, email, email_folded: email, ...stamps(), ...names })
  const words = [...new Set(sort_name.split(/[\s-]+/).filter(Boolean))]
  await db()('person_words').insert(words.map((word) => ({ word, person_id: id })))
  if (login) {
    passwordHash ??= hashPassword(TEST_PASSWORD)
    const account = {
      person_id: id,
      login,
      login_folded: fold(login),
      password_hash: await passwordHash,
      state: 'active',
    }
    await db()('accounts').insert({ ...account, ...stamps() })
  }
  return id
}

export async function makeGrant(
  personId: number,
  role: string,
  scope: Scope = { type: 'authority', id: 0 },
  values: Row = {},
) {
  const row = { person_id: personId, role_id: await roleId(role), scope_type: scope.type, scope_id: scope.id }
  return insertRow('grants', { ...row, source: 'manual', created_at: nowUtc(), ...values })
}

/** A person who signs in as `login` and has a role in a scope (the authority unless given). */
export async function makeUser(login: string, role?: string, scope?: Scope): Promise<number> {
  const id = await makePerson({ login })
  if (role) await makeGrant(id, role, scope)
  return id
}

export async function makePosition(name = 'учитель математики'): Promise<number> {
  const found = await db()('positions')
    .where({ name_folded: fold(name) })
    .first('id')
  return found?.id ?? insertRow('positions', { name, name_folded: fold(name), created_at: nowUtc() })
}

export const makeEmployment = async (personId: number, organisationId: number, values: Row = {}): Promise<number> =>
  insertRow('employments', {
    person_id: personId,
    organisation_id: organisationId,
    position_id: await makePosition(),
    starts_on: '2025-09-01',
    ...stamps(),
    ...values,
  })

export const makeProgramme = (values: Row = {}): Promise<number> =>
  insertRow('programmes', {
    code: `programme-${next()}`,
    title: both('Программа'),
    description: both('<p>О программе</p>'),
    rules: toJson({
      minTopics: null,
      maxTopics: null,
      minHours: null,
      maxHours: null,
      ownItemsMaxHours: null,
      approval: 'methodist',
    }),
    state: 'active',
    ...stamps(),
    ...values,
  })

export const makeModule = async (values: Row = {}): Promise<number> => {
  const programme_id = values.programme_id ?? (await makeProgramme())
  const row = {
    programme_id,
    position: next(),
    title: both('Модуль'),
    aim: both('<p>Цель</p>'),
    hours: 16,
    credit_rule: toJson({}),
  }
  return insertRow('modules', { ...row, ...stamps(), ...values })
}

export const makeTopic = async (values: Row = {}): Promise<number> => {
  const module_id = values.module_id ?? (await makeModule())
  const row = {
    module_id,
    position: next(),
    title: both(`Тема ${counter}`),
    description: both('<p>О теме</p>'),
    hours: 4,
    format: 'seminar',
  }
  return insertRow('topics', { ...row, ...stamps(), ...values })
}

export const makeMilestone = async (values: Row = {}): Promise<number> => {
  const programme_id = values.programme_id ?? (await makeProgramme())
  const row = {
    programme_id,
    position: next(),
    kind: 'manual',
    title: both('Раздел'),
    hint: both(''),
    settings: toJson({}),
  }
  return insertRow('milestones', { ...row, ...stamps(), ...values })
}

/** A running cohort that began a month ago, with its route window open. */
export const makeCohort = async (values: Row = {}): Promise<number> => {
  const programme_id = values.programme_id ?? (await makeProgramme())
  const today = nowUtc().slice(0, 10)
  const dates = {
    starts_on: addDays(today, -30),
    ends_on: addDays(today, 240),
    route_opens_on: addDays(today, -30),
    route_closes_on: addDays(today, 60),
  }
  return insertRow('cohorts', {
    programme_id,
    title: `Поток ${next()}`,
    state: 'running',
    ...dates,
    ...stamps(),
    ...values,
  })
}

/** An enrolment, with the learner's grant that follows from it. */
export const makeEnrolment = async (personId: number, cohortId: number, values: Row = {}): Promise<number> => {
  const row = {
    cohort_id: cohortId,
    person_id: personId,
    state: 'active',
    source: 'list',
    enrolled_on: nowUtc().slice(0, 10),
  }
  const id = await insertRow('enrolments', { ...row, ...stamps(), ...values })
  await makeGrant(personId, 'learner', { type: 'cohort', id: cohortId }, { source: 'enrolment', source_id: id })
  return id
}

export const makeGroup = (cohortId: number, moduleId: number, values: Row = {}): Promise<number> =>
  insertRow('groups', { cohort_id: cohortId, module_id: moduleId, name: `Группа ${next()}`, ...stamps(), ...values })

export const makeMember = (groupId: number, enrolmentId: number, values: Row = {}): Promise<number> =>
  insertRow('group_members', { group_id: groupId, enrolment_id: enrolmentId, starts_on: '2025-09-01', ...values })

export const makeOffering = async (groupId: number, topicId: number, values: Row = {}): Promise<number> => {
  const group = await db()('groups').where({ id: groupId }).first('cohort_id')
  return insertRow('offerings', {
    cohort_id: group.cohort_id,
    group_id: groupId,
    topic_id: topicId,
    ...stamps(),
    ...values,
  })
}

/** A lesson `inDays` from now, two academic hours long. */
export const makeLesson = (groupId: number, inDays = 1, values: Row = {}): Promise<number> => {
  const start = new Date(Date.now() + inDays * 86_400_000)
  start.setUTCHours(12, 0, 0, 0)
  const ends_at = toUtc(new Date(start.getTime() + 90 * 60_000))
  return insertRow('lessons', { group_id: groupId, starts_at: toUtc(start), ends_at, ...stamps(), ...values })
}

/** A material of a module or a topic, an article unless said otherwise. */
export async function makeMaterial(ownerType: 'module' | 'topic', ownerId: number, values: Row = {}): Promise<number> {
  const row = { kind: 'article', title: both('Материал'), body: both('<p>Текст</p>') }
  const id = await insertRow('materials', { ...row, ...stamps(), ...values })
  const link = { material_id: id, owner_type: ownerType, owner_id: ownerId, position: next() }
  await db()('material_links').insert(link)
  return id
}
