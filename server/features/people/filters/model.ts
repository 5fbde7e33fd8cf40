import { z } from 'zod'
import { isCivilDate } from '../../../core/time.ts'

/** A filter over people: groups of conditions, "all" or "any" inside a group and between groups. Pure. */

export const MATCHES = ['all', 'any'] as const
export type Match = (typeof MATCHES)[number]

/** What a field holds decides what can be asked of it. */
export type Kind = 'text' | 'presence' | 'number' | 'date' | 'choice' | 'flag' | 'organisation'

export const OPERATORS = {
  text: ['begins', 'is', 'filled', 'empty'],
  /** A long text: whether there is one. */
  presence: ['filled', 'empty'],
  number: ['atLeast', 'atMost', 'equals', 'filled', 'empty'],
  date: ['from', 'to', 'between', 'lastDays', 'nextDays', 'olderThan', 'youngerThan', 'sinceYearly', 'filled', 'empty'],
  choice: ['oneOf', 'noneOf', 'filled', 'empty'],
  flag: ['yes', 'no'],
  organisation: ['within', 'notWithin'],
} as const satisfies Record<Kind, readonly string[]>
export type Operator = (typeof OPERATORS)[Kind][number]

export const UNITS = ['day', 'month', 'year'] as const
export type Unit = (typeof UNITS)[number]

export type Condition = { field: string; op: Operator; values: string[] }
export type Group = { match: Match; conditions: Condition[] }
export type Filter = { match: Match; groups: Group[] }

export const MOST_GROUPS = 8
export const MOST_CONDITIONS = 12
const MOST_VALUES = 300

/** The fields by which the values of an operator are typed. */
export type Shape =
  | 'none'
  | 'text'
  | 'number'
  | 'date'
  | 'dates'
  | 'days'
  | 'span'
  | 'yearly'
  | 'choices'
  | 'organisation'

export function shapeOf(op: Operator): Shape {
  switch (op) {
    case 'begins':
    case 'is':
      return 'text'
    case 'atLeast':
    case 'atMost':
    case 'equals':
      return 'number'
    case 'from':
    case 'to':
      return 'date'
    case 'between':
      return 'dates'
    case 'lastDays':
    case 'nextDays':
      return 'days'
    case 'olderThan':
    case 'youngerThan':
      return 'span'
    case 'sinceYearly':
      return 'yearly'
    case 'oneOf':
    case 'noneOf':
      return 'choices'
    case 'within':
    case 'notWithin':
      return 'organisation'
    default:
      return 'none'
  }
}

const isDays = (text: string | undefined) => /^\d{1,5}$/.test(text ?? '') && Number(text) >= 1 && Number(text) <= 36_500
const isNumber = (text: string | undefined) => /^-?\d{1,12}([.,]\d{1,4})?$/.test((text ?? '').trim())
/** "09-01": a day of every year. February has 28 days in most of them. */
const isDayOfYear = (text: string | undefined) => isCivilDate(`2025-${text}`)

/** What is wrong with the values of a condition: the key of a message, or undefined. */
export function problemOf({ op, values }: Pick<Condition, 'op' | 'values'>): string | undefined {
  const [first, second] = values
  switch (shapeOf(op)) {
    case 'none':
      return undefined
    case 'text':
      return /[\p{L}\p{N}]/u.test(first ?? '') && (first as string).length <= 200 ? undefined : 'errors.field.required'
    case 'number':
      return isNumber(first) ? undefined : 'people-filters.problem.number'
    case 'date':
      return isCivilDate(first ?? '') ? undefined : 'errors.field.date'
    case 'dates':
      if (!isCivilDate(first ?? '') || !isCivilDate(second ?? '')) return 'errors.field.date'
      return (first as string) <= (second as string) ? undefined : 'people-filters.problem.order'
    case 'days':
      return isDays(first) ? undefined : 'people-filters.problem.days'
    case 'span':
      return isDays(first) && UNITS.includes(second as Unit) ? undefined : 'people-filters.problem.days'
    case 'yearly':
      return isDayOfYear(first) ? undefined : 'errors.field.date'
    case 'choices':
      return values.length > 0 && values.length <= MOST_VALUES ? undefined : 'errors.field.choose'
    case 'organisation':
      return /^\d{1,10}$/.test(first ?? '') ? undefined : 'errors.field.required'
  }
}

export const numberOf = (text: string): number => Number(text.trim().replace(',', '.'))

const condition = z.object({
  field: z.string().max(64),
  op: z.enum([...new Set(Object.values(OPERATORS).flat())] as [Operator, ...Operator[]]),
  values: z.array(z.string().max(300)).max(MOST_VALUES),
})
const stored = z.object({
  match: z.enum(MATCHES),
  groups: z.array(z.object({ match: z.enum(MATCHES), conditions: z.array(condition) })),
})

/** A filter as it is stored; whatever cannot be read matches as if nothing had been asked of nobody: undefined. */
export const readFilter = (data: unknown): Filter | undefined => stored.safeParse(data).data

export const conditionsOf = (filter: Filter): Condition[] => filter.groups.flatMap((group) => group.conditions)
