import { expect } from 'chai'
import fc from 'fast-check'
import { db } from '../../../core/db/index.ts'
import { loadActor } from '../../../core/rights/actor.ts'
import type { Actor } from '../../../core/rights/index.ts'
import { authorityToday } from '../../../core/settings.ts'
import { fold } from '../../../core/text.ts'
import { addDays, localToUtc } from '../../../core/time.ts'
import { useApp } from '../../../testing/app.ts'
import {
  makeCohort,
  makeEmployment,
  makeEnrolment,
  makeGrant,
  makeOrganisation,
  makePerson,
  makePosition,
  makeUser,
} from '../../../testing/builders.ts'
import { visiblePeople } from '../queries.ts'
import { boundsOf } from './dates.ts'
import type { Condition, Filter, Group, Operator } from './model.ts'
import { numberOf } from './model.ts'
import { peopleMatching } from './queries.ts'

// Two answers to the same question: one by SQL, one by plain comparison of what is stored.

type Row = Record<string, string | number | null>
type Somebody = {
  person: Row
  words: string[]
  works: Row[]
  enrolments: Row[]
  account: Row | undefined
  roles: string[]
}

const compare = (value: string | number | null | undefined, condition: Condition, today: string): boolean => {
  const { op, values } = condition
  if (op === 'filled') return value !== null && value !== undefined
  if (op === 'empty') return value === null || value === undefined
  if (op === 'noneOf') return value === null || value === undefined || !values.includes(String(value))
  if (op === 'no') return !value
  if (value === null || value === undefined) return false
  const bounds = boundsOf(condition, today)
  if (bounds) return (bounds.from ?? '') <= String(value) && String(value) <= (bounds.to ?? '9999')
  const first = values[0] ?? ''
  if (op === 'begins') return String(value).startsWith(fold(first))
  if (op === 'is') return String(value) === fold(first)
  if (op === 'atLeast') return Number(value) >= numberOf(first)
  if (op === 'atMost') return Number(value) <= numberOf(first)
  if (op === 'equals') return Number(value) === numberOf(first)
  if (op === 'oneOf') return values.includes(String(value))
  return op === 'yes' && Boolean(value)
}

const zone = 'Europe/Moscow'
const dayOf = (moment: string | number | null | undefined) => {
  if (!moment) return null
  // The civil day of a stored moment, found by looking at the midnights around it.
  const date = String(moment).slice(0, 10)
  return (localToUtc(`${addDays(date, 1)}T00:00`, zone) as string) <= String(moment) ? addDays(date, 1) : date
}

const PERSON: Record<string, (one: Somebody) => string | number | null | undefined> = {
  'person.email': ({ person }) => person.email_folded,
  'person.phone': ({ person }) => person.phone,
  'person.birthDate': ({ person }) => person.birth_date,
  'person.gender': ({ person }) => person.gender,
  'person.experience': ({ person }) => person.experience_years,
  'work.any': ({ works }) => works.length,
  'enrolment.any': ({ enrolments }) =>
    enrolments.filter(({ state }) => ['active', 'suspended'].includes(String(state))).length,
  'account.lastVisit': ({ account }) => dayOf(account?.last_sign_in_at),
  'account.state': ({ account }) => account?.state ?? 'none',
}
const WORK: Record<string, (work: Row) => string | number | null | undefined> = {
  'work.organisationKind': (work) => work.kind,
  'work.position': (work) => work.position_id,
  'work.startsOn': (work) => work.starts_on,
  'work.endsOn': (work) => work.ends_on,
  'work.isHead': (work) => work.is_head,
}
const ENROLMENT: Record<string, (one: Row, today: string) => string | number | null | undefined> = {
  'enrolment.cohort': (one) => one.cohort_id,
  'enrolment.state': (one) => one.state,
  'enrolment.enrolledOn': (one) => one.enrolled_on,
  'enrolment.credits': (one) => one.credits_passed ?? 0,
  'enrolment.late': (one, today) => Number(one.state === 'active' && String(one.next_due_on ?? '9999') < today),
}

