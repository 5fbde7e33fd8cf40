import type { Clash, ClashWith, GroupLesson, Span } from './rules-types.ts'

/** Spans touch without clashing: one class may end when another begins. */
export function overlaps(a: Span, b: Span): boolean {
  return a.startsAt < b.endsAt && b.startsAt < a.endsAt
}

const earlierOf = (...moments: [string, string]) => moments.sort()[0]!
const laterOf = (...moments: [string, string]) => moments.sort()[1]!

/** What a chosen topic occupies in time. */
export interface Occupation {
  topicId: number
  dates: readonly Span[]
}

/** The earliest moment at which `dates` clash with one of `others`, or null. */
export function firstClash(
  dates: readonly Span[],
  others: readonly Occupation[],
  groupLessons: readonly GroupLesson[],
): { with: ClashWith; at: string; until: string } | null {
  let first: { with: ClashWith; at: string; until: string } | null = null
  const note = (span: Span, other: Span, withWhat: ClashWith) => {
    if (!overlaps(span, other)) return
    const at = laterOf(span.startsAt, other.startsAt)
    const until = earlierOf(span.endsAt, other.endsAt)
    if (!first || at < first.at || (at === first.at && rank(withWhat) < rank(first.with)))
      first = { with: withWhat, at, until }
  }
  for (const span of dates) {
    for (const other of others) for (const date of other.dates) note(span, date, { kind: 'topic', id: other.topicId })
    for (const lesson of groupLessons) note(span, lesson, { kind: 'group_lesson', id: lesson.moduleId })
  }
  return first
}

/** A stable order, so that the answer does not depend on the order in which topics were chosen. */
function rank(withWhat: ClashWith): number {
  return withWhat.kind === 'group_lesson' ? -withWhat.id : withWhat.id
}

/** Every pair that clashes, once each with its first moment, in order of time. */
export function allClashes(occupations: readonly Occupation[], groupLessons: readonly GroupLesson[]): Clash[] {
  const sorted = [...occupations].sort((a, b) => a.topicId - b.topicId)
  const clashes: Clash[] = []
  sorted.forEach((one, index) => {
    for (const other of sorted.slice(index + 1)) {
      const found = firstClash(one.dates, [other], [])
      if (found) clashes.push({ topicId: one.topicId, ...found })
    }
    for (const moduleId of new Set(groupLessons.map((lesson) => lesson.moduleId))) {
      const found = firstClash(
        one.dates,
        [],
        groupLessons.filter((lesson) => lesson.moduleId === moduleId),
      )
      if (found) clashes.push({ topicId: one.topicId, ...found })
    }
  })
  return clashes.sort((a, b) =>
    a.at === b.at ? a.topicId - b.topicId || rank(a.with) - rank(b.with) : a.at < b.at ? -1 : 1,
  )
}

/** The moment of the first class, or null when no dates are set yet. */
export function firstStart(dates: readonly Span[]): string | null {
  return dates.reduce<string | null>((min, span) => (min === null || span.startsAt < min ? span.startsAt : min), null)
}

/** The moment at which the last class ends, or null when no dates are set yet. */
export function lastEnd(dates: readonly Span[]): string | null {
  return dates.reduce<string | null>((max, span) => (max === null || span.endsAt > max ? span.endsAt : max), null)
}
