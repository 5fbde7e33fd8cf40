import type { Form } from '../../core/http/forms.ts'
import { type Paged, pagerLinks, queryString } from '../../core/http/paging.ts'
import { localeOf } from '../../core/i18n/index.ts'
import { pick } from '../../core/text.ts'
import { fromUtc, utcToLocal } from '../../core/time.ts'
import type { ClashingLesson, CohortClash } from './clash-queries.ts'
import { type Context, cohortTabs } from './frame.ts'
import { type TimetableQuery, WEEKDAYS } from './input.ts'
import { topicOf } from './overview-presenter.ts'
import { cohortPolicy, groupPolicy } from './policy.ts'
import type { CohortCard } from './queries.ts'
import type { LessonRow, OfferingRow, TimetableGroup } from './timetable-queries.ts'

const MOST_CLASHES = 20

const inZone = ({ lang, zone }: Context, utc: string, options: Intl.DateTimeFormatOptions) =>
  new Intl.DateTimeFormat(localeOf(lang), { timeZone: zone, ...options }).format(fromUtc(utc))

/** «ноябрь 2026 г.»: the heading of a month's classes. */
const monthOf = (context: Context, utc: string) => inZone(context, utc, { month: 'long', year: 'numeric' })

/** «вт, 24 ноября» */
const dayOf = (context: Context, utc: string) =>
  inZone(context, utc, { weekday: 'short', day: 'numeric', month: 'long' })

const timesOf = ({ format }: Context, lesson: { starts_at: string; ends_at: string }) =>
  `${format.time(lesson.starts_at)}–${format.time(lesson.ends_at)}`

/** The timetable of a cohort: classes by day, what clashes, topics without dates. */
export function presentTimetable(
  context: Context,
  cohort: CohortCard,
  filter: TimetableQuery,
  result: Paged<LessonRow>,
  groups: TimetableGroup[],
  clashes: CohortClash[],
) {
  const { actor, lang } = context
  const base = `/cohorts/${cohort.id}`
  const { after: _after, before: _before, ...kept } = filter
  const clashing = new Set(clashes.flatMap(({ first, second }) => [first.id, second.id]))
  const months = new Map<string, ReturnType<typeof presentLesson>[]>()
  for (const row of result.rows) {
    const month = monthOf(context, row.starts_at)
    months.set(month, [...(months.get(month) ?? []), presentLesson(context, cohort, row, clashing.has(row.id))])
  }
  const sum = (field: 'offerings' | 'withoutDates') => groups.reduce((total, group) => total + group[field], 0)
  return {
    tabs: cohortTabs(context, cohort, 'timetable'),
    action: `${base}/timetable`,
    filter: kept,
    activeFilters: [kept.module, kept.group, kept.from === 'all'].filter(Boolean).length,
    modules: [...new Map(groups.map((group) => [group.module_id, pick(group.moduleTitle, lang)]))].map(
      ([id, label]) => ({
        value: String(id),
        label,
      }),
    ),
    groups: groups
      .filter((group) => !kept.module || group.module_id === kept.module)
      .map((group) => ({ value: String(group.id), label: group.name, group: pick(group.moduleTitle, lang) })),
    months: [...months].map(([month, lessons]) => ({ month, lessons })),
    pager: pagerLinks(`${base}/timetable`, kept, result),
    clashes: clashes.slice(0, MOST_CLASHES).map((clash) => describeClash(context, cohort, clash)),
    moreClashes: Math.max(0, clashes.length - MOST_CLASHES),
    withoutDates: sum('withoutDates'),
    hasAny: sum('offerings') > 0 || result.rows.length > 0,
    offeringsHref: `${base}/offerings?${queryString({ module: kept.module, group: kept.group })}`,
    newHref: `${base}/timetable/new`,
    canEdit: cohortPolicy.can(actor, 'edit', cohort),
  }
}

function presentLesson(context: Context, cohort: CohortCard, row: LessonRow, clashes: boolean) {
  const { actor, t, lang } = context
  const isCancelled = row.state === 'cancelled'
  const canEdit = groupPolicy.can(actor, 'edit', { ...row, id: row.group_id })
  return {
    day: dayOf(context, row.starts_at),
    time: timesOf(context, row),
    title: topicOf(context, row.topicTitle, row.title),
    href: canEdit ? `/cohorts/${cohort.id}/lessons/${row.id}` : null,
    group: row.group_name,
    module: pick(row.moduleTitle, lang),
    place: row.place,
    link: row.link,
    places: row.taken === null ? null : placesText(context, row.taken, row.capacity),
    offeringHref: row.offering_id && canEdit ? `/cohorts/${cohort.id}/offerings/${row.offering_id}` : null,
    isCancelled,
    badge: isCancelled
      ? { kind: 'neutral', text: t('cohorts.lesson.cancelled') }
      : clashes
        ? { kind: 'warning', text: t('cohorts.timetable.clash') }
        : null,
  }
}

const placesText = ({ t }: Context, taken: number, capacity: number | null) =>
  capacity === null ? t('cohorts.offering.taken', { count: taken }) : t('cohorts.offering.takenOf', { taken, capacity })

