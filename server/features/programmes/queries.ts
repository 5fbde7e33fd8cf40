import { db, fromJson } from '../../core/db/index.ts'
import { NotFoundError } from '../../core/errors.ts'
import { countCapped, paged } from '../../core/http/paging.ts'
import type { Actor } from '../../core/rights/index.ts'
import { fold, type Translated } from '../../core/text.ts'
import type { ListQuery } from './input.ts'
import { type ProgrammePlace, programmeEditing, programmePolicy } from './policy.ts'
import type { ProgrammeRow, StageRow } from './rows.ts'

export type ProgrammeListRow = Pick<ProgrammeRow, 'id' | 'title' | 'hours' | 'state' | 'created_at'> & {
  modules: number
  topics: number
  cohorts: number
  learners: number
}

/** Programmes (`p`) that the actor may see the structure of. */
const visible = (actor: Actor) => db()('programmes as p').modify(programmePolicy.visibleTo(actor, 'view'))

/** Titles are kept in several languages; programmes are few, so their titles are compared here and not in the database. */
async function matchingIds(actor: Actor, text: string): Promise<number[]> {
  const rows: { id: number; title: string }[] = await visible(actor)
    .orderBy('p.id', 'desc')
    .limit(2000)
    .select('p.id', 'p.title')
  const wanted = fold(text)
  const matches = (title: string) =>
    Object.values(fromJson<Translated>(title, {})).some((words) => fold(words).includes(wanted))
  return rows.filter((row) => matches(row.title)).map((row) => row.id)
}

async function filtered(actor: Actor, filter: ListQuery) {
  const query = visible(actor)
  if (filter.state) void query.where('p.state', filter.state)
  else void query.whereNot('p.state', 'archived')
  if (filter.q) void query.whereIn('p.id', await matchingIds(actor, filter.q))
  return { query }
}

const cohortsGoingOn = () =>
  db()('cohorts as c').whereRaw('c.programme_id = p.id').whereIn('c.state', ['planned', 'running'])

/** One page of programmes, the latest first, with what they consist of and who learns by them now. */
export async function listProgrammes(actor: Actor, filter: ListQuery) {
  const { query } = await filtered(actor, filter)
  const total = countCapped(query.clone())
  const rows = paged<ProgrammeListRow>(
    query.select(
      ...['p.id', 'p.title', 'p.hours', 'p.state', 'p.created_at'],
      db()('modules as m').whereRaw('m.programme_id = p.id').whereNull('m.archived_at').count('*').as('modules'),
      db()('topics as t')
        .join('modules as m', 'm.id', 't.module_id')
        .whereRaw('m.programme_id = p.id')
        .whereNull('m.archived_at')
        .whereNull('t.archived_at')
        .count('*')
        .as('topics'),
      cohortsGoingOn().count('*').as('cohorts'),
      cohortsGoingOn()
        .join('enrolments as e', 'e.cohort_id', 'c.id')
        .whereIn('e.state', ['active', 'suspended'])
        .count('*')
        .as('learners'),
    ),
    filter,
    'p.created_at',
    'p.id',
    (row) => ({ key: row.created_at, id: row.id }),
    { descending: true },
  )
  return { result: await rows, total: await total }
}

/** @throws NotFoundError if it is not there or not visible */
export async function selectProgramme(actor: Actor, id: number): Promise<ProgrammeRow> {
  const row = await visible(actor).where('p.id', id).first('p.*')
  if (!row) throw new NotFoundError()
  return row
}

/** A programme that the actor is about to change. @throws NotFoundError, ForbiddenError */
export async function selectProgrammeToEdit(actor: Actor, id: number): Promise<ProgrammeRow> {
  const row = await selectProgramme(actor, id)
  programmeEditing.demand(actor, 'edit', { programmeId: id })
  return row
}

/** Everything that contains a programme or lies in it, for explanations of rights. */
export async function selectProgrammePlace(programmeId: number): Promise<ProgrammePlace> {
  const cohorts: number[] = await db()('cohorts').where({ programme_id: programmeId }).pluck('id')
  return {
    programmeId,
    cohorts,
    modules: await db()('modules').where({ programme_id: programmeId }).pluck('id'),
    groups: await db()('groups').whereIn('cohort_id', cohorts).pluck('id'),
  }
}

export const listStages = (programmeId: number): Promise<StageRow[]> =>
  db()('programme_stages').where({ programme_id: programmeId }).orderBy(['position', 'id'])
