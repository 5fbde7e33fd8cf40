import { afterCommit, db, insertRow, withTransaction } from '../../core/db/index.ts'
import { ConflictError, ForbiddenError, InputError, NotFoundError } from '../../core/errors.ts'
import { recordEvent } from '../../core/events/index.ts'
import { tellRoom } from '../../core/realtime/index.ts'
import type { Actor } from '../../core/rights/index.ts'
import { addDays, localToUtc, nowUtc } from '../../core/time.ts'
import { roomOf } from './cells-service.ts'
import type { LessonInput, LessonUpdate } from './input.ts'
import { ClashError, listClashes, type Slot } from './lesson-clashes.ts'
import { journalPolicy } from './policy.ts'
import { type JournalGroup, selectGroup } from './queries.ts'

export type LessonRow = {
  id: number
  group_id: number
  offering_id: number | null
  topic_id: number | null
  title: string | null
  starts_at: string
  ends_at: string
  place: string | null
  link: string | null
  notes: string | null
  state: string
  version: number
}

/** A lesson of this group. The caller has loaded the group through what the actor may see. */
export async function selectLesson(groupId: number, id: number): Promise<LessonRow> {
  const row = await db()('lessons').where({ id, group_id: groupId }).first()
  if (!row) throw new NotFoundError()
  return row
}

/** Lessons may be planned a little before and after the cohort's dates, but a wrong year is caught. */
const SLACK_DAYS = 60

async function plannedGroup(actor: Actor, groupId: number): Promise<JournalGroup> {
  const group = await selectGroup(actor, groupId)
  journalPolicy.demand(actor, 'plan', group)
  if (group.isClosed) throw new ForbiddenError('journals.plan.closed')
  return group
}

type Times = Pick<LessonInput, 'date' | 'startsAt' | 'endsAt'>

function slotOf({ date, startsAt, endsAt }: Times, zone: string): Slot {
  const [start, end] = [localToUtc(`${date}T${startsAt}`, zone), localToUtc(`${date}T${endsAt}`, zone)]
  if (!start || !end) throw InputError.of('date', 'errors.field.date')
  return { startsAt: start, endsAt: end }
}

function demandWithinCohort(group: JournalGroup, date: string) {
  const first = addDays(group.cohortStartsOn, -SLACK_DAYS)
  const last = addDays(group.cohortEndsOn, SLACK_DAYS)
  if (date < first || date > last) throw InputError.of('date', 'journals.plan.outsideCohort')
}

type Subject = { topic_id: number | null; offering_id: number | null; place: string | null; link: string | null }

/** The topic must be one of the module; where it is offered to the group, the lesson belongs to that offering. */
async function subjectOf(group: JournalGroup, topicId: number | null): Promise<Subject> {
  if (topicId === null) return { topic_id: null, offering_id: null, place: null, link: null }
  const row = await db()('topics as t')
    .leftJoin('offerings as o', (on) => {
      void on.on('o.topic_id', 't.id').andOnVal('o.group_id', group.id).andOnNull('o.cancelled_at')
    })
    .where({ 't.id': topicId, 't.module_id': group.module_id })
    .first('o.id', 'o.place', 'o.link')
  if (!row) throw InputError.of('topicId', 'journals.plan.topicUnknown')
  return { topic_id: topicId, offering_id: row.id, place: row.place, link: row.link }
}

async function demandNoClash(groupId: number, slots: Slot[], place: string | null, exceptId = 0) {
  const clashes = await listClashes(groupId, slots, place, exceptId)
  if (clashes.length > 0) throw new ClashError(clashes)
}

/** Whom a change of lessons concerns: everyone who is or was in the group, since sums of those who left hang on it too. */
async function memberIds(groupId: number): Promise<number[]> {
  return db()('group_members').where({ group_id: groupId }).distinct().pluck('enrolment_id')
}

const announce = (groupId: number) => afterCommit(() => tellRoom(roomOf(groupId), 'journal:lessons', { groupId }))

/** Every date of a series, the first included. */
export function datesOf({ date, repeat, times }: Pick<LessonInput, 'date' | 'repeat' | 'times'>): string[] {
  if (repeat === 'once') return [date]
  const step = repeat === 'weekly' ? 7 : 14
  return Array.from({ length: times }, (_, index) => addDays(date, index * step))
}

