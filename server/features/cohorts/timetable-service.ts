import { DateTime } from 'luxon'
import { db, fromJson, insertRows, withTransaction } from '../../core/db/index.ts'
import { InputError } from '../../core/errors.ts'
import { recordEvent } from '../../core/events/index.ts'
import type { Actor } from '../../core/rights/index.ts'
import { setting } from '../../core/settings.ts'
import { pick, type Translated } from '../../core/text.ts'
import { fromUtc, localToUtc, nowUtc, toUtc } from '../../core/time.ts'
import { parseHolidays } from './holidays.ts'
import type { TimetableInput } from './input.ts'
import { cohortPolicy } from './policy.ts'
import { type CohortCard, lockCohort, selectCohort } from './queries.ts'
import { type PlannedGroup, type PlannedTopic, planTimetable } from './timetable-plan.ts'

/** One academic hour, in minutes. */
export const ACADEMIC_HOUR = 45

type Topic = PlannedTopic & { capacity: number | null; place: string | null; link: string | null }
type OfferingRow = { id: number; group_id: number; topic_id: number; place: string | null; link: string | null }

/**
 * Makes the timetable of a cohort: every topic is offered to every group of its module, and offerings without classes
 * get dates near the days that the programme suggests. What is there already stays; a second run adds nothing.
 * With `replace`, classes of the future about which no journal says anything are planned anew.
 * @returns how many offerings and classes were added
 * @throws InputError for days that are no dates, or a time so late that classes would run into the night
 */
export async function createTimetable(
  actor: Actor,
  cohortId: number,
  input: TimetableInput,
): Promise<{ offerings: number; lessons: number }> {
  const { days: holidays, wrongLines } = parseHolidays(input.holidays ?? '')
  if (wrongLines.length) {
    throw InputError.of('holidays', 'cohorts.timetable.holidaysWrong', { line: wrongLines[0]?.slice(0, 60) })
  }
  demandSameDay(input)
  const { timeZone, defaultLanguage } = await setting('authority')
  return withTransaction(async () => {
    const cohort = await selectCohort(actor, cohortId)
    cohortPolicy.demand(actor, 'edit', cohort)
    await lockCohort(cohortId)
    const [topics, groups] = [await listTopics(cohort, defaultLanguage), await listPlannedGroups(cohortId)]
    if (input.replace) await dropUntouchedLessons(cohortId)
    const added = await addOfferings(cohortId, topics, groups)
    const rules = { startsOn: cohort.starts_on, endsOn: cohort.ends_on, ...input, holidays }
    const lessons = await addLessons(actor, cohortId, { topics, groups, rules, time: input.time, zone: timeZone })
    const data = { offerings: added, lessons, ...input }
    if (added || lessons) await recordEvent(actor, 'timetableCreated', { type: 'cohort', id: cohortId }, data)
    return { offerings: added, lessons }
  })
}

function demandSameDay({ time, hoursPerLesson }: TimetableInput) {
  const [hour = 0, minute = 0] = time.split(':').map(Number)
  if (hour * 60 + minute + hoursPerLesson * ACADEMIC_HOUR > 24 * 60)
    throw InputError.of('time', 'cohorts.timetable.tooLate')
}

async function listTopics(cohort: CohortCard, language: string): Promise<Topic[]> {
  const rows = await db()('topics as t')
    .join('modules as m', 'm.id', 't.module_id')
    .where('m.programme_id', cohort.programme_id)
    .whereNull('m.archived_at')
    .whereNull('t.archived_at')
    .orderBy(['m.position', 'm.id', 't.position', 't.id'])
    .select('t.id', 't.module_id', 't.hours', 't.day_offset', 't.capacity', 't.place', 't.link')
  return rows.map((row) => ({
    ...{ id: row.id, moduleId: row.module_id, hours: row.hours, dayOffset: row.day_offset },
    ...{ capacity: row.capacity, link: row.link },
    place: pick(fromJson<Translated>(row.place, {}), language).slice(0, 200) || null,
  }))
}

/** The groups of a cohort, numbered within their modules. */
async function listPlannedGroups(cohortId: number): Promise<PlannedGroup[]> {
  const rows = await db()('groups')
    .where('cohort_id', cohortId)
    .whereNull('archived_at')
    .orderBy(['module_id', 'id'])
    .select('id', 'module_id')
  const seen = new Map<number, number>()
  return rows.map((row) => {
    const number = (seen.get(row.module_id) ?? 0) + 1
    seen.set(row.module_id, number)
    return { id: row.id, moduleId: row.module_id, number }
  })
}

