/** The plan of a group's lessons, the form of one, and how two lessons collide. */

import { fromJson } from '../../core/db/index.ts'
import type { Form } from '../../core/http/forms.ts'
import { formatFor } from '../../core/i18n/format.ts'
import { pick, type Translated } from '../../core/text.ts'
import { nowUtc } from '../../core/time.ts'
import { MOST_IN_SERIES } from './input.ts'
import type { Clash } from './lesson-clashes.ts'
import type { PlanRow, TopicRow } from './plan-queries.ts'
import { journalUrl } from './presenter.ts'
import type { JournalGroup } from './queries.ts'
import { lessonMoment, lessonTitle, type Reader } from './words.ts'

const titled = (row: { title: string | null; topicTitle: Translated | null }, reader: Reader) =>
  lessonTitle(row, reader)

/** Lessons to come first, then those that were; cancelled ones stay visible. */
export function presentPlan(group: JournalGroup, rows: PlanRow[], canPlan: boolean, reader: Reader) {
  const { t, lang, zone } = reader
  const format = formatFor(lang, zone)
  const now = nowUtc()
  const present = (row: PlanRow) => ({
    href: journalUrl(group.id, `/lessons/${row.id}`),
    title: titled(row, reader),
    moment: format.human(row.startsAt),
    exact: format.dateTime(row.startsAt),
    iso: row.startsAt.replace(' ', 'T').concat('Z'),
    until: format.time(row.endsAt),
    place: row.place,
    badge: badgeOf(row, now, reader),
    marked: row.startsAt <= now ? t('journals.plan.marked', { count: row.marked }) : '',
    editHref: canPlan ? journalUrl(group.id, `/lessons/${row.id}/edit`) : '',
  })
  return {
    ahead: rows.filter((row) => row.startsAt > now).map(present),
    past: rows
      .filter((row) => row.startsAt <= now)
      .reverse()
      .map(present),
    newHref: canPlan ? journalUrl(group.id, '/lessons/new') : '',
  }
}

function badgeOf(row: PlanRow, now: string, { t }: Reader) {
  if (row.state === 'cancelled') return { kind: 'neutral', icon: 'ban', text: t('journals.plan.state.cancelled') }
  if (row.startsAt > now) return null
  return row.marked > 0
    ? { kind: 'success', text: t('journals.plan.state.marked') }
    : { kind: 'warning', text: t('journals.plan.state.blank') }
}

/** The form of a lesson, new or known. */
export function presentLessonForm(
  group: JournalGroup,
  form: Form,
  topics: TopicRow[],
  reader: Reader,
  lesson: { id: number; state: string } | null,
  clashes: Clash[] = [],
) {
  const { t, lang } = reader
  const base = lesson ? journalUrl(group.id, `/lessons/${lesson.id}`) : journalUrl(group.id, '/lessons')
  const value = (name: string) => form.values[name] ?? ''
  return {
    form,
    isNew: lesson === null,
    isCancelled: lesson?.state === 'cancelled',
    action: lesson ? `${base}/edit` : base,
    cancelHref: base,
    stateAction: lesson ? `${base}/${lesson.state === 'cancelled' ? 'restore' : 'cancel'}` : '',
    version: value('version'),
    topics: topics.map((topic) => ({
      value: topic.id,
      label: topic.isCompulsory
        ? pick(topic.title, lang)
        : t('journals.plan.electiveTopic', { title: pick(topic.title, lang), count: topic.chosenBy }),
    })),
    repeats: (['once', 'weekly', 'fortnightly'] as const).map((name) => ({
      value: name,
      label: t(`journals.plan.repeat.${name}`),
    })),
    mostInSeries: MOST_IN_SERIES,
    clashes: clashes.map((clash) => clashText(clash, reader)),
  }
}

function clashText(clash: Clash, reader: Reader): string {
  const topicTitle = clash.topicTitle === null ? null : fromJson<Translated>(clash.topicTitle, {})
  return reader.t(`journals.plan.clashKind.${clash.kind}`, {
    when: lessonMoment(clash.startsAt, reader),
    title: titled({ title: clash.title, topicTitle }, reader),
    group: clash.groupName,
    place: clash.place ?? '',
  })
}
