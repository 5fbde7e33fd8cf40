import { fromJson } from '../../core/db/index.ts'
import type { Format } from '../../core/i18n/format.ts'
import type { Translate } from '../../core/i18n/index.ts'
import { fullName, pick, type Translated } from '../../core/text.ts'
import type { AuditEvent, AuditRow } from './queries.ts'

export type Words = { t: Translate; lang: string; format: Format }
type Names = Map<string, { name: string; href: string | null }>

/** Kinds of events and objects that a newer version or a test records have no words yet. */
const worded = (t: Translate, key: string, otherwise: string) => {
  const text = t(key)
  return text === key ? otherwise : text
}
export const eventName = (t: Translate, type: string) => worded(t, `audit.event.${type}`, type)
const fieldName = (t: Translate, name: string) => worded(t, `audit.field.${name}`, name)

export const actorName = (t: Translate, row: AuditRow) =>
  row.last_name && row.first_name
    ? fullName({ lastName: row.last_name, firstName: row.first_name, middleName: row.middle_name })
    : t(row.actor_id === null ? 'audit.nobody' : 'audit.unknown')

export function presentObject(t: Translate, row: AuditRow, names: Names) {
  const found = names.get(`${row.subject_type}:${row.subject_id}`)
  const kind = worded(t, `audit.object.${row.subject_type}`, row.subject_type)
  return found
    ? { text: found.name, href: found.href ?? undefined, hint: kind }
    : { text: kind, href: undefined, hint: undefined }
}

export const presentRow = ({ t, format }: Words, row: AuditRow, names: Names) => ({
  when: {
    iso: row.occurred_at.slice(0, 10),
    text: format.dateTime(row.occurred_at),
    exact: format.dateTime(row.occurred_at),
  },
  who: actorName(t, row),
  whoHref: row.actor_id === null ? undefined : `/people/${row.actor_id}`,
  what: eventName(t, row.type),
  href: `/audit/${row.id}`,
  object: presentObject(t, row, names),
  from: row.ip ?? '',
})

const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A value as people read it: texts in their language, yes and no, lists by commas. */
export function sayValue({ t, lang }: Pick<Words, 't' | 'lang'>, value: unknown): string {
  if (value === null || value === undefined || value === '') return ''
  if (typeof value === 'boolean') return t(value ? 'audit.yes' : 'audit.no')
  if (Array.isArray(value)) return value.map((item) => sayValue({ t, lang }, item)).join(', ')
  if (!isPlain(value)) return String(value)
  if ('ru' in value || 'en' in value) return pick(value as Translated, lang)
  return Object.entries(value)
    .map(([name, item]) => `${fieldName(t, name)}: ${sayValue({ t, lang }, item)}`)
    .join('; ')
}

type Change = { field: string; before: string; after: string }

const camel = (name: string) => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())

/** "Before" is often a row of the database and "after" what was typed: both by the names of forms, and as values. */
const byField = (values: unknown): Record<string, unknown> =>
  isPlain(values)
    ? Object.fromEntries(
        Object.entries(values).map(([name, value]) => [
          camel(name),
          typeof value === 'string' && value.startsWith('{') ? fromJson(value, value) : value,
        ]),
      )
    : {}

/** What an event says: the fields that changed, from what to what, and whatever else it holds. */
export function presentData(words: Words, data: Record<string, unknown>): { changes: Change[]; facts: Change[] } {
  const { before, after, what, ...others } = data
  const isPair = isPlain(before) || isPlain(after)
  const was = byField(before)
  const is = byField(after)
  const changes = Object.keys(isPlain(after) ? is : was)
    .map((name) => ({
      field: fieldName(words.t, name),
      // The database keeps 1 and 0 for what a form calls true and false.
      before: sayValue(words, typeof is[name] === 'boolean' ? Boolean(was[name]) : was[name]),
      after: sayValue(words, is[name]),
    }))
    .filter((change) => change.before !== change.after)
  if (!isPair && (before !== undefined || after !== undefined)) {
    changes.push({ field: '', before: sayValue(words, before), after: sayValue(words, after) })
  }
  const facts = Object.entries(others).map(([name, value]) => ({
    field: fieldName(words.t, name),
    before: '',
    after: sayValue(words, value),
  }))
  if (typeof what === 'string') {
    const shown = worded(words.t, `audit.read.${what}`, what)
    facts.unshift({ field: fieldName(words.t, 'what'), before: '', after: shown })
  }
  return { changes, facts: facts.filter((fact) => fact.after !== '') }
}

/** The same in one cell of a table that is taken out. */
export function sayData(words: Words, event: AuditEvent): string {
  if (event.erased_at) return words.t('audit.details.erased')
  const { changes, facts } = presentData(words, event.data)
  const label = ({ field }: Change) => (field ? `${field}: ` : '')
  return [
    ...changes.map((change) => `${label(change)}${change.before || '—'} → ${change.after || '—'}`),
    ...facts.map((fact) => `${label(fact)}${fact.after}`),
  ].join('\n')
}
