import { z } from 'zod'
import { checkbox, id, optionalId } from '../../core/http/fields.ts'
import { pagingQuery } from '../../core/http/paging.ts'

export const idParams = z.object({ id: id() })

/** Who is shown: those who learn now, those who have finished, those who were withdrawn. */
export const SHOWN = ['current', 'finished', 'withdrawn'] as const
export const ROUTE_STATES = ['none', 'draft', 'submitted', 'returned', 'approved', 'changing'] as const
export const SORTS = ['name', 'due', 'attendance', 'credits', 'milestones'] as const

const optionalOf = <T extends readonly [string, ...string[]]>(values: T) =>
  z.preprocess((value) => (value === '' ? undefined : value), z.enum(values).optional())
const anyId = () => optionalId().transform((value) => value ?? undefined)

const filter = {
  q: z.string().trim().max(100).optional(),
  shown: z.preprocess((value) => (value === '' ? undefined : value), z.enum(SHOWN).default('current')),
  attention: checkbox().optional(),
  route: optionalOf(ROUTE_STATES),
  cohort: anyId(),
  organisation: anyId(),
  sort: z.preprocess((value) => (value === '' ? undefined : value), z.enum(SORTS).default('name')),
  dir: z.enum(['asc', 'desc']).default('asc'),
}
export const listQuery = z.object({ ...filter, ...pagingQuery })
export type ListQuery = z.infer<typeof listQuery>
export type EmployeeFilter = Omit<ListQuery, 'after' | 'before'>
