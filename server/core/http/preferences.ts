import type { Request } from 'express'
import { z } from 'zod'
import { whole } from './fields.ts'

/** How pages look and act in this browser: the theme, the version for people with low vision, keys. Kept in a cookie. */
const visionSchema = z.object({
  size: whole(1, 3).default(2),
  scheme: z.enum(['white', 'black', 'blue']).default('white'),
  spacing: whole(0, 2).default(1),
  images: whole(0, 1).default(1),
})
export const appearanceSchema = z.object({
  theme: z.enum(['light', 'dark', 'auto']).default('auto'),
  vision: visionSchema.nullable().default(null),
  /** Single keys do something; who uses speech input switches them off. */
  shortcuts: z.boolean().default(true),
})
export type Appearance = z.infer<typeof appearanceSchema>

export const APPEARANCE_COOKIE = 'integral.look'

export function readAppearance(req: Request): Appearance {
  const raw: unknown = req.cookies?.[APPEARANCE_COOKIE]
  if (typeof raw !== 'string') return appearanceSchema.parse({})
  try {
    return appearanceSchema.parse(JSON.parse(raw))
  } catch {
    return appearanceSchema.parse({})
  }
}
