import { toJson } from '../../server/core/db/index.ts'
import { addDays, nowUtc } from '../../server/core/time.ts'
import { type MilestoneState as State, stateOfEvidence } from '../../server/features/tracking/state.ts'
import {
  chance,
  intBetween,
  MILESTONE_RETURN_COMMENTS,
  OPEN_LESSON_TOPICS,
  PORTFOLIO_NOTES,
  PROJECT_THEMES,
  pickOne,
  pickSome,
  type Rng,
  VOLUNTEER_ACTIONS,
  WAIVE_REASONS,
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
  /** States that do not depend on chance. */
  shown?: Shown
}

/** The state of a learner's milestones by kind. */
export type Shown = Readonly<Record<string, State>>

type Evidence = { note: string; state: 'offered' | 'accepted' | 'declined' }

/** How far milestones of each kind are, mid-way: all states are met. */
const MIDWAY: Record<string, [State, number][]> = {
  reviewed_lesson: [
    ['open', 45],
    ['submitted', 14],
    ['returned', 5],
    ['done', 34],
    ['waived', 2],
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
}

const weighted = <T>(rng: Rng, options: readonly (readonly [T, number])[]): T => {
  let point = rng() * options.reduce((sum, [, weight]) => sum + weight, 0)
  for (const [value, weight] of options) {
    point -= weight
    if (point < 0) return value
  }
  return options[0]?.[0] as T
}

/** Of a counted milestone: how many participations are accepted, and how many wait. */
const PARTICIPATIONS: [[accepted: number, offered: number], number][] = [
  [[0, 0], 28],
  [[0, 1], 8],
  [[1, 0], 27],
  [[1, 1], 8],
  [[2, 0], 12],
  [[2, 1], 6],
  [[3, 0], 11],
]
const PARTICIPATIONS_SHOWN: Partial<Record<State, [accepted: number, offered: number]>> = {
  open: [1, 1],
  submitted: [2, 1],
  done: [3, 0],
  returned: [1, 0],
}

/** Writes a learner's milestones: those that the system knows, and those that people confirm, with evidence. */
export function writeTracking(writer: BulkWriter, rng: Rng, wanted: Wanted): void {
  const questionnaires = wanted.milestones.filter((milestone) => milestone.kind === 'questionnaire')
  for (const milestone of wanted.milestones) {
    const { kind } = milestone
    if (isKnown(milestone, wanted)) {
      tick(writer, wanted, milestone)
    } else if (kind === 'questionnaire') {
      const isEntry = milestone.id === questionnaires[0]?.id
      const byChance = chance(rng, wanted.isStarted ? 0.93 : 0.6)
      const isFilled = wanted.shown?.questionnaire ? wanted.shown.questionnaire === 'done' : byChance
      if (isEntry && isFilled) write(writer, rng, wanted, milestone, 'done', ['Анкета заполнена на первой встрече.'])
    } else if (kind === 'counted_participation' && wanted.isStarted) {
      writeParticipations(writer, rng, wanted, milestone)
    } else if (wanted.isStarted && MIDWAY[kind]) {
      const state = wanted.shown?.[kind] ?? weighted(rng, MIDWAY[kind] as [State, number][])
      if (state !== 'open') write(writer, rng, wanted, milestone, state, state === 'waived' ? [] : [noteFor(rng, kind)])
    }
  }
}

function writeParticipations(writer: BulkWriter, rng: Rng, wanted: Wanted, milestone: PlanMilestone) {
  const shown = wanted.shown?.counted_participation
  const [accepted, offered] = (shown && PARTICIPATIONS_SHOWN[shown]) ?? weighted(rng, PARTICIPATIONS)
  const declined = shown === 'returned' ? 1 : 0
  if (accepted + offered + declined === 0) return
  const states = [
    ...Array<'accepted'>(accepted).fill('accepted'),
    ...Array<'declined'>(declined).fill('declined'),
    ...Array<'offered'>(offered).fill('offered'),
  ]
  const notes = pickSome(rng, VOLUNTEER_ACTIONS, states.length).map(String)
  const evidence = states.map((state, index): Evidence => ({ state, note: notes[index] ?? '' }))
  const counts = { required: milestone.requiredCount, accepted, offered }
  write(writer, rng, wanted, milestone, stateOfEvidence(counts, declined > 0), evidence)
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
  pickOne(
    rng,
    kind === 'reviewed_lesson' ? OPEN_LESSON_TOPICS : kind === 'presentation' ? PROJECT_THEMES : PORTFOLIO_NOTES,
  )

/** The words of who decided: why it came back, or why it is not wanted. */
function commentFor(rng: Rng, kind: string, state: State): string | null {
  const words = state === 'returned' ? MILESTONE_RETURN_COMMENTS : state === 'waived' ? WAIVE_REASONS : {}
  return words[kind] ? pickOne(rng, words[kind]) : null
}

const EVIDENCE_OF: Record<State, Evidence['state']> = {
  open: 'offered',
  submitted: 'offered',
  returned: 'declined',
  done: 'accepted',
  waived: 'accepted',
}

const DECISIONS: Partial<Record<State, string>> = {
  returned: 'milestoneReturned',
  done: 'milestoneConfirmed',
  waived: 'milestoneWaived',
}

/** Writes a milestone's state with its evidence; notes alone stand as its state says. */
function write(
  writer: BulkWriter,
  rng: Rng,
  wanted: Wanted,
  milestone: PlanMilestone,
  state: State,
  given: readonly (Evidence | string)[],
) {
  const { plan } = wanted
  const evidence = given.map((one) => (typeof one === 'string' ? { note: one, state: EVIDENCE_OF[state] } : one))
  const due = addDays(plan.startsOn, milestone.dueDayOffset ?? 0)
  const decidedOn = due < plan.today ? due : addDays(plan.today, -intBetween(rng, 2, 20))
  const isSettled = state === 'done' || state === 'waived'
  const accepted = evidence.filter((piece) => piece.state === 'accepted').length
  const comment = commentFor(rng, milestone.kind, state)
  const stateId = writer.add('milestone_states', {
    enrolment_id: wanted.enrolmentId,
    milestone_id: milestone.id,
    state,
    count_done: milestone.kind === 'counted_participation' ? accepted : state === 'done' ? 1 : 0,
    done_on: isSettled ? decidedOn : null,
    source: 'manual',
    confirmed_by: isSettled ? plan.methodist : null,
    comment,
    version: 1,
    updated_at: nowUtc(),
  })
  const happened: { type: string; at: string; actor: number | null; data: object }[] = []
  evidence.forEach(({ note, state: decided }, index) => {
    const day = decided === 'offered' ? addDays(decidedOn, 1) : addDays(decidedOn, -3 * (evidence.length - index))
    const at = `${day} 12:00:00.000`
    const row = { milestone_state_id: stateId, note: note.slice(0, 1000), state: decided }
    writer.add('milestone_evidence', { ...row, created_by: wanted.personId, created_at: at })
    happened.push({ type: 'milestoneOffered', at, actor: wanted.personId, data: { note } })
  })
  const decision = DECISIONS[state] ?? (accepted ? 'milestoneConfirmed' : undefined)
  const data = comment ? { comment } : {}
  if (decision) happened.push({ type: decision, at: `${decidedOn} 14:10:00.000`, actor: plan.methodist, data })
  if (!plan.withHistory) return
  const about = { enrolmentId: wanted.enrolmentId, milestoneId: milestone.id, personId: wanted.personId }
  for (const { type, at, actor, data } of happened.sort((a, b) => a.at.localeCompare(b.at))) {
    const subject = { subject_type: 'milestoneState', subject_id: stateId, data: toJson({ ...about, ...data }) }
    writer.put('domain_events', { type, occurred_at: at, actor_id: actor, ...subject, delivered_at: at })
  }
}
