import { z } from 'zod'
import { id, list, optionalWhole, versionField } from '../../../core/http/fields.ts'
import { address, richText, title } from '../input.ts'
import { MATERIAL_KINDS } from '../programme-file.ts'

export const kindQuery = z.object({ kind: z.enum(MATERIAL_KINDS).default('article') })

/** Creating and editing share one form; the kind of a material never changes. */
export const materialInput = z.object({
  kind: z.enum(MATERIAL_KINDS),
  title: title(),
  body: richText(),
  url: address(),
  minutes: optionalWhole(1, 6_000),
})
export const materialUpdate = materialInput.extend({ version: versionField() })
export const materialOrder = z.object({ order: list(id(), 500) })

export type MaterialInput = z.infer<typeof materialInput>
