/**
 * The register of a group in memory: lessons across, learners down, and for each cell whether it is expected and what
 * stands in it. Four statements whatever the size of the group.
 */
import { db, fromJson } from '../../core/db/index.ts'
import { formatFor } from '../../core/i18n/format.ts'
import { setting } from '../../core/settings.ts'
import type { Translated } from '../../core/text.ts'
import { nowUtc } from '../../core/time.ts'
import type { Attendance, Mark } from './marks.ts'
import type { JournalGroup } from './queries.ts'
import { behindReasons, isExpected, type Membership, sumLearner, type Totals } from './totals.ts'

export type RegisterLesson = {
  id: number
  startsAt: string
  endsAt: string
  /** Civil date in the authority's zone. */
  day: string
  title: string | null
  topicTitle: Translated | null
  topicId: number | null
  state: string
  cancelled: boolean
  place: string | null
  electiveOfferingId: number | null
}

/** How a learner's credit in the group's module stands; `state` is empty after it was taken back. */
export type RegisterCredit = { state: string; creditedOn: string | null; version: number }

export type RegisterLearner = {
  enrolmentId: number
  personId: number
  lastName: string
  firstName: string
  middleName: string | null
  state: string
  memberships: Membership[]
  offerings: ReadonlySet<number>
  credit: RegisterCredit | undefined
}

export type RegisterCell = {
  lessonId: number
  enrolmentId: number
  attendance: Attendance
  mark: Mark | null
  comment: string
  version: number
  /** Who wrote it and when: only where asked for. */
  updatedBy: number | null
  updatedAt: string
  updatedByName: string
}

export type Register = {
  lessons: RegisterLesson[]
  learners: RegisterLearner[]
  cell: (lessonId: number, enrolmentId: number) => RegisterCell | undefined
  cells: RegisterCell[]
  isExpected: (lesson: RegisterLesson, learner: RegisterLearner) => boolean
  totals: (learner: RegisterLearner) => Totals
}

type Narrow = { enrolmentIds?: readonly number[]; lessonIds?: readonly number[]; withAuthors?: boolean }

/**
 * Loads a group's register.
 * @param narrow only these learners; only these lessons (then the totals are of these alone); names of who wrote
 */
export async function loadRegister(group: JournalGroup, narrow: Narrow = {}): Promise<Register> {
  const zone = (await setting('authority')).timeZone
  const [lessons, learners, cells] = await Promise.all([
    listLessons(group.id, zone, narrow),
    listLearners(group, narrow),
    listCells(group.id, narrow),
  ])
  return assemble(lessons, learners, cells)
}

/** Puts rows together; pure. */
export function assemble(lessons: RegisterLesson[], learners: RegisterLearner[], cells: RegisterCell[]): Register {
  const lines = new Map<number, Map<number, RegisterCell>>()
  for (const cell of cells) {
    const line = lines.get(cell.enrolmentId)
    if (line) line.set(cell.lessonId, cell)
    else lines.set(cell.enrolmentId, new Map([[cell.lessonId, cell]]))
  }
  const expected = (lesson: RegisterLesson, { memberships, offerings }: RegisterLearner) =>
    memberships.some((membership) => isExpected(lesson, membership, offerings))
  const now = nowUtc()
  const totals = (learner: RegisterLearner) => {
    const line = lines.get(learner.enrolmentId)
    return sumLearner(
      lessons.map((lesson) => {
        const cell = line?.get(lesson.id)
        const [attendance, mark] = cell ? [cell.attendance, cell.mark] : (['', null] as const)
        return { startsAt: lesson.startsAt, expected: expected(lesson, learner), attendance, mark }
      }),
      now,
    )
  }
  const shown = learners.filter((learner) => isShown(learner) || lessons.some((lesson) => expected(lesson, learner)))
  const cell = (lessonId: number, enrolmentId: number) => lines.get(enrolmentId)?.get(lessonId)
  return { lessons, learners: shown, cells, cell, isExpected: expected, totals }
}

/** Who left before any lesson of theirs would only be a blank line. */
const isShown = (learner: RegisterLearner) => learner.memberships.some(({ endsOn }) => endsOn === null)

/** The lessons of a group that take place, by time. */
async function listLessons(groupId: number, zone: string, { lessonIds }: Narrow): Promise<RegisterLesson[]> {
  // biome-ignore lint/suspicious/noExplicitAny: raw rows
  const rows: any[] = await db()('lessons as l')
    .leftJoin('topics as t', 't.id', 'l.topic_id')
    .where('l.group_id', groupId)
    .modify((query) => {
      if (lessonIds) void query.whereIn('l.id', lessonIds)
      else void query.whereNot('l.state', 'cancelled')
    })
    .orderBy(['l.starts_at', 'l.id'])
    .select('l.id', 'l.starts_at', 'l.ends_at', 'l.title', 'l.state', 'l.place', 'l.offering_id', 'l.topic_id')
    .select('t.title as topic_title', 't.is_compulsory')
  const { civil } = formatFor('ru', zone)
  return rows.map((row) => ({
    ...{ id: row.id, title: row.title, state: row.state, place: row.place, topicId: row.topic_id },
    startsAt: row.starts_at,
    endsAt: row.ends_at,
    day: civil(row.starts_at),
    cancelled: row.state === 'cancelled',
    topicTitle: row.topic_title === null ? null : fromJson<Translated>(row.topic_title, {}),
    electiveOfferingId: row.offering_id !== null && Number(row.is_compulsory) === 0 ? row.offering_id : null,
  }))
}

