import type { Knex } from 'knex'
import { db, fromJson } from '../../core/db/index.ts'
import type { DomainEvent } from '../../core/events/index.ts'
import { textOfHtml } from '../../core/rich-text.ts'
import type { Actor } from '../../core/rights/index.ts'
import {
  ofSubject,
  type SearchKind,
  type Sight,
  sightBy,
  subjects,
  type Wanted,
  wantedBy,
} from '../../core/search/index.ts'
import type { Translated } from '../../core/text.ts'
import { placedMaterials } from './materials/queries.ts'
import { programmePolicy } from './policy.ts'

/** A part of a programme with the titles around it, as JSON; a topic is missing where a material hangs on its module. */
type Row = Record<'title' | 'description' | 'aim' | 'body' | 'name' | 'code' | 'module' | 'programme', string> & {
  id: number
  topic: string | null
}

const texts = (json: string | null): Translated => fromJson<Translated>(json, {})

const plain = (html: string): Translated =>
  Object.fromEntries(Object.entries(texts(html)).map(([language, text]) => [language, textOfHtml(text)]))

/** Titles beside one another, in each of their languages. */
function trail(...parts: (string | null)[]): Translated {
  const all = parts.map(texts)
  const languages = [...new Set(all.flatMap((part) => Object.keys(part)))]
  const inLanguage = (language: string) =>
    all.map((part) => part[language]).filter((title) => title !== undefined && title !== '')
  return Object.fromEntries(languages.map((language) => [language, inLanguage(language).join(' · ')]))
}

const programmes = () => db()('programmes as p').select('p.id')
const viewed = sightBy(programmePolicy, 'view', programmes)
const read = sightBy(programmePolicy, 'read', programmes)

/** What learners may read too, once it is no longer a draft: `ids` selects it with its programme `p`. */
const readable =
  (ids: () => Knex.QueryBuilder) =>
  (actor: Actor): Sight => {
    const sight = viewed(actor)
    if (sight === 'all') return 'all'
    if (read(actor) === 'none') return 'none'
    return ids()
      .modify(programmePolicy.visibleTo(actor, 'read'))
      .where((either) => {
        void either.whereNot('p.state', 'draft')
        if (sight !== 'none') void either.orWhereIn('p.id', sight)
      })
  }

const modulesInUse = () =>
  db()('modules as m')
    .join('programmes as p', 'p.id', 'm.programme_id')
    .whereNull('m.archived_at')
    .whereNot('p.state', 'archived')
const topicsInUse = () => modulesInUse().join('topics as t', 't.module_id', 'm.id').whereNull('t.archived_at')
const materialsInUse = () =>
  placedMaterials().whereNull('m.archived_at').whereNull('t.archived_at').whereNot('p.state', 'archived')

/** Happenings to a programme as a whole, or to its title, which stands below the titles of its parts. */
const WHOLE = ['programmeCreated', 'programmeChanged', 'programmeOpened', 'programmeClosed', 'programmeArchived']
const MODULE = ['moduleChanged', 'moduleArchived', 'moduleRestored']
const TOPIC = ['topicChanged', 'topicArchived', 'topicRestored']

/** After events of these types the ids are those that `find` selects for their subjects. */
const below = (types: readonly string[], find: (ids: number[]) => Knex.QueryBuilder): SearchKind['changes'] =>
  Object.fromEntries(types.map((type) => [type, (events: readonly DomainEvent[]) => find(subjects(events))]))

/** What was deleted together with the subject. */
const listed = (type: string, part: 'topics' | 'materials'): SearchKind['changes'] => ({
  [type]: (events) => events.flatMap(({ data }) => (Array.isArray(data[part]) ? (data[part] as number[]) : [])),
})

const programme: SearchKind = {
  name: 'programme',
  icon: 'books',
  documents: async (wanted) => {
    const rows: Row[] = await db()('programmes as p')
      .whereNot('p.state', 'archived')
      .modify(wantedBy(wanted, 'p.id'))
      .select('p.id', 'p.title', 'p.description', 'p.code')
    return rows.map((row) => ({
      id: row.id,
      title: texts(row.title),
      text: plain(row.description),
      words: [{ text: row.code, weight: 4 }],
    }))
  },
  sight: viewed,
  href: (id) => `/programmes/${id}`,
  changes: ofSubject(...WHOLE),
}

