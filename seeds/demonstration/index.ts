import { randomBytes, randomUUID } from 'node:crypto'
import { db, withTransaction } from '../../server/core/db/index.ts'
import { withRequestContext } from '../../server/core/http/context.ts'
import { SYSTEM } from '../../server/core/rights/index.ts'
import { roleId } from '../../server/core/rights/roles.ts'
import { requestRebuild } from '../../server/core/search/index.ts'
import { saveSetting, setting } from '../../server/core/settings.ts'
import { addDays, nowUtc, today } from '../../server/core/time.ts'
import { hashPassword } from '../../server/features/accounts/passwords.ts'
import { createProgrammeFromFile } from '../../server/features/programmes/transfer/create-from-file.ts'
import { rebuildAllProgress } from '../../server/features/progress/rebuild.ts'
import { syncAllKnownMilestones } from '../../server/features/tracking/sync.ts'
import { Calendar } from '../data-set/calendar.ts'
import { COHORT_TABLES, type CohortPlan, makeCohort } from '../data-set/cohort.ts'
import { makeStaff, PEOPLE_TABLES, type Staff } from '../data-set/people.ts'
import { type ProgrammePlan, readProgrammePlan } from '../data-set/programme-plan.ts'
import type { Shown } from '../data-set/tracking.ts'
import { BulkWriter } from '../data-set/writer.ts'
import { mulberry32, type Rng } from '../demo-names/index.ts'
import { readyProgrammeFile } from '../ready-programme/index.ts'

const ZONE = 'Europe/Moscow'
const ORGANISATIONS = 40
const PEOPLE = 900
const LEARNERS_AT_SCHOOL = 12
/** So few that each has a group that meets now. */
const INSTRUCTORS = 4

/** Every state of a milestone is met on the first pages of the tracking journal; the first learner has an account. */
const SHOWN: Shown[] = [
  {
    questionnaire: 'done',
    reviewed_lesson: 'returned',
    counted_participation: 'open',
    presentation: 'submitted',
    portfolio: 'waived',
  },
  { reviewed_lesson: 'submitted', counted_participation: 'done', presentation: 'open', portfolio: 'returned' },
  { questionnaire: 'open', reviewed_lesson: 'done', counted_participation: 'submitted', presentation: 'waived' },
  { reviewed_lesson: 'waived', counted_participation: 'returned', presentation: 'done', portfolio: 'submitted' },
]

/** Whether this database holds the demonstration (or anything else) already. */
export const isEmpty = async (): Promise<boolean> => !(await db()('programmes').first('id'))

/**
 * Fills a database with the demonstration: an authority with 40 organisations and 900 people, the ready programme, a
 * cohort that is half-way and one whose learners are building their routes. All of it or nothing.
 * @param password of the six demonstration accounts; without it nobody gets one (an installation has its own administrator)
 */
export async function loadDemonstration(password?: string): Promise<void> {
  const requestId = randomUUID()
  await withRequestContext({ requestId, ip: null }, () =>
    withTransaction(async () => {
      const demo = await loadRows()
      if (password) await openAccounts(demo, password)
      await syncAllKnownMilestones()
      await rebuildAllProgress()
      // What was loaded at once is history, not news: nobody hears of it, so nobody gets letters about it.
      await db()('domain_events').where({ request_id: requestId }).update({ delivered_at: nowUtc() })
      await requestRebuild()
    }),
  )
}

async function loadRows() {
  const authority = await setting('authority')
  if (authority.name === 'Integral') {
    await saveSetting('authority', {
      ...authority,
      name: 'Управление образования города Новоречинска',
      timeZone: ZONE,
    })
  }
  const date = today(authority.timeZone)
  const { programmeId } = await createProgrammeFromFile(SYSTEM, readyProgrammeFile(), { state: 'active' })
  const programme = await readProgrammePlan(programmeId)
  const writer = new BulkWriter()
  await writer.begin([...PEOPLE_TABLES, ...COHORT_TABLES])
  const staffs = await makeStaff(writer, { organisations: ORGANISATIONS, people: PEOPLE, today: date })
  await finishPaths()
  const people = await choosePeople(writer, staffs)
  const demo = await makeCohorts(writer, programme, people, date)
  await writer.flush()
  return demo
}

/** Paths name the ids that the database gave. */
async function finishPaths() {
  for (const table of ['organisations', 'departments']) {
    await db()(table)
      .where({ path: '' })
      .update({ path: db().raw("concat('/', id, '/')") })
  }
}

type People = {
  school: Staff
  own: number[]
  rest: number[]
  instructors: number[]
  methodist: number
  administrator: number
}

