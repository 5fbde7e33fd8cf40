import type { Knex } from 'knex'
import { db, fromJson } from '../../core/db/index.ts'
import { fileUrl } from '../../core/files/index.ts'
import type { AnyContext } from '../../core/http/route.ts'
import { type Actor, hasEverywhere } from '../../core/rights/index.ts'
import { authorityToday } from '../../core/settings.ts'
import { fullName, pick, type Translated } from '../../core/text.ts'
import { followedEnrolments } from './filters/learning.ts'
import type { Criteria } from './input.ts'
import { currentEmployments } from './policy.ts'
import type { PersonListRow } from './queries.ts'

type Directory = Criteria['directory']
type Context = Pick<AnyContext, 'actor' | 't' | 'lang'>
type Cell = string | null | Record<string, unknown>
type Column = { key: string; label: string; compact?: boolean }

const LEARNING = ['active', 'suspended']

/** Grants to teach, in force today. */
const teaching = (today: string) =>
  db()('grants as g')
    .join('role_permissions as rp', 'rp.role_id', 'g.role_id')
    .where('rp.permission', 'journals.edit')
    .whereIn('g.scope_type', ['module', 'group'])
    .where((begun) => void begun.whereNull('g.starts_on').orWhere('g.starts_on', '<=', today))
    .where((open) => void open.whereNull('g.ends_on').orWhere('g.ends_on', '>=', today))

const heading = () =>
  db()('employments as e')
    .modify((work) => currentEmployments(work))
    .where('e.is_head', 1)

/** Who learns is known to those who may follow it. */
const learning = (actor: Actor) =>
  (hasEverywhere(actor, 'cohorts.view')
    ? db()('enrolments as e')
    : followedEnrolments(actor, authorityToday())
  ).whereIn('e.state', LEARNING)

/** The ids of the people of a directory; undefined: everybody. */
export function idsIn(actor: Actor, directory: Directory): Knex.QueryBuilder | undefined {
  if (directory === 'learners') return learning(actor).distinct('e.person_id')
  if (directory === 'instructors') return teaching(authorityToday()).distinct('g.person_id')
  return directory === 'heads' ? heading().distinct('e.person_id') : undefined
}

/** Narrows people (`p`) to a directory. */
export const inDirectory = (actor: Actor, directory: Directory) => (query: Knex.QueryBuilder) => {
  const ids = idsIn(actor, directory)
  if (ids) void query.whereIn('p.id', ids)
}

type Training = {
  person_id: number
  title: string
  state: string
  cohort_state: string
  credits_passed: number | null
  modules_total: number | null
  next_due_on: string | null
}

async function trainings({ actor, t }: Context, ids: readonly number[]): Promise<Map<number, Cell[]>> {
  const today = authorityToday()
  const rows: Training[] = await followedEnrolments(actor, today)
    .whereIn('e.person_id', [...ids])
    .whereIn('e.state', LEARNING)
    .orderBy(['e.person_id', { column: 'c.starts_on', order: 'desc' }, 'e.id'])
    .select('e.person_id', 'c.title', 'e.state', 'c.state as cohort_state', 'ep.credits_passed', 'ep.modules_total')
    .select('ep.next_due_on')
  const isLate = (row: Training) =>
    row.state === 'active' &&
    (row.cohort_state === 'planned' || row.cohort_state === 'running') &&
    row.next_due_on !== null &&
    row.next_due_on < today
  return byPerson(rows, (own) => {
    const badges = [
      ...(own.some(isLate) ? [{ kind: 'danger', text: t('people.directory.late') }] : []),
      ...(own.every(({ state }) => state === 'suspended')
        ? [{ kind: 'warning', text: t('people.directory.suspended') }]
        : []),
    ]
    const credits = own.map(({ credits_passed, modules_total }) =>
      t('people.directory.creditsOf', { passed: credits_passed ?? 0, total: modules_total ?? 0 }),
    )
    return [{ text: own.map(({ title }) => title).join('; '), badges }, credits.join('; ')]
  })
}

