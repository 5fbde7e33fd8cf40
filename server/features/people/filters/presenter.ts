import type { Form } from '../../../core/http/forms.ts'
import { queryString } from '../../../core/http/paging.ts'
import type { AnyContext } from '../../../core/http/route.ts'
import { type Draft, operatorsOf, type Row } from './draft.ts'
import { AREAS, type FilterField } from './field.ts'
import { MATCHES, MOST_CONDITIONS, MOST_GROUPS, type Operator, shapeOf, UNITS } from './model.ts'
import type { SavedFilter } from './queries.ts'
import { fieldName, filterText, operatorLabel, type Vocabulary } from './words.ts'

type Reader = Pick<AnyContext, 't' | 'lang' | 'format' | 'actor'>

export type Count = { count: number; capped: boolean }

export const countText = ({ t }: Pick<AnyContext, 't'>, { count, capped }: Count): string =>
  capped ? t('people-filters.count.over', { count }) : t('people-filters.count.people', { count })

/** Saved filters as a list: whose they are, what they ask for, where they are used. */
export const presentSaved = (reader: Reader, saved: SavedFilter[], words: Vocabulary) => ({
  rows: saved.map((one) => {
    const isOwn = one.ownerId === reader.actor.personId
    return {
      id: one.id,
      name: one.name,
      href: `/people/filters/${one.id}`,
      peopleHref: `/people?${queryString({ filter: one.id })}`,
      isOwn,
      isShared: one.isShared,
      owner: isOwn ? '' : one.owner,
      said: one.filter ? saidInLine(reader, one.filter, words) : reader.t('people-filters.said.unreadable'),
    }
  }),
})

function saidInLine(reader: Reader, filter: NonNullable<SavedFilter['filter']>, words: Vocabulary): string {
  const { match, groups } = filterText(reader, filter, words)
  const and = (kind: string) => ` ${reader.t(`people-filters.join.${kind}`)} `
  const said = groups.map((group) => {
    const text = group.conditions.join(and(group.match))
    return groups.length > 1 && group.conditions.length > 1 ? `(${text})` : text
  })
  return said.join(and(match))
}

/** The choices of the fields, by area; areas without any are left out. */
const fieldChoices = (reader: Reader, fields: ReadonlyMap<string, FilterField>, used: ReadonlySet<string>) =>
  AREAS.flatMap((area) =>
    [...fields.values()]
      .filter((field) => field.area === area && (!field.isRetired || used.has(field.key)))
      .map((field) => ({
        value: field.key,
        label: fieldName(reader, field),
        group: reader.t(`people-filters.area.${area}`),
      })),
  )

const months = (lang: string) =>
  Array.from({ length: 12 }, (_, index) => ({
    value: String(index + 1),
    // With a day before it, Russian months stand in the genitive.
    label: new Intl.DateTimeFormat(lang, { day: 'numeric', month: 'long', timeZone: 'UTC' })
      .format(new Date(Date.UTC(2025, index, 1)))
      .replace(/[\d\s]+/g, ''),
  }))

function presentRow(
  reader: Reader,
  row: Row,
  place: { group: number; at: number },
  words: Vocabulary,
  error: string | undefined,
) {
  const { t } = reader
  const field = words.fields.get(row.field)
  const key = `${place.group}-${place.at}`
  return {
    key,
    name: `row[${key}]`,
    number: place.at + 1,
    field: row.field,
    op: row.op,
    operators: field ? operatorsOf(field).map((op) => ({ value: op, label: operatorLabel(reader, op) })) : [],
    shape: field ? shapeOf(row.op as Operator) : 'none',
    values: row.values,
    choices: words.choices.get(row.field) ?? [],
    isDate: field?.kind === 'date',
    error: error ?? '',
    removeLabel: t('people-filters.builder.remove', {
      name: field ? fieldName(reader, field) : t('people-filters.builder.blank'),
    }),
  }
}

type Builder = {
  draft: Draft
  words: Vocabulary
  errors: ReadonlyMap<string, string>
  count: Count | undefined
  saved: SavedFilter | undefined
  form: Form
}

/** The builder of a filter. */
export function presentBuilder(reader: Reader, { draft, words, errors, count, saved, form }: Builder) {
  const { t, lang } = reader
  const used = new Set(draft.groups.flatMap(({ rows }) => rows.map(({ field }) => field)))
  return {
    form,
    action: saved ? `/people/filters/${saved.id}` : '/people/filters',
    id: saved?.id ?? '',
    match: draft.match,
    matches: MATCHES.map((value) => ({ value, label: t(`people-filters.builder.match.${value}`) })),
    groupMatches: MATCHES.map((value) => ({ value, label: t(`people-filters.builder.groupMatch.${value}`) })),
    fields: fieldChoices(reader, words.fields, used),
    units: UNITS.map((value) => ({ value, label: t(`people-filters.units.${value}`) })),
    months: months(lang),
    groups: draft.groups.map(({ match, rows }, group) => ({
      number: group + 1,
      match,
      rows: rows.map((row, at) => presentRow(reader, row, { group, at }, words, errors.get(`${group}-${at}`))),
      mayGrow: rows.length < MOST_CONDITIONS,
    })),
    mayGrow: draft.groups.length < MOST_GROUPS,
    count: count ? countText(reader, count) : t('people-filters.count.unknown'),
  }
}

/** Somebody else's filter: what it asks for. */
export const presentShared = (reader: Reader, saved: SavedFilter, words: Vocabulary) => ({
  ...(saved.filter ? filterText(reader, saved.filter, words) : { match: 'all', groups: [] }),
  owner: saved.owner,
  peopleHref: `/people?${queryString({ filter: saved.id })}`,
  copyHref: `/people/filters/new?${queryString({ filter: saved.id })}`,
})