function meetsWork(work: Row, condition: Condition, today: string): boolean {
  if (condition.field === 'work.organisation')
    return String(work.path).includes(`/${condition.values[0]}/`) === (condition.op === 'within')
  return compare(WORK[condition.field]?.(work), condition, today)
}

function meetsPerson(one: Somebody, condition: Condition, today: string): boolean {
  if (condition.field === 'role')
    return one.roles.some((role) => condition.values.includes(role)) === (condition.op === 'oneOf')
  if (condition.field === 'person.name' && condition.op === 'begins')
    return fold(condition.values[0] ?? '')
      .split(/[\s.,-]+/)
      .every((word) => one.words.some((own) => own.startsWith(word)))
  if (condition.field === 'person.name') return compare(one.person.sort_name, condition, today)
  return compare(PERSON[condition.field]?.(one), condition, today)
}

const quantified = (match: Group['match'], list: boolean[]) =>
  match === 'all' ? list.every(Boolean) : list.some(Boolean)

function meetsGroup(one: Somebody, { match, conditions }: Group, today: string): boolean {
  const works = conditions.filter(({ field }) => field in WORK || field === 'work.organisation')
  const learns = conditions.filter(({ field }) => field in ENROLMENT)
  const others = conditions.filter((condition) => !works.includes(condition) && !learns.includes(condition))
  const asksState = learns.some(({ field }) => field === 'enrolment.state')
  const parts = others.map((condition) => meetsPerson(one, condition, today))
  if (works.length)
    parts.push(
      one.works.some((work) =>
        quantified(
          match,
          works.map((condition) => meetsWork(work, condition, today)),
        ),
      ),
    )
  if (learns.length)
    parts.push(
      one.enrolments
        .filter(({ state }) => asksState || state !== 'withdrawn')
        .some((row) =>
          quantified(
            match,
            learns.map((condition) => compare(ENROLMENT[condition.field]?.(row, today), condition, today)),
          ),
        ),
    )
  return quantified(match, parts)
}

const meets = (one: Somebody, filter: Filter, today: string): boolean => {
  const groups = filter.groups.filter(({ conditions }) => conditions.length)
  return (
    groups.length === 0 ||
    quantified(
      filter.match,
      groups.map((group) => meetsGroup(one, group, today)),
    )
  )
}

describe('filters over people', function () {
  this.timeout(120_000)
  useApp()
  let people: Somebody[]
  let today: string
  let administrator: Actor
  let director: Actor
  let filters: fc.Arbitrary<Filter>

  before(async () => {
    today = authorityToday()
    const root = await makeOrganisation({ name: 'Управление', kind: 'authority' })
    const school = await makeOrganisation({ name: 'Школа', kind: 'school' })
    const garden = await makeOrganisation({ name: 'Сад', kind: 'kindergarten' })
    for (const id of [school, garden])
      await db()('organisations')
        .where({ id })
        .update({ path: `/${root}/${id}/` })
    const positions = [await makePosition('учитель'), await makePosition('воспитатель')]
    const cohorts = [await makeCohort(), await makeCohort()]
    const dates = [-800, -366, -365, -91, -90, -1, 0].map((days) => addDays(today, days))
    await makeRandomPeople({ organisations: [root, school, garden], positions, cohorts, dates })
    administrator = (await loadActor(await makeUser('boss', 'administrator'), zone)) as Actor
    director = (await loadActor(
      await makeUser('head', 'director', { type: 'organisation', id: school }),
      zone,
    )) as Actor
    people = await loadPeople(today)
    filters = filterArbitrary({ organisations: [root, school, garden], positions, cohorts, dates })
  })

  it('find by SQL exactly whom a plain comparison finds', async () => {
    await fc.assert(
      fc.asyncProperty(filters, async (filter) => {
        const query = visiblePeople(administrator).modify(await peopleMatching(administrator, filter))
        const found: number[] = await query.pluck('p.id')
        const expected = people.filter((one) => meets(one, filter, today)).map(({ person }) => Number(person.id))
        expect(found.sort((a, b) => a - b)).to.deep.equal(expected.sort((a, b) => a - b))
      }),
      { numRuns: 250 },
    )
  })

  it('never find anybody whom their reader does not see', async () => {
    const seen: number[] = await visiblePeople(director).pluck('p.id')
    expect(seen.length).to.be.greaterThan(0).and.below(people.length)
    await fc.assert(
      fc.asyncProperty(filters, async (filter) => {
        const found: number[] = await visiblePeople(director)
          .modify(await peopleMatching(director, filter))
          .pluck('p.id')
        expect(found.filter((id) => !seen.includes(id))).to.deep.equal([])
      }),
      { numRuns: 60 },
    )
  })
})

