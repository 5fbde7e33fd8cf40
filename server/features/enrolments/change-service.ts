import { db, insertRows, toJson, withTransaction } from '../../core/db/index.ts'
import { ConflictError, InputError } from '../../core/errors.ts'
import { recordEvents } from '../../core/events/index.ts'
import type { Actor } from '../../core/rights/index.ts'
import { setting } from '../../core/settings.ts'
import { addDays, nowUtc, today } from '../../core/time.ts'
import { cohortPolicy } from '../cohorts/policy.ts'
import { type CohortCard, lockCohort, selectCohort } from '../cohorts/queries.ts'
import { endLearning } from './grants.ts'
import { releasePlaces } from './hooks.ts'
import { freePlaces, takePlaces } from './places.ts'

export type EnrolmentState = 'active' | 'suspended' | 'withdrawn' | 'completed'

export type ChangedEnrolment = {
  id: number
  person_id: number
  state: EnrolmentState
  version: number
  last_name: string
  first_name: string
}

type Change = {
  /** As the history names it. */
  action: 'suspended' | 'resumed' | 'completed' | 'withdrawn'
  event: string
  from: readonly EnrolmentState[]
  to: EnrolmentState
}

const SUSPEND: Change = { action: 'suspended', event: 'enrolmentSuspended', from: ['active'], to: 'suspended' }
const RESUME: Change = { action: 'resumed', event: 'enrolmentResumed', from: ['suspended', 'completed'], to: 'active' }
const COMPLETE: Change = { action: 'completed', event: 'enrolmentCompleted', from: ['active'], to: 'completed' }
const WITHDRAW: Change = {
  action: 'withdrawn',
  event: 'enrolmentWithdrawn',
  from: ['active', 'suspended'],
  to: 'withdrawn',
}

export type ChangeOptions = {
  reason?: string | null
  /** Civil date on which it takes effect; today unless given. */
  on?: string
  /** The version that the person saw, where one enrolment is changed from its own page. */
  version?: number
}

/**
 * Enrolments of one cohort that the actor may change, all of them; the cohort is locked for the rest of the transaction.
 * @throws InputError if some are not there or do not belong to the cohort
 */
export async function lockEnrolments(
  actor: Actor,
  cohortId: number,
  ids: readonly number[],
): Promise<{ cohort: CohortCard; enrolments: ChangedEnrolment[] }> {
  const wanted = [...new Set(ids)]
  if (wanted.length === 0) throw InputError.of('', 'enrolments.bulk.nobody')
  const cohort = await selectCohort(actor, cohortId)
  cohortPolicy.demand(actor, 'enrol', cohort)
  await lockCohort(cohortId)
  const enrolments: ChangedEnrolment[] = await db()('enrolments as e')
    .join('people as p', 'p.id', 'e.person_id')
    .where('e.cohort_id', cohortId)
    .whereIn('e.id', wanted)
    .select('e.id', 'e.person_id', 'e.state', 'e.version', 'p.last_name', 'p.first_name')
  if (enrolments.length < wanted.length) {
    throw InputError.of('', 'enrolments.bulk.gone', { count: wanted.length - enrolments.length })
  }
  return { cohort, enrolments }
}

/** @throws InputError that names up to five people whose state does not allow the change */
export function demandStates(
  enrolments: readonly ChangedEnrolment[],
  allowed: readonly EnrolmentState[],
  action: string,
) {
  const wrong = enrolments.filter((enrolment) => !allowed.includes(enrolment.state))
  if (wrong.length === 0) return
  const names = wrong
    .slice(0, 5)
    .map((enrolment) => `${enrolment.last_name} ${enrolment.first_name}`)
    .join(', ')
  const key = wrong.length > 5 ? `enrolments.bulk.wrongStateMany.${action}` : `enrolments.bulk.wrongState.${action}`
  throw InputError.of('', key, { count: wrong.length, names })
}

