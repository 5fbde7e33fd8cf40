import type { Knex } from 'knex'
import { db, fromJson } from '../../core/db/index.ts'
import { NotFoundError } from '../../core/errors.ts'
import type { Actor } from '../../core/rights/index.ts'
import { authorityToday } from '../../core/settings.ts'
import type { Translated } from '../../core/text.ts'
import { groupPolicy } from './policy.ts'

export type GroupRow = {
  id: number
  cohort_id: number
  module_id: number
  programme_id: number
  name: string
  capacity: number | null
  archived_at: string | null
  version: number
  /** Active and suspended members of today. */
  members: number
  moduleTitle: Translated
}

const HOLDING = ['active', 'suspended']

const memberCount = () =>
  db()('group_members as gm')
    .join('enrolments as e', 'e.id', 'gm.enrolment_id')
    .whereRaw('gm.group_id = g.id')
    .whereNull('gm.ends_on')
    .whereIn('e.state', HOLDING)
    .count('*')
    .as('members')

/** Groups that the actor sees, as `g`, with cohort `c` and module `m`. */
const visibleGroups = (actor: Actor) =>
  db()('groups as g')
    .join('cohorts as c', 'c.id', 'g.cohort_id')
    .join('modules as m', 'm.id', 'g.module_id')
    .modify(groupPolicy.visibleTo(actor, 'view'))

// biome-ignore lint/suspicious/noExplicitAny: a raw row
const toGroup = ({ module_title, members, ...row }: any): GroupRow => ({
  ...row,
  members: Number(members),
  moduleTitle: fromJson<Translated>(module_title, {}),
})

/** The groups of a cohort that the actor sees, by module; closed ones last. */
export async function listGroups(actor: Actor, cohortId: number): Promise<GroupRow[]> {
  const rows = await visibleGroups(actor)
    .where('g.cohort_id', cohortId)
    .orderByRaw('m.position, m.id, g.archived_at is not null, g.id')
    .select('g.*', 'c.programme_id', 'm.title as module_title', memberCount())
  return rows.map(toGroup)
}

/** @throws NotFoundError if it is not a group of this cohort, or not visible */
export async function selectGroup(actor: Actor, cohortId: number, id: number): Promise<GroupRow> {
  const row = await visibleGroups(actor)
    .where({ 'g.id': id, 'g.cohort_id': cohortId })
    .first('g.*', 'c.programme_id', 'm.title as module_title', memberCount())
  if (!row) throw new NotFoundError()
  return toGroup(row)
}

export type InstructorRow = {
  group_id: number
  person_id: number
  source: string
  last_name: string
  first_name: string
  middle_name: string | null
  photo_file_id: number | null
}

/** Who teaches these groups: whoever holds a role in them today, appointed here or by an administrator. */
export const listInstructors = (groupIds: readonly number[]): Promise<InstructorRow[]> =>
  db()('grants as gr')
    .join('people as p', 'p.id', 'gr.person_id')
    .where('gr.scope_type', 'group')
    .whereIn('gr.scope_id', [...groupIds])
    .modify(heldToday)
    .orderBy(['p.sort_name', 'p.id'])
    .select('gr.scope_id as group_id', 'gr.source', 'p.id as person_id')
    .select('p.last_name', 'p.first_name', 'p.middle_name', 'p.photo_file_id')

/** Grants `gr` that hold today. */
export function heldToday(query: Knex.QueryBuilder): void {
  void query.where((open) => void open.whereNull('gr.ends_on').orWhere('gr.ends_on', '>=', authorityToday()))
}

export type MemberRow = {
  enrolment_id: number
  state: string
  starts_on: string
  last_name: string
  first_name: string
  middle_name: string | null
}

/** Who is in a group today, by name; at most 500. */
export const listMembers = (groupId: number): Promise<MemberRow[]> =>
  db()('group_members as gm')
    .join('enrolments as e', 'e.id', 'gm.enrolment_id')
    .join('people as p', 'p.id', 'e.person_id')
    .where('gm.group_id', groupId)
    .whereNull('gm.ends_on')
    .orderBy(['p.sort_name', 'e.id'])
    .limit(500)
    .select('e.id as enrolment_id', 'e.state', 'gm.starts_on', 'p.last_name', 'p.first_name', 'p.middle_name')

/** Modules of the programme in which groups may be made. */
export async function listModules(programmeId: number): Promise<{ id: number; title: Translated }[]> {
  const rows: { id: number; title: string }[] = await db()('modules')
    .where('programme_id', programmeId)
    .whereNull('archived_at')
    .orderBy(['position', 'id'])
    .select('id', 'title')
  return rows.map((row) => ({ id: row.id, title: fromJson<Translated>(row.title, {}) }))
}
