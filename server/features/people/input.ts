import { z } from 'zod'
import {
  checkbox,
  civilDate,
  id,
  line,
  optionalCivilDate,
  optionalEmail,
  optionalId,
  optionalLine,
  optionalText,
  optionalWhole,
  versionField,
} from '../../core/http/fields.ts'
import { pagingQuery } from '../../core/http/paging.ts'
import { authorityToday } from '../../core/settings.ts'
import { ORGANISATION_KINDS } from '../organisations/input.ts'

export const idParams = z.object({ id: id() })

/** A filter of a list: nonsense in one field is left out by the route, an empty field means "any". */
const any = <S extends z.ZodType>(schema: S) =>
  z.preprocess((value) => (value === '' ? undefined : value), schema.optional())

export const DIRECTORIES = ['all', 'learners', 'instructors', 'heads'] as const

/** What people are chosen by: in the list, in enrolment. */
export const criteria = z.object({
  q: any(z.string().trim().max(100)),
  directory: z.enum(DIRECTORIES).default('all'),
  organisationId: any(id()),
  departmentId: any(id()),
  kind: any(z.enum(ORGANISATION_KINDS)),
  positionId: any(id()),
  categoryId: any(id()),
  startedFrom: any(civilDate()),
  startedTo: any(civilDate()),
  account: any(z.enum(['none', 'invited', 'active', 'blocked', 'pending'])),
  state: z.enum(['active', 'archived']).default('active'),
  /** A saved filter, beside the rest. */
  filter: any(id()),
})
export type Criteria = z.infer<typeof criteria>

export const listQuery = criteria.extend(pagingQuery)
export type ListQuery = z.infer<typeof listQuery>

const notFuture = (text: string | null) => text === null || text <= authorityToday()

const names = {
  lastName: line(100),
  firstName: line(100),
  middleName: optionalLine(100),
  gender: z.enum(['', 'female', 'male']).transform((text) => text || null),
  birthDate: optionalCivilDate().refine(notFuture, 'people.form.birthDateFuture'),
  email: optionalEmail(),
  phone: optionalLine(64),
  categoryId: optionalId(),
  experienceYears: optionalWhole(0, 70),
  about: optionalText(2000),
}

/** Editing a person. */
export const personInput = z.object(names)
export const personUpdate = personInput.extend({ version: versionField() })
export type PersonInput = z.infer<typeof personInput>

const employment = {
  /** What was typed or chosen: the name of an organisation of the authority. */
  organisation: line(300),
  department: optionalLine(200),
  position: line(200),
  manager: optionalLine(250),
  isHead: checkbox(),
  startsOn: optionalCivilDate(),
  endsOn: optionalCivilDate(),
}
const inOrder = (work: { startsOn: string | null; endsOn: string | null }) =>
  !work.startsOn || !work.endsOn || work.startsOn <= work.endsOn
const orderProblem = { message: 'people.employment.order', path: ['endsOn'] }

export const newEmploymentInput = z.object(employment).refine(inOrder, orderProblem)
export const employmentUpdate = z.object({ ...employment, version: versionField() }).refine(inOrder, orderProblem)
export type EmploymentInput = z.infer<typeof newEmploymentInput>

/** A new person, with the first place of work on the same form (it may be left out as a whole). */
export const newPersonInput = personInput.extend({
  organisation: optionalLine(300),
  position: optionalLine(200),
  startsOn: optionalCivilDate(),
})

export const archiveInput = z.object({ state: z.enum(['active', 'archived']), version: versionField() })
