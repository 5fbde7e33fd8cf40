import { db, insertRow, insertRows, toJson, withTransaction } from '../../server/core/db/index.ts'
import { SYSTEM } from '../../server/core/rights/index.ts'
import { roleId } from '../../server/core/rights/roles.ts'
import { rebuildSearch, setSearchKinds } from '../../server/core/search/index.ts'
import { saveSetting, setting } from '../../server/core/settings.ts'
import { addDays, nowUtc, today, toUtc } from '../../server/core/time.ts'
import { hashPassword } from '../../server/features/accounts/passwords.ts'
import { createProgrammeFromFile } from '../../server/features/programmes/transfer/create-from-file.ts'
import { rebuildAllProgress } from '../../server/features/progress/rebuild.ts'
import { features } from '../../server/features.ts'
import { COHORT_TABLES, makeCohort } from '../data-set/cohort.ts'
import { makeStaff, PEOPLE_TABLES, type Staff } from '../data-set/people.ts'
import { readProgrammePlan } from '../data-set/programme-plan.ts'
import { BulkWriter } from '../data-set/writer.ts'
import { mulberry32 } from '../demo-names/index.ts'
import { readyProgrammeFile } from '../ready-programme/index.ts'
import { loadAudit } from './audit.ts'
import { loadNotices } from './notices.ts'

/** How large an authority is: a demonstration or a city. */
export type Size = { organisations: number; people: number; cohorts: number; learnersPerCohort: number; events: number }

export const DEMONSTRATION: Size = { organisations: 40, people: 900, cohorts: 2, learnersPerCohort: 60, events: 10_000 }
export const CITY: Size = {
  organisations: 1800,
  people: 130_000,
  cohorts: 800,
  learnersPerCohort: 32,
  events: 5_000_000,
}

/** What the benchmark opens, the same at every size: one journal of 30 × 40, one organisation with 120 learners. */
export type Marks = {
  learner: number
  enrolment: number
  instructor: number
  group: number
  director: number
  organisation: number
  position: number
  filter: number
}

const EMPLOYEES = 120
const JOURNAL_LEARNERS = 30
const JOURNAL_LESSONS = 40

/**
 * Fills an empty database with an authority of a size. Not in one transaction: a benchmark's database that was cut off is
 * thrown away.
 */
export async function loadAuthority(size: Size, password: string, say: (what: string) => void): Promise<Marks> {
  const authority = await setting('authority')
  await saveSetting('authority', { ...authority, name: 'Benchmark' })
  const date = today(authority.timeZone)
  const { programmeId } = await createProgrammeFromFile(SYSTEM, readyProgrammeFile(), { state: 'active' })
  const programme = await readProgrammePlan(programmeId)
  const writer = new BulkWriter()
  await writer.begin([...PEOPLE_TABLES, ...COHORT_TABLES])
  say(`${size.people} people`)
  const staffs = await makeStaff(writer, { organisations: size.organisations, people: size.people, today: date })
  for (const table of ['organisations', 'departments']) {
    await db()(table)
      .where({ path: '' })
      .update({ path: db().raw("concat('/', id, '/')") })
  }
  const school = gather(staffs)
  await moveInto(school.organisationId, school.people)
  const everybody = staffs.flatMap((staff) => staff.employees.map((employee) => employee.personId))
  const others = everybody.filter((id) => !school.people.includes(id))
  const instructors = others.slice(0, Math.max(8, Math.floor(size.cohorts / 2)))
  const learners = [...school.people, ...others.slice(instructors.length)]
  const rng = mulberry32(5)
  for (let number = 0; number < size.cohorts; number++) {
    const from = number * size.learnersPerCohort
    const isOpen = number % 5 === 4 || (size.cohorts < 5 && number === size.cohorts - 1)
    const startsOn = addDays(date, isOpen ? 25 : -230 + (number % 3) * 50)
    await makeCohort(writer, rng, programme, {
      title: `Поток ${number + 1}`,
      startsOn,
      endsOn: addDays(startsOn, 265),
      routeOpensOn: addDays(date, isOpen ? -10 : -260),
      routeClosesOn: addDays(date, 20),
      today: date,
      learners: learners.slice(from, from + size.learnersPerCohort),
      groupsPerModule: 1,
      instructors: [0, 1, 2, 3].map((offset) => instructors[(number + offset) % instructors.length] as number),
      methodist: null,
      phase: isOpen ? 'open' : 'running',
      withHistory: false,
    })
    if (writer.isFull) await writer.flush()
    if (number % 50 === 49) say(`${number + 1} cohorts`)
  }
  await writer.flush()
  const marks = await markUp(school, instructors[0] as number, password)
  say('notices')
  await loadNotices(everybody, date)
  say('progress')
  await rebuildAllProgress()
  say('search index')
  setSearchKinds(features.flatMap(({ search = [] }) => search))
  await rebuildSearch()
  await db()('domain_events').whereNull('delivered_at').update({ delivered_at: nowUtc() })
  say(`${size.events} events of the audit trail`)
  await loadAudit(rng, [...instructors, ...learners], size.events, date)
  return marks
}

