import type { AnyContext } from '../../../core/http/route.ts'
import { pick } from '../../../core/text.ts'
import type { Choice } from './choices.ts'
import type { FilterField } from './field.ts'
import { type Condition, type Filter, type Operator, shapeOf } from './model.ts'

/** What the words of a filter need to know. */
export type Vocabulary = {
  fields: ReadonlyMap<string, FilterField>
  choices: ReadonlyMap<string, Choice[]>
  organisations: ReadonlyMap<number, string>
}
type Reader = Pick<AnyContext, 't' | 'lang' | 'format'>

export const fieldName = ({ t, lang }: Reader, field: FilterField): string =>
  field.title ? pick(field.title, lang) : t(`people-filters.field.${field.key}`)

function valuesOf({ t, format, lang }: Reader, { field, op, values }: Condition, words: Vocabulary) {
  const [first = '', second = ''] = values
  switch (shapeOf(op)) {
    case 'date':
      return { value: format.shortDate(first) }
    case 'dates':
      return { value: format.shortDate(first), other: format.shortDate(second) }
    case 'days':
      return { value: t('people-filters.unit.day', { count: Number(first) }) }
    case 'span':
      return { value: t(`people-filters.unit.${second}`, { count: Number(first) }) }
    case 'yearly': {
      const day = new Date(`2025-${first}T00:00:00Z`)
      return { value: new Intl.DateTimeFormat(lang, { day: 'numeric', month: 'long', timeZone: 'UTC' }).format(day) }
    }
    case 'choices': {
      const labels = new Map(words.choices.get(field)?.map(({ value, label }) => [value, label]))
      return { value: values.map((value) => labels.get(value) ?? t('people-filters.said.gone')).join(', ') }
    }
    case 'organisation':
      return { value: words.organisations.get(Number(first)) ?? t('people-filters.said.gone') }
    default:
      return { value: first }
  }
}

/** One condition in words; of what the reader may not ask for nothing is said but that it is there. */
function conditionText(reader: Reader, condition: Condition, words: Vocabulary): string {
  const field = words.fields.get(condition.field)
  if (!field) return reader.t('people-filters.said.hidden')
  const values = valuesOf(reader, condition, words)
  return reader.t(`people-filters.said.${condition.op}`, { field: fieldName(reader, field), ...values })
}

/** The groups of a filter, each as its conditions in words. */
export const filterText = (reader: Reader, filter: Filter, words: Vocabulary) => ({
  match: filter.match,
  groups: filter.groups.map(({ match, conditions }) => ({
    match,
    conditions: conditions.map((condition) => conditionText(reader, condition, words)),
  })),
})

export const operatorLabel = ({ t }: Reader, op: Operator): string => t(`people-filters.operator.${op}`)
