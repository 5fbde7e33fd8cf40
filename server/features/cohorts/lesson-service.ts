import { db, insertRow, withTransaction } from '../../core/db/index.ts'
import { ConflictError, InputError } from '../../core/errors.ts'
import { recordEvent } from '../../core/events/index.ts'
import type { Actor } from '../../core/rights/index.ts'
import { localToUtc, nowUtc } from '../../core/time.ts'
import type { LessonInput, LessonUpdate, OfferingInput } from './input.ts'
import { groupPolicy } from './policy.ts'
import { lockCohort } from './queries.ts'
import { type LessonRow, listMemberIds, type OfferingRow, selectLesson, selectOffering } from './timetable-queries.ts'

/** Rights to a lesson or an offering are rights to its group. */
const demandEdit = (actor: Actor, row: Pick<LessonRow, 'group_id' | 'module_id' | 'cohort_id' | 'programme_id'>) =>
  groupPolicy.demand(actor, 'edit', { ...row, id: row.group_id })

async function offeringToEdit(actor: Actor, cohortId: number, id: number): Promise<OfferingRow> {
  const offering = await selectOffering(actor, cohortId, id)
  demandEdit(actor, offering)
  return offering
}

/**
 * Changes places, room and link of a topic offered to a group. Its coming classes that were in the old room (or behind
 * the old link) move along.
 * @throws ConflictError if someone changed it since `version` was read
 * @throws InputError for fewer places than are taken
 */
export async function updateOffering(actor: Actor, cohortId: number, id: number, input: OfferingInput): Promise<void> {
  await withTransaction(async () => {
    const before = await offeringToEdit(actor, cohortId, id)
    const { capacity, place, link, version } = input
    const changed = await db()('offerings')
      .where({ id, version })
      .modify((query) => {
        // Learners may be choosing at this moment: the limit never falls below what they hold.
        if (capacity !== null) void query.where('taken', '<=', capacity)
      })
      .update({ capacity, place, link, version: version + 1, updated_at: nowUtc() })
    if (!changed) await explainRefusal(id, version)
    await moveComingLessons(before, { place, link })
    const data = { cohortId, groupId: before.group_id, topicId: before.topic_id }
    await recordEvent(actor, 'offeringChanged', { type: 'offering', id }, { ...data, before, after: input })
  })
}

async function explainRefusal(id: number, version: number): Promise<never> {
  const row = await db()('offerings').where({ id }).first('version', 'taken')
  if (row?.version !== version) throw new ConflictError()
  throw InputError.of('capacity', 'cohorts.offering.capacityBelowTaken', { count: row.taken })
}

async function moveComingLessons(before: OfferingRow, after: { place: string | null; link: string | null }) {
  for (const column of ['place', 'link'] as const) {
    if (before[column] === after[column]) continue
    await db()('lessons')
      .where({ offering_id: before.id, state: 'planned' })
      .where('starts_at', '>', nowUtc())
      .where((same) => void same.where(column, before[column]).orWhereNull(column))
      .update({ [column]: after[column], version: db().raw('version + 1'), updated_at: nowUtc() })
  }
}

/** Takes a topic out of a group's choice, or offers it again. Who holds a place keeps it until they choose otherwise. */
export async function setOfferingCancelled(
  actor: Actor,
  cohortId: number,
  id: number,
  cancelled: boolean,
  version: number,
): Promise<void> {
  await withTransaction(async () => {
    const before = await offeringToEdit(actor, cohortId, id)
    const changed = await db()('offerings')
      .where({ id, version })
      .update({ cancelled_at: cancelled ? nowUtc() : null, version: version + 1, updated_at: nowUtc() })
    if (!changed) throw new ConflictError()
    const data = { cohortId, groupId: before.group_id, topicId: before.topic_id, taken: before.taken }
    await recordEvent(actor, cancelled ? 'offeringCancelled' : 'offeringRestored', { type: 'offering', id }, data)
  })
}