/** The largest organisation gets enough staff that 120 of them learn. */
function gather(staffs: Staff[]) {
  const [largest, ...others] = [...staffs].sort((a, b) => b.employees.length - a.employees.length) as [
    Staff,
    ...Staff[],
  ]
  const borrowed = others.flatMap((staff) => staff.employees.slice(0, 3).map((employee) => employee.personId))
  const people = [...largest.employees.map((employee) => employee.personId), ...borrowed].slice(0, EMPLOYEES)
  return { organisationId: largest.organisationId, director: largest.head, people }
}

async function moveInto(organisationId: number, people: number[]) {
  await db()('employments')
    .whereIn('person_id', people)
    .update({ organisation_id: organisationId, department_id: null })
}

/** Sign-ins, and the journal of 30 learners × 40 lessons in the first running cohort. */
async function markUp(school: ReturnType<typeof gather>, instructor: number, password: string): Promise<Marks> {
  return withTransaction(async () => {
    const learner = school.people[0] as number
    const enrolment = await db()('enrolments').where({ person_id: learner }).first()
    const group = await db()('groups').where({ cohort_id: enrolment.cohort_id }).orderBy('id').first('id')
    await fillJournal(group.id, instructor)
    const open = await db()('enrolments as e')
      .join('learning_routes as r', 'r.enrolment_id', 'e.id')
      .where('r.state', 'draft')
      .orderBy('e.id')
      .first('e.id', 'e.person_id')
    const now = nowUtc()
    const [administrator] = await db()('people').orderBy('id', 'desc').limit(1).select('id')
    const grant = { scope_type: 'authority', scope_id: 0, source: 'manual', created_at: now }
    await db()('grants').insert({ person_id: administrator.id, role_id: await roleId('administrator'), ...grant })
    const scope = { scope_type: 'group', scope_id: group.id, source: 'manual', created_at: now }
    await db()('grants').insert({ person_id: instructor, role_id: await roleId('instructor'), ...scope })
    const password_hash = await hashPassword(password)
    const logins: [string, number][] = [
      ['learner', learner],
      ['builder', open.person_id],
      ['instructor', instructor],
      ['director', school.director],
      ['admin', administrator.id],
    ]
    const account = { password_hash, state: 'active', created_at: now, updated_at: now }
    await db()('accounts').insert(
      logins.map(([login, person_id]) => ({ person_id, login, login_folded: login, ...account })),
    )
    // The commonest one: at either size its people fill more than a page.
    const [position] = await db()('employments')
      .whereNotNull('position_id')
      .groupBy('position_id')
      .orderByRaw('count(*) desc')
      .limit(1)
      .select('position_id')
    const filter = await keepFilter(administrator.id)
    const ids = { group: group.id, organisation: school.organisationId, position: position.position_id, filter }
    return { learner, enrolment: open.id, instructor, director: school.director, ...ids }
  })
}

/** Everyone who began to work in a school since the last 1 September. */
function keepFilter(ownerId: number): Promise<number> {
  const conditions = [
    { field: 'work.startsOn', op: 'sinceYearly', values: ['09-01'] },
    { field: 'work.organisationKind', op: 'oneOf', values: ['school'] },
  ]
  const criteria = toJson({ match: 'all', groups: [{ match: 'all', conditions }] })
  const stamps = { created_at: nowUtc(), updated_at: nowUtc() }
  return insertRow('saved_filters', { owner_id: ownerId, subject: 'people', name: 'Benchmark', criteria, ...stamps })
}

async function fillJournal(groupId: number, instructor: number) {
  const have = await db()('lessons').where({ group_id: groupId }).select('id')
  const now = nowUtc()
  const stamps = { created_at: now, updated_at: now }
  const extra = Array.from({ length: JOURNAL_LESSONS - have.length }, (_, index) => {
    const start = Date.now() - (index + 2) * 86_400_000
    const times = { starts_at: toUtc(new Date(start)), ends_at: toUtc(new Date(start + 5_400_000)) }
    return { group_id: groupId, title: `Занятие ${index + 1}`, ...times, state: 'held', ...stamps }
  })
  await insertRows('lessons', extra)
  const members = await db()('group_members')
    .where({ group_id: groupId })
    .whereNull('ends_on')
    .orderBy('id')
    .select('id', 'enrolment_id')
  const surplus = members.slice(JOURNAL_LEARNERS).map((member) => member.id)
  await db()('group_members').whereIn('id', surplus).update({ ends_on: '2020-01-01' })
  const lessons = await db()('lessons').where({ group_id: groupId }).select('id')
  await db()('journal_cells')
    .whereIn(
      'lesson_id',
      lessons.map((lesson) => lesson.id),
    )
    .del()
  const cell = { attendance: 'present', mark: 5, comment: null, version: 1, updated_by: instructor, updated_at: now }
  const cells = lessons.flatMap((lesson) =>
    members
      .slice(0, JOURNAL_LEARNERS)
      .map((member) => ({ lesson_id: lesson.id, enrolment_id: member.enrolment_id, ...cell })),
  )
  await insertRows('journal_cells', cells)
}
