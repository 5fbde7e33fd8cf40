import { z } from 'zod'
import { checkbox, id, line, list, optionalCivilDate, optionalId, optionalText, whole } from '../../core/http/fields.ts'
import { pagingQuery } from '../../core/http/paging.ts'

export const idParams = z.object({ id: id() })
export const milestoneParams = z.object({ id: id(), milestone: id() })
export const listQuery = z.object({ q: z.string().trim().max(100).optional(), all: checkbox().optional() })

/** What a filter may ask of one milestone, or of any of them. */
export const FILTER_STATES = ['missing', 'late', 'submitted', 'returned', 'done'] as const

const anyId = () => optionalId().transform((value) => value ?? undefined)
const filter = {
  q: z.string().trim().max(100).optional(),
  milestone: anyId(),
  state: z.preprocess((value) => (value === '' ? undefined : value), z.enum(FILTER_STATES).optional()),
  organisation: anyId(),
  group: anyId(),
}
export const journalQuery = z.object({ ...filter, ...pagingQuery })
export type JournalQuery = z.infer<typeof journalQuery>
export type JournalFilter = Pick<JournalQuery, 'q' | 'milestone' | 'state' | 'organisation' | 'group'>

/** The version of a milestone's state that the person saw; 0: nothing was stored yet. */
const version = () => whole(0, 2_000_000_000)

const link = () =>
  z.preprocess(
    (value) => (typeof value === 'string' && value.trim() === '' ? null : value),
    z
      .string()
      .trim()
      .max(500)
      .regex(/^https?:\/\/[^\s/]+\S*$/iu, 'errors.field.url')
      .nullish()
      .transform((text) => text ?? null),
  )

/** Evidence, of the learner or of who confirms; the file comes beside it. */
export const evidenceInput = z.object({ note: optionalText(1000), link: link(), version: version() })
/** The same of who confirms, with the day on which it was done, if that was not today. */
export const confirmInput = evidenceInput.extend({ on: optionalCivilDate() })
export const versionInput = z.object({ version: version() })
export const commentInput = z.object({
  comment: z.string().trim().min(1).max(500),
  version: version(),
})
export const bulkInput = z.object({
  milestone: id(),
  enrolments: list(id(), 1000).refine((ids) => ids.length > 0, 'tracking.bulk.chooseSomebody'),
  note: optionalText(1000),
})
export const letterInput = z.object({
  enrolments: list(id(), 1000).refine((ids) => ids.length > 0, 'tracking.letter.nobody'),
  subject: line(200),
  text: z.string().trim().min(1).max(8000),
})

export type EvidenceInput = z.infer<typeof evidenceInput>
export type ConfirmInput = z.infer<typeof confirmInput>
export type CommentInput = z.infer<typeof commentInput>
export type BulkInput = z.infer<typeof bulkInput>
export type LetterInput = z.infer<typeof letterInput>
