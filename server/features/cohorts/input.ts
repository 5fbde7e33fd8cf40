import { z } from 'zod'
import {
  checkbox,
  civilDate,
  clockTime,
  id,
  line,
  list,
  optionalCivilDate,
  optionalId,
  optionalLine,
  optionalText,
  optionalWebAddress,
  optionalWhole,
  versionField,
  whole,
} from '../../core/http/fields.ts'
import { pagingQuery } from '../../core/http/paging.ts'

export const COHORT_STATES = ['planned', 'running', 'finished', 'archived'] as const
export type CohortState = (typeof COHORT_STATES)[number]

export const idParams = z.object({ id: id() })

export const listQuery = z.object({
  q: z.string().trim().max(100).optional(),
  programme: optionalId(),
  state: z.enum([...COHORT_STATES, 'current', 'all']).default('current'),
  ...pagingQuery,
})
export type ListQuery = z.infer<typeof listQuery>

const dates = {
  title: line(200),
  startsOn: civilDate(),
  endsOn: civilDate(),
  routeOpensOn: optionalCivilDate(),
  routeClosesOn: optionalCivilDate(),
  learnersFrom: optionalCivilDate(),
  directorsFrom: optionalCivilDate(),
  capacity: optionalWhole(1, 100_000),
}

/** A new cohort; groups are made at once for every module. */
export const cohortInput = z.object({ ...dates, programmeId: id(), groupsPerModule: whole(1, 50) })
export const cohortUpdate = z.object({ ...dates, version: versionField() })
export const stateInput = z.object({ state: z.enum(COHORT_STATES), version: versionField() })

export type CohortDates = z.infer<z.ZodObject<typeof dates>>
export type CohortInput = z.infer<typeof cohortInput>
export type CohortUpdate = z.infer<typeof cohortUpdate>

export const WEEKDAYS = [1, 2, 3, 4, 5, 6, 7] as const

/** How the timetable of a cohort is made. */
export const timetableInput = z.object({
  weekdays: list(whole(1, 7), 7)
    .pipe(z.array(z.number()).min(1))
    .transform((days) => [...new Set(days)].sort()),
  time: clockTime(),
  hoursPerLesson: whole(1, 8),
  holidays: optionalText(4000),
  replace: checkbox(),
})
export type TimetableInput = z.infer<typeof timetableInput>

export const groupParams = z.object({ id: id(), groupId: id() })
const group = { name: line(100), capacity: optionalWhole(1, 10_000) }
/** Without a module: one group in each. */
export const groupInput = z.object({ ...group, moduleId: optionalId() })
export const groupUpdate = z.object({ ...group, version: versionField() })
export type GroupInput = z.infer<typeof groupInput>
export type GroupUpdate = z.infer<typeof groupUpdate>
export const archiveInput = z.object({ version: versionField(), archived: checkbox() })

export const instructorInput = z.object({ people: z.string().max(20_000).default(''), inWholeModule: checkbox() })
export const instructorRemoval = z.object({ personId: id() })

export const timetableQuery = z.object({
  module: optionalId(),
  group: optionalId(),
  from: z.enum(['now', 'all']).default('now'),
  ...pagingQuery,
})
export type TimetableQuery = z.infer<typeof timetableQuery>

export const offeringParams = z.object({ id: id(), offeringId: id() })
export const offeringInput = z.object({
  capacity: optionalWhole(1, 10_000),
  place: optionalLine(200),
  link: optionalWebAddress(),
  version: versionField(),
})
export type OfferingInput = z.infer<typeof offeringInput>
export const cancelInput = z.object({ version: versionField(), cancelled: checkbox() })

export const lessonParams = z.object({ id: id(), lessonId: id() })
const lesson = {
  date: civilDate(),
  startsAt: clockTime(),
  endsAt: clockTime(),
  place: optionalLine(200),
  link: optionalWebAddress(),
}
export const lessonInput = z.object(lesson)
export const lessonUpdate = z.object({ ...lesson, version: versionField() })
export type LessonInput = z.infer<typeof lessonInput>
export type LessonUpdate = z.infer<typeof lessonUpdate>

export const historyQuery = z.object({ of: z.enum(['people', 'cohort']).default('people'), ...pagingQuery })

export const newQuery = z.object({ programme: optionalId() })

export const offeringsQuery = z.object({ module: optionalId(), group: optionalId() })
