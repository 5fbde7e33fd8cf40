import type { Knex } from 'knex'
import { db } from '../../../core/db/index.ts'
import { type Actor, hasEverywhere } from '../../../core/rights/index.ts'
import { reachableEnrolments } from '../../progress/places.ts'
import { onMoment } from './conditions.ts'
import { column, type FilterField, idColumn } from './field.ts'
import { type Condition, numberOf } from './model.ts'

const STATES = ['active', 'suspended', 'completed', 'withdrawn']
const ROUTE_STATES = ['draft', 'submitted', 'approved', 'returned']
/** Whoever may follow somebody's training may ask for it: staff of the training and employers. */
const PERMISSIONS = ['cohorts.view', 'employees.view'] as const

/** Enrolments (`e`) with cohort (`c`) and sums (`ep`) that the reader may follow. People (`p`) are those of the query around. */
export function followedEnrolments(actor: Actor, today: string): Knex.QueryBuilder {
  const query = db()('enrolments as e')
    .join('cohorts as c', 'c.id', 'e.cohort_id')
    .leftJoin('enrolment_progress as ep', 'ep.enrolment_id', 'e.id')
  if (PERMISSIONS.some((permission) => hasEverywhere(actor, permission))) return query
  return query.whereIn('e.id', reachableEnrolments(actor, PERMISSIONS, today).select('e.id'))
}

const area = 'learning' as const
const about = 'enrolment' as const

/** A number among the sums: without a row nothing has happened yet, which is 0. */
const sum =
  (name: string): NonNullable<FilterField['where']> =>
  (query, condition, now) =>
    void query.where((either) => {
      void either.where((known) => column(name)(known, condition, now))
      if (meetsZero(condition)) void either.orWhereNull('ep.enrolment_id')
    })

function meetsZero({ op, values }: Condition): boolean {
  const value = numberOf(values[0] ?? '')
  return op === 'atMost' ? value >= 0 : op === 'atLeast' ? value <= 0 : value === 0
}

const isLate = (today: string) =>
  db().raw(
    "(e.state = 'active' and c.state in ('planned', 'running') and coalesce(ep.next_due_on, '9999-12-31') < ?)",
    [today],
  )

const COUNTED = ['atLeast', 'atMost', 'equals'] as const

/** What can be asked of somebody's training. */
export const LEARNING: FilterField[] = [
  {
    key: 'enrolment.any',
    kind: 'flag',
    area,
    about: 'person',
    rows: ({ op }, { actor, today }) => ({
      has: op === 'yes',
      rows: followedEnrolments(actor, today).whereIn('e.state', ['active', 'suspended']),
      person: 'e.person_id',
    }),
  },
  {
    key: 'enrolment.programme',
    kind: 'choice',
    ops: ['oneOf', 'noneOf'],
    area,
    about,
    choices: 'programmes',
    where: idColumn('c.programme_id'),
  },
  {
    key: 'enrolment.cohort',
    kind: 'choice',
    ops: ['oneOf', 'noneOf'],
    area,
    about,
    choices: 'cohorts',
    where: idColumn('e.cohort_id'),
  },
  {
    key: 'enrolment.state',
    kind: 'choice',
    ops: ['oneOf', 'noneOf'],
    area,
    about,
    list: { name: 'enrolment', values: STATES },
    where: column('e.state'),
  },
  { key: 'enrolment.enrolledOn', kind: 'date', area, about, where: column('e.enrolled_on') },
  {
    key: 'enrolment.route',
    kind: 'choice',
    area,
    about,
    list: { name: 'route', values: ROUTE_STATES },
    where: column('ep.route_state'),
  },
  { key: 'enrolment.credits', kind: 'number', ops: COUNTED, area, about, where: sum('ep.credits_passed') },
  { key: 'enrolment.milestones', kind: 'number', ops: COUNTED, area, about, where: sum('ep.milestones_done') },
  { key: 'enrolment.missed', kind: 'number', ops: COUNTED, area, about, where: sum('ep.lessons_missed') },
  {
    key: 'enrolment.late',
    kind: 'flag',
    area,
    about,
    where: (query, { op }, { today }) =>
      void (op === 'yes' ? query.where(isLate(today)) : query.whereNot(isLate(today))),
  },
  {
    key: 'enrolment.lastActivity',
    kind: 'date',
    area,
    about,
    where: (query, condition, now) => onMoment(query, 'ep.last_activity_at', condition, now),
  },
]
