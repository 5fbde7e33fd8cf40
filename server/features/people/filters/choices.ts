import { db, fromJson } from '../../../core/db/index.ts'
import type { Translate } from '../../../core/i18n/index.ts'
import { type Actor, hasEverywhere } from '../../../core/rights/index.ts'
import { authorityToday } from '../../../core/settings.ts'
import { pick, type Translated } from '../../../core/text.ts'
import type { FilterField } from './field.ts'
import { followedEnrolments } from './learning.ts'

export type Choice = { value: string; label: string }
type Reader = { actor: Actor; t: Translate; lang: string }
type Source = NonNullable<FilterField['choices']>

const MOST = 500

const translated = (rows: { id: number | string; name: string }[], lang: string): Choice[] =>
  rows.map((row) => ({ value: String(row.id), label: pick(fromJson<Translated>(row.name, {}), lang) }))

/** What the reader follows of a table: all of it, or what their learners or employees belong to. */
const followed = (actor: Actor, column: string) => (query: import('knex').Knex.QueryBuilder) => {
  if (hasEverywhere(actor, 'cohorts.view')) return
  void query.whereIn('id', followedEnrolments(actor, authorityToday()).select(column))
}

const SOURCES: Record<Source, (reader: Reader) => Promise<Choice[]>> = {
  positions: async () => {
    const rows = await db()('positions').whereNot('state', 'merged').orderBy('name_folded').limit(MOST)
    return rows.map((row: { id: number; name: string }) => ({ value: String(row.id), label: row.name }))
  },
  categories: async ({ lang }) => translated(await db()('person_categories').orderBy(['position', 'id']), lang),
  roles: async ({ lang }) =>
    translated(await db()('roles').where('is_implicit', 0).orderBy('id').select('code as id', 'name'), lang),
  programmes: async ({ actor, lang }) =>
    translated(
      await db()('programmes')
        .modify(followed(actor, 'c.programme_id'))
        .orderBy('id')
        .limit(MOST)
        .select('id', 'title as name'),
      lang,
    ),
  cohorts: async ({ actor }) => {
    const rows = await db()('cohorts')
      .modify(followed(actor, 'e.cohort_id'))
      .orderBy([
        { column: 'starts_on', order: 'desc' },
        { column: 'id', order: 'desc' },
      ])
      .limit(MOST)
      .select('id', 'title')
    return rows.map((row: { id: number; title: string }) => ({ value: String(row.id), label: row.title }))
  },
}

/** The choices of these fields, by the fields' keys; each list is read once. */
export async function choicesOf(
  reader: Reader,
  fields: readonly FilterField[],
): Promise<ReadonlyMap<string, Choice[]>> {
  const sources = [...new Set(fields.flatMap(({ choices }) => choices ?? []))]
  const read = await Promise.all(sources.map((source) => SOURCES[source](reader)))
  const lists = new Map(sources.map((source, at) => [source, read[at] as Choice[]]))
  const { t, lang } = reader
  return new Map(
    fields.flatMap((field): [string, Choice[]][] => {
      if (field.choices) return [[field.key, lists.get(field.choices) as Choice[]]]
      const { list, options } = field
      if (list)
        return [
          [field.key, list.values.map((value) => ({ value, label: t(`people-filters.value.${list.name}.${value}`) }))],
        ]
      return options ? [[field.key, options.map(({ value, title }) => ({ value, label: pick(title, lang) }))]] : []
    }),
  )
}
