import { z } from 'zod'
import { whole } from '../../core/http/fields.ts'

const text = z
  .string()
  .transform((typed) =>
    typed
      .replace(/\p{Cc}/gu, ' ')
      .trim()
      .slice(0, 200),
  )
  .default('')

/** Further pages hold what nobody looks for: a better word is quicker. */
export const LAST_PAGE = 50

export const suggestQuery = z.object({ q: text })
export const searchQuery = z.object({
  q: text,
  /** One group of hits. */
  kind: z.string().max(16).default(''),
  page: whole(1, LAST_PAGE).default(1),
})
