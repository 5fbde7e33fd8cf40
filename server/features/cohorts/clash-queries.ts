import { db, fromJson } from '../../core/db/index.ts'
import { fold, type Translated } from '../../core/text.ts'
import { nowUtc } from '../../core/time.ts'
import { findClashes, findOverlaps, type TimedLesson } from './clashes.ts'
import { heldToday } from './group-queries.ts'

export type ClashingLesson = {
  id: number
  startsAt: string
  endsAt: string
  title: string | null
  topicTitle: Translated | null
  groupId: number
  groupName: string
  cohortId: number
  cohortTitle: string
  place: string | null
  isCompulsory: boolean
}

export type CohortClash = {
  first: ClashingLesson
  second: ClashingLesson
  room: string | null
  group: string | null
  instructors: string[]
  /** How many learners are wanted in both (compulsory topics only: among others they choose). */
  learners: number
}

type Raw = Record<string, never> & { id: number; topic_title: string | null }

const lessons = () =>
  db()('lessons as l')
    .join('groups as g', 'g.id', 'l.group_id')
    .join('cohorts as c', 'c.id', 'g.cohort_id')
    .leftJoin('topics as t', 't.id', 'l.topic_id')
    .whereNot('l.state', 'cancelled')
    .where('l.ends_at', '>', nowUtc())
    .select('l.id', 'l.starts_at as startsAt', 'l.ends_at as endsAt', 'l.title', 'l.place', 'l.group_id as groupId')
    .select('g.name as groupName', 'g.cohort_id as cohortId', 'c.title as cohortTitle')
    .select('t.title as topic_title', 't.is_compulsory')

// biome-ignore lint/suspicious/noExplicitAny: a raw row
const toLesson = ({ topic_title, is_compulsory, ...row }: any): ClashingLesson => ({
  ...row,
  isCompulsory: Number(is_compulsory ?? 1) === 1,
  topicTitle: topic_title === null ? null : fromJson<Translated>(topic_title, {}),
})

/**
 * What cannot take place as planned from now on in a cohort: the same room, group or instructor at the same time (also
 * with other cohorts), or learners wanted in two compulsory classes at once. Four queries whatever the size.
 */
export async function listClashes(cohortId: number): Promise<CohortClash[]> {
  const own: ClashingLesson[] = (await lessons().where('g.cohort_id', cohortId)).map(toLesson)
  if (own.length === 0) return []
  const { byGroup, names } = await listTeaching(cohortId)
  const others = await listOtherLessons(cohortId, own, [...byGroup.keys()])
  const all = new Map([...own, ...others].map((lesson) => [lesson.id, lesson]))
  const timed = [...all.values()].map((lesson): TimedLesson => {
    const { id, startsAt, endsAt, groupId, place } = lesson
    const instructorIds = byGroup.get(groupId) ?? []
    return {
      id,
      startsAt,
      endsAt,
      groupId,
      room: place ? fold(place) : null,
      instructorIds,
      isOwn: lesson.cohortId === cohortId,
    }
  })
  const clashes = new Map<string, CohortClash>()
  const pair = (first: number, second: number): CohortClash => {
    const [a, b] = [all.get(first) as ClashingLesson, all.get(second) as ClashingLesson]
    const known = clashes.get(`${first}:${second}`) ?? {
      first: a,
      second: b,
      room: null,
      group: null,
      instructors: [],
      learners: 0,
    }
    clashes.set(`${first}:${second}`, known)
    return known
  }
  for (const { first, second, room, group, instructorIds } of findClashes(timed)) {
    const clash = pair(first, second)
    if (room) clash.room = clash.first.place
    if (group) clash.group = clash.first.groupName
    clash.instructors = instructorIds.map((id) => names.get(id) ?? '')
  }
  const compulsory = timed.filter((lesson) => lesson.isOwn && all.get(lesson.id)?.isCompulsory)
  for (const { first, second, learners } of await sharedLearners(findOverlaps(compulsory))) {
    pair(first, second).learners = learners
  }
  return [...clashes.values()].sort((a, b) => (a.second.startsAt < b.second.startsAt ? -1 : 1))
}

/** Who teaches the groups of the cohort, and which groups elsewhere the same people teach. */
async function listTeaching(cohortId: number) {
  const here = db()('grants as gr')
    .join('groups as g', 'g.id', 'gr.scope_id')
    .where({ 'gr.scope_type': 'group', 'g.cohort_id': cohortId })
    .modify(heldToday)
    .select('gr.person_id')
  const rows: { person_id: number; group_id: number; last_name: string; first_name: string }[] = await db()(
    'grants as gr',
  )
    .join('people as p', 'p.id', 'gr.person_id')
    .where('gr.scope_type', 'group')
    .modify(heldToday)
    .whereIn('gr.person_id', here)
    .distinct('gr.person_id', 'gr.scope_id as group_id', 'p.last_name', 'p.first_name')
  const byGroup = new Map<number, number[]>()
  for (const row of rows) byGroup.set(row.group_id, [...(byGroup.get(row.group_id) ?? []), row.person_id])
  return { byGroup, names: new Map(rows.map((row) => [row.person_id, `${row.last_name} ${row.first_name}`])) }
}

/** Lessons of other cohorts in the same time that use the same rooms or instructors. */
async function listOtherLessons(
  cohortId: number,
  own: ClashingLesson[],
  groupIds: number[],
): Promise<ClashingLesson[]> {
  const places = [...new Set(own.flatMap(({ place }) => (place ? [place] : [])))]
  const last = own.reduce((latest, { endsAt }) => (endsAt > latest ? endsAt : latest), '')
  if (!places.length && !groupIds.length) return []
  const rows: Raw[] = await lessons()
    .whereNot('g.cohort_id', cohortId)
    .where('l.starts_at', '<', last)
    .where((either) => void either.whereIn('l.place', places).orWhereIn('l.group_id', groupIds))
    .orderBy('l.starts_at')
    .limit(3000)
  return rows.map(toLesson)
}

/** How many learners are in both groups of each overlapping pair. */
async function sharedLearners(pairs: [TimedLesson, TimedLesson][]) {
  const ids = [...new Set(pairs.flatMap(([a, b]) => [a.groupId, b.groupId]))].slice(0, 1000)
  if (ids.length === 0) return []
  const rows: { low: number; high: number; count: number }[] = await db()('group_members as a')
    .join('group_members as b', 'b.enrolment_id', 'a.enrolment_id')
    .join('enrolments as e', 'e.id', 'a.enrolment_id')
    .where('e.state', 'active')
    .whereNull('a.ends_on')
    .whereNull('b.ends_on')
    .whereIn('a.group_id', ids)
    .whereIn('b.group_id', ids)
    .whereRaw('a.group_id < b.group_id')
    .groupBy('a.group_id', 'b.group_id')
    .select('a.group_id as low', 'b.group_id as high')
    .count({ count: '*' })
  const shared = new Map(rows.map((row) => [`${row.low}:${row.high}`, Number(row.count)]))
  return pairs.flatMap(([first, second]) => {
    const key = [first.groupId, second.groupId].sort((x, y) => x - y).join(':')
    const learners = shared.get(key) ?? 0
    return learners ? [{ first: first.id, second: second.id, learners }] : []
  })
}
