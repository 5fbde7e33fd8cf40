import { z } from 'zod'
import { checkbox, id, optionalLine, versionField, whole } from '../../core/http/fields.ts'
import { pagingQuery } from '../../core/http/paging.ts'
import { isOwnField, ORGANISATION_FIELDS, PERSON_FIELDS, PROBLEM_CODES } from './parsing/types.ts'

export const IMPORT_KINDS = ['people', 'organisations'] as const
const FIELDS = [...new Set([...PERSON_FIELDS, ...ORGANISATION_FIELDS])] as const

const kind = z.enum(IMPORT_KINDS)
const field = z.enum(FIELDS as [(typeof FIELDS)[number], ...(typeof FIELDS)[number][]])

export const idParams = z.object({ id: id() })

/** What the page of columns looks at before anything is chosen: another sheet, line of headings or kind of list. */
export const columnsQuery = z.object({
  sheet: whole(0, 29).optional(),
  header: whole(0, 100_000).optional(),
  kind: kind.optional(),
})

/** A field that every authority has, or one that this one has added. */
const chosenField = z.preprocess(
  (value) => (value === '' ? null : value),
  z.union([field, z.string().refine(isOwnField)]).nullable(),
)

export const columnsInput = z.object({
  version: versionField(),
  kind,
  sheet: whole(0, 29),
  header: whole(0, 100_000),
  /** `columns[c3]`. A letter before the index: the parser of forms takes bare numbers for places in a list and closes gaps. */
  columns: z.record(z.string().regex(/^c\d{1,3}$/), chosenField),
  createOrganisations: checkbox(),
  createInitials: checkbox(),
  otherEmployer: z.enum(['add', 'transfer']).default('add'),
  /** The name of the organisation where everybody of the list works. */
  employer: optionalLine(300),
})

export const ROW_ACTIONS = ['create', 'update', 'same', 'refused', 'skipped'] as const

export const rowsQuery = z.object({
  action: z.preprocess((value) => (value === '' ? undefined : value), z.enum(ROW_ACTIONS).optional()),
  problem: z.preprocess((value) => (value === '' ? undefined : value), z.enum(PROBLEM_CODES).optional()),
  ...pagingQuery,
})

export const versionInput = z.object({ version: versionField() })

/** `corrections[r12][birthDate]`: the line of the file, the field, what it should say. */
export const correctionsInput = z.object({
  version: versionField(),
  corrections: z
    .record(z.string().regex(/^r\d{1,6}$/), z.partialRecord(field, z.string().max(500)))
    .refine((lines) => Object.keys(lines).length <= 500),
})

/** Who gets slips, and which part of a long list. */
export const slipsInput = z.object({
  whom: z.enum(['offline', 'all']).default('offline'),
  part: whole(0, 100).default(0),
})

export const exampleQuery = z.object({ kind: kind.default('people') })
export const exportQuery = z.object({ format: z.enum(['csv', 'xlsx']).default('csv') })

export type ColumnsInput = z.infer<typeof columnsInput>
export type CorrectionsInput = z.infer<typeof correctionsInput>
export type RowsQuery = z.infer<typeof rowsQuery>
