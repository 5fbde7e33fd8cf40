/** Finding what cannot take place at the same time: pure. */

export type TimedLesson = {
  id: number
  startsAt: string
  endsAt: string
  groupId: number
  /** Folded; null where nobody meets in a room. */
  room: string | null
  /** People who teach the group. */
  instructorIds: readonly number[]
  /** The cohort whose timetable is looked at; lessons of others matter only where they meet with one of it. */
  isOwn: boolean
}

export type Clash = {
  first: number
  second: number
  /** The same room. */
  room: boolean
  /** The same group. */
  group: boolean
  /** Instructors wanted in both. */
  instructorIds: number[]
}

/**
 * Pairs of lessons that overlap in time and need the same room, group or instructor, in order of time. Sorted once, each
 * lesson is compared only with those that are still going on.
 */
export function findClashes(lessons: readonly TimedLesson[]): Clash[] {
  const clashes: Clash[] = []
  forOverlaps(lessons, (first, second) => {
    if (!first.isOwn && !second.isOwn) return
    const clash: Clash = {
      first: first.id,
      second: second.id,
      room: first.room !== null && first.room === second.room,
      group: first.groupId === second.groupId,
      instructorIds: first.instructorIds.filter((id) => second.instructorIds.includes(id)),
    }
    if (clash.room || clash.group || clash.instructorIds.length) clashes.push(clash)
  })
  return clashes
}

/** Pairs of overlapping lessons of different groups, for finding learners who are wanted in both. */
export function findOverlaps(lessons: readonly TimedLesson[]): [TimedLesson, TimedLesson][] {
  const pairs: [TimedLesson, TimedLesson][] = []
  forOverlaps(lessons, (first, second) => {
    if (first.groupId !== second.groupId) pairs.push([first, second])
  })
  return pairs
}

function forOverlaps(lessons: readonly TimedLesson[], meet: (first: TimedLesson, second: TimedLesson) => void) {
  const inOrder = [...lessons].sort((a, b) =>
    a.startsAt < b.startsAt ? -1 : a.startsAt > b.startsAt ? 1 : a.id - b.id,
  )
  let open: TimedLesson[] = []
  for (const lesson of inOrder) {
    open = open.filter((one) => one.endsAt > lesson.startsAt)
    for (const one of open) meet(one, lesson)
    open.push(lesson)
  }
}
