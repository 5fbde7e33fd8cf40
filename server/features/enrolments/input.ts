import { z } from 'zod'
import {
  checkbox,
  civilDate,
  id,
  list,
  optionalCivilDate,
  optionalId,
  optionalLine,
  versionField,
} from '../../core/http/fields.ts'
import { pagingQuery } from '../../core/http/paging.ts'
import { criteria } from '../people/input.ts'

const any = <S extends z.ZodType>(schema: S) =>
  z.preprocess((value) => (value === '' ? undefined : value), schema.optional())

export const cohortParams = z.object({ id: id() })
export const enrolmentParams = z.object({ id: id(), enrolmentId: id() })

/** `current`: those who hold a place, active and suspended. */
export const STATES = ['current', 'active', 'suspended', 'completed', 'withdrawn', 'all'] as const
/** `missing`: not yet sent, whatever the reason. */
export const ROUTES = ['missing', 'none', 'draft', 'returned', 'submitted', 'approved'] as const

const filters = {
  q: any(z.string().trim().max(100)),
  state: z.enum(STATES).default('current'),
  organisation: any(id()),
  group: any(id()),
  /** A module in which they have no group. */
  without: any(id()),
  route: any(z.enum(ROUTES)),
}
export const peopleFilter = z.object(filters)
export const peopleQuery = z.object({ ...filters, ...pagingQuery })
export type PeopleFilter = z.infer<typeof peopleFilter>

/** Ids sent by boxes (`ids=1&ids=2`) or by one field (`ids=1,2,3`): a page may carry two thousand. */
const idList = z.preprocess(
  (value) =>
    [value]
      .flat(2)
      .filter((item) => item !== undefined && item !== '')
      .flatMap((item) => (typeof item === 'string' ? item.split(',') : [item])),
  list(id(), 2000),
)

export const ACTIONS = ['move', 'cohort', 'suspend', 'resume', 'complete', 'withdraw'] as const
export type Action = (typeof ACTIONS)[number]

/** From the list: what is to be done with whom. `everyone`: all who match the filter, not only those ticked. */
export const bulkInput = z.object({
  action: z.enum(ACTIONS),
  ids: idList,
  everyone: checkbox(),
})
export const changeQuery = z.object({ action: z.enum(ACTIONS), ids: idList, version: any(versionField()) })

/** The confirmed change. Who is withdrawn must be told why. */
export const changeInput = z
  .object({
    action: z.enum(ACTIONS),
    ids: idList,
    version: z.preprocess((value) => (value === '' ? undefined : value), versionField().optional()),
    /** `3`: a group; `all:2`: the second group of every module. */
    target: z.string().max(20).optional(),
    toCohortId: optionalId(),
    reason: optionalLine(500),
  })
  .refine((input) => input.action !== 'withdraw' || input.reason !== null, {
    message: 'enrolments.change.reasonMissing',
    path: ['reason'],
  })
export type ChangeInput = z.infer<typeof changeInput>

/** One person's groups: module → group. */
export const groupsInput = z.object({ groups: z.record(z.string().max(12), optionalId()), version: versionField() })

/** When somebody was enrolled and left. */
export const datesInput = z.object({
  enrolledOn: civilDate(),
  endedOn: optionalCivilDate(),
  reason: optionalLine(500),
  version: versionField(),
})
export type DatesInput = z.infer<typeof datesInput>

export const candidateQuery = criteria.extend({
  /** A part of the name of the place of work. */
  organisation: any(z.string().trim().max(100)),
  /** Only those whom an import brought in or updated. */
  import: any(id()),
  ...pagingQuery,
})
export type CandidateQuery = z.infer<typeof candidateQuery>

const groupNumber = optionalId()
export const enrolInput = z.object({ ids: idList, all: checkbox(), expected: optionalId(), groupNumber })

/** Names or addresses, one a line; sent again with what was chosen to enrol them. */
export const pasteInput = z.object({
  text: z.string().max(200_000).default(''),
  confirmed: checkbox(),
  ids: idList,
  choice: z.record(z.string().max(6), optionalId()).default({}),
  groupNumber,
})
export type PasteInput = z.infer<typeof pasteInput>
