import { z } from 'zod'
import { id, optionalCivilDate } from '../../core/http/fields.ts'
import { pagingQuery } from '../../core/http/paging.ts'

/** A picker's value: a name with the id behind it, `Иванова Анна #17`, or the id alone. */
const picked = z
  .string()
  .trim()
  .max(300)
  .optional()
  .transform((text) => (text ? text : undefined))

/** `person:17` */
const subject = z
  .string()
  .regex(/^[a-zA-Z]{1,32}:\d{1,10}$/)
  .transform((text) => {
    const [type, number] = text.split(':') as [string, string]
    return { type, id: Number(number) }
  })
  .optional()

const filters = {
  actor: picked,
  event: z.preprocess((value) => value || undefined, z.string().max(64).optional()),
  from: optionalCivilDate(),
  to: optionalCivilDate(),
  ip: z.string().trim().max(45).optional(),
  subject,
}

export const filterQuery = z.object(filters)
export const listQuery = z.object({ ...filters, ...pagingQuery })
export type Filter = z.infer<typeof filterQuery>
export type ListQuery = z.infer<typeof listQuery>

export const eventParams = z.object({ id: id() })

/** The id behind a picked name; 0 (nobody) for words that name no one. */
export const pickedId = (text: string): number => Number(/(?:^|#)(\d+)\s*$/.exec(text)?.[1] ?? 0)