type World = { organisations: number[]; positions: number[]; cohorts: number[]; dates: string[] }

async function makeRandomPeople({ organisations, positions, cohorts, dates }: World) {
  const [sample] = fc.sample(fc.array(fc.nat(1000), { minLength: 600, maxLength: 600 }), { numRuns: 1, seed: 7 })
  let at = 0
  const next = (limit: number) => (sample?.[at++ % 600] ?? 0) % limit
  const one = <T>(list: readonly T[]): T => list[next(list.length)] as T
  for (let count = 0; count < 45; count++) {
    const id = await makePerson({
      login: next(3) ? `who${count}` : null,
      last_name: one(['Иванова', 'Ёлкина', 'Петрова-Водкина']),
      first_name: one(['Анна', 'Алёна', 'Пётр']),
      birth_date: one([null, '1990-05-01', '2000-02-29']),
      gender: one([null, 'female', 'male']),
      experience_years: one([null, 0, 5]),
      phone: one([null, '+7 900 000-00-00']),
    })
    await db()('accounts')
      .where({ person_id: id })
      .update({
        state: one(['active', 'invited', 'blocked']),
        last_sign_in_at: one([
          null,
          ...dates.map((day) => `${day} 20:59:59.000`),
          ...dates.map((day) => `${day} 21:00:00.000`),
        ]),
      })
    for (let jobs = next(3); jobs > 0; jobs--)
      await makeEmployment(id, one(organisations), {
        position_id: one([null, ...positions]),
        starts_on: one([null, ...dates]),
        ends_on: one([null, null, addDays(dates.at(-1) as string, -1), addDays(dates.at(-1) as string, 30)]),
        is_head: next(5) === 0 ? 1 : 0,
      })
    for (const cohort of cohorts) {
      if (next(2)) continue
      const enrolment = await makeEnrolment(id, cohort, {
        state: one(['active', 'suspended', 'withdrawn', 'completed']),
        enrolled_on: one(dates),
      })
      if (next(3))
        await db()('enrolment_progress').insert({
          enrolment_id: enrolment,
          credits_passed: next(4),
          next_due_on: one([null, ...dates, addDays(dates.at(-1) as string, 5)]),
          updated_at: `${dates[0]} 00:00:00.000`,
        })
    }
    if (next(4) === 0) await makeGrant(id, one(['methodist', 'instructor']))
  }
}

async function loadPeople(today: string): Promise<Somebody[]> {
  const isPresent = (row: Row) => (!row.starts_on || row.starts_on <= today) && (!row.ends_on || row.ends_on >= today)
  const [people, words, works, enrolments, accounts, grants] = (await Promise.all([
    db()('people'),
    db()('person_words'),
    db()('employments as e').join('organisations as o', 'o.id', 'e.organisation_id').select('e.*', 'o.kind', 'o.path'),
    db()('enrolments as e')
      .leftJoin('enrolment_progress as ep', 'ep.enrolment_id', 'e.id')
      .select('e.*', 'ep.credits_passed', 'ep.next_due_on'),
    db()('accounts'),
    db()('grants as g').join('roles as r', 'r.id', 'g.role_id').select('g.*', 'r.code'),
  ])) as Row[][]
  const of = (rows: Row[] | undefined, id: unknown) => (rows ?? []).filter((row) => row.person_id === id)
  return (people ?? []).map((person) => ({
    person,
    words: of(words, person.id).map(({ word }) => String(word)),
    works: of(works, person.id).filter(isPresent),
    enrolments: of(enrolments, person.id),
    account: of(accounts, person.id)[0],
    roles: of(grants, person.id)
      .filter(isPresent)
      .map(({ code }) => String(code)),
  }))
}

