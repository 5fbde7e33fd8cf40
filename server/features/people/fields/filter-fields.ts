import { db } from '../../../core/db/index.ts'
import { onColumn } from '../filters/conditions.ts'
import type { FilterField } from '../filters/field.ts'
import type { Condition, Kind } from '../filters/model.ts'
import type { FieldKind } from './kinds.ts'
import { belongsSomewhere, forWhom } from './policy.ts'
import { listFields, type PersonField } from './queries.ts'

/** Keys of conditions on fields that an authority has added. */
export const OWN = 'own.'

const HELD: Record<FieldKind, [kind: Kind, column: string]> = {
  line: ['text', 'v.text_folded'],
  text: ['presence', 'v.text_value'],
  phone: ['text', 'v.text_folded'],
  email: ['text', 'v.text_folded'],
  link: ['text', 'v.text_folded'],
  whole: ['number', 'v.number_value'],
  decimal: ['number', 'v.number_value'],
  date: ['date', 'v.date_value'],
  flag: ['flag', 'v.number_value'],
  choice: ['choice', 'v.item'],
  choices: ['choice', 'v.item'],
}

/** What a condition asks of the stored values, and whether it is met by those who have such a value or by those who have none. */
function asked({ op, values }: Condition): { has: boolean; ask: Condition | undefined } {
  const condition = (other: Condition['op']): Condition => ({ field: '', op: other, values })
  if (op === 'filled' || op === 'empty') return { has: op === 'filled', ask: undefined }
  if (op === 'noneOf') return { has: false, ask: condition('oneOf') }
  if (op === 'no') return { has: false, ask: condition('yes') }
  return { has: true, ask: condition(op) }
}

const rowsOf =
  (field: PersonField): FilterField['rows'] =>
  (condition, now) => {
    const { has, ask } = asked(condition)
    const rows = db()('person_field_values as v').where('v.field_id', field.id)
    if (ask) onColumn(rows, HELD[field.kind][1], ask, now)
    return { has, rows, person: 'v.person_id' }
  }

const toFilterField = (field: PersonField): FilterField => ({
  key: `${OWN}${field.id}`,
  kind: HELD[field.kind][0],
  area: 'own',
  about: 'person',
  title: field.title,
  isRetired: !field.isActive,
  mayUse: (actor) => belongsSomewhere(actor, field.seenBy),
  ...(field.options.length ? { options: field.options.map(({ id, title }) => ({ value: String(id), title })) } : {}),
  rows: rowsOf(field),
  // Met by nobody whose field the reader may not see, however the question is turned.
  ofWhom: (actor) => forWhom(actor, field.seenBy),
})

/** The added fields as conditions. */
export const ownFilterFields = async (): Promise<FilterField[]> => (await listFields()).map(toFilterField)
