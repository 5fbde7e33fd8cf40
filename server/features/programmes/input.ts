import { z } from 'zod'
import {
  checkbox,
  id,
  list,
  optionalId,
  optionalTranslated,
  optionalWhole,
  translated,
  versionField,
  whole,
} from '../../core/http/fields.ts'
import { pagingQuery } from '../../core/http/paging.ts'
import { APPROVAL_KINDS } from './programme-file.ts'

export const MOST_HOURS = 10_000
const MOST_TOPICS = 6_000

export const idParams = z.object({ id: id() })

export const title = () => translated(255)
/** Long texts come from the editor as HTML; the service cleans them. */
export const richText = () => optionalTranslated(100_000)
/** Only addresses that are harmless in `href`: http(s), or a path of the same installation. */
export const address = () =>
  z
    .preprocess(
      (value) => (typeof value === 'string' && value.trim() === '' ? null : value),
      z
        .string()
        .trim()
        .max(500)
        .regex(/^(https?:\/\/\S+|\/(?!\/)\S*)$/i, 'errors.field.url')
        .nullish(),
    )
    .transform((value) => value ?? null)
/** The person has read whom the change affects and wants it all the same. */
export const confirmed = () => checkbox()

export const direction = z.object({ direction: z.enum(['up', 'down']) })
/** The order of a list after dragging; `list` is the list's own id where entries go from one list to another. */
export const orderInput = z.object({ order: list(id(), 5000), list: optionalId() })
export const versionInput = z.object({ version: versionField() })

const limitFields = {
  minTopics: optionalWhole(0, MOST_TOPICS),
  maxTopics: optionalWhole(0, MOST_TOPICS),
  minHours: optionalWhole(0, MOST_HOURS),
  maxHours: optionalWhole(0, MOST_HOURS),
}
type LimitFields = { [name in keyof typeof limitFields]: number | null }

/** A minimum above its maximum is said beside the maximum. */
function notReversed(limits: LimitFields, context: z.RefinementCtx) {
  const reversed = (least: number | null, most: number | null) => least !== null && most !== null && least > most
  const issue = (field: string, message: string) => context.addIssue({ code: 'custom', path: [field], message })
  if (reversed(limits.minTopics, limits.maxTopics)) issue('maxTopics', 'programmes.form.topicsReversed')
  if (reversed(limits.minHours, limits.maxHours)) issue('maxHours', 'programmes.form.hoursReversed')
}

export const PROGRAMME_STATES = ['draft', 'active', 'archived'] as const

export const listQuery = z.object({
  q: z.string().trim().max(100).optional(),
  state: z.enum(PROGRAMME_STATES).optional(),
  ...pagingQuery,
})
export const programmeQuery = z.object({
  /** The module whose topics are unfolded, or all of them. */
  open: z.union([z.literal('all'), id()]).optional(),
})

export const newProgrammeInput = z.object({
  title: title(),
  description: richText(),
  hours: whole(0, MOST_HOURS),
})

const programmeFields = z.object({
  title: title(),
  description: richText(),
  hours: whole(0, MOST_HOURS),
  ...limitFields,
  ownItemsMaxHours: optionalWhole(0, MOST_HOURS),
  approval: z.enum(APPROVAL_KINDS),
  version: versionField(),
  confirmed: confirmed(),
})
export const programmeInput = programmeFields.superRefine(notReversed)
export const programmeState = z.object({ state: z.enum(PROGRAMME_STATES), version: versionField() })
export const copyInput = z.object({ title: title() })
export const stageInput = z.object({ title: title(), version: versionField() })
export const stageParams = z.object({ id: id(), stage: id() })

const moduleFields = z.object({
  title: title(),
  aim: richText(),
  stageId: optionalId(),
  hours: whole(0, MOST_HOURS),
  ...limitFields,
  minAttendancePercent: optionalWhole(0, 100),
  minMark: z
    .preprocess(
      (value) => (typeof value === 'string' ? (value.trim() === '' ? null : Number(value.replace(',', '.'))) : value),
      z.number().min(1).max(5).nullish(),
    )
    .transform((value) => value ?? null),
})
export const moduleInput = moduleFields.superRefine(notReversed)
export const moduleUpdate = moduleFields
  .extend({ version: versionField(), confirmed: confirmed() })
  .superRefine(notReversed)
export const newModuleQuery = z.object({ stage: id().optional() })
export const aimInput = z.object({ aim: richText(), version: versionField() })

export type ListQuery = z.infer<typeof listQuery>
export type NewProgrammeInput = z.infer<typeof newProgrammeInput>
export type ProgrammeInput = z.infer<typeof programmeInput>
export type ModuleInput = z.infer<typeof moduleInput>
export type ModuleUpdate = z.infer<typeof moduleUpdate>
