import { z } from 'zod'
import {
  checkbox,
  id,
  list,
  optionalTranslated,
  optionalWhole,
  versionField,
  whole,
} from '../../../core/http/fields.ts'
import { address, confirmed, MOST_HOURS, richText, title } from '../input.ts'
import { TOPIC_FORMATS } from '../programme-file.ts'

/** Creating and editing share one form. */
export const topicInput = z.object({
  title: title(),
  description: richText(),
  hours: whole(1, MOST_HOURS),
  format: z.enum(TOPIC_FORMATS),
  compulsory: checkbox(),
  capacity: optionalWhole(1, 100_000),
  place: optionalTranslated(255),
  link: address(),
  dayOffset: optionalWhole(0, 3_660),
  requires: list(id(), 200),
})
export const topicUpdate = topicInput.extend({ version: versionField(), confirmed: confirmed() })

export type TopicInput = z.infer<typeof topicInput>
export type TopicUpdate = z.infer<typeof topicUpdate>