/**
 * Plans one lesson or a series of them.
 * @param zone the zone in which the times were typed
 * @returns the ids, by date
 * @throws ClashError when something else takes place then and `anyway` is not set
 */
export async function planLessons(actor: Actor, groupId: number, input: LessonInput, zone: string): Promise<number[]> {
  return withTransaction(async () => {
    const group = await plannedGroup(actor, groupId)
    const dates = datesOf(input)
    for (const date of dates) demandWithinCohort(group, date)
    const subject = await subjectOf(group, input.topicId)
    const slots = dates.map((date) => slotOf({ ...input, date }, zone))
    const place = input.place ?? subject.place
    if (!input.anyway) await demandNoClash(groupId, slots, place)
    const now = nowUtc()
    const ids: number[] = []
    // A multi-row insert does not tell its ids on every database; a series is short.
    for (const slot of slots) {
      const what = { topic_id: subject.topic_id, offering_id: subject.offering_id, title: input.title }
      const where = { place, link: input.link ?? subject.link, notes: input.notes }
      const when = { starts_at: slot.startsAt, ends_at: slot.endsAt }
      const stamps = { created_by: actor.personId, created_at: now, updated_at: now }
      ids.push(await insertRow('lessons', { group_id: groupId, ...what, ...where, ...when, ...stamps }))
    }
    await recordEvent(
      actor,
      'lessonPlanned',
      { type: 'group', id: groupId },
      { lessonIds: ids, enrolmentIds: await memberIds(groupId), moduleId: group.module_id, slots, place },
    )
    announce(groupId)
    return ids
  })
}

/**
 * Changes or moves a lesson.
 * @throws ConflictError if someone changed it since `version` was read, ClashError as above
 */
export async function changeLesson(
  actor: Actor,
  groupId: number,
  id: number,
  input: LessonUpdate,
  zone: string,
): Promise<void> {
  await withTransaction(async () => {
    const group = await plannedGroup(actor, groupId)
    const before = await selectLesson(groupId, id)
    const subject = await subjectOf(group, input.topicId)
    const slot = slotOf(input, zone)
    const isMoved = slot.startsAt !== before.starts_at || slot.endsAt !== before.ends_at
    if (isMoved) demandWithinCohort(group, input.date)
    if (!input.anyway && (isMoved || input.place !== before.place))
      await demandNoClash(groupId, [slot], input.place, id)
    const after = {
      ...{ topic_id: subject.topic_id, offering_id: subject.offering_id, title: input.title },
      ...{ starts_at: slot.startsAt, ends_at: slot.endsAt },
      ...{ place: input.place, link: input.link, notes: input.notes },
    }
    await update(groupId, id, input.version, after)
    await recordChange(actor, group, id, isMoved ? 'moved' : 'edited', before, after)
  })
}

async function update(groupId: number, id: number, version: number, values: object) {
  const changed = await db()('lessons')
    .where({ id, group_id: groupId, version })
    .update({ ...values, version: version + 1, updated_at: nowUtc() })
  if (!changed) throw new ConflictError()
}

async function recordChange(
  actor: Actor,
  group: JournalGroup,
  lessonId: number,
  kind: 'moved' | 'edited' | 'cancelled' | 'restored',
  before: object,
  after: object,
) {
  const enrolmentIds = await memberIds(group.id)
  await recordEvent(
    actor,
    'lessonChanged',
    { type: 'lesson', id: lessonId },
    { kind, groupId: group.id, moduleId: group.module_id, lessonIds: [lessonId], enrolmentIds, before, after },
  )
  announce(group.id)
}

/** Calls a lesson off. What was written in the journal stays, but counts no more. */
export async function cancelLesson(actor: Actor, groupId: number, id: number, version: number): Promise<void> {
  await setState(actor, groupId, id, version, 'cancelled')
}

/** A lesson that was called off takes place after all. */
export async function restoreLesson(actor: Actor, groupId: number, id: number, version: number): Promise<void> {
  await setState(actor, groupId, id, version, 'planned')
}

async function setState(actor: Actor, groupId: number, id: number, version: number, state: 'cancelled' | 'planned') {
  await withTransaction(async () => {
    const group = await plannedGroup(actor, groupId)
    const before = await selectLesson(groupId, id)
    await update(groupId, id, version, { state })
    const kind = state === 'cancelled' ? 'cancelled' : 'restored'
    await recordChange(actor, group, id, kind, { state: before.state }, { state })
  })
}