const untouched = (cohortId: number) =>
  db()('lessons')
    .whereIn('group_id', db()('groups').where('cohort_id', cohortId).select('id'))
    .whereNotNull('offering_id')
    .where('state', 'planned')
    .where('starts_at', '>', nowUtc())
    .whereNotExists(db()('journal_cells').whereRaw('journal_cells.lesson_id = lessons.id'))

/** Takes away classes of the future that nobody has written about. */
async function dropUntouchedLessons(cohortId: number) {
  const ids: number[] = await untouched(cohortId).pluck('id')
  if (ids.length) await db()('lessons').whereIn('id', ids).del()
}

async function addOfferings(cohortId: number, topics: Topic[], groups: PlannedGroup[]): Promise<number> {
  const rows: OfferingRow[] = await db()('offerings').where('cohort_id', cohortId).select('group_id', 'topic_id')
  const known = new Set(rows.map((row) => `${row.group_id}:${row.topic_id}`))
  const stamps = { created_at: nowUtc(), updated_at: nowUtc() }
  const missing = topics.flatMap((topic) =>
    groups
      .filter((group) => group.moduleId === topic.moduleId && !known.has(`${group.id}:${topic.id}`))
      .map((group) => ({
        ...{ cohort_id: cohortId, group_id: group.id, topic_id: topic.id },
        ...{ capacity: topic.capacity, place: topic.place, link: topic.link, ...stamps },
      })),
  )
  if (missing.length) await insertRows('offerings', missing)
  return missing.length
}

type Planning = {
  topics: Topic[]
  groups: PlannedGroup[]
  rules: Parameters<typeof planTimetable>[2]
  time: string
  zone: string
}

async function addLessons(actor: Actor, cohortId: number, { topics, groups, rules, time, zone }: Planning) {
  const offerings: OfferingRow[] = await db()('offerings as o')
    .where('o.cohort_id', cohortId)
    .whereNull('o.cancelled_at')
    .whereNotExists(db()('lessons').whereRaw('lessons.offering_id = o.id').whereNot('lessons.state', 'cancelled'))
    .select('o.id', 'o.group_id', 'o.topic_id', 'o.place', 'o.link')
  const topicById = new Map(topics.map((topic) => [topic.id, topic]))
  const groupById = new Map(groups.map((group) => [group.id, group]))
  const wanted = offerings.flatMap((offering) => {
    const [group, topic] = [groupById.get(offering.group_id), topicById.get(offering.topic_id)]
    return group && topic ? [{ group, topic }] : []
  })
  const plan = planTimetable(wanted, topics, rules, await listBusyDays(groupById, zone))
  const offeringOf = new Map(offerings.map((offering) => [`${offering.group_id}:${offering.topic_id}`, offering]))
  const stamps = { created_by: actor.personId, created_at: nowUtc(), updated_at: nowUtc() }
  const rows = plan.flatMap(({ groupId, topicId, lessons }) => {
    const offering = offeringOf.get(`${groupId}:${topicId}`) as OfferingRow
    return lessons.map(({ date, hours }) => {
      const starts_at = localToUtc(`${date}T${time}`, zone) as string
      const ends_at = toUtc(new Date(fromUtc(starts_at).getTime() + hours * ACADEMIC_HOUR * 60_000))
      const what = { group_id: groupId, offering_id: offering.id, topic_id: topicId, title: null }
      return { ...what, starts_at, ends_at, place: offering.place, link: offering.link, state: 'planned', ...stamps }
    })
  })
  if (rows.length) await insertRows('lessons', rows)
  return rows.length
}

/** `number:date` of every class that groups have already. */
async function listBusyDays(groups: Map<number, PlannedGroup>, zone: string): Promise<Set<string>> {
  const rows: { group_id: number; starts_at: string }[] = await db()('lessons')
    .whereIn('group_id', [...groups.keys()])
    .whereNot('state', 'cancelled')
    .select('group_id', 'starts_at')
  return new Set(
    rows.map((row) => {
      const date = DateTime.fromJSDate(fromUtc(row.starts_at)).setZone(zone).toISODate()
      return `${groups.get(row.group_id)?.number}:${date}`
    }),
  )
}
