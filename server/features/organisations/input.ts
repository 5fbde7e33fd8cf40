import { z } from 'zod'
import { civilDate, id, line, optionalEmail, optionalId, optionalLine, versionField } from '../../core/http/fields.ts'
import { pagingQuery } from '../../core/http/paging.ts'
import { authorityToday } from '../../core/settings.ts'

export const ORGANISATION_KINDS = [
  'school',
  'kindergarten',
  'additional',
  'college',
  'centre',
  'authority',
  'other',
] as const

export const idParams = z.object({ id: id() })

export const listQuery = z.object({
  q: z.string().trim().max(100).optional(),
  kind: z.enum(ORGANISATION_KINDS).optional(),
  state: z.enum(['active', 'closed']).default('active'),
  ...pagingQuery,
})

const inn = z.preprocess(
  (value) => (typeof value === 'string' && value.trim() === '' ? null : value),
  z
    .string()
    .trim()
    .regex(/^(\d{10}|\d{12})$/, 'organisations.form.innInvalid')
    .nullish(),
)

/** Creating and editing share one form. */
export const organisationInput = z.object({
  name: line(300),
  shortName: line(150),
  kind: z.enum(ORGANISATION_KINDS),
  parentId: optionalId(),
  inn: inn.transform((text) => text ?? null),
  address: optionalLine(300),
  phone: optionalLine(64),
  email: optionalEmail(),
  website: optionalLine(254),
  headName: optionalLine(200),
})
/** The form that adds one. */
export const organisationUpdate = organisationInput.extend({ version: versionField() })
export const stateInput = z.object({ state: z.enum(['active', 'closed']), version: versionField() })

export const suggestQuery = z.object({ q: z.string().trim().max(100).default('') })

export const departmentParams = z.object({ id: id(), departmentId: id() })
export const departmentInput = z.object({ name: line(200) })
export const departmentRename = z.object({ name: line(200), version: versionField() })
export const departmentClose = z.object({
  closedOn: civilDate().refine((date) => date <= authorityToday(), 'organisations.departments.closedInFuture'),
  version: versionField(),
})
export const departmentReopen = z.object({ version: versionField() })

export type ListQuery = z.infer<typeof listQuery>
export type OrganisationInput = z.infer<typeof organisationInput>
