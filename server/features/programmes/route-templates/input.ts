import { z } from 'zod'
import { id, list, versionField } from '../../../core/http/fields.ts'
import { richText, title } from '../input.ts'

export const templateInput = z.object({ title: title(), description: richText(), topics: list(id(), 1000) })
export const templateUpdate = templateInput.extend({ version: versionField() })

export type TemplateInput = z.infer<typeof templateInput>
