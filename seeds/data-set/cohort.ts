import { roleId } from '../../server/core/rights/roles.ts'
import { addDays, localToUtc, nowUtc } from '../../server/core/time.ts'
import { pickOne, type Rng } from '../demo-names/index.ts'
import { type JournalLesson, writeJournal } from './journal.ts'
import { type PlanTopic, pickRoute } from './pick-route.ts'
import type { ProgrammePlan } from './programme-plan.ts'
import { writeRoute } from './route.ts'
import { writeTracking } from './tracking.ts'
import type { BulkWriter } from './writer.ts'

export const COHORT_TABLES = [
  'cohorts',
  'enrolments',
  'enrolment_history',
  'groups',
  'group_members',
  'offerings',
  'lessons',
  'learning_routes',
  'route_choices',
  'route_own_items',
  'route_versions',
  'route_version_comments',
  'milestone_states',
  'milestone_evidence',
]

const ZONE = 'Europe/Moscow'

export type CohortPlan = {
  title: string
  startsOn: string
  endsOn: string
  routeOpensOn: string
  routeClosesOn: string
  today: string
  learners: readonly number[]
  groupsPerModule: number
  /** Who teaches: each group gets one of them in turn. */
  instructors: readonly number[]
  methodist: number | null
  /** Whether routes are approved (running) or being built (open). */
  phase: 'running' | 'open'
  /** Keep what is behind a journal's cell for the latest lessons. */
  withHistory: boolean
}

export type MadeCohort = {
  cohortId: number
  groups: { id: number; moduleId: number }[]
  enrolments: Map<number, number>
}

type Group = { id: number; moduleId: number; offerings: Map<number, Offering> }
type Offering = { row: { id: number; capacity: number | null; taken: number }; lessons: JournalLesson[] }

/** A weekday near the suggested day; two topics of one module never meet at the same hour. */
function lessonStarts(startsOn: string, topic: PlanTopic, topicIndex: number, number: number): string {
  let date = addDays(startsOn, topic.dayOffset + number * 2)
  while ([0, 6].includes(new Date(`${date}T00:00:00Z`).getUTCDay())) date = addDays(date, 1)
  return localToUtc(`${date}T${topicIndex % 2 ? '17:00' : '15:00'}`, ZONE) as string
}

const minutesLater = (utc: string, minutes: number) =>
  new Date(Date.parse(`${utc.replace(' ', 'T')}Z`) + minutes * 60_000).toISOString().replace('T', ' ').replace('Z', '')

function makeGroup(
  writer: BulkWriter,
  plan: CohortPlan,
  cohortId: number,
  module: ProgrammePlan['modules'][number],
  number: number,
): Group {
  const now = nowUtc()
  const stamps = { created_at: now, updated_at: now }
  const id = writer.add('groups', {
    cohort_id: cohortId,
    module_id: module.id,
    name: `Группа ${number + 1}`,
    ...stamps,
  })
  const offerings = new Map<number, Offering>()
  module.topics.forEach((topic, topicIndex) => {
    const place = ['Методический центр, каб. 12', 'Методический центр, каб. 7', 'Актовый зал', 'Компьютерный класс'][
      topicIndex % 4
    ]
    const row = { id: 0, capacity: topic.capacity, taken: 0 }
    const lessons: JournalLesson[] = []
    row.id = writer.add('offerings', {
      cohort_id: cohortId,
      group_id: id,
      topic_id: topic.id,
      place,
      ...stamps,
      capacity: row.capacity,
      taken: 0,
    })
    for (let lesson = 0; lesson < Math.ceil(topic.hours / 2); lesson++) {
      const starts_at = lessonStarts(plan.startsOn, topic, topicIndex + number, lesson)
      const isHeld = starts_at < now
      const lessonId = writer.add('lessons', {
        group_id: id,
        offering_id: row.id,
        topic_id: topic.id,
        starts_at,
        ends_at: minutesLater(starts_at, 90),
        place,
        state: isHeld ? 'held' : 'planned',
        ...stamps,
      })
      lessons.push({ id: lessonId, startsAt: starts_at, isHeld, topicId: topic.id })
    }
    offerings.set(topic.id, { row, lessons })
  })
  return { id, moduleId: module.id, offerings }
}

