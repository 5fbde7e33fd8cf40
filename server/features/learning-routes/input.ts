import { z } from 'zod'
import {
  checkbox,
  id,
  line,
  list,
  optionalCivilDate,
  optionalId,
  optionalText,
  versionField,
  whole,
} from '../../core/http/fields.ts'
import { pagingQuery } from '../../core/http/paging.ts'
import { FACES } from './presenter.ts'

export const OWN_ITEM_KINDS = ['self_education', 'public_activity'] as const
export const OWN_ITEM_PLACES = ['inside', 'outside'] as const

export const enrolmentParams = z.object({ enrolmentId: id() })
export const topicParams = enrolmentParams.extend({ topicId: id() })
export const itemParams = enrolmentParams.extend({ itemId: id() })
export const versionParams = enrolmentParams.extend({ number: id() })

const face = z.enum(FACES).catch('map')

export const constructorQuery = z.object({ face: face.default('map') })

/** A step says in which face it was made, so that one comes back to it. */
export const stepInput = z.object({ face: face.optional(), undo: checkbox().optional() })
export const submitInput = z.object({ revision: versionField() })
export const templateInput = z.object({ revision: versionField(), template: id(), face: face.optional() })

/** Adding and editing share one form. */
const ownItemFields = z.object({
  kind: z.enum(OWN_ITEM_KINDS),
  place: z.enum(OWN_ITEM_PLACES),
  title: line(200),
  description: optionalText(2000),
  hours: whole(1, 500),
  startsOn: optionalCivilDate(),
  endsOn: optionalCivilDate(),
})

const inOrder = (item: { startsOn: string | null; endsOn: string | null }) =>
  item.startsOn === null || item.endsOn === null || item.startsOn <= item.endsOn
const notInOrder = { path: ['endsOn'], message: 'learning-routes.own.datesReversed' }

export const ownItemInput = ownItemFields.refine(inOrder, notInOrder)
export const ownItemUpdate = ownItemFields.extend({ version: versionField() }).refine(inOrder, notInOrder)
export type OwnItemInput = z.infer<typeof ownItemInput>

export const compareQuery = z.object({ from: id().optional(), to: id().optional() })

export const queueQuery = z.object({
  q: z.string().trim().max(100).optional(),
  cohort: optionalId().optional(),
  ...pagingQuery,
})

export const approveInput = z.object({ version: versionField(), comment: optionalText(4000) })

export const returnInput = approveInput.extend({
  topics: z
    .record(z.string().regex(/^t\d{1,10}$/), z.string().trim().max(2000))
    .default({})
    // Names begin with a letter, because a form parser takes small numbers for places in a list.
    .transform((texts) =>
      Object.fromEntries(Object.entries(texts).flatMap(([id, text]) => (text ? [[id.slice(1), text]] : []))),
    ),
})

/** Boxes of the queue: `<enrolment>.<version>`, so that only what was seen is approved. */
const chosenRoute = z
  .string()
  .regex(/^\d{1,10}\.\d{1,6}$/)
  .transform((text) => {
    const [enrolmentId, versionNumber] = text.split('.').map(Number)
    return { enrolmentId: enrolmentId as number, versionNumber: versionNumber as number }
  })

export const bulkApproveInput = z.object({
  routes: list(chosenRoute, 200).refine((chosen) => chosen.length > 0, 'errors.field.choose'),
})

export type QueueQuery = z.infer<typeof queueQuery>
