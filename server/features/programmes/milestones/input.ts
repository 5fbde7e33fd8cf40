import { z } from 'zod'
import {
  checkbox,
  optionalId,
  optionalTranslated,
  optionalWhole,
  versionField,
  whole,
} from '../../../core/http/fields.ts'
import { confirmed, title } from '../input.ts'
import { MILESTONE_KINDS } from '../programme-file.ts'

const fields = z.object({
  kind: z.enum(MILESTONE_KINDS),
  title: title(),
  hint: optionalTranslated(2_000),
  moduleId: optionalId(),
  requiredCount: whole(1, 200),
  dueDayOffset: optionalWhole(0, 3_660),
  required: checkbox(),
})

/** The credit for a module must say for which. */
const withModule = (input: { kind: string; moduleId: number | null }, context: z.RefinementCtx) => {
  if (input.kind === 'module_credit' && input.moduleId === null) {
    context.addIssue({ code: 'custom', path: ['moduleId'], message: 'programmes.milestone.moduleMissing' })
  }
}

export const milestoneInput = fields.superRefine(withModule)
export const milestoneUpdate = fields
  .extend({ version: versionField(), confirmed: confirmed() })
  .superRefine(withModule)

export type MilestoneInput = z.infer<typeof milestoneInput>
export type MilestoneUpdate = z.infer<typeof milestoneUpdate>
