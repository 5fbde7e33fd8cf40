import { db, insertRows, withTransaction } from '../../core/db/index.ts'
import { ConflictError, InputError, NotFoundError } from '../../core/errors.ts'
import { recordEvent } from '../../core/events/index.ts'
import type { Actor } from '../../core/rights/index.ts'
import { setting } from '../../core/settings.ts'
import { addDays, nowUtc, today } from '../../core/time.ts'
import { cohortPolicy } from '../cohorts/policy.ts'
import { type CohortCard, lockCohort, selectCohort } from '../cohorts/queries.ts'
import {
  type ChangedEnrolment,
  type ChangeOptions,
  demandStates,
  leaveGroups,
  lockEnrolments,
  writeHistory,
} from './change-service.ts'
import { grantLearning } from './grants.ts'
import { releasePlaces } from './hooks.ts'
import { freePlaces, HOLDING, placeInGroups, takePlaces } from './places.ts'

type Target = { id: number; name: string; module_id: number; capacity: number | null }
type Membership = { id: number; enrolment_id: number; group_id: number; module_id: number }

/**
 * Moves people into these groups, at most one of each module; in the other modules they stay where they are. Who is in
 * the group already stays.
 * @returns how many people changed a group
 * @throws InputError if a group has not enough places, a group is of another cohort, or someone has left the cohort
 */
export async function moveToGroups(
  actor: Actor,
  cohortId: number,
  ids: readonly number[],
  groupIds: readonly number[],
  { reason = null, version }: ChangeOptions = {},
): Promise<number> {
  const day = today((await setting('authority')).timeZone)
  return withTransaction(async () => {
    const { enrolments } = await lockEnrolments(actor, cohortId, ids)
    if (version !== undefined && enrolments.some((enrolment) => enrolment.version !== version))
      throw new ConflictError()
    demandStates(enrolments, HOLDING, 'moved')
    const targets = await selectTargets(cohortId, groupIds)
    const current = await listMemberships(enrolments, targets)
    const moves = enrolments.flatMap((enrolment) => movesOf(enrolment, targets, current))
    if (moves.length === 0) return 0
    await demandRoom(targets, moves)
    await writeMoves(moves, day)
    await touch(moves.map(({ enrolment }) => enrolment.id))
    const happened = moves.map(({ enrolment, from, to }) => {
      const data = { moduleId: to.module_id, fromGroupId: from?.group_id ?? null, toGroupId: to.id }
      return { ...enrolment, data }
    })
    await writeHistory(actor, cohortId, 'enrolmentMoved', 'moved', reason, happened)
    return new Set(moves.map(({ enrolment }) => enrolment.id)).size
  })
}

type Move = { enrolment: ChangedEnrolment; from: Membership | undefined; to: Target }

async function selectTargets(cohortId: number, groupIds: readonly number[]): Promise<Target[]> {
  const wanted = [...new Set(groupIds)]
  const targets: Target[] = await db()('groups')
    .where('cohort_id', cohortId)
    .whereNull('archived_at')
    .whereIn('id', wanted)
    .select('id', 'name', 'module_id', 'capacity')
  const modules = new Set(targets.map((target) => target.module_id))
  if (!wanted.length || targets.length < wanted.length || modules.size < targets.length) {
    throw InputError.of('target', 'enrolments.move.groupUnknown')
  }
  return targets
}

const listMemberships = (enrolments: ChangedEnrolment[], targets: Target[]): Promise<Membership[]> =>
  db()('group_members as gm')
    .join('groups as g', 'g.id', 'gm.group_id')
    .whereNull('gm.ends_on')
    .whereIn(
      'gm.enrolment_id',
      enrolments.map(({ id }) => id),
    )
    .whereIn(
      'g.module_id',
      targets.map((target) => target.module_id),
    )
    .select('gm.id', 'gm.enrolment_id', 'gm.group_id', 'g.module_id')

function movesOf(enrolment: ChangedEnrolment, targets: Target[], current: Membership[]): Move[] {
  return targets.flatMap((to) => {
    const own = current.filter((row) => row.enrolment_id === enrolment.id && row.module_id === to.module_id)
    return own.some((row) => row.group_id === to.id) ? [] : [{ enrolment, from: own[0], to }]
  })
}

async function demandRoom(targets: Target[], moves: Move[]) {
  const rows: { group_id: number; members: number }[] = await db()('group_members as gm')
    .join('enrolments as e', 'e.id', 'gm.enrolment_id')
    .whereNull('gm.ends_on')
    .whereIn('e.state', HOLDING)
    .whereIn(
      'gm.group_id',
      targets.map(({ id }) => id),
    )
    .groupBy('gm.group_id')
    .select('gm.group_id')
    .count({ members: '*' })
  const members = new Map(rows.map((row) => [row.group_id, Number(row.members)]))
  for (const target of targets) {
    const chosen = moves.filter(({ to }) => to.id === target.id).length
    const left = target.capacity === null ? Number.POSITIVE_INFINITY : target.capacity - (members.get(target.id) ?? 0)
    if (chosen > left) {
      const values = { group: target.name, count: Math.max(0, left), chosen }
      throw InputError.of('target', 'enrolments.move.groupFull', values)
    }
  }
}

