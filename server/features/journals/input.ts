import { z } from 'zod'
import { EXPORT_FORMATS } from '../../core/export/index.ts'
import {
  checkbox,
  civilDate,
  id,
  list,
  optionalCivilDate,
  optionalId,
  optionalLine,
  optionalText,
  versionField,
  whole,
} from '../../core/http/fields.ts'
import { pagingQuery } from '../../core/http/paging.ts'
import { ATTENDANCES, isConsistent, MARKS, MAX_COMMENT, type Mark } from './marks.ts'

export const groupParams = z.object({ groupId: id() })
export const lessonParams = z.object({ groupId: id(), lessonId: id() })
export const learnerParams = z.object({ groupId: id(), enrolmentId: id() })

export const groupsQuery = z.object({
  q: z.string().trim().max(100).optional(),
  state: z.enum(['running', 'all']).default('running'),
  ...pagingQuery,
})
export const historyQuery = z.object({ lesson: id(), enrolment: id() })
export const exportQuery = z.object({ format: z.enum(EXPORT_FORMATS).default('csv') })

/** As many cells as one request may carry: a whole group for a whole term is written in two or three. */
export const BATCH_LIMIT = 500

const comment = z
  .string()
  .max(MAX_COMMENT * 2)
  .transform((text) =>
    text
      .replace(/\r\n?/g, '\n')
      .replace(/[^\P{Cc}\n]/gu, ' ')
      .trim(),
  )
  .pipe(z.string().max(MAX_COMMENT))

const mark = z
  .union(MARKS.map((value) => z.literal(value)))
  .nullish()
  .transform((value): Mark | null => value ?? null)

const cell = z
  .object({
    lessonId: id(),
    enrolmentId: id(),
    version: whole(0, 2_000_000_000),
    attendance: z.enum(ATTENDANCES),
    mark,
    comment,
    source: z.enum(['typed', 'bulk', 'undo']).default('typed'),
  })
  .refine(isConsistent, { message: 'journals.lesson.markWithoutPresence', path: ['mark'] })

/** What the grid sends: cells with the versions that they were typed over. */
export const cellsInput = z.object({ cells: z.array(cell).min(1).max(BATCH_LIMIT) })
export type CellChange = z.infer<typeof cell>

/**
 * The form of a lesson: one entry for each learner, named `e<enrolment>`. `before` repeats what the page showed, so that
 * lines which nobody touched are left alone.
 */
const entry = z.object({
  version: whole(0, 2_000_000_000),
  before: z.string().max(2000),
  attendance: z.enum(ATTENDANCES).default(''),
  mark: z.preprocess(
    (value) => (typeof value !== 'string' ? value : value === '' ? null : /^\d$/.test(value) ? Number(value) : value),
    mark,
  ),
  comment: comment.default(''),
})
export const lessonEntries = z.object({
  cells: z.record(z.string().regex(/^e\d{1,10}$/), entry).default({}),
  fillEmpty: z.enum(['present', '']).default(''),
})
export type LessonEntries = z.infer<typeof lessonEntries>

const clock = () => z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'journals.plan.time')

const link = optionalLine(500).refine((text) => text === null || /^https?:\/\/\S+$/i.test(text), 'errors.field.url')

const lessonFields = {
  topicId: optionalId(),
  title: optionalLine(200),
  date: civilDate(),
  startsAt: clock(),
  endsAt: clock(),
  place: optionalLine(200),
  link,
  notes: optionalText(2000),
  /** Plan it although something else takes place then. */
  anyway: checkbox(),
}
type Named = { topicId: number | null; title: string | null; startsAt: string; endsAt: string }
const named = (lesson: Named) => lesson.topicId !== null || lesson.title !== null
const forward = (lesson: Named) => lesson.endsAt > lesson.startsAt

export const MOST_IN_SERIES = 40

export const lessonInput = z
  .object({
    ...lessonFields,
    repeat: z.enum(['once', 'weekly', 'fortnightly']).default('once'),
    times: z.preprocess((value) => (value === '' || value === undefined ? 1 : value), whole(1, MOST_IN_SERIES)),
  })
  .refine(named, { message: 'journals.plan.nameOrTopic', path: ['title'] })
  .refine(forward, { message: 'journals.plan.endsBeforeStart', path: ['endsAt'] })
export const lessonUpdate = z
  .object({ ...lessonFields, version: versionField() })
  .refine(named, { message: 'journals.plan.nameOrTopic', path: ['title'] })
  .refine(forward, { message: 'journals.plan.endsBeforeStart', path: ['endsAt'] })
export type LessonInput = z.infer<typeof lessonInput>
export type LessonUpdate = z.infer<typeof lessonUpdate>

export const lessonStateInput = z.object({ version: versionField() })

/** Credits of several learners at once; `seen` holds for each the version on the page, 0 for none. */
export const creditsInput = z.object({
  enrolments: list(id(), 500).refine((ids) => ids.length > 0, 'journals.credits.chooseLearners'),
  seen: z.record(z.string().regex(/^e\d{1,10}$/), whole(0, 2_000_000_000)).default({}),
  state: z.enum(['passed', 'failed', 'none']),
  on: optionalCivilDate(),
  comment: optionalLine(500),
})
export type CreditsInput = z.infer<typeof creditsInput>

export const followInput = z.object({ groupId: id() })
