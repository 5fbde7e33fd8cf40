import { roleId } from '../../server/core/rights/roles.ts'
import { addDays, nowUtc } from '../../server/core/time.ts'
import { pickOne, type Rng } from '../demo-names/index.ts'
import { Calendar } from './calendar.ts'
import { type JournalLesson, writeJournal } from './journal.ts'
import { type PlanTopic, pickRoute } from './pick-route.ts'
import type { ProgrammePlan } from './programme-plan.ts'
import { writeRoute } from './route.ts'
import { type Shown, writeTracking } from './tracking.ts'
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

const PLACES = ['Методический центр, каб. 12', 'Методический центр, каб. 7', 'Актовый зал', 'Компьютерный класс']

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
  /** Shared by cohorts whose timetables must not clash with one another. */
  calendar?: Calendar
  /** What the first learners' tracking journals show, whatever chance says. */
  shown?: readonly Shown[]
  /** Two lessons are planned in one room at once, to be found and mended. */
  withClash?: true
}

export type MadeCohort = {
  cohortId: number
  groups: { id: number; moduleId: number }[]
  enrolments: Map<number, number>
}

type Group = { id: number; moduleId: number; instructor: number; offerings: Map<number, Offering> }
type Offering = { row: { id: number; capacity: number | null; taken: number }; lessons: JournalLesson[] }

const minutesLater = (utc: string, minutes: number) =>
  new Date(Date.parse(`${utc.replace(' ', 'T')}Z`) + minutes * 60_000).toISOString().replace('T', ' ').replace('Z', '')

/** One of the parallel groups of a module: its timetable keeps near the days that the programme suggests. */
function makeGroup(
  writer: BulkWriter,
  { plan, calendar, cohortId }: { plan: CohortPlan; calendar: Calendar; cohortId: number },
  module: ProgrammePlan['modules'][number],
  moduleIndex: number,
  number: number,
): Group {
  const instructor = plan.instructors[(moduleIndex + number) % plan.instructors.length] as number
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
    const place = PLACES[topicIndex % PLACES.length] as string
    // Learners of one number are together in every module.
    const wanted = [place, `person ${instructor}`, `cohort ${cohortId} group ${number}`]
    let from = addDays(plan.startsOn, topic.dayOffset)
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
      const hour = (topicIndex + number) % 2 ? '17:00' : '15:00'
      const { day, startsAt: starts_at } = calendar.take(from, hour, wanted)
      from = addDays(day, 2)
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
  return { id, moduleId: module.id, instructor, offerings }
}

/** Puts the last lesson of a group into the room and hour of the parallel group's. */
function makeClash(writer: BulkWriter, [first, second]: Group[]) {
  const last = (group?: Group) => [...(group?.offerings.values() ?? [])].at(-1)?.lessons.at(-1)
  const [kept, moved] = [last(first), last(second)]
  if (!kept || !moved) return
  const times = { starts_at: kept.startsAt, ends_at: minutesLater(kept.startsAt, 90) }
  writer.amend('lessons', new Map([[moved.id, times]]))
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
  const where = { plan, cohortId, calendar: plan.calendar ?? new Calendar() }
  const groups = programme.modules.map((module, index) =>
    Array.from({ length: plan.groupsPerModule }, (_, number) => makeGroup(writer, where, module, index, number)),
  )
  if (plan.withClash) makeClash(writer, groups.at(-1) as Group[])
  groups.flat().forEach((group) => {
    const person_id = group.instructor
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
        instructor: group.instructor,
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
        shown: plan.shown?.[index],
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