async function writeMoves(moves: Move[], day: string) {
  const left = moves.flatMap(({ from }) => (from ? [from.id] : []))
  if (left.length) {
    await db()('group_members')
      .whereIn('id', left)
      .update({ ends_on: addDays(day, -1) })
  }
  const rows = moves.map(({ enrolment, to }) => {
    return { group_id: to.id, enrolment_id: enrolment.id, starts_on: day, ends_on: null }
  })
  await insertRows('group_members', rows)
}

/** A page opened before the move is stale now. */
const touch = (ids: number[]) =>
  db()('enrolments')
    .whereIn('id', ids)
    .update({ version: db().raw('version + 1'), updated_at: nowUtc() })

/**
 * Moves people to another cohort of the same programme with everything they have done: credits, milestones and the
 * history go along; groups and places are taken anew there.
 * @throws InputError if the other cohort has not room for all of them, or someone has been in it before
 */
export async function changeCohort(
  actor: Actor,
  cohortId: number,
  ids: readonly number[],
  toCohortId: number,
  { reason = null, version }: ChangeOptions = {},
): Promise<number> {
  const { timeZone, defaultLanguage } = await setting('authority')
  const day = today(timeZone)
  return withTransaction(async () => {
    const target = await selectOtherCohort(actor, cohortId, toCohortId)
    // In one order always, so that two moves in opposite directions cannot wait for each other.
    if (toCohortId < cohortId) await lockCohort(toCohortId)
    const { enrolments } = await lockEnrolments(actor, cohortId, ids)
    if (version !== undefined && enrolments.some((enrolment) => enrolment.version !== version))
      throw new ConflictError()
    demandStates(enrolments, HOLDING, 'moved')
    await demandNewThere(toCohortId, enrolments)
    await takePlaces(toCohortId, enrolments.length)
    await freePlaces(cohortId, enrolments.length)
    const enrolmentIds = enrolments.map(({ id }) => id)
    await leaveGroups(enrolmentIds, addDays(day, -1))
    await releasePlaces(enrolmentIds, 'cohortChanged')
    await db()('enrolments')
      .whereIn('id', enrolmentIds)
      .update({ cohort_id: toCohortId, version: db().raw('version + 1'), updated_at: nowUtc() })
    const groupIds = await placeInGroups(toCohortId, enrolments.length, null, actor.language ?? defaultLanguage)
    const members = enrolmentIds.flatMap((enrolment_id, index) =>
      (groupIds[index] ?? []).map((group_id) => ({ group_id, enrolment_id, starts_on: day, ends_on: null })),
    )
    if (members.length) await insertRows('group_members', members)
    await grantLearning(
      actor,
      target,
      enrolments.map(({ id: enrolmentId, person_id: personId }) => ({ enrolmentId, personId })),
    )
    const happened = enrolments.map((row) => ({ ...row, data: { fromCohortId: cohortId, toCohortId } }))
    await writeHistory(actor, toCohortId, 'enrolmentMoved', 'cohort_changed', reason, happened)
    // Their history goes along; the cohort that they leave remembers who went where.
    const names = enrolments.map((row) => `${row.last_name} ${row.first_name}`).join(', ')
    const left = { toCohortId, cohort: target.title, names: names.slice(0, 4000), enrolmentIds }
    await recordEvent(actor, 'peopleMovedOut', { type: 'cohort', id: cohortId }, left)
    return enrolments.length
  })
}

async function selectOtherCohort(actor: Actor, cohortId: number, toCohortId: number): Promise<CohortCard> {
  const from = await selectCohort(actor, cohortId)
  const target = await selectCohort(actor, toCohortId).catch((error) => {
    if (error instanceof NotFoundError) throw InputError.of('toCohortId', 'enrolments.move.cohortUnknown')
    throw error
  })
  cohortPolicy.demand(actor, 'enrol', target)
  if (target.programme_id !== from.programme_id || target.id === from.id) {
    throw InputError.of('toCohortId', 'enrolments.move.cohortUnknown')
  }
  return target
}

/** A person has one enrolment in a cohort; who was there before is enrolled there again instead. */
async function demandNewThere(toCohortId: number, enrolments: ChangedEnrolment[]) {
  const people = enrolments.map((row) => row.person_id)
  const there: number[] = await db()('enrolments')
    .where('cohort_id', toCohortId)
    .whereIn('person_id', people)
    .pluck('person_id')
  if (there.length === 0) return
  const names = enrolments
    .filter((row) => there.includes(row.person_id))
    .slice(0, 5)
    .map((row) => `${row.last_name} ${row.first_name}`)
    .join(', ')
  throw InputError.of('toCohortId', 'enrolments.move.alreadyThere', { count: there.length, names })
}
