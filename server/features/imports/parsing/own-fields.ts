import { type FieldKind, type Option, readValue, type StoredValue, typedValue } from '../../people/fields/kinds.ts'
import { readDate } from './dates.ts'
import { foldText, saysNothing } from './text.ts'
import type { FieldChange, OwnField, Problem } from './types.ts'

/** A field that the authority has added to people, as an import needs it: named in the importer's language. */
export interface ListedField {
  key: OwnField
  id: number
  kind: FieldKind
  title: string
  /** Every name of the field, to know its column by. */
  names: string[]
  options: { id: number; names: string[]; isActive: boolean }[]
}

/** A value that is to be written. */
export interface OwnValue {
  fieldId: number
  values: StoredValue[]
}

export interface OwnPlan {
  values: OwnValue[]
  changes: FieldChange[]
  problems: Problem[]
}

const YES = /^(?:да|есть|yes|true|1|\+|v|x|х)$/
const NO = /^(?:нет|no|false|0|-|–|—)$/

/** What a cell says, as the form of the field would have it typed; undefined: it cannot be read. */
function typedOf(field: ListedField, text: string, today: string): string[] | undefined {
  const folded = foldText(text)
  if (field.kind === 'flag') return YES.test(folded) ? ['yes'] : NO.test(folded) ? ['no'] : undefined
  if (field.kind === 'date') {
    const reading = readDate(text, today)
    return reading.kind === 'date' ? [reading.date] : undefined
  }
  if (field.kind !== 'choice' && field.kind !== 'choices') return [text]
  const named = (name: string) =>
    field.options.find(({ names }) => names.some((one) => foldText(one) === foldText(name)))
  const whole = named(text)
  const parts = whole || field.kind === 'choice' ? [text] : text.split(/[,;/]/).filter((part) => part.trim())
  const found = parts.map(named)
  return found.every((option) => option !== undefined) ? found.map((option) => String(option?.id)) : undefined
}

/** Values as words, for what is shown of a change. */
const said = (field: ListedField, values: readonly StoredValue[]): string | null => {
  if (!values.length) return null
  if (field.kind !== 'choice' && field.kind !== 'choices') return String(typedValue(field.kind, values))
  return values.map(({ item }) => field.options.find(({ id }) => id === item)?.names[0] ?? '').join(', ')
}

const same = (one: readonly StoredValue[], other: readonly StoredValue[]) =>
  JSON.stringify(one.map(bare)) === JSON.stringify(other.map(bare))
const bare = ({ item, text_value, number_value, date_value }: StoredValue) => [
  item,
  text_value,
  number_value,
  date_value,
]

/** What the cells of a row change of somebody's added fields; an empty cell erases nothing, a doubtful one is left out. */
export function planOwn(
  cells: Readonly<Partial<Record<OwnField, string>>>,
  fields: readonly ListedField[],
  stored: Readonly<Partial<Record<OwnField, StoredValue[]>>>,
  today: string,
): OwnPlan {
  const plan: OwnPlan = { values: [], changes: [], problems: [] }
  for (const field of fields) {
    const text = cells[field.key] ?? ''
    if (saysNothing(text) && !(field.kind === 'flag' && NO.test(foldText(text)))) continue
    const typed = typedOf(field, text, today)
    const kept = stored[field.key] ?? []
    const options: Option[] = field.options.map(({ id, isActive }) => ({ id, isActive, title: {} }))
    const reading = typed && readValue(field.kind, typed, options, new Set(kept.map(({ item }) => item)))
    if (!reading || 'problem' in reading) {
      const values = { value: text.slice(0, 100), name: field.title }
      plan.problems.push({ code: 'ownUnreadable', severity: 'warning', field: field.key, values })
      continue
    }
    const values = reading.values.toSorted((a, b) => a.item - b.item)
    if (same(values, kept)) continue
    plan.values.push({ fieldId: field.id, values })
    plan.changes.push({ field: field.key, before: said(field, kept), after: said(field, values), title: field.title })
  }
  return plan
}