const module: SearchKind = {
  name: 'module',
  icon: 'book',
  documents: async (wanted) => {
    const rows: Row[] = await modulesInUse()
      .modify(wantedBy(wanted, 'm.id'))
      .select('m.id', 'm.title', 'm.aim', 'p.title as programme')
    return rows.map((row) => ({
      id: row.id,
      title: texts(row.title),
      hint: trail(row.programme),
      text: plain(row.aim),
    }))
  },
  sight: readable(() => db()('modules as m').join('programmes as p', 'p.id', 'm.programme_id').select('m.id')),
  href: (id) => `/modules/${id}`,
  changes: {
    ...ofSubject('moduleAdded', 'moduleAimChanged', 'moduleDeleted', ...MODULE),
    ...below(WHOLE, (ids) => db()('modules').whereIn('programme_id', ids).pluck('id')),
  },
}

const topic: SearchKind = {
  name: 'topic',
  icon: 'clipboard-text',
  documents: async (wanted) => {
    const rows: Row[] = await topicsInUse()
      .modify(wantedBy(wanted, 't.id'))
      .select('t.id', 't.title', 't.description', 'm.title as module', 'p.title as programme')
    return rows.map((row) => ({
      id: row.id,
      title: texts(row.title),
      hint: trail(row.module, row.programme),
      text: plain(row.description),
    }))
  },
  sight: readable(() =>
    db()('topics as t')
      .join('modules as m', 'm.id', 't.module_id')
      .join('programmes as p', 'p.id', 'm.programme_id')
      .select('t.id'),
  ),
  href: (id) => `/topics/${id}`,
  changes: {
    ...ofSubject('topicAdded', 'topicDeleted', ...TOPIC),
    ...below(MODULE, (ids) => db()('topics').whereIn('module_id', ids).pluck('id')),
    ...below(WHOLE, (ids) =>
      db()('topics as t').join('modules as m', 'm.id', 't.module_id').whereIn('m.programme_id', ids).pluck('t.id'),
    ),
    ...listed('moduleDeleted', 'topics'),
    // Dragged from another module.
    topicsReordered: (events) => events.flatMap(({ data }) => (typeof data.moved === 'number' ? [data.moved] : [])),
  },
}

const materialChanges: SearchKind['changes'] = {
  ...ofSubject('materialAdded', 'materialChanged', 'materialRemoved'),
  ...below(TOPIC, (ids) =>
    db()('material_links').where({ owner_type: 'topic' }).whereIn('owner_id', ids).pluck('material_id'),
  ),
  ...below(MODULE, (ids) => placedMaterials().whereIn('m.id', ids).pluck('x.id')),
  ...below(WHOLE, (ids) => placedMaterials().whereIn('p.id', ids).pluck('x.id')),
  ...listed('topicDeleted', 'materials'),
  ...listed('moduleDeleted', 'materials'),
}

/** Materials in the first of their places, as their pages show them. */
async function placedOnce(query: Knex.QueryBuilder): Promise<Row[]> {
  const rows: Row[] = await query.orderBy('ml.id')
  return rows.filter((row, at) => rows[at - 1]?.id !== row.id)
}

/** Materials in use: as many of them as are wanted, each with all its places. */
function pageOf(wanted: Wanted, narrow: (query: Knex.QueryBuilder) => void = () => {}): Knex.QueryBuilder {
  const page = materialsInUse().modify(narrow).modify(wantedBy(wanted, 'x.id')).distinct('x.id')
  return materialsInUse()
    .whereIn('x.id', db().from(page.as('page')).select('id'))
    .orderBy('x.id')
}

const material: SearchKind = {
  name: 'material',
  icon: 'file-text',
  documents: async (wanted) => {
    const columns = ['x.id', 'x.title', 'x.body', 'm.title as module', 't.title as topic', 'p.title as programme']
    const rows = await placedOnce(pageOf(wanted).select(columns))
    return rows.map((row) => ({
      id: row.id,
      title: texts(row.title),
      hint: trail(row.topic ?? row.module, row.programme),
      text: plain(row.body),
    }))
  },
  sight: readable(() => placedMaterials().select('x.id')),
  href: (id) => `/materials/${id}`,
  changes: materialChanges,
}

const materialFile: SearchKind = {
  name: 'materialFile',
  group: 'file',
  icon: 'paperclip',
  documents: async (wanted) => {
    const withFile = (query: Knex.QueryBuilder) => void query.whereNotNull('x.file_id')
    const rows = await placedOnce(
      pageOf(wanted, withFile)
        .join('files as f', 'f.id', 'x.file_id')
        .select('x.id', 'f.name', 'x.title', 'm.title as module'),
    )
    return rows.map((row) => ({ id: row.id, title: { '': row.name }, hint: trail(row.title, row.module) }))
  },
  sight: material.sight,
  href: material.href,
  changes: materialChanges,
}

/** What programmes consist of: found by whoever may open it. */
export const programmeSearch: readonly SearchKind[] = [programme, module, topic, material, materialFile]
