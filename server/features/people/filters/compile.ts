import type { Knex } from 'knex'
import { db } from '../../../core/db/index.ts'
import type { Actor } from '../../../core/rights/index.ts'
import { currentEmployments } from '../policy.ts'
import type { Now } from './conditions.ts'
import type { About, FilterField, Rows } from './field.ts'
import { followedEnrolments } from './learning.ts'
import type { Condition, Filter, Group, Match } from './model.ts'

/** Who asks, when, and what they may ask for: a field that is not in `fields` is met by nobody. */
export type Asking = Now & { actor: Actor; fields: ReadonlyMap<string, FilterField> }

type Where = (query: Knex.QueryBuilder) => void
type Meant = { field: FilterField; condition: Condition }

/** All of the conditions, or any of them. */
const joined =
  (match: Match, parts: readonly Where[]): Where =>
  (query) => {
    if (match === 'all') for (const part of parts) void query.where((one) => part(one))
    else
      void query.where((either) => {
        for (const part of parts) void either.orWhere((one) => part(one))
      })
  }

const nobody: Where = (query) => void query.whereRaw('1 = 0')

/** A row that speaks of the person, looked up for each person who is considered: whoever asks for a page waits for a page. */
const hasRow =
  ({ has, rows, person }: Rows): Where =>
  (query) => {
    // A limit, lest the database turn it round and gather the rows of everybody: `narrowings` do that where it pays.
    const one = rows.clone().whereRaw('?? = p.id', [person]).select(db().raw('1')).limit(1)
    void query.whereRaw(has ? '(?) = 1' : '(?) is null', [one])
  }

const whereOf =
  (asking: Asking) =>
  ({ field, condition }: Meant): Where =>
  (query) => {
    if (field.rows) hasRow(field.rows(condition, asking))(query)
    field.where?.(query, condition, asking)
    if (field.ofWhom) void query.modify(field.ofWhom(asking.actor))
  }

/** Present places of work that meet the conditions, all or any. */
const works = (match: Match, meant: readonly Meant[], asking: Asking): Rows => {
  const rows = db()('employments as e')
    .join('organisations as o', 'o.id', 'e.organisation_id')
    .modify((present) => currentEmployments(present))
    .where(joined(match, meant.map(whereOf(asking))))
  return { has: true, rows, person: 'e.person_id' }
}

/** Enrolments that meet the conditions; who withdrew counts only where the state is asked for. */
const learns = (match: Match, meant: readonly Meant[], asking: Asking): Rows => {
  const rows = followedEnrolments(asking.actor, asking.today)
  if (!meant.some(({ field }) => field.key === 'enrolment.state')) void rows.whereNot('e.state', 'withdrawn')
  return { has: true, rows: rows.where(joined(match, meant.map(whereOf(asking)))), person: 'e.person_id' }
}

/** A part of a group: its condition, and, where it is one on rows that somebody must have, those rows. */
type Part = { where: Where; rows?: Rows }
const onRows = (rows: Rows): Part => ({ where: hasRow(rows), rows })

/** Conditions on work speak of the same place of work, those on training of the same enrolment. */
function partsOf({ match, conditions }: Group, asking: Asking): Part[] {
  const meant: Meant[] = []
  const parts: Part[] = []
  for (const condition of conditions) {
    const field = asking.fields.get(condition.field)
    if (field) meant.push({ field, condition })
    else parts.push({ where: nobody })
  }
  const about = (what: About) => meant.filter(({ field }) => field.about === what)
  for (const one of about('person')) {
    const rows = one.field.rows?.(one.condition, asking)
    parts.push({ where: whereOf(asking)(one), ...(rows?.has ? { rows } : {}) })
  }
  if (about('work').length) parts.push(onRows(works(match, about('work'), asking)))
  if (about('enrolment').length) parts.push(onRows(learns(match, about('enrolment'), asking)))
  return parts
}

/** Narrows a query of people (`p`) to those who match. Whom the reader may see is another condition. */
export function matchingFilter(filter: Filter, asking: Asking): Where {
  const groups = groupsOf(filter)
  if (!groups.length) return () => {}
  const where = (group: Group) =>
    joined(
      group.match,
      partsOf(group, asking).map((part) => part.where),
    )
  return joined(filter.match, groups.map(where))
}

const groupsOf = (filter: Filter) => filter.groups.filter(({ conditions }) => conditions.length > 0)

/**
 * Queries of ids, in each of which everybody who matches is: where one of them is short, the search begins there.
 * `isWhole`: there is but one, and it is the whole filter.
 */
export function narrowings(filter: Filter, asking: Asking): { sets: Knex.QueryBuilder[]; isWhole: boolean } {
  const groups = groupsOf(filter)
  if (filter.match === 'any' && groups.length > 1) return { sets: [], isWhole: false }
  const parts = groups.map((group) => ({ match: group.match, parts: partsOf(group, asking) }))
  const sets = parts
    .filter((group) => group.match === 'all' || group.parts.length === 1)
    .flatMap((group) => group.parts.flatMap(({ rows }) => (rows ? [rows.rows.select(rows.person)] : [])))
  return { sets, isWhole: sets.length === 1 && parts.length === 1 && parts[0]?.parts.length === 1 }
}
