import type { Actor } from '../rights/index.ts'

/** Why something of a person stays although they are erased. The words are `privacy.hold.<name>`. */
export const HOLDS = ['statistics', 'education', 'security', 'evidence', 'work'] as const
export type Hold = (typeof HOLDS)[number]

export type Value = string | number | null
/** What a column becomes: a value, or one that is made of what it was and whose it is. */
export type Becomes = Value | ((was: Value, personId: number) => Value)

/**
 * What a table has to do with people. One declaration serves the page and the file "what is held about me", the preview and
 * the work of an erasure, and the test that no table is forgotten: every column stands in exactly one of its lists.
 */
export type PersonalTable = {
  /**
   * How a row belongs to a person: the column with their id, or with the id of a row of another declared table. Left out:
   * its rows are about nobody, people only did something there (`by`).
   */
  about?: string | { column: string; through: string }
  /** Columns with the ids of people who did something to the row: they go on pointing at the neutral designation. */
  by?: readonly string[]
  /** What the person is shown, in this order. The words are `privacy.field.<column>`. */
  shows?: readonly string[]
  /** What is no answer to them: numbers of rows, counters, hashes. */
  hides?: readonly string[]
  /** Columns that are shown by the name of an object, by its kind in the audit trail: `{ cohort_id: 'cohort' }`. */
  names?: Record<string, string>
  /** The kind under which the audit trail names its rows: what the trail says of them is erased as well. */
  subject?: string
  /** What an erasure leaves: no row, or rows without what is said to be cleared, and why they stay. */
  onErasure?: 'delete' | { clear: Record<string, Becomes>; hold: Hold }
  /** Columns with files that go, by the owner type under which they hang on the row. */
  files?: Record<string, string>
  /** Columns of texts that may name somebody else: the person's name and addresses in them give way to the designation. */
  mentions?: readonly string[]
  /** Rows are told apart by it; `id` unless given. */
  key?: string
}

/** What a feature keeps about people. */
export type PersonalData = {
  tables: Record<string, PersonalTable>
  /** What has to be ended by a service first, in the transaction of the erasure: learning, the rights of others. */
  beforeErasure?: (actor: Actor, personId: number) => Promise<void>
  /** What has to hold afterwards, in the same transaction. It throws to keep everything as it is. */
  afterErasure?: (actor: Actor, personId: number) => Promise<void>
}

let all: PersonalData[] = []
let tables = new Map<string, PersonalTable>()

/** Tells what the core and all features keep about people, in the order in which it is to be read. */
export function setPersonalData(declared: readonly PersonalData[]): void {
  all = [...declared]
  tables = new Map(all.flatMap((data) => Object.entries(data.tables)))
}

export const personalData = (): readonly PersonalData[] => all
export const personalTables = (): ReadonlyMap<string, PersonalTable> => tables

/** Tables whose rows are about people. */
export const tablesAbout = (): [string, PersonalTable][] => [...tables].filter(([, table]) => table.about !== undefined)

/** @throws Error if nobody declares it: a mistake of ours */
export function personalTable(name: string): PersonalTable {
  const table = tables.get(name)
  if (!table) throw new Error(`No feature declares the personal data of ${name}`)
  return table
}