/** Typed date and times as stored moments. @param zone in which they were typed */
function slotOf({ date, startsAt, endsAt }: LessonInput, zone: string): { starts_at: string; ends_at: string } {
  const [starts_at, ends_at] = [localToUtc(`${date}T${startsAt}`, zone), localToUtc(`${date}T${endsAt}`, zone)]
  if (!starts_at || !ends_at) throw InputError.of('date', 'errors.field.date')
  if (ends_at <= starts_at) throw InputError.of('endsAt', 'cohorts.lesson.endsBeforeStart')
  return { starts_at, ends_at }
}

/** Adds a class to an offered topic. @returns its id */
export async function addLesson(
  actor: Actor,
  cohortId: number,
  offeringId: number,
  input: LessonInput,
  zone: string,
): Promise<number> {
  const slot = slotOf(input, zone)
  return withTransaction(async () => {
    const offering = await offeringToEdit(actor, cohortId, offeringId)
    // A form sent twice must not make two classes.
    await lockCohort(cohortId)
    const twin = await db()('lessons')
      .where({ offering_id: offeringId, ...slot })
      .whereNot('state', 'cancelled')
      .first('id')
    if (twin) throw InputError.of('date', 'cohorts.lesson.twin')
    const what = { group_id: offering.group_id, offering_id: offeringId, topic_id: offering.topic_id }
    const where = { place: input.place ?? offering.place, link: input.link ?? offering.link }
    const stamps = { created_by: actor.personId, created_at: nowUtc(), updated_at: nowUtc() }
    const id = await insertRow('lessons', { ...what, ...slot, ...where, state: 'planned', ...stamps })
    const slots = [{ startsAt: slot.starts_at, endsAt: slot.ends_at }]
    const concerned = { lessonIds: [id], enrolmentIds: await listMemberIds(offering.group_id) }
    const data = { ...concerned, moduleId: offering.module_id, slots, place: where.place }
    await recordEvent(actor, 'lessonPlanned', { type: 'group', id: offering.group_id }, data)
    return id
  })
}

async function lessonToEdit(actor: Actor, cohortId: number, id: number): Promise<LessonRow> {
  const lesson = await selectLesson(actor, cohortId, id)
  demandEdit(actor, lesson)
  return lesson
}

async function writeLesson(actor: Actor, before: LessonRow, version: number, kind: string, values: Partial<LessonRow>) {
  const changed = await db()('lessons')
    .where({ id: before.id, version })
    .update({ ...values, version: version + 1, updated_at: nowUtc() })
  if (!changed) throw new ConflictError()
  const { starts_at, ends_at, place, link, state } = before
  const concerned = { lessonIds: [before.id], enrolmentIds: await listMemberIds(before.group_id) }
  const data = { kind, groupId: before.group_id, moduleId: before.module_id, ...concerned }
  const was = { starts_at, ends_at, place, link, state }
  await recordEvent(actor, 'lessonChanged', { type: 'lesson', id: before.id }, { ...data, before: was, after: values })
}

/** Moves a class or changes where it takes place. @throws ConflictError if someone changed it since `version` was read */
export async function updateLesson(
  actor: Actor,
  cohortId: number,
  id: number,
  input: LessonUpdate,
  zone: string,
): Promise<void> {
  const slot = slotOf(input, zone)
  await withTransaction(async () => {
    const before = await lessonToEdit(actor, cohortId, id)
    const isMoved = slot.starts_at !== before.starts_at || slot.ends_at !== before.ends_at
    const after = { ...slot, place: input.place, link: input.link }
    await writeLesson(actor, before, input.version, isMoved ? 'moved' : 'edited', after)
  })
}

/** Calls a class off (what the journal says of it stays, but counts no more), or lets it take place after all. */
export async function setLessonCancelled(
  actor: Actor,
  cohortId: number,
  id: number,
  cancelled: boolean,
  version: number,
): Promise<void> {
  await withTransaction(async () => {
    const before = await lessonToEdit(actor, cohortId, id)
    const state = cancelled ? 'cancelled' : 'planned'
    await writeLesson(actor, before, version, cancelled ? 'cancelled' : 'restored', { state })
  })
}