/** A clash in words: what, where, when, and why it cannot be. */
function describeClash(context: Context, cohort: CohortCard, { first, second, ...clash }: CohortClash) {
  const { t, format } = context
  const of = (lesson: ClashingLesson) => {
    const values = { title: topicOf(context, lesson.topicTitle, lesson.title), group: lesson.groupName }
    const isOwn = lesson.cohortId === cohort.id
    return t(isOwn ? 'cohorts.clash.lesson' : 'cohorts.clash.lessonElsewhere', {
      ...values,
      cohort: lesson.cohortTitle,
    })
  }
  const reasons = [
    clash.instructors.length > 0 &&
      t('cohorts.clash.instructor', { names: clash.instructors.join(', '), count: clash.instructors.length }),
    clash.room !== null && t('cohorts.clash.room', { room: clash.room }),
    clash.group !== null && t('cohorts.clash.group', { group: clash.group }),
    clash.learners > 0 && t('cohorts.clash.learners', { count: clash.learners }),
  ].filter(Boolean)
  const values = { when: format.dateTime(second.startsAt), first: of(first), second: of(second) }
  const movable = second.cohortId === cohort.id ? second : first
  return {
    text: t('cohorts.clash.line', { ...values, reasons: reasons.join('; ') }),
    href: `/cohorts/${cohort.id}/lessons/${movable.id}`,
  }
}

const weekdayOf = (lang: string, day: number) =>
  // 5 January 1970 was a Monday.
  new Intl.DateTimeFormat(localeOf(lang), { weekday: 'long', timeZone: 'UTC' }).format(
    new Date(Date.UTC(1970, 0, 4 + day)),
  )

export const presentTimetableForm = ({ lang }: Context, cohort: CohortCard, form: Form, hasLessons: boolean) => ({
  form,
  action: `/cohorts/${cohort.id}/timetable`,
  cancelHref: `/cohorts/${cohort.id}/timetable`,
  weekdays: WEEKDAYS.map((day) => ({ value: String(day), label: weekdayOf(lang, day) })),
  hasLessons,
})

/** Topics offered to groups, with places and dates: a table. */
export function presentOfferings(context: Context, cohort: CohortCard, rows: OfferingRow[]) {
  const { actor, t, lang, format } = context
  return {
    tabs: cohortTabs(context, cohort, 'timetable'),
    backHref: `/cohorts/${cohort.id}/timetable`,
    rows: rows.map((row) => ({
      href: groupPolicy.can(actor, 'edit', { ...row, id: row.group_id })
        ? `/cohorts/${cohort.id}/offerings/${row.id}`
        : null,
      topic: pick(row.topicTitle, lang),
      module: pick(row.moduleTitle, lang),
      group: row.group_name,
      places: placesText(context, row.taken, row.capacity),
      isFull: row.capacity !== null && row.taken >= row.capacity,
      dates: row.lessons
        ? t('cohorts.offering.lessons', {
            count: row.lessons,
            date: format.date(row.first_at && format.civil(row.first_at)),
          })
        : null,
      place: row.place,
      isCancelled: row.cancelled_at !== null,
    })),
  }
}

/** One offered topic with its classes. */
export function presentOffering(
  context: Context,
  cohort: CohortCard,
  row: OfferingRow,
  lessons: LessonRow[],
  form: Form,
  lessonForm: Form,
) {
  const { t, lang, zone } = context
  const base = `/cohorts/${cohort.id}/offerings/${row.id}`
  const last = lessons.at(-1)
  const suggested = last
    ? { startsAt: utcToLocal(last.starts_at, zone).slice(11), endsAt: utcToLocal(last.ends_at, zone).slice(11) }
    : { startsAt: '15:00', endsAt: '16:30' }
  return {
    base,
    form,
    version: row.version,
    lessonForm: { ...lessonForm, values: { ...suggested, ...lessonForm.values } },
    isCancelled: row.cancelled_at !== null,
    facts: [
      { label: t('cohorts.offering.module'), value: pick(row.moduleTitle, lang) },
      { label: t('cohorts.offering.group'), value: row.group_name },
      { label: t('cohorts.offering.hours'), value: t('cohorts.offering.hoursCount', { count: row.hours }) },
      {
        label: t('cohorts.offering.kind'),
        value: t(row.is_compulsory ? 'cohorts.offering.compulsory' : 'cohorts.offering.elective'),
      },
      { label: t('cohorts.offering.places'), value: placesText(context, row.taken, row.capacity) },
    ],
    lessons: lessons.map((lesson) => ({
      ...presentLesson(context, cohort, lesson, false),
      day: inZone(context, lesson.starts_at, { dateStyle: 'full' }),
    })),
  }
}

/** What the form shows of a stored class. */
export const lessonValues = (lesson: LessonRow, zone: string): Form['values'] => ({
  date: utcToLocal(lesson.starts_at, zone).slice(0, 10),
  startsAt: utcToLocal(lesson.starts_at, zone).slice(11),
  endsAt: utcToLocal(lesson.ends_at, zone).slice(11),
  place: lesson.place,
  link: lesson.link,
  version: lesson.version,
})