/** Young employees learn; experienced ones of other organisations teach and lead. */
async function choosePeople(writer: BulkWriter, staffs: Staff[]): Promise<People> {
  const [school, ...others] = [...staffs].sort((a, b) => b.employees.length - a.employees.length) as [Staff, ...Staff[]]
  const experienced = others.flatMap((staff) => staff.employees.filter((employee) => !employee.isYoung))
  const [administrator, methodist, ...teachers] = experienced.map((employee) => employee.personId)
  // In the director's own school a dozen learn, the newest first, so that its page is full.
  const own = [...school.employees].sort((a, b) => b.startsOn.localeCompare(a.startsOn)).slice(0, LEARNERS_AT_SCHOOL)
  const elsewhere = others.flatMap((staff) => staff.employees.filter((employee) => employee.isYoung))
  const idOf = (employee: { personId: number }) => employee.personId
  const now = nowUtc()
  const grant = { scope_type: 'authority', scope_id: 0, source: 'manual', source_id: 0, created_at: now }
  writer.add('grants', { person_id: administrator, role_id: await roleId('administrator'), ...grant })
  writer.add('grants', { person_id: methodist, role_id: await roleId('methodist'), ...grant })
  return {
    school,
    own: own.map(idOf),
    rest: elsewhere.map(idOf),
    instructors: teachers.slice(0, INSTRUCTORS),
    methodist: methodist as number,
    administrator: administrator as number,
  }
}

async function makeCohorts(writer: BulkWriter, programme: ProgrammePlan, people: People, date: string) {
  const rng: Rng = mulberry32(2026)
  const { school, own, rest, instructors, methodist } = people
  const half = Math.ceil(own.length / 2)
  const common = { today: date, instructors, methodist, withHistory: true, calendar: new Calendar() }
  const year = Number(date.slice(0, 4))
  const running: CohortPlan = {
    ...common,
    title: `Молодые педагоги, ${addDays(date, -125).slice(0, 4)}/${String(Number(addDays(date, 140).slice(0, 4)) % 100).padStart(2, '0')}`,
    startsOn: addDays(date, -125),
    endsOn: addDays(date, 140),
    routeOpensOn: addDays(date, -150),
    routeClosesOn: addDays(date, 20),
    learners: [...own.slice(0, half), ...rest.slice(0, 56 - half)],
    groupsPerModule: 2,
    phase: 'running',
    shown: SHOWN,
  }
  const open: CohortPlan = {
    ...common,
    title: `Молодые педагоги, весенний набор ${date.slice(5) > '06-30' ? year + 1 : year}`,
    startsOn: addDays(date, 25),
    endsOn: addDays(date, 290),
    routeOpensOn: addDays(date, -10),
    routeClosesOn: addDays(date, 20),
    learners: [...own.slice(half), ...rest.slice(56 - half, 96 - half)],
    groupsPerModule: 2,
    phase: 'open',
    withClash: true,
  }
  const first = await makeCohort(writer, rng, programme, running)
  await writer.flush()
  const second = await makeCohort(writer, rng, programme, open)
  await writer.flush()
  const drafts = await db()('learning_routes as r')
    .join('enrolments as e', 'e.id', 'r.enrolment_id')
    .where({ 'e.cohort_id': second.cohortId, 'r.state': 'draft' })
    .orderBy('e.id')
    .select('e.person_id')
  const inSchool = drafts.map((row) => row.person_id).filter((id) => own.includes(id))
  return {
    learner: (inSchool[0] ?? drafts[0]?.person_id) as number,
    midway: running.learners[0] as number,
    instructor: instructors[0] as number,
    director: school.head,
    manager: school.deputy,
    methodist,
    admin: people.administrator,
    cohorts: [first.cohortId, second.cohortId],
  }
}

/** The accounts of the demonstration. */
export const LOGINS: [
  role: string,
  login: string,
  key: 'learner' | 'midway' | 'instructor' | 'director' | 'manager' | 'methodist' | 'admin',
][] = [
  ['learner', 'learner', 'learner'],
  ['learner (mid-way)', 'learner2', 'midway'],
  ['instructor', 'instructor', 'instructor'],
  ['director', 'director', 'director'],
  ['manager', 'manager', 'manager'],
  ['methodist', 'methodist', 'methodist'],
  ['administrator', 'admin', 'admin'],
]

async function openAccounts(demo: Awaited<ReturnType<typeof makeCohorts>>, password: string): Promise<void> {
  const now = nowUtc()
  const password_hash = await hashPassword(password)
  const account = { password_hash, state: 'active', created_at: now, updated_at: now }
  await db()('accounts').insert(
    LOGINS.map(([, login, key]) => ({ person_id: demo[key], login, login_folded: login, ...account })),
  )
}

/** A password that is easy to type. */
export const randomPassword = (): string => randomBytes(6).toString('hex')
