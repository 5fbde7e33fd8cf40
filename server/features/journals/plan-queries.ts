import { db, fromJson } from '../../core/db/index.ts'
import { fileViewUrl } from '../../core/files/present.ts'
import type { Translated } from '../../core/text.ts'
import type { MaterialRow } from './lesson-presenter.ts'
import type { JournalGroup } from './queries.ts'

export type PlanRow = {
  id: number
  startsAt: string
  endsAt: string
  title: string | null
  topicTitle: Translated | null
  place: string | null
  state: string
  /** How many cells have something written. */
  marked: number
}

/** All lessons of a group by time, cancelled ones too. */
export async function listPlan(groupId: number): Promise<PlanRow[]> {
  const marked = db()('journal_cells as jc').whereRaw('jc.lesson_id = l.id').whereNot('jc.attendance', '')
  const rows = await db()('lessons as l')
    .leftJoin('topics as t', 't.id', 'l.topic_id')
    .where('l.group_id', groupId)
    .orderBy(['l.starts_at', 'l.id'])
    .select('l.id', 'l.starts_at', 'l.ends_at', 'l.title', 'l.place', 'l.state', 't.title as topic_title')
    .select(marked.count('*').as('marked'))
  // biome-ignore lint/suspicious/noExplicitAny: raw rows
  return rows.map((row: any) => ({
    ...{ id: row.id, startsAt: row.starts_at, endsAt: row.ends_at, title: row.title, place: row.place },
    topicTitle: row.topic_title === null ? null : fromJson<Translated>(row.topic_title, {}),
    ...{ state: row.state, marked: Number(row.marked) },
  }))
}

export type TopicRow = { id: number; title: Translated; isCompulsory: boolean; chosenBy: number }

/** Topics of the group's module, with how many of the group have chosen them. */
export async function listTopics(group: JournalGroup): Promise<TopicRow[]> {
  const chosen = db()('offerings as o')
    .join('route_choices as rc', 'rc.offering_id', 'o.id')
    .whereRaw('o.topic_id = t.id')
    .where({ 'o.group_id': group.id, 'rc.in_force': 1 })
  const rows = await db()('topics as t')
    .where('t.module_id', group.module_id)
    .whereNull('t.archived_at')
    .orderBy('t.position')
    .select('t.id', 't.title', 't.is_compulsory', chosen.count('*').as('chosen'))
  // biome-ignore lint/suspicious/noExplicitAny: raw rows
  return rows.map((row: any) => ({
    ...{ id: row.id, title: fromJson<Translated>(row.title, {}), isCompulsory: Number(row.is_compulsory) === 1 },
    chosenBy: Number(row.chosen),
  }))
}

/** What may be read for a topic. */
export async function listTopicMaterials(topicId: number | null): Promise<MaterialRow[]> {
  if (topicId === null) return []
  const rows = await db()('material_links as ml')
    .join('materials as m', 'm.id', 'ml.material_id')
    .where({ 'ml.owner_type': 'topic', 'ml.owner_id': topicId, 'm.state': 'published' })
    .orderBy('ml.position')
    .select('m.id', 'm.kind', 'm.title', 'm.url', 'm.file_id', 'm.minutes')
  // biome-ignore lint/suspicious/noExplicitAny: raw rows
  return rows.map((row: any) => ({
    ...{ id: row.id, kind: row.kind, title: fromJson<Translated>(row.title, {}), minutes: row.minutes },
    url: row.url ?? (row.file_id ? fileViewUrl(row.file_id) : null),
  }))
}
