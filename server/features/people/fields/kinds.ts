import { z } from 'zod'
import type { Format } from '../../../core/i18n/format.ts'
import type { Translate } from '../../../core/i18n/index.ts'
import { fold, pick, type Translated } from '../../../core/text.ts'
import { isCivilDate } from '../../../core/time.ts'

/** What a field that an authority adds may hold, and how its values are typed, stored and said. Pure. */

export const FIELD_KINDS = [
  'line',
  'text',
  'whole',
  'decimal',
  'date',
  'flag',
  'choice',
  'choices',
  'phone',
  'email',
  'link',
] as const
export type FieldKind = (typeof FIELD_KINDS)[number]

export type Option = { id: number; title: Translated; isActive: boolean }

/** A row of `person_field_values`, but for whose it is. */
export type StoredValue = {
  item: number
  text_value: string | null
  text_folded: string | null
  number_value: number | null
  date_value: string | null
}

const NOTHING: StoredValue = { item: 0, text_value: null, text_folded: null, number_value: null, date_value: null }
const MOST_SIGNS: Partial<Record<FieldKind, number>> = { line: 300, text: 4000, phone: 64, email: 254, link: 500 }
const MOST_NUMBER = 1_000_000_000_000

type Reading = { values: StoredValue[] } | { problem: { code: string; values?: Record<string, unknown> } }

const problem = (code: string, values?: Record<string, unknown>): Reading => ({
  problem: { code, ...(values ? { values } : {}) },
})
const text = (value: string): Reading => ({
  values: [{ ...NOTHING, text_value: value, text_folded: fold(value).slice(0, 191) }],
})

const CHECKS: Partial<Record<FieldKind, [test: (value: string) => boolean, code: string]>> = {
  phone: [(value) => /^[\d\s()+.,-]{5,}(\s*(доб|ext)\.?\s*\d+)?$/i.test(value), 'person-fields.problem.phone'],
  email: [(value) => z.email().safeParse(value).success, 'errors.field.email'],
  link: [(value) => z.url({ protocol: /^https?$/ }).safeParse(value).success, 'errors.field.url'],
}

function readNumber(typed: string, isWhole: boolean): Reading {
  const plain = typed.replace(/[\s\u00a0]/g, '').replace(',', '.')
  const pattern = isWhole ? /^-?\d+$/ : /^-?\d+(\.\d{1,4})?$/
  if (!pattern.test(plain)) return problem(isWhole ? 'person-fields.problem.whole' : 'person-fields.problem.decimal')
  if (Math.abs(Number(plain)) > MOST_NUMBER) return problem('errors.field.tooBig', { limit: MOST_NUMBER })
  return { values: [{ ...NOTHING, number_value: Number(plain) }] }
}

function readChoices(typed: readonly string[], options: readonly Option[], kept: ReadonlySet<number>): Reading {
  const ids = [...new Set(typed.map(Number))]
  // An option that is closed is nobody's new choice; who has it keeps it.
  const isOffered = (id: number) => options.some((option) => option.id === id && (option.isActive || kept.has(id)))
  return ids.every(isOffered) ? { values: ids.map((item) => ({ ...NOTHING, item })) } : problem('errors.field.invalid')
}

/**
 * What was typed for a field, as it is stored; nothing typed is no value.
 * @param kept options that the person has already
 */
export function readValue(
  kind: FieldKind,
  input: readonly string[],
  options: readonly Option[] = [],
  kept: ReadonlySet<number> = new Set(),
): Reading {
  const typed = input.map((value) => value.replace(/\r\n?/g, '\n').trim()).filter(Boolean)
  const [first] = typed
  if (first === undefined) return { values: [] }
  const most = MOST_SIGNS[kind]
  if (most && first.length > most) return problem('errors.field.tooLong', { count: most })
  const check = CHECKS[kind]
  if (check && !check[0](first)) return problem(check[1])
  switch (kind) {
    case 'whole':
    case 'decimal':
      return readNumber(first, kind === 'whole')
    case 'date':
      return isCivilDate(first) ? { values: [{ ...NOTHING, date_value: first }] } : problem('errors.field.date')
    case 'flag':
      if (first !== 'yes' && first !== 'no') return problem('errors.field.invalid')
      return { values: [{ ...NOTHING, number_value: first === 'yes' ? 1 : 0 }] }
    case 'choice':
      return typed.length > 1 ? problem('errors.field.invalid') : readChoices(typed, options, kept)
    case 'choices':
      return readChoices(typed, options, kept)
    case 'text':
      return { values: [{ ...NOTHING, text_value: first }] }
    default:
      return text(first.replace(/\p{Cc}/gu, ' '))
  }
}

/** A stored value as the form's input has it. */
export function typedValue(kind: FieldKind, values: readonly StoredValue[]): string | string[] {
  const [first] = values
  if (kind === 'choices') return values.map(({ item }) => String(item))
  if (!first) return ''
  if (kind === 'choice') return String(first.item)
  if (kind === 'flag') return first.number_value === 1 ? 'yes' : 'no'
  return first.text_value ?? first.date_value ?? String(first.number_value ?? '').replace('.', ',')
}

type Reader = { t: Translate; lang: string; format: Format }

/** A stored value in words. */
export function sayValue(
  { t, lang, format }: Reader,
  kind: FieldKind,
  values: readonly StoredValue[],
  options: readonly Option[],
): string {
  const [first] = values
  if (!first) return ''
  if (kind === 'choice' || kind === 'choices') {
    // In the order of the options, whichever was ticked first.
    const chosen = new Set(values.map(({ item }) => item))
    return options.flatMap(({ id, title }) => (chosen.has(id) ? [pick(title, lang)] : [])).join(', ')
  }
  if (kind === 'flag') return t(first.number_value === 1 ? 'person-fields.yes' : 'person-fields.no')
  if (kind === 'date') return format.date(first.date_value)
  if (first.number_value !== null)
    return new Intl.NumberFormat(lang, { maximumFractionDigits: 4 }).format(first.number_value)
  return first.text_value ?? ''
}
