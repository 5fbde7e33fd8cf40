import { z } from 'zod'
import { id, line, translated, versionField } from '../../core/http/fields.ts'
import { pagingQuery } from '../../core/http/paging.ts'

export const idParams = z.object({ id: id() })
export const stateInput = z.object({ state: z.enum(['active', 'closed']), version: versionField() })

export const positionQuery = z.object({
  q: z.string().trim().max(100).optional(),
  state: z.enum(['active', 'closed']).default('active'),
  ...pagingQuery,
})
export const suggestQuery = z.object({ q: z.string().trim().max(100).default('') })
export const positionInput = z.object({ name: line(200) })
export const positionUpdate = z.object({ name: line(200), version: versionField() })
export const mergeInput = z.object({ into: line(200), version: versionField() })

export const categoryInput = z.object({ name: translated(200) })
export const categoryUpdate = z.object({ name: translated(200), version: versionField() })
export const moveInput = z.object({ direction: z.enum(['up', 'down']) })

export type PositionQuery = z.infer<typeof positionQuery>
