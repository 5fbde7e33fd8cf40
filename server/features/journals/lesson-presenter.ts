/** The page of one lesson: what it is about, and a line of large buttons for each learner. */
import { formatFor } from '../../core/i18n/format.ts'
import type { Actor } from '../../core/rights/index.ts'
import { fullName, pick, type Translated } from '../../core/text.ts'
import { utcToLocal } from '../../core/time.ts'
import type { CellView } from './cells-service.ts'
import type { LessonEntries } from './input.ts'
import type { LessonRow } from './lessons-service.ts'
import { ATTENDANCES, MARKS } from './marks.ts'
import { journalPolicy } from './policy.ts'
import { clientConfig, journalUrl, noteOf } from './presenter.ts'
import type { JournalGroup } from './queries.ts'
import { isGone, type Register, type RegisterLearner, type RegisterLesson } from './register.ts'
import { cellInWords, codesOf, lessonMoment, lessonTitle, type Reader } from './words.ts'

export type MaterialRow = { id: number; kind: string; title: Translated; url: string | null; minutes: number | null }

/** What a line showed when its page was made; comes back with the form, to tell touched lines from untouched ones. */
export const snapshotOf = (value: { attendance: string; mark: number | null; comment: string }): string =>
  JSON.stringify([value.attendance, value.mark, value.comment])

/** A line that could not be saved: what was typed stays in it, with the reason and the version to decide over. */
export type Trouble = { message: string; version: number; typed: LessonEntries['cells'][string] }

export function presentLesson(
  actor: Actor,
  group: JournalGroup,
  row: LessonRow,
  register: Register,
  materials: MaterialRow[],
  reader: Reader,
  troubles: ReadonlyMap<number, Trouble> = new Map(),
) {
  const { t, lang, zone } = reader
  const lesson = register.lessons[0] as RegisterLesson
  const readOnly = group.isClosed || row.state === 'cancelled' || !journalPolicy.can(actor, 'edit', group)
  const learners = register.learners.filter((learner) => register.isExpected(lesson, learner))
  const format = formatFor(lang, zone)
  return {
    readOnly,
    isCancelled: row.state === 'cancelled',
    lessonId: lesson.id,
    label: lessonMoment(lesson.startsAt, reader),
    config: clientConfig(actor, group, reader, readOnly),
    action: journalUrl(group.id, `/lessons/${lesson.id}`),
    facts: [
      { label: t('journals.lesson.when'), value: `${format.dateTime(row.starts_at)} – ${format.time(row.ends_at)}` },
      { label: t('journals.lesson.place'), value: row.place },
      { label: t('journals.lesson.link'), value: row.link ? { text: row.link, href: row.link } : null },
      { label: t('journals.lesson.notes'), value: row.notes },
    ].filter((fact) => fact.value),
    materials: materials.map((material) => ({
      title: pick(material.title, lang),
      href: material.url,
      hint: material.minutes ? t('journals.lesson.minutes', { count: material.minutes }) : '',
    })),
    attendances: ATTENDANCES.map((value) => ({
      value,
      sign: value === '' ? '∅' : codesOf(t)[value],
      label: value === '' ? t('journals.meaning.clear') : t(`journals.meaning.${value}`),
    })),
    marks: [...MARKS].reverse().map((value) => ({
      value,
      label: value > 1 ? String(value) : t(`journals.meaning.${value === 1 ? 'passed' : 'notPassed'}`),
    })),
    learners: learners.map((learner) => presentLearner(group, lesson, register, learner, reader, troubles)),
    editUrl: journalUrl(group.id, `/lessons/${lesson.id}/edit`),
    version: row.version,
  }
}

function presentLearner(
  group: JournalGroup,
  lesson: RegisterLesson,
  register: Register,
  learner: RegisterLearner,
  reader: Reader,
  troubles: ReadonlyMap<number, Trouble>,
) {
  const cell = register.cell(lesson.id, learner.enrolmentId)
  const saved = { attendance: cell?.attendance ?? '', mark: cell?.mark ?? null, comment: cell?.comment ?? '' } as const
  const trouble = troubles.get(learner.enrolmentId)
  return {
    enrolmentId: learner.enrolmentId,
    name: fullName(learner),
    note: noteOf(learner, reader),
    isLocked: isGone(learner),
    ...(trouble ? trouble.typed : saved),
    version: trouble?.version ?? cell?.version ?? 0,
    before: snapshotOf(saved),
    error: trouble?.message ?? '',
    inWords: cellInWords(saved, reader.t),
    historyUrl: journalUrl(group.id, `/history?lesson=${lesson.id}&enrolment=${learner.enrolmentId}`),
  }
}

/** Title and lead of a lesson's page. */
export const lessonHead = (lesson: RegisterLesson, reader: Reader) => ({
  title: lessonTitle(lesson, reader),
  moment: lessonMoment(lesson.startsAt, reader),
})

/** Why a line was not saved, with the other's value in words. */
export function conflictMessage(theirs: CellView, { t, lang, zone }: Reader): string {
  const value = [cellInWords(theirs, t), theirs.comment].filter(Boolean).join(' · ')
  const at = formatFor(lang, zone).time(theirs.at.replace('T', ' ').replace('Z', ''))
  return t('journals.lesson.conflict', { value, by: theirs.by, at })
}

/** What the form of a lesson shows of a stored one. */
export function lessonFormValues(row: LessonRow, zone: string): Record<string, unknown> {
  const [date, startsAt] = utcToLocal(row.starts_at, zone).split('T')
  return {
    ...{ topicId: row.topic_id, title: row.title, date, startsAt, endsAt: utcToLocal(row.ends_at, zone).slice(11) },
    ...{ place: row.place, link: row.link, notes: row.notes, version: row.version },
  }
}