/** Everyone who is or was in the group, by name, with the offerings that their route has in force. */
async function listLearners(group: JournalGroup, { enrolmentIds }: Narrow): Promise<RegisterLearner[]> {
  const [members, choices] = await Promise.all([
    db()('group_members as gm')
      .join('enrolments as e', 'e.id', 'gm.enrolment_id')
      .join('people as p', 'p.id', 'e.person_id')
      .leftJoin('module_credits as mc', (on) => {
        void on.on('mc.enrolment_id', 'e.id').andOnVal('mc.module_id', group.module_id)
      })
      .where('gm.group_id', group.id)
      .modify((query) => {
        if (enrolmentIds) void query.whereIn('gm.enrolment_id', enrolmentIds)
      })
      .orderBy(['p.sort_name', 'e.id', 'gm.starts_on'])
      .select('gm.enrolment_id', 'gm.starts_on', 'gm.ends_on', 'e.state', 'e.person_id')
      .select('p.last_name', 'p.first_name', 'p.middle_name')
      .select('mc.state as credit_state', 'mc.credited_on', 'mc.version as credit_version'),
    db()('offerings as o')
      .join('route_choices as rc', 'rc.offering_id', 'o.id')
      .join('learning_routes as lr', 'lr.id', 'rc.route_id')
      .where({ 'o.group_id': group.id, 'rc.in_force': 1 })
      .modify((query) => {
        if (enrolmentIds) void query.whereIn('lr.enrolment_id', enrolmentIds)
      })
      .select('lr.enrolment_id', 'rc.offering_id'),
  ])
  const offerings = new Map<number, Set<number>>()
  for (const row of choices) {
    const own = offerings.get(row.enrolment_id) ?? new Set()
    offerings.set(row.enrolment_id, own.add(row.offering_id))
  }
  const learners = new Map<number, RegisterLearner>()
  for (const row of members) {
    const known: RegisterLearner = learners.get(row.enrolment_id) ?? {
      ...{ enrolmentId: row.enrolment_id, personId: row.person_id, state: row.state, memberships: [] },
      ...{ lastName: row.last_name, firstName: row.first_name, middleName: row.middle_name },
      offerings: offerings.get(row.enrolment_id) ?? new Set<number>(),
      credit: creditOf(row),
    }
    known.memberships.push({ startsOn: row.starts_on, endsOn: row.ends_on })
    learners.set(row.enrolment_id, known)
  }
  return [...learners.values()]
}

// biome-ignore lint/suspicious/noExplicitAny: a raw row
const creditOf = (row: any): RegisterCredit | undefined =>
  row.credit_version === null
    ? undefined
    : { state: row.credit_state, creditedOn: row.credited_on, version: row.credit_version }

async function listCells(groupId: number, narrow: Narrow): Promise<RegisterCell[]> {
  const { enrolmentIds, lessonIds, withAuthors } = narrow
  // biome-ignore lint/suspicious/noExplicitAny: raw rows
  const rows: any[] = await db()('journal_cells as jc')
    .modify((query) => {
      if (lessonIds) void query.whereIn('jc.lesson_id', lessonIds)
      else void query.whereIn('jc.lesson_id', db()('lessons').where({ group_id: groupId }).select('id'))
      if (enrolmentIds) void query.whereIn('jc.enrolment_id', enrolmentIds)
      // A page of thirty by forty has 1,200 cells: what only sockets and conflicts need is not read for it.
      if (withAuthors) {
        void query.leftJoin('people as p', 'p.id', 'jc.updated_by').select('p.last_name', 'p.first_name')
        void query.select('jc.updated_by', 'jc.updated_at')
      }
    })
    .select('jc.lesson_id', 'jc.enrolment_id', 'jc.attendance', 'jc.mark', 'jc.comment', 'jc.version')
  return rows.map((row) => ({
    lessonId: row.lesson_id,
    enrolmentId: row.enrolment_id,
    attendance: row.attendance,
    mark: row.mark,
    comment: row.comment ?? '',
    version: row.version,
    updatedBy: row.updated_by ?? null,
    updatedAt: row.updated_at ?? '',
    updatedByName: row.last_name ? `${row.first_name} ${row.last_name}` : '',
  }))
}

/** Sums of some learners as pages and sockets get them. */
export const sumsOf = (register: Register, group: JournalGroup) =>
  Object.fromEntries(
    register.learners.map((learner) => {
      const { percent, mean, ...totals } = register.totals(learner)
      return [learner.enrolmentId, { percent, mean, behind: behindReasons({ percent, mean, ...totals }, group.rule) }]
    }),
  )

/** Whether nothing may be written about this learner any more. */
export const isGone = (learner: RegisterLearner): boolean =>
  learner.state === 'withdrawn' || learner.state === 'suspended'
