/** The register as a sheet: rows for CSV and XLSX, and pages of an A4 sheet on its side. */
import type { Cell, PaperTable } from '../../core/export/index.ts'
import { formatFor } from '../../core/i18n/format.ts'
import { fullName, pick } from '../../core/text.ts'
import { NOT_EXPECTED_SIGN } from './marks.ts'
import { noteOf } from './presenter.ts'
import type { JournalGroup } from './queries.ts'
import type { Register, RegisterLearner, RegisterLesson } from './register.ts'
import { cellSign, codesLine, codesOf, columnHead, lessonMoment, lessonTitle, type Reader } from './words.ts'

/** Columns of lessons that fit beside the names on A4 on its side and can still be read. */
const LESSONS_PER_PAGE = 24
/** Lines that fit on it. */
const LEARNERS_PER_PAGE = 25

const signOf = (register: Register, lesson: RegisterLesson, learner: RegisterLearner, reader: Reader): string => {
  if (!register.isExpected(lesson, learner)) return NOT_EXPECTED_SIGN
  const cell = register.cell(lesson.id, learner.enrolmentId)
  return cell ? cellSign(cell, codesOf(reader.t)) : ''
}

/** The whole register as a table to export: one line a learner, comments in a last column. */
export function exportRegister(register: Register, reader: Reader): { columns: string[]; rows: Cell[][] } {
  const { t } = reader
  const columns = [
    t('journals.grid.learner'),
    ...register.lessons.map((lesson) => `${lessonMoment(lesson.startsAt, reader)} ${lessonTitle(lesson, reader)}`),
    ...[t('journals.export.attendance'), t('journals.grid.meanLong'), t('journals.grid.credit')],
    t('journals.export.comments'),
  ]
  const rows = register.learners.map((learner): Cell[] => {
    const totals = register.totals(learner)
    const credit = learner.credit?.state
    const marks = register.lessons.map((lesson) => numberOrText(signOf(register, lesson, learner, reader)))
    const comments = register.lessons.flatMap((lesson) => {
      const comment = register.cell(lesson.id, learner.enrolmentId)?.comment
      return comment ? [`${columnHead(lesson.startsAt, reader).day}: ${comment}`] : []
    })
    const note = noteOf(learner, reader)
    return [
      note ? `${fullName(learner)} (${note})` : fullName(learner),
      ...marks,
      ...[totals.percent, totals.mean, credit ? t(`journals.creditState.${credit}`) : ''],
      comments.join('\n'),
    ]
  })
  return { columns, rows }
}

const numberOrText = (sign: string): Cell => (/^\d$/.test(sign) ? Number(sign) : sign)

const pieces = <T>(list: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.max(1, Math.ceil(list.length / size)) }, (_, at) => list.slice(at * size, (at + 1) * size))

/** The register as pages of paper: names again on each, sums and the credit on the last lessons of each learner. */
export function presentSheet(group: JournalGroup, register: Register, instructors: string[], reader: Reader) {
  const { t, lang, zone } = reader
  const format = formatFor(lang, zone)
  const numbers = new Map(register.learners.map((learner, index) => [learner.enrolmentId, index + 1]))
  const lessonPages = pieces(register.lessons, LESSONS_PER_PAGE)
  const pages = pieces(register.learners, LEARNERS_PER_PAGE).flatMap((learners) =>
    lessonPages.map((lessons, at) => ({
      hasSums: at === lessonPages.length - 1,
      lessons: lessons.map((lesson) => ({
        ...columnHead(lesson.startsAt, reader),
        title: lessonTitle(lesson, reader),
      })),
      rows: learners.map((learner) => {
        const totals = register.totals(learner)
        const credit = learner.credit?.state
        return {
          number: numbers.get(learner.enrolmentId),
          name: fullName(learner),
          note: noteOf(learner, reader),
          signs: lessons.map((lesson) => signOf(register, lesson, learner, reader)),
          percent: totals.percent === null ? '' : format.percent(totals.percent / 100),
          mean: totals.mean === null ? '' : format.number(totals.mean, 2),
          credit: credit ? t(`journals.creditState.${credit}`) : '',
        }
      }),
    })),
  )
  return {
    pages,
    codesLine: codesLine(t),
    topics: register.lessons.map((lesson) => ({
      moment: lessonMoment(lesson.startsAt, reader),
      title: lessonTitle(lesson, reader),
    })),
    instructors,
    head: t('journals.sheet.head', {
      module: pick(group.moduleTitle, lang),
      group: group.name,
      cohort: group.cohortTitle,
      from: format.date(group.cohortStartsOn),
      to: format.date(group.cohortEndsOn),
    }),
  }
}

/** The same pages as tables of a PDF, with what signs and days mean below the last. */
export function paperRegister(group: JournalGroup, register: Register, reader: Reader): PaperTable[] {
  const { t } = reader
  const { pages, codesLine, topics } = presentSheet(group, register, [], reader)
  const sums = [t('journals.grid.attendance'), t('journals.grid.mean'), t('journals.grid.credit')]
  const note = [codesLine, ...topics.map(({ moment, title }) => `${moment} — ${title}`)].join('\n')
  return pages.map(({ lessons, rows, hasSums }, at) => ({
    columns: [
      ...[t('journals.sheet.number'), t('journals.grid.learner'), ...lessons.map((lesson) => lesson.day)],
      ...(hasSums ? sums : []),
    ],
    rows: rows.map((row): Cell[] => [
      ...[row.number ?? null, row.note ? `${row.name} (${row.note})` : row.name, ...row.signs],
      ...(hasSums ? [row.percent, row.mean, row.credit] : []),
    ]),
    note: at === pages.length - 1 ? note : '',
  }))
}