function filterArbitrary({ organisations, positions, cohorts, dates }: World): fc.Arbitrary<Filter> {
  const ask = (field: string, ops: readonly Operator[], values: fc.Arbitrary<string[]>) =>
    fc.record({ field: fc.constant(field), op: fc.constantFrom(...ops), values })
  const of = (...list: (string | number)[]) =>
    fc.uniqueArray(fc.constantFrom(...list.map(String)), { minLength: 1, maxLength: 2 })
  const date = (field: string) =>
    fc.oneof(
      ask(
        field,
        ['from', 'to'],
        of(...dates).map((list) => list.slice(0, 1)),
      ),
      ask(
        field,
        ['between'],
        of(...dates).map((list) => [list.toSorted()[0] ?? '', list.toSorted().at(-1) ?? '']),
      ),
      ask(field, ['lastDays', 'nextDays'], of(1, 90, 91)),
      ask(field, ['olderThan', 'youngerThan'], fc.constantFrom(['1', 'year'], ['3', 'month'], ['90', 'day'])),
      ask(field, ['sinceYearly'], fc.constantFrom(['09-01'], ['01-01'])),
      ask(field, ['filled', 'empty'], fc.constant([])),
    )
  const condition = fc.oneof(
    ask('person.name', ['begins'], of('ив', 'анна', 'елк', 'водк', 'ив ал')),
    ask('person.name', ['is'], of('Ёлкина Анна Ивановна')),
    ask('person.email', ['begins', 'is', 'filled', 'empty'], of('who1', 'who2@example.org')),
    ask('person.phone', ['filled', 'empty'], fc.constant([])),
    date('person.birthDate'),
    ask('person.gender', ['oneOf', 'noneOf', 'filled', 'empty'], of('female', 'male')),
    ask('person.experience', ['atLeast', 'atMost', 'equals', 'filled', 'empty'], of('0', '5', '4,5')),
    ask('work.any', ['yes', 'no'], fc.constant([])),
    ask('work.organisation', ['within', 'notWithin'], of(...organisations)),
    ask('work.organisationKind', ['oneOf', 'noneOf'], of('school', 'kindergarten', 'other')),
    ask('work.position', ['oneOf', 'noneOf', 'filled', 'empty'], of(...positions)),
    date('work.startsOn'),
    date('work.endsOn'),
    ask('work.isHead', ['yes', 'no'], fc.constant([])),
    ask('enrolment.any', ['yes', 'no'], fc.constant([])),
    ask('enrolment.cohort', ['oneOf', 'noneOf'], of(...cohorts)),
    ask('enrolment.state', ['oneOf', 'noneOf'], of('active', 'withdrawn', 'completed')),
    date('enrolment.enrolledOn'),
    ask('enrolment.credits', ['atLeast', 'atMost', 'equals'], of('0', '1', '2')),
    ask('enrolment.late', ['yes', 'no'], fc.constant([])),
    ask('role', ['oneOf', 'noneOf'], of('methodist', 'instructor', 'learner')),
    ask('account.state', ['oneOf', 'noneOf'], of('none', 'active', 'invited', 'blocked')),
    date('account.lastVisit'),
  )
  const match = fc.constantFrom('all' as const, 'any' as const)
  const group = fc.record({ match, conditions: fc.array(condition, { maxLength: 4 }) })
  return fc.record({ match, groups: fc.array(group, { maxLength: 3 }) })
}
