import { eraseEvents } from '../audit/erase.ts'
import { chunks, db, updateRows } from '../db/index.ts'
import { releaseFile } from '../files/index.ts'
import type { Actor } from '../rights/index.ts'
import type { Becomes, PersonalTable, Value } from './declarations.ts'
import { personalData, personalTable, tablesAbout } from './declarations.ts'
import { mentioningTables, replaceMentions } from './mentions.ts'
import { Belongings, countHeld, type Row } from './rows.ts'

/** What an erasure does to a table: rows that go, or columns that are cleared, and why the rest stays. */
export type Effect = { table: string; rows: number; goes: boolean; cleared: string[]; hold: string | null }

/** What would become of everything that is held about a person: nothing is changed. */
export async function previewErasure(personId: number): Promise<Effect[]> {
  const counts = await countHeld(new Belongings(personId))
  return [...counts].map(([table, rows]) => {
    const { onErasure } = personalTable(table)
    if (onErasure === undefined || onErasure === 'delete') return { table, rows, goes: true, cleared: [], hold: null }
    return { table, rows, goes: false, cleared: Object.keys(onErasure.clear), hold: onErasure.hold }
  })
}

/** Where the person is named besides, found before the transaction. */
export type Found = { mentions: Map<string, number[]>; events: number[] }

/**
 * Erases a person, in the ambient transaction: what nobody needs goes, what the law or the statistics need stays under a
 * neutral designation. Nothing of it can be undone.
 * @param values the texts by which the person is known in texts of others, see `valuesOf`
 * @returns rows that went or were cleared, by table
 */
export async function eraseHeld(
  actor: Actor,
  personId: number,
  { values, found, neutral }: { values: readonly string[]; found: Found; neutral: string },
): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const { beforeErasure } of personalData()) await beforeErasure?.(actor, personId)
  const belongings = new Belongings(personId)
  const tables = tablesAbout()
  const events = [...found.events]
  // All keys first: rows that lead to others may be deleted before these.
  for (const [name, table] of tables) {
    if (table.subject) events.push(...(await eventsAbout(table.subject, await belongings.keys(name))))
    else await belongings.of(name)
  }
  for (const [name, table] of tables) await releaseFiles(belongings, name, table)
  // The youngest declarations first: details go before what they hang on.
  for (const [name, table] of tables.reverse()) {
    const changed = await eraseTable(belongings, name, table)
    if (changed) counts[name] = changed
  }
  for (const [table, columns] of mentioningTables()) {
    const changed = await replaceMentions(table, columns, found.mentions.get(table) ?? [], values, neutral)
    if (changed) counts[table] = (counts[table] ?? 0) + changed
  }
  counts.domain_events = await eraseEvents([...new Set(events)])
  for (const { afterErasure } of personalData()) await afterErasure?.(actor, personId)
  return counts
}

async function eventsAbout(type: string, ids: readonly number[]): Promise<number[]> {
  const found: number[] = []
  for (const piece of chunks(ids)) {
    const rows = db()('domain_events').where({ subject_type: type }).whereIn('subject_id', piece)
    found.push(...(await rows.pluck('id')).map(Number))
  }
  return found
}

async function releaseFiles(belongings: Belongings, name: string, { files, key = 'id' }: PersonalTable): Promise<void> {
  for (const [column, owner] of Object.entries(files ?? {})) {
    const rows = (
      await belongings.each<Row[]>(name, (query) => query.whereNotNull(column).select({ id: key, file: column }))
    ).flat()
    if (!rows.length) continue
    await belongings.each(name, (query) => query.update({ [column]: null }))
    for (const { id, file } of rows) await releaseFile(Number(file), owner, Number(id))
  }
}

async function eraseTable(belongings: Belongings, name: string, table: PersonalTable): Promise<number> {
  const { onErasure, key = 'id' } = table
  const sum = (numbers: number[]) => numbers.reduce((all, one) => all + one, 0)
  if (onErasure === undefined || onErasure === 'delete') return sum(await belongings.each(name, (rows) => rows.del()))
  const columns = Object.entries(onErasure.clear)
  if (!columns.length) return 0
  const plain = columns.filter((entry): entry is [string, Value] => typeof entry[1] !== 'function')
  const made = columns.filter(([, becomes]) => typeof becomes === 'function')
  let changed = 0
  if (made.length) {
    const rows = (
      await belongings.each<Row[]>(name, (all) => all.select(key, ...made.map(([column]) => column)))
    ).flat()
    const become = (becomes: Becomes, was: Value): Value =>
      typeof becomes === 'function' ? becomes(was, belongings.personId) : becomes
    const changes = rows.map((row) => ({
      key: Number(row[key]),
      values: Object.fromEntries(made.map(([column, becomes]) => [column, become(becomes, row[column] ?? null)])),
    }))
    await updateRows(name, key, changes)
    changed = rows.length
  }
  if (plain.length) changed = sum(await belongings.each(name, (rows) => rows.update(Object.fromEntries(plain))))
  return changed
}
