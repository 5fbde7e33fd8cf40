import { z } from 'zod'
import {
  checkbox,
  id,
  list,
  optionalCivilDate,
  optionalLine,
  optionalTranslated,
  translated,
  versionField,
} from '../../core/http/fields.ts'
import { pagingQuery } from '../../core/http/paging.ts'

export const idParams = z.object({ id: id() })

/** On what law the processing rests; only consents are asked for. */
export const LEGAL_BASES = ['consent', 'contract', 'law', 'task'] as const
export type LegalBasis = (typeof LEGAL_BASES)[number]

const purposeFields = {
  title: translated(200),
  description: optionalTranslated(4000),
  legalBasis: z.enum(LEGAL_BASES),
  basisNote: optionalTranslated(1000),
  dataCategories: translated(2000),
  peopleCategories: translated(1000),
  recipients: optionalTranslated(2000),
  retention: translated(1000),
  consentText: optionalTranslated(20_000),
  isCompulsory: checkbox(),
}

export const purposeInput = z.object(purposeFields)
export const purposeUpdate = z.object({ ...purposeFields, version: versionField() })
export const purposeState = z.object({ state: z.enum(['active', 'closed']), version: versionField() })
export const publishInput = z.object({ version: versionField() })
export type PurposeInput = z.infer<typeof purposeInput>

/** What is answered to each text that was shown: `answers[t7]=agree` (bare numbers would be taken for a list). */
export const consentAnswers = z
  .record(z.string().regex(/^t\d{1,10}$/), z.enum(['agree', 'later']))
  .default({})
  .transform((given) => new Map(Object.entries(given).map(([text, answer]) => [Number(text.slice(1)), answer])))

export const nextQuery = z.object({ next: z.string().max(2000).optional() })
export const answerInput = z.object({
  answers: consentAnswers,
  texts: list(id(), 100),
  next: z.string().max(2000).optional(),
})
export type AnswerInput = z.infer<typeof answerInput>

export const agreeInput = z.object({ textId: id() })

export const paperInput = z.object({
  textId: id(),
  signedOn: optionalCivilDate().refine((date) => date !== null, 'errors.field.required'),
  note: optionalLine(500),
})
export type PaperInput = z.infer<typeof paperInput>

export const ACTIONS = ['given', 'postponed', 'withdrawn'] as const
export const SOURCES = ['registration', 'page', 'profile', 'paper'] as const

const choice = <T extends readonly [string, ...string[]]>(values: T) =>
  z.preprocess((value) => value || undefined, z.enum(values).optional())

const registerFields = {
  person: z.string().trim().max(300).optional(),
  purposeId: z.preprocess((value) => value || undefined, id().optional()),
  action: choice(ACTIONS),
  source: choice(SOURCES),
  from: optionalCivilDate(),
  to: optionalCivilDate(),
  history: checkbox(),
}
export const registerFilter = z.object(registerFields)
export const registerQuery = z.object({ ...registerFields, ...pagingQuery })
export type RegisterFilter = z.infer<typeof registerFilter>
export type RegisterQuery = z.infer<typeof registerQuery>
