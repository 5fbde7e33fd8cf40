import type { Knex } from 'knex'
import { orderedJoin } from '../db/dialect.ts'
import { db, fromJson } from '../db/index.ts'
import type { Actor } from '../rights/index.ts'
import type { Translated } from '../text.ts'
import { groupOf, type SearchKind, searchKinds } from './kinds.ts'
import { type Meaning, readAgain, readQuery } from './meaning.ts'
import { parseQuery } from './query.ts'
import type { Form } from './vocabulary.ts'

/** Something that was found. */
export type Hit = {
  kind: SearchKind
  group: string
  id: number
  title: Translated
  hint: Translated
  text: Translated
}

/** How what was typed had to be understood: as it stands, by the other keyboard, or as something written nearly so. */
export type Reading = Meaning['reading']

export type Found = {
  hits: Hit[]
  /** How many there are of each group, the best group first. */
  totals: { group: string; count: number }[]
  /** The words that were found, folded: what is to be marked. */
  words: ReadonlySet<string>
  reading: Reading
  /** What was searched instead of what was typed, where that can be said. */
  readAs: string
}

export type Question = {
  text: string
  /** Only this group, from this place on; without it the best of every group. */
  group?: string | undefined
  from?: number
  /** So many of the group, or of each. */
  size: number
  /** While one types, the last word may be a beginning although it is a word by itself. */
  isTyping?: boolean
  /** Lines around the found words are wanted. */
  withText?: boolean
  /** Nothing is found by an address: whoever asks does not see everybody's. */
  withoutAddresses?: boolean
}

const NOTHING: Omit<Found, 'reading' | 'readAs'> = { hits: [], totals: [], words: new Set() }

/** Finds what the actor may see: at most five queries, whatever the number of documents. */
export async function find(actor: Actor, question: Question): Promise<Found> {
  const slots = parseQuery(question.text)
  const kinds = visibleKinds(actor)
  if (!slots.length || !kinds.length) return { ...NOTHING, reading: 'typed', readAs: '' }
  const meaning = await readQuery(slots, question.isTyping ?? false)
  const found = await findMeant(kinds, meaning, question)
  if (found.totals.length) return found
  // The words exist, but not where the actor sees them, or not together: perhaps others were meant.
  const wider = await readAgain(slots, meaning)
  return wider ? findMeant(kinds, wider, question) : found
}

type Visible = { kind: SearchKind; ids: Knex.QueryBuilder | undefined }

function visibleKinds(actor: Actor): Visible[] {
  return searchKinds().flatMap((kind) => {
    const sight = kind.sight(actor)
    if (sight === 'none') return []
    return [{ kind, ids: sight === 'all' ? undefined : sight }]
  })
}

async function findMeant(kinds: readonly Visible[], meaning: Meaning, question: Question): Promise<Found> {
  const { reading, readAs } = meaning
  const words = question.withoutAddresses ? meaning.words.map(withoutAddresses) : meaning.words
  if (words.some((forms) => !forms.length)) return { ...NOTHING, reading, readAs }
  const rows = await selectHits(kinds, words, question)
  const byName = new Map(kinds.map(({ kind }) => [kind.name, kind]))
  const totals = new Map<string, number>()
  for (const row of rows) totals.set(row.grp, Number(row.total))
  const wanted = rows.filter((row) => !question.group || isWanted(row, question))
  return {
    hits: wanted.map((row) => ({
      kind: byName.get(row.kind) as SearchKind,
      group: row.grp,
      id: row.object_id,
      title: fromJson<Translated>(row.title, {}),
      hint: fromJson<Translated>(row.hint, {}),
      text: fromJson<Translated>(row.text ?? null, {}),
    })),
    totals: [...totals].map(([group, count]) => ({ group, count })),
    words: new Set(words.flatMap((forms) => forms.map(({ word }) => word))),
    reading,
    readAs,
  }
}

const withoutAddresses = (forms: readonly Form[]) => forms.filter(({ word }) => !word.includes('@'))

const isWanted = (row: Row, { group, from = 0, size }: Question): boolean =>
  row.grp === group && Number(row.place) > from && Number(row.place) <= from + size

type Row = {
  kind: string
  object_id: number
  grp: string
  total: number | string
  place: number | string
  title: string
  hint: string
  text?: string
}

