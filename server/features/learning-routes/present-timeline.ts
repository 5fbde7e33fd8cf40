import { draftTopics, type RouteData, takenOffering } from './route-data.ts'
import type { RouteEvaluation, Span } from './rules-types.ts'
import { layOutTimeline, type Timeline, type TimelineEntry } from './timeline.ts'
import { civilDay, type Reader, say, sayHours, sayMoment, sayMonth, sayPeriod, saySpan } from './wording.ts'

type Line = {
  entry: TimelineEntry
  title: string
  detail: string
  /** Words of each mark. */
  marks: string[]
  tone: 'topic' | 'compulsory' | 'own'
  moduleId: number | null
}

/** With more months than this their names are shortened. */
const LONG_MONTHS = 6

/** With more months than this not all of them are named. */
const DENSE_MONTHS = 10

/** Where each year begins; empty if all is in one. */
function yearsOf(months: Timeline['months']): { label: number; start: number }[] {
  const years = months.filter((month, index) => index === 0 || month.month === 1)
  if (years.length < 2) return []
  // A year of which only December is shown has no room for its number.
  return years
    .filter((year, index) => (years[index + 1]?.start ?? 100) - year.start > 8)
    .map(({ year, start }) => ({ label: year, start }))
}

/** The face "timeline": what was chosen and the own items, on the months of the cohort, clashes drawn where they are. */
export function presentTimeline(reader: Reader, data: RouteData, evaluation: RouteEvaluation) {
  const { t } = reader
  const lines = [...topicLines(reader, data, evaluation), ...ownLines(reader, data)]
  const layout = layOutTimeline(
    data.head.cohort,
    lines.map((line) => line.entry),
    reader,
  )
  const rows = new Map(layout.rows.map((row) => [row.key, row]))
  const drawn = lines.map(({ entry, marks: words, ...line }) => {
    const row = rows.get(entry.key)!
    // Clashes are drawn last, over their neighbours.
    const marks = row.marks
      .map((mark, index) => ({ ...mark, text: words[index] ?? '' }))
      .sort((a, b) => Number(a.clash) - Number(b.clash))
    return { ...line, bar: row.bar, marks, clashes: marks.some((mark) => mark.clash) }
  })
  const groups = data.modules.map((module, index) => ({
    title: t('learning-routes.timeline.module', { number: index + 1, title: say(reader, module.title) }),
    lines: drawn.filter((line) => line.moduleId === module.id),
  }))
  groups.push({ title: t('learning-routes.timeline.own'), lines: drawn.filter((line) => line.moduleId === null) })
  return {
    months: layout.months.map((month, index) => ({
      ...month,
      label: sayMonth(reader, month.year, month.month, layout.months.length > LONG_MONTHS),
      // Where there is little room, only every second or fourth month is named.
      rank: index % 4 === 0 ? 'quarter' : index % 2 === 0 ? 'half' : 'each',
    })),
    isDense: layout.months.length > DENSE_MONTHS,
    years: yearsOf(layout.months),
    today: layout.today,
    groups: groups.filter((group) => group.lines.length > 0),
    clashes: evaluation.clashes.map((clash) => {
      const titleOf = (id: number) => say(reader, data.topics.find((topic) => topic.id === id)?.title ?? {})
      const moduleOf = (id: number) => say(reader, data.modules.find((module) => module.id === id)?.title ?? {})
      const isTopic = clash.with.kind === 'topic'
      return t(`learning-routes.timeline.${isTopic ? 'clash' : 'clashWithGroup'}`, {
        topic: titleOf(clash.topicId),
        title: isTopic ? titleOf(clash.with.id) : moduleOf(clash.with.id),
        at: sayMoment(reader, clash.at),
      })
    }),
    isEmpty: lines.length === 0,
  }
}

function topicLines(reader: Reader, data: RouteData, evaluation: RouteEvaluation): Line[] {
  const clashesOf = (id: number) =>
    evaluation.clashes
      .filter((clash) => clash.topicId === id || (clash.with.kind === 'topic' && clash.with.id === id))
      .map((clash) => clash.at)
  return draftTopics(data).map((topic) => {
    const dates = takenOffering(topic)?.dates ?? []
    return {
      entry: { key: `topic-${topic.id}`, dates, from: null, to: null, clashesAt: clashesOf(topic.id) },
      title: say(reader, topic.title),
      detail: daysOf(reader, dates),
      marks: dates.map((span) => saySpan(reader, span)),
      tone: topic.isCompulsory ? 'compulsory' : 'topic',
      moduleId: topic.moduleId,
    }
  })
}

/** From the first to the last class, e.g. "8 декабря — 15 декабря". */
function daysOf(reader: Reader, dates: readonly Span[]): string {
  const first = dates[0]
  const last = dates.at(-1)
  if (!first || !last) return reader.t('learning-routes.tile.noDates')
  return sayPeriod(reader, civilDay(reader, first.startsAt), civilDay(reader, last.startsAt))
}

function ownLines(reader: Reader, data: RouteData): Line[] {
  return data.ownItems
    .filter((item) => item.inDraft)
    .map((item) => ({
      entry: {
        key: `own-${item.id}`,
        dates: [],
        from: item.startsOn ?? item.endsOn,
        to: item.endsOn ?? item.startsOn,
        clashesAt: [],
      },
      title: item.title,
      detail: [sayHours(reader, item.hours), sayPeriod(reader, item.startsOn, item.endsOn)].filter(Boolean).join(', '),
      marks: [],
      tone: 'own',
      moduleId: null,
    }))
}