/** Invents a whole cohort: groups, timetable, enrolments, routes, journals, credits and the tracking journal. */
export async function makeCohort(
  writer: BulkWriter,
  rng: Rng,
  programme: ProgrammePlan,
  plan: CohortPlan,
): Promise<MadeCohort> {
  const now = nowUtc()
  const stamps = { created_at: now, updated_at: now }
  const roles = { learner: await roleId('learner'), instructor: await roleId('instructor') }
  const cohortId = writer.add('cohorts', {
    programme_id: programme.programmeId,
    title: plan.title,
    starts_on: plan.startsOn,
    ends_on: plan.endsOn,
    route_opens_on: plan.routeOpensOn,
    route_closes_on: plan.routeClosesOn,
    learners_from: plan.routeOpensOn,
    directors_from: plan.routeOpensOn,
    capacity: Math.ceil((plan.learners.length * 1.2) / 10) * 10,
    taken: plan.learners.length,
    state: plan.phase === 'running' ? 'running' : 'planned',
    ...stamps,
  })
  const groups = programme.modules.map((module) =>
    Array.from({ length: plan.groupsPerModule }, (_, number) => makeGroup(writer, plan, cohortId, module, number)),
  )
  groups.flat().forEach((group, index) => {
    const person_id =
      plan.instructors[
        (programme.modules.findIndex((module) => module.id === group.moduleId) + (index % plan.groupsPerModule)) %
          plan.instructors.length
      ]
    const scope = { scope_type: 'group', scope_id: group.id, source: 'teaching', source_id: group.id }
    writer.add('grants', { person_id, role_id: roles.instructor, ...scope, created_at: now })
  })
  // Offerings wait in the writer while places are taken, so their rows are written with the final numbers.
  const enrolments = new Map<number, number>()
  for (const [index, personId] of plan.learners.entries()) {
    const enrolmentId = writer.add('enrolments', {
      cohort_id: cohortId,
      person_id: personId,
      state: 'active',
      source: 'list',
      enrolled_on: plan.routeOpensOn,
      ...stamps,
    })
    enrolments.set(personId, enrolmentId)
    const action = { action: 'enrolled', data: '{}', actor_id: plan.methodist, at: `${plan.routeOpensOn} 08:00:00.000` }
    writer.add('enrolment_history', { enrolment_id: enrolmentId, ...action })
    const scope = { scope_type: 'cohort', scope_id: cohortId, source: 'enrolment', source_id: enrolmentId }
    writer.add('grants', { person_id: personId, role_id: roles.learner, ...scope, created_at: now })
    const own = groups.map((parallel) => parallel[index % plan.groupsPerModule] as Group)
    for (const group of own) {
      writer.add('group_members', { group_id: group.id, enrolment_id: enrolmentId, starts_on: plan.routeOpensOn })
    }
    const offeringOf = (topic: PlanTopic) => own.map((group) => group.offerings.get(topic.id)).find(Boolean) as Offering
    const hasPlace = (topic: PlanTopic) => {
      const { row } = offeringOf(topic)
      return row.capacity === null || row.taken < row.capacity
    }
    const picked =
      pickRoute(rng, programme.modules, programme.choices, programme.totals, hasPlace) ??
      programme.modules.map(() => [])
    const progress =
      plan.phase === 'running'
        ? 'approved'
        : pickOne(rng, ['none', 'draft', 'draft', 'submitted', 'submitted', 'returned', 'approved'] as const)
    const chosen = writeRoute(writer, rng, {
      enrolmentId,
      personId,
      picked,
      progress,
      plan,
      offeringOf: (topic) => offeringOf(topic).row.id,
      modules: programme.modules,
    })
    for (const topic of chosen) offeringOf(topic).row.taken++
    if (plan.phase === 'running') {
      const topicIds = new Set(chosen.map((topic) => topic.id))
      const journals = own.map((group, moduleIndex) => ({
        moduleId: group.moduleId,
        minAttendancePercent: programme.modules[moduleIndex]?.minAttendancePercent ?? 70,
        instructor: plan.instructors[moduleIndex % plan.instructors.length] as number,
        lessons: [...group.offerings.values()]
          .flatMap((offering) => offering.lessons)
          .filter((lesson) => topicIds.has(lesson.topicId)),
      }))
      const credited = writeJournal(writer, rng, enrolmentId, journals, plan)
      writeTracking(writer, rng, {
        enrolmentId,
        personId,
        plan,
        milestones: programme.milestones,
        credited,
        isStarted: true,
        isRouteInForce: true,
      })
    } else if (progress !== 'none') {
      writeTracking(writer, rng, {
        enrolmentId,
        personId,
        plan,
        milestones: programme.milestones,
        credited: new Set(),
        isStarted: false,
        isRouteInForce: progress === 'approved',
      })
    }
  }
  writer.amend(
    'offerings',
    new Map(
      groups
        .flat()
        .flatMap((group) => [...group.offerings.values()].map(({ row }) => [row.id, { taken: row.taken }] as const)),
    ),
  )
  return { cohortId, groups: groups.flat().map(({ id, moduleId }) => ({ id, moduleId })), enrolments }
}
