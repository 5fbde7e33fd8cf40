import { addDays, nowUtc } from '../../server/core/time.ts'
import {
  chance,
  MILESTONE_COMMENTS,
  OPEN_LESSON_TOPICS,
  PROJECT_THEMES,
  pickOne,
  pickSome,
  type Rng,
  VOLUNTEER_ACTIONS,
} from '../demo-names/index.ts'
import type { CohortPlan } from './cohort.ts'
import type { PlanMilestone } from './programme-plan.ts'
import type { BulkWriter } from './writer.ts'

type Wanted = {
  enrolmentId: number
  personId: number
  plan: CohortPlan
  milestones: readonly PlanMilestone[]
  credited: ReadonlySet<number>
  /** Mid-way; otherwise only what comes first can be done. */
  isStarted: boolean
  isRouteInForce: boolean
}

type State = 'open' | 'submitted' | 'returned' | 'done' | 'waived'

/** How far milestones of each kind are, mid-way: all states are met. */
const MIDWAY: Record<string, [State, number][]> = {
  reviewed_lesson: [
    ['open', 45],
    ['submitted', 15],
    ['returned', 5],
    ['done', 35],
  ],
  presentation: [
    ['open', 80],
    ['submitted', 12],
    ['done', 8],
  ],
  portfolio: [
    ['open', 75],
    ['submitted', 15],
    ['returned', 10],
  ],
  manual: [
    ['open', 60],
    ['done', 38],
    ['waived', 2],
  ],
}

const weighted = <T>(rng: Rng, options: readonly (readonly [T, number])[]): T => {
  let point = rng() * options.reduce((sum, [, weight]) => sum + weight, 0)
  for (const [value, weight] of options) {
    point -= weight
    if (point < 0) return value
  }
  return options[0]?.[0] as T
}

/** Writes a learner's milestones: those that the system knows, and those that people confirm, with evidence. */
export function writeTracking(writer: BulkWriter, rng: Rng, wanted: Wanted): void {
  const questionnaires = wanted.milestones.filter((milestone) => milestone.kind === 'questionnaire')
  for (const milestone of wanted.milestones) {
    if (isKnown(milestone, wanted)) {
      tick(writer, wanted, milestone)
    } else if (milestone.kind === 'questionnaire') {
      const isEntry = milestone.id === questionnaires[0]?.id
      if (isEntry && chance(rng, wanted.isStarted ? 0.93 : 0.6))
        write(writer, rng, wanted, milestone, 'done', ['Анкета заполнена на первой встрече.'])
    } else if (milestone.kind === 'counted_participation' && wanted.isStarted) {
      const count = weighted(rng, [
        [0, 30],
        [1, 35],
        [2, 22],
        [3, 13],
      ] as const)
      if (count)
        write(
          writer,
          rng,
          wanted,
          milestone,
          count >= milestone.requiredCount ? 'done' : 'open',
          pickSome(rng, VOLUNTEER_ACTIONS, count).map(String),
        )
    } else if (wanted.isStarted && MIDWAY[milestone.kind]) {
      const state = weighted(rng, MIDWAY[milestone.kind] as [State, number][])
      if (state !== 'open')
        write(writer, rng, wanted, milestone, state, state === 'waived' ? [] : [noteFor(rng, milestone.kind)])
    }
  }
}

/** What the system knows by itself: the route is in force, the module's credit was given. */
const isKnown = (milestone: PlanMilestone, wanted: Wanted): boolean =>
  (milestone.kind === 'route' && wanted.isRouteInForce) ||
  (milestone.kind === 'module_credit' && milestone.moduleId !== null && wanted.credited.has(milestone.moduleId))

function tick(writer: BulkWriter, { plan, enrolmentId }: Wanted, milestone: PlanMilestone) {
  const due = addDays(plan.startsOn, milestone.dueDayOffset ?? 0)
  writer.add('milestone_states', {
    enrolment_id: enrolmentId,
    milestone_id: milestone.id,
    state: 'done',
    count_done: 1,
    done_on: due < plan.today ? due : plan.today,
    source: 'auto',
    confirmed_by: null,
    comment: null,
    version: 1,
    updated_at: nowUtc(),
  })
}

const noteFor = (rng: Rng, kind: string): string =>
  String(
    kind === 'reviewed_lesson'
      ? pickOne(rng, OPEN_LESSON_TOPICS)
      : kind === 'presentation'
        ? pickOne(rng, PROJECT_THEMES)
        : pickOne(rng, MILESTONE_COMMENTS),
  )

function write(
  writer: BulkWriter,
  rng: Rng,
  wanted: Wanted,
  milestone: PlanMilestone,
  state: State,
  notes: readonly string[],
) {
  const { plan } = wanted
  const now = nowUtc()
  const due = addDays(plan.startsOn, milestone.dueDayOffset ?? 0)
  const on = due < plan.today ? due : addDays(plan.today, -3)
  const isSettled = state === 'done' || state === 'waived'
  const stateId = writer.add('milestone_states', {
    enrolment_id: wanted.enrolmentId,
    milestone_id: milestone.id,
    state,
    count_done: milestone.kind === 'counted_participation' ? notes.length : state === 'done' ? 1 : 0,
    done_on: isSettled ? on : null,
    source: 'manual',
    confirmed_by: isSettled || state === 'returned' ? plan.methodist : null,
    comment: state === 'returned' ? pickOne(rng, MILESTONE_COMMENTS) : null,
    version: 1,
    updated_at: now,
  })
  for (const note of notes) {
    const decided = state === 'submitted' ? 'offered' : state === 'returned' ? 'declined' : 'accepted'
    const row = { milestone_state_id: stateId, note: note.slice(0, 1000), state: decided }
    writer.add('milestone_evidence', { ...row, created_by: wanted.personId, created_at: `${on} 12:00:00.000` })
  }
}