type Teaching = { person_id: number; group: string | null; group_module: string | null; module: string | null }

async function taught({ lang }: Context, ids: readonly number[]): Promise<Map<number, Cell[]>> {
  const rows: Teaching[] = await teaching(authorityToday())
    .whereIn('g.person_id', [...ids])
    .leftJoin('groups as gr', (on) => void on.on('gr.id', 'g.scope_id').andOnVal('g.scope_type', 'group'))
    .leftJoin('modules as gm', 'gm.id', 'gr.module_id')
    .leftJoin('modules as m', (on) => void on.on('m.id', 'g.scope_id').andOnVal('g.scope_type', 'module'))
    .orderBy(['g.person_id', 'g.id'])
    .select('g.person_id', { group: 'gr.name', group_module: 'gm.title', module: 'm.title' })
  const name = (text: string | null) => pick(fromJson<Translated>(text, {}), lang)
  return byPerson(rows, (own) => {
    const modules = [...new Set(own.map((row) => name(row.module ?? row.group_module)))].filter(Boolean)
    const groups = [...new Set(own.flatMap(({ group }) => group ?? []))]
    return [{ text: modules.join('; '), hint: groups.join(', ') }]
  })
}

async function headed(_: Context, ids: readonly number[]): Promise<Map<number, Cell[]>> {
  const rows: { person_id: number; name: string }[] = await heading()
    .join('organisations as o', 'o.id', 'e.organisation_id')
    .whereIn('e.person_id', [...ids])
    .orderBy(['e.person_id', 'e.id'])
    .select('e.person_id', 'o.short_name as name')
  return byPerson(rows, (own) => [own.map(({ name }) => name).join('; ')])
}

function byPerson<T extends { person_id: number }>(
  rows: readonly T[],
  cells: (own: T[]) => Cell[],
): Map<number, Cell[]> {
  const own = new Map<number, T[]>()
  for (const row of rows) own.set(row.person_id, [...(own.get(row.person_id) ?? []), row])
  return new Map([...own].map(([id, list]) => [id, cells(list)]))
}

/** What each directory says of its people beyond the name: columns, and what has to be looked up for them. */
const SHOWN: Record<
  Directory,
  { columns: string[]; more?: (context: Context, ids: readonly number[]) => Promise<Map<number, Cell[]>> }
> = {
  all: { columns: ['work', 'email', 'account'] },
  learners: { columns: ['work', 'training', 'credits', 'account'], more: trainings },
  instructors: { columns: ['work', 'teaches', 'email', 'phone'], more: taught },
  heads: { columns: ['heads', 'phone', 'email', 'account'], more: headed },
}
const MORE: Record<string, number> = { training: 0, credits: 1, teaches: 0, heads: 0 }

/** The columns of a directory with a cell for each person of the page: at most one query. */
export async function directoryTable(
  context: Context,
  directory: Directory,
  people: readonly PersonListRow[],
  account: (row: PersonListRow) => Cell,
): Promise<{ columns: Column[]; cells: Cell[][] }> {
  const { columns, more } = SHOWN[directory]
  const found =
    people.length && more
      ? await more(
          context,
          people.map(({ id }) => id),
        )
      : new Map<number, Cell[]>()
  const cellOf = (row: PersonListRow, key: string): Cell => {
    if (key === 'work') return row.position ? { text: row.position, hint: row.organisation } : row.organisation
    if (key === 'account') return account(row)
    if (key === 'email' || key === 'phone') return row[key]
    return found.get(row.id)?.[MORE[key] ?? 0] ?? ''
  }
  return {
    columns: ['fullName', ...columns].map((key) => ({
      key,
      label: context.t(`people.column.${key}`),
      ...(key === 'account' ? { compact: true } : {}),
    })),
    cells: people.map((row) => [
      { person: { name: fullName(row), href: `/people/${row.id}`, photoUrl: fileUrl(row.photo_file_id), size: 'sm' } },
      ...columns.map((key) => cellOf(row, key)),
    ]),
  }
}
