import type { Form } from '../../../core/http/forms.ts'
import type { AnyContext } from '../../../core/http/route.ts'
import { pick } from '../../../core/text.ts'
import { FIELD_KINDS, type StoredValue, sayValue, typedValue } from './kinds.ts'
import { AUDIENCES } from './policy.ts'
import type { PersonField } from './queries.ts'
import type { FieldsOf } from './value-service.ts'

type Reader = Pick<AnyContext, 't' | 'lang' | 'format'>

/** How many empty rows for options a form has; after saving there are as many again. */
const NEW_OPTIONS = 4

/** The list of fields, those in use in their order. */
export function presentFields({ t, lang }: Reader, fields: PersonField[]) {
  const said = (audiences: readonly string[]) =>
    audiences.map((audience) => t(`person-fields.audience.${audience}`)).join(', ')
  const present = (field: PersonField) => ({
    id: field.id,
    href: `/person-fields/${field.id}`,
    title: pick(field.title, lang),
    section: pick(field.section, lang),
    kind: t(`person-fields.kind.${field.kind}`),
    isRequired: field.isRequired,
    seenBy: said(field.seenBy) || t('person-fields.list.nobodyElse'),
    editedBy: said(field.editedBy) || t('person-fields.list.nobodyElse'),
  })
  return {
    fields: fields.filter(({ isActive }) => isActive).map(present),
    archived: fields.filter(({ isActive }) => !isActive).map(present),
  }
}

const audienceOptions = ({ t }: Reader) =>
  AUDIENCES.map((audience) => ({ value: audience, label: t(`person-fields.audience.${audience}`) }))

/** The form of a field. */
export function presentField(reader: Reader, form: Form, field?: PersonField) {
  const { t } = reader
  const held = field ? field.kind === 'choice' || field.kind === 'choices' : true
  const typed = (form.values.options ?? {}) as Record<string, unknown>
  const keys = [
    ...(field?.options ?? []).map(({ id }) => `o${id}`),
    ...Array.from({ length: NEW_OPTIONS }, (_, index) => `new${index + 1}`),
  ]
  return {
    form,
    action: field ? `/person-fields/${field.id}` : '/person-fields',
    kinds: FIELD_KINDS.map((kind) => ({
      value: kind,
      label: t(`person-fields.kind.${kind}`),
      hint: t(`person-fields.kindHint.${kind}`),
    })),
    kind: field ? t(`person-fields.kind.${field.kind}`) : null,
    audiences: audienceOptions(reader),
    options: held
      ? keys.map((key, at) => ({
          name: `options[${key}]`,
          label: t('person-fields.form.option', { number: at + 1 }),
          value: typed[key] ?? {},
        }))
      : [],
    state: field && {
      href: `/person-fields/${field.id}/state`,
      version: field.version,
      isActive: field.isActive,
    },
  }
}

export const fieldValues = (field: PersonField): Form['values'] => ({
  title: field.title,
  hint: field.hint,
  section: field.section,
  isRequired: field.isRequired,
  seenBy: field.seenBy,
  editedBy: field.editedBy,
  options: Object.fromEntries(field.options.map(({ id, title, isActive }) => [`o${id}`, isActive ? title : {}])),
  version: field.version,
})

/** Fields in groups, by the words of their section, in the order of the fields. */
function bySection<T extends { section: string }>(fields: readonly T[]): { title: string; fields: T[] }[] {
  const sections = new Map<string, T[]>()
  for (const field of fields) sections.set(field.section, [...(sections.get(field.section) ?? []), field])
  return [...sections].map(([title, inside]) => ({ title, fields: inside }))
}

const linkOf = (kind: PersonField['kind'], text: string): string | undefined =>
  kind === 'link' ? text : kind === 'email' ? `mailto:${text}` : undefined

/** What the reader may see of a person beyond the main data; empty sections are left out. */
export function presentValues(reader: Reader, { seen, values }: Pick<FieldsOf, 'seen' | 'values'>) {
  const said = seen.map((field) => {
    const text = sayValue(reader, field.kind, values.get(field.id) ?? [], field.options)
    const href = text ? linkOf(field.kind, text) : undefined
    return {
      section: pick(field.section, reader.lang),
      label: pick(field.title, reader.lang),
      value: href ? { text, href } : text,
    }
  })
  return bySection(said.filter(({ value }) => value)).map(({ title, fields }) => ({ title, items: fields }))
}

const INPUTS: Partial<Record<PersonField['kind'], object>> = {
  text: { type: 'textarea', maxlength: 4000 },
  whole: { inputmode: 'numeric', width: 'short' },
  decimal: { inputmode: 'decimal', width: 'short' },
  date: { type: 'date', width: 'short' },
  phone: { type: 'tel', width: 'medium' },
  email: { type: 'email' },
  link: { type: 'url' },
}

function inputOf({ t, lang }: Reader, field: PersonField, stored: readonly StoredValue[]) {
  const { kind } = field
  const kept = new Set(stored.map(({ item }) => item))
  const options = field.options
    .filter(({ id, isActive }) => isActive || kept.has(id))
    .map(({ id, title }) => ({ value: String(id), label: pick(title, lang) }))
  if (kind === 'choices') return { type: 'checkboxes', options }
  if (kind === 'choice') return { type: 'select', options, emptyOption: t('person-fields.notGiven') }
  if (kind !== 'flag') return INPUTS[kind] ?? { maxlength: 300 }
  const answers = ['yes', 'no'].map((value) => ({ value, label: t(`person-fields.${value}`) }))
  return { type: 'select', options: answers, emptyOption: t('person-fields.notGiven'), width: 'short' }
}

/** The form of the fields that the reader may edit of a person. */
export const presentValuesForm = (reader: Reader, person: FieldsOf, form: Form, back: string) => ({
  form,
  action: `${back}/fields`,
  cancelHref: back,
  sections: bySection(
    person.edited.map((field) => ({
      section: pick(field.section, reader.lang),
      input: {
        name: `f${field.id}`,
        label: pick(field.title, reader.lang),
        hint: pick(field.hint, reader.lang),
        required: field.isRequired,
        ...inputOf(reader, field, person.values.get(field.id) ?? []),
      },
    })),
  ).map(({ title, fields }) => ({ title, inputs: fields.map(({ input }) => input) })),
})

/** The values as the form has them. */
export const typedValues = ({ edited, values, version }: FieldsOf): Form['values'] => ({
  ...Object.fromEntries(edited.map(({ id, kind }) => [`f${id}`, typedValue(kind, values.get(id) ?? [])])),
  version,
})

/** One person's values as cells of an export, in the order of the fields. */
export const exportedValues = (
  reader: Reader,
  fields: readonly PersonField[],
  values: ReadonlyMap<number, StoredValue[]> | undefined,
): (string | number)[] =>
  fields.map((field) => {
    const stored = values?.get(field.id) ?? []
    if (field.kind === 'whole' || field.kind === 'decimal') return stored[0]?.number_value ?? ''
    if (field.kind === 'date') return reader.format.shortDate(stored[0]?.date_value ?? null)
    return sayValue(reader, field.kind, stored, field.options)
  })