/** One history row per enrolment and what the rest of the system is told. */
export async function writeHistory(
  actor: Actor,
  cohortId: number,
  event: string,
  action: string,
  reason: string | null,
  enrolments: readonly { id: number; person_id: number; data?: Record<string, unknown> }[],
): Promise<void> {
  const at = nowUtc()
  await insertRows(
    'enrolment_history',
    enrolments.map(({ id: enrolment_id, data = {} }) => {
      return { enrolment_id, action, reason, data: toJson(data), actor_id: actor.personId, at }
    }),
  )
  await recordEvents(
    actor,
    event,
    enrolments.map(({ id, person_id: personId, data = {} }) => ({
      subject: { type: 'enrolment', id },
      data: { enrolmentId: id, personId, cohortId, reason, ...data },
    })),
  )
}

/** All of them or none, in a constant number of statements. @returns how many were changed */
async function change(
  actor: Actor,
  cohortId: number,
  ids: readonly number[],
  { action, event, from, to }: Change,
  { reason = null, on, version }: ChangeOptions,
  effects: (enrolments: ChangedEnrolment[], day: string) => Promise<void>,
): Promise<number> {
  const day = on ?? today((await setting('authority')).timeZone)
  return withTransaction(async () => {
    const { enrolments } = await lockEnrolments(actor, cohortId, ids)
    if (version !== undefined && enrolments.some((enrolment) => enrolment.version !== version))
      throw new ConflictError()
    demandStates(enrolments, from, action)
    const values = { state: to, ended_on: to === 'withdrawn' || to === 'completed' ? day : null, updated_at: nowUtc() }
    const changed = await db()('enrolments')
      .whereIn(
        'id',
        enrolments.map(({ id }) => id),
      )
      .whereIn('state', from)
      .update({ ...values, version: db().raw('version + 1') })
    if (changed !== enrolments.length) throw new ConflictError()
    await effects(enrolments, day)
    const happened = enrolments.map((row) => ({ ...row, data: { before: row.state, on: day } }))
    await writeHistory(actor, cohortId, event, action, reason, happened)
    return changed
  })
}

/** Suspends learning (leave, illness): the place is kept, what is done is kept, nothing new is asked. */
export const suspendEnrolments = (
  actor: Actor,
  cohortId: number,
  ids: readonly number[],
  options: ChangeOptions = {},
) => change(actor, cohortId, ids, SUSPEND, options, async () => {})

/**
 * Suspended people learn again; who was marked as finished by mistake comes back, if there is still a place.
 * @throws InputError if there is not room for all of them
 */
export const resumeEnrolments = (actor: Actor, cohortId: number, ids: readonly number[], options: ChangeOptions = {}) =>
  change(actor, cohortId, ids, RESUME, options, async (enrolments) => {
    const returning = enrolments.filter(({ state }) => state === 'completed').length
    if (returning) await takePlaces(cohortId, returning, enrolments.length)
  })

/** Ends learning with success. What was done stays readable; the place in the cohort is free. */
export const completeEnrolments = (
  actor: Actor,
  cohortId: number,
  ids: readonly number[],
  options: ChangeOptions = {},
) => change(actor, cohortId, ids, COMPLETE, options, (enrolments) => freePlaces(cohortId, enrolments.length))

/** Takes people out of the cohort: rights, groups and places end at once, the history stays. */
export const withdrawEnrolments = (
  actor: Actor,
  cohortId: number,
  ids: readonly number[],
  options: ChangeOptions = {},
) =>
  change(actor, cohortId, ids, WITHDRAW, options, async (enrolments, day) => {
    const enrolmentIds = enrolments.map(({ id }) => id)
    const lastDay = addDays(day, -1)
    await leaveGroups(enrolmentIds, lastDay)
    await endLearning(
      enrolments.map(({ id: enrolmentId, person_id: personId }) => ({ enrolmentId, personId })),
      lastDay,
    )
    await freePlaces(cohortId, enrolments.length)
    await releasePlaces(enrolmentIds, 'withdrawn')
  })

/** Ends the memberships of these enrolments. @param lastDay the last day in the group */
export async function leaveGroups(enrolmentIds: readonly number[], lastDay: string): Promise<void> {
  await db()('group_members')
    .whereIn('enrolment_id', [...enrolmentIds])
    .whereNull('ends_on')
    .update({ ends_on: lastDay })
}