/**
 * One query: objects that have all the words, narrowed by rights before they are counted; ranked within their group; and
 * only those that are going to be shown with their texts.
 */
function selectHits(kinds: readonly Visible[], words: Meaning['words'], question: Question): Promise<Row[]> {
  const { group, from = 0, size, withText } = question
  const grp = groupName(kinds)
  const ranked = db()
    .from(matching(kinds, words).as('h'))
    .where((seen) => see(seen, kinds))
    .select('h.kind', 'h.object_id', 'h.score', db().raw(`${grp} as grp`))
    .select(db().raw(`count(*) over (partition by ${grp}) as total`))
    .select(db().raw(`row_number() over (partition by ${grp} order by h.score desc, h.sort, h.object_id) as place`))
  return db()
    .from(ranked.as('r'))
    .join('search_documents as d', (on) => void on.on('d.kind', 'r.kind').andOn('d.object_id', 'r.object_id'))
    .where((shown) => {
      if (!group) return void shown.where('r.place', '<=', size)
      // The first of each other group tells how many there are.
      void shown.where('r.place', 1)
      void shown.orWhere((page) => void page.where('r.grp', group).whereBetween('r.place', [from + 1, from + size]))
    })
    .orderBy([{ column: 'r.score', order: 'desc' }, { column: 'r.place' }, { column: 'r.grp' }])
    .select('r.kind', 'r.object_id', 'r.grp', 'r.total', 'r.place', 'd.title', 'd.hint')
    .modify((query) => void (withText && query.select('d.text')))
}

/** Objects that have a form of every word, with their score. The rarest word leads, the others are looked up beside it. */
function matching(kinds: readonly Visible[], words: Meaning['words']): Knex.QueryBuilder {
  const [rarest, ...others] = [...words].sort((a, b) => frequency(a) - frequency(b)) as [Form[], ...Form[][]]
  const names = kinds.map(({ kind }) => kind.name)
  const query = db()('search_postings as p0').whereIn('p0.word_id', idsOf(rarest)).whereIn('p0.kind', names)
  for (const [at, forms] of others.entries()) {
    const name = `p${at + 1}`
    const same = `${name}.kind = p0.kind and ${name}.object_id = p0.object_id`
    const having = `${name}.word_id in (${idsOf(forms).join(', ')})`
    void query.joinRaw(`${orderedJoin()} search_postings as ${name} on ${same} and ${having}`)
  }
  const score = [rarest, ...others].map((forms, at) => `${qualityOf(`p${at}`, forms)} * p${at}.weight`).join(' + ')
  return query
    .groupBy('p0.kind', 'p0.object_id')
    .select('p0.kind', 'p0.object_id', db().raw(`max(${score}) as score`), db().raw('min(p0.sort) as sort'))
}

/** Ids of words are numbers of ours. */
const idsOf = (forms: readonly Form[]) => forms.map(({ id }) => Number(id))
const frequency = (forms: readonly Form[]) => forms.reduce((sum, { documents }) => sum + documents, 0)

/** Each kind is narrowed by its own policy; those that the actor sees as a whole need no more than their names. */
function see(query: Knex.QueryBuilder, kinds: readonly Visible[]) {
  const whole = kinds.filter(({ ids }) => !ids).map(({ kind }) => kind.name)
  void query.whereIn('h.kind', whole)
  for (const { kind, ids } of kinds) {
    if (ids) void query.orWhere((part) => void part.where('h.kind', kind.name).whereIn('h.object_id', ids))
  }
}

/** The quality of the form that was found, in SQL. */
function qualityOf(alias: string, forms: readonly Form[]): string {
  const qualities = [...new Set(forms.map(({ quality }) => quality))]
  const [only] = qualities
  if (qualities.length === 1) return String(only)
  const cases = qualities.map((quality) => {
    const ids = idsOf(forms.filter((form) => form.quality === quality))
    return `when ${alias}.word_id in (${ids.join(', ')}) then ${quality}`
  })
  return `(case ${cases.join(' ')} else 0 end)`
}

/** The group of a hit's kind, in SQL; names are those of our own code. */
function groupName(kinds: readonly Visible[]): string {
  const grouped = kinds.filter(({ kind }) => kind.group)
  if (!grouped.length) return 'h.kind'
  return `case h.kind ${grouped.map(({ kind }) => `when '${kind.name}' then '${groupOf(kind)}'`).join(' ')} else h.kind end`
}
