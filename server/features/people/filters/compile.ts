import type { Knex } from 'knex'
import { db } from '../../../core/db/index.ts'
import type { Actor } from '../../../core/rights/index.ts'
import { currentEmployments } from '../policy.ts'
import type { Now } from './conditions.ts'
import type { About, FilterField } from './field.ts'
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

const whereOf =
  (asking: Asking) =>
  ({ field, condition }: Meant): Where =>
  (query) =>
    field.where(query, condition, asking)

/** One present place of work that meets the conditions, all or any. */
const works =
  (match: Match, meant: readonly Meant[], asking: Asking): Where =>
  (query) => {
    const work = db()('employments as e')
      .join('organisations as o', 'o.id', 'e.organisation_id')
      .modify((present) => currentEmployments(present))
    void query.whereIn('p.id', work.where(joined(match, meant.map(whereOf(asking)))).select('e.person_id'))
  }

/** One enrolment that meets the conditions; who withdrew counts only where the state is asked for. */
const learns =
  (match: Match, meant: readonly Meant[], asking: Asking): Where =>
  (query) => {
    const enrolments = followedEnrolments(asking.actor, asking.today)
    if (!meant.some(({ field }) => field.key === 'enrolment.state')) void enrolments.whereNot('e.state', 'withdrawn')
    void query.whereIn('p.id', enrolments.where(joined(match, meant.map(whereOf(asking)))).select('e.person_id'))
  }

/** Conditions on work speak of the same place of work, those on training of the same enrolment. */
function groupWhere({ match, conditions }: Group, asking: Asking): Where {
  const meant: Meant[] = []
  const parts: Where[] = []
  for (const condition of conditions) {
    const field = asking.fields.get(condition.field)
    if (field) meant.push({ field, condition })
    else parts.push(nobody)
  }
  const about = (what: About) => meant.filter(({ field }) => field.about === what)
  parts.push(...about('person').map(whereOf(asking)))
  if (about('work').length) parts.push(works(match, about('work'), asking))
  if (about('enrolment').length) parts.push(learns(match, about('enrolment'), asking))
  return joined(match, parts)
}

/** Narrows a query of people (`p`) to those who match. Whom the reader may see is another condition. */
export function matchingFilter(filter: Filter, asking: Asking): Where {
  const groups = filter.groups.filter(({ conditions }) => conditions.length > 0)
  if (!groups.length) return () => {}
  return joined(
    filter.match,
    groups.map((group) => groupWhere(group, asking)),
  )
}
