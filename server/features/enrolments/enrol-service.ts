import { db, insertRows, toJson, withTransaction } from '../../core/db/index.ts'
import { InputError } from '../../core/errors.ts'
import { recordEvents } from '../../core/events/index.ts'
import type { Actor } from '../../core/rights/index.ts'
import { setting } from '../../core/settings.ts'
import { nowUtc, today } from '../../core/time.ts'
import { cohortPolicy } from '../cohorts/policy.ts'
import { type CohortCard, lockCohort, selectCohort } from '../cohorts/queries.ts'
import { visiblePeople } from '../people/queries.ts'
import { type EnrolledPerson, grantLearning } from './grants.ts'
import { placeInGroups, takePlaces } from './places.ts'

/** At once; more come in portions. Bounds what one transaction holds. */
export const MOST_AT_ONCE = 2000

export type EnrolOptions = {
  /** How they came: by list, import, application, saved choice, by hand or for the demonstration. */
  source?: 'list' | 'import' | 'application' | 'saved' | 'manual'
  /** 1: into the first group of each module; without it groups are filled evenly. */
  groupNumber?: number | null
  /** Civil date of the enrolment; today unless given. */
  on?: string
  reason?: string | null
}
export type Enrolled = {
  enrolled: EnrolledPerson[]
  /** People who were in the cohort already: nothing changed for them. */
  already: number[]
}

/**
 * Enrols people into a cohort: all who are not yet in it, or nobody. They get the learner's rights in the cohort and a
 * group in each module. A constant number of statements for up to 2,000 people.
 * @throws InputError if there is not room for all of them, in the cohort or in a module's groups, or if someone of them
 * is not there (or not for the actor to see)
 * @throws ConflictError if the cohort is over
 */
export async function enrolPeople(
  actor: Actor,
  cohortId: number,
  personIds: readonly number[],
  options: EnrolOptions = {},
): Promise<Enrolled> {
  const chosen = [...new Set(personIds)]
  if (chosen.length === 0) throw InputError.of('', 'enrolments.enrol.nobody')
  if (chosen.length > MOST_AT_ONCE) throw InputError.of('', 'enrolments.enrol.tooMany', { limit: MOST_AT_ONCE })
  const { timeZone, defaultLanguage } = await setting('authority')
  const on = options.on ?? today(timeZone)
  return withTransaction(async () => {
    const cohort = await selectCohort(actor, cohortId)
    cohortPolicy.demand(actor, 'enrol', cohort)
    const known: number[] = await visiblePeople(actor).whereIn('p.id', chosen).where('p.state', 'active').pluck('p.id')
    if (known.length < chosen.length) {
      throw InputError.of('', 'enrolments.enrol.unknownPeople', { count: chosen.length - known.length })
    }
    await lockCohort(cohortId)
    const earlier = await listEarlier(cohortId, chosen)
    const already = chosen.filter((id) => (earlier.get(id)?.state ?? 'withdrawn') !== 'withdrawn')
    const newcomers = chosen.filter((id) => !already.includes(id))
    if (newcomers.length === 0) return { enrolled: [], already }
    await takePlaces(cohortId, newcomers.length)
    const language = actor.language ?? defaultLanguage
    const groupIds = await placeInGroups(cohortId, newcomers.length, options.groupNumber ?? null, language)
    const enrolled = await writeEnrolments(cohortId, newcomers, options.source ?? 'list', on)
    await writeTrail(actor, cohort, enrolled, groupIds, { ...options, on })
    return { enrolled, already }
  })
}

/** What these people's enrolments in the cohort are by now. */
async function listEarlier(cohortId: number, personIds: number[]): Promise<Map<number, { id: number; state: string }>> {
  const rows: { id: number; person_id: number; state: string }[] = await db()('enrolments')
    .where('cohort_id', cohortId)
    .whereIn('person_id', personIds)
    .select('id', 'person_id', 'state')
  return new Map(rows.map((row) => [row.person_id, row]))
}

/** New rows for newcomers; who withdrew earlier comes back to their own row and history. */
async function writeEnrolments(cohortId: number, personIds: number[], source: string, on: string) {
  const now = nowUtc()
  const back = await listEarlier(cohortId, personIds)
  const returning = [...back.values()].map((row) => row.id)
  const fresh = personIds.filter((id) => !back.has(id))
  const state = { state: 'active', source, enrolled_on: on, ended_on: null, updated_at: now }
  if (returning.length) {
    await db()('enrolments')
      .whereIn('id', returning)
      .update({ ...state, version: db().raw('version + 1') })
  }
  const rows = fresh.map((person_id) => ({ cohort_id: cohortId, person_id, ...state, created_at: now }))
  if (rows.length) await insertRows('enrolments', rows)
  const all = await listEarlier(cohortId, personIds)
  return personIds.map((personId) => ({ enrolmentId: all.get(personId)?.id as number, personId }))
}

/** Groups, the learner's rights, the history and what the rest of the system is told. */
async function writeTrail(
  actor: Actor,
  cohort: CohortCard,
  enrolled: Enrolled['enrolled'],
  groupIds: number[][],
  { on, reason = null }: EnrolOptions & { on: string },
) {
  const now = nowUtc()
  const members = enrolled.flatMap(({ enrolmentId: enrolment_id }, index) =>
    (groupIds[index] ?? []).map((group_id) => ({ group_id, enrolment_id, starts_on: on, ends_on: null })),
  )
  if (members.length) await insertRows('group_members', members)
  await grantLearning(actor, cohort, enrolled)
  await insertRows(
    'enrolment_history',
    enrolled.map(({ enrolmentId: enrolment_id }, index) => {
      const data = toJson({ on, groupIds: groupIds[index] ?? [] })
      return { enrolment_id, action: 'enrolled', reason, data, actor_id: actor.personId, at: now }
    }),
  )
  await recordEvents(
    actor,
    'personEnrolled',
    enrolled.map(({ enrolmentId, personId }) => ({
      subject: { type: 'enrolment', id: enrolmentId },
      data: { enrolmentId, personId, cohortId: cohort.id, on },
    })),
  )
}
