/** What else takes place when a lesson is to be planned. */
import { db } from '../../core/db/index.ts'
import { InputError } from '../../core/errors.ts'
import { fromUtc, toUtc } from '../../core/time.ts'

export type Slot = { startsAt: string; endsAt: string }

/** Same group · same room · a learner or an instructor of the group is elsewhere. */
export type ClashKind = 'group' | 'place' | 'people'
export type Clash = {
  kind: ClashKind
  lessonId: number
  startsAt: string
  title: string | null
  topicTitle: string | null
  groupName: string
  place: string | null
}

/** The plan collides with others; the form shows them and lets the person insist. */
export class ClashError extends InputError {
  readonly clashes: Clash[]

  constructor(clashes: Clash[]) {
    super([{ field: 'anyway', code: 'journals.plan.clash', values: { count: clashes.length } }])
    this.clashes = clashes
  }
}

/** No lesson lasts longer: bounds the search, so that the index on the start is used. */
const LONGEST_HOURS = 24

const earlier = (utc: string) => toUtc(new Date(fromUtc(utc).getTime() - LONGEST_HOURS * 3_600_000))

/** Groups that share a learner with this one, by person: someone may be enrolled in two programmes. */
const groupsSharingLearners = (groupId: number) =>
  db()('group_members as own')
    .join('enrolments as e1', 'e1.id', 'own.enrolment_id')
    .join('enrolments as e2', 'e2.person_id', 'e1.person_id')
    .join('group_members as other', 'other.enrolment_id', 'e2.id')
    .where('own.group_id', groupId)
    .whereNull('own.ends_on')
    .whereNull('other.ends_on')
    .select('other.group_id')

/** Groups that share an instructor of their own with this one. */
const groupsSharingInstructors = (groupId: number) =>
  db()('grants as own')
    .join('grants as other', 'other.person_id', 'own.person_id')
    .where({ 'own.scope_type': 'group', 'own.scope_id': groupId, 'other.scope_type': 'group' })
    .whereNull('own.ends_on')
    .whereNull('other.ends_on')
    .select('other.scope_id')

/**
 * Lessons that overlap with the slots and concern the same group, room or people; one statement for a whole series.
 * @param exceptId the lesson that is being moved
 */
export async function listClashes(
  groupId: number,
  slots: readonly Slot[],
  place: string | null,
  exceptId = 0,
): Promise<Clash[]> {
  const rows = await db()('lessons as l')
    .join('groups as g', 'g.id', 'l.group_id')
    .leftJoin('topics as t', 't.id', 'l.topic_id')
    .whereNot('l.state', 'cancelled')
    .whereNot('l.id', exceptId)
    .where((any) => {
      for (const slot of slots) {
        void any.orWhere((one) => {
          void one
            .whereBetween('l.starts_at', [earlier(slot.startsAt), slot.endsAt])
            .where('l.starts_at', '<', slot.endsAt)
            .where('l.ends_at', '>', slot.startsAt)
        })
      }
    })
    .where((any) => {
      void any.where('l.group_id', groupId)
      if (place) void any.orWhere('l.place', place)
      void any.orWhereIn('l.group_id', groupsSharingLearners(groupId))
      void any.orWhereIn('l.group_id', groupsSharingInstructors(groupId))
    })
    .orderBy('l.starts_at')
    .limit(20)
    .select('l.id', 'l.group_id', 'l.starts_at', 'l.title', 'l.place', 't.title as topic_title', 'g.name')
  return rows.map((row) => ({
    kind: row.group_id === groupId ? 'group' : place && row.place === place ? 'place' : 'people',
    ...{ lessonId: row.id, startsAt: row.starts_at, title: row.title, topicTitle: row.topic_title },
    ...{ groupName: row.name, place: row.place },
  }))
}
