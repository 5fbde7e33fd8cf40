import { z } from 'zod'
import { checkbox, id, optionalTranslated, translated, versionField } from '../../../core/http/fields.ts'
import { FIELD_KINDS } from './kinds.ts'
import { AUDIENCES } from './policy.ts'

export const fieldParams = z.object({ id: id() })
export const personParams = z.object({ id: id() })

const audiences = z.preprocess(
  (value) => (value === undefined || value === '' ? [] : [value].flat()),
  z.array(z.enum(AUDIENCES)).max(AUDIENCES.length),
)
/** Options by their ids, new ones by `new1`, `new2` …; whoever empties an option closes it. */
const options = z.record(z.string().regex(/^(o\d{1,10}|new\d{1,3})$/), optionalTranslated(200)).default({})

const definition = {
  title: translated(200),
  hint: optionalTranslated(500),
  section: optionalTranslated(100),
  isRequired: checkbox(),
  seenBy: audiences,
  editedBy: audiences,
  options,
}
export const newFieldInput = z.object({ ...definition, kind: z.enum(FIELD_KINDS) })
export const fieldUpdate = z.object({ ...definition, version: versionField() })
export type FieldInput = z.infer<typeof newFieldInput>
export type FieldUpdate = z.infer<typeof fieldUpdate>

export const fieldState = z.object({ state: z.enum(['active', 'archived']), version: versionField() })
export const fieldMove = z.object({ direction: z.enum(['up', 'down']) })

/** The values of one person: `f12` is what was typed for field 12, once or several times. */
export const valuesInput = z
  .object({ version: versionField() })
  .catchall(z.unknown())
  .transform(({ version, ...rest }) => {
    const typed = new Map<number, string[]>()
    for (const [name, value] of Object.entries(rest)) {
      const number = /^f(\d{1,10})$/.exec(name)?.[1]
      const list = typeof value === 'object' && value !== null ? Object.values(value) : [value]
      if (number)
        typed.set(
          Number(number),
          list.filter((item): item is string => typeof item === 'string'),
        )
    }
    return { version, typed }
  })
export type ValuesInput = z.infer<typeof valuesInput>
