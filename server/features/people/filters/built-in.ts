import type { Knex } from 'knex'
import { db } from '../../../core/db/index.ts'
import { hasEverywhere } from '../../../core/rights/index.ts'
import { ORGANISATION_KINDS } from '../../organisations/input.ts'
import { withinOrganisations } from '../../organisations/queries.ts'
import { seesAllContacts, withContacts } from '../contacts.ts'
import { named } from '../named.ts'
import { currentEmployments } from '../policy.ts'
import { type Now, onColumn, onMoment } from './conditions.ts'
import { column, type FilterField, idColumn } from './field.ts'
import { LEARNING } from './learning.ts'
import type { Condition } from './model.ts'

const GENDERS = ['female', 'male']
const ACCOUNT_STATES = ['none', 'invited', 'active', 'pending', 'blocked'] as const

const PERSON: FilterField[] = [
  {
    key: 'person.name',
    kind: 'text',
    ops: ['begins', 'is'],
    area: 'person',
    about: 'person',
    where: (query, condition, now) => {
      const [text = ''] = condition.values
      if (condition.op !== 'begins') return onColumn(query, 'p.sort_name', condition, now)
      named(query, text)
      if (text.includes('@')) withContacts(now.actor)(query)
    },
  },
  {
    key: 'person.email',
    kind: 'text',
    area: 'person',
    about: 'person',
    mayUse: seesAllContacts,
    where: column('p.email_folded'),
  },
  {
    key: 'person.phone',
    kind: 'presence',
    area: 'person',
    about: 'person',
    mayUse: seesAllContacts,
    where: column('p.phone'),
  },
  { key: 'person.birthDate', kind: 'date', area: 'person', about: 'person', where: column('p.birth_date') },
  {
    key: 'person.gender',
    kind: 'choice',
    area: 'person',
    about: 'person',
    list: { name: 'gender', values: GENDERS },
    where: column('p.gender'),
  },
  {
    key: 'person.category',
    kind: 'choice',
    area: 'person',
    about: 'person',
    choices: 'categories',
    where: idColumn('p.category_id'),
  },
  { key: 'person.experience', kind: 'number', area: 'person', about: 'person', where: column('p.experience_years') },
]

/** Positions by a condition on their names or ids, with those that stand for others of theirs. */
const positions = (narrow: (query: Knex.QueryBuilder) => void) =>
  db()('positions').modify(narrow).select(db().raw('coalesce(merged_into, id)'))

const departments = (condition: Condition, now: Now) =>
  db()('departments')
    .modify((query) => onColumn(query, 'name_folded', condition, now))
    .select('id')

const WORK: FilterField[] = [
  {
    key: 'work.any',
    kind: 'flag',
    area: 'work',
    about: 'person',
    rows: ({ op }) => {
      const rows = db()('employments as e').modify((work) => currentEmployments(work))
      return { has: op === 'yes', rows, person: 'e.person_id' }
    },
  },
  {
    key: 'work.organisation',
    kind: 'organisation',
    area: 'work',
    about: 'work',
    where: (query, { op, values }) => {
      const inside = withinOrganisations([Number(values[0])])
      void (op === 'within'
        ? query.whereIn('e.organisation_id', inside)
        : query.whereNotIn('e.organisation_id', inside))
    },
  },
  {
    key: 'work.organisationKind',
    kind: 'choice',
    ops: ['oneOf', 'noneOf'],
    area: 'work',
    about: 'work',
    list: { name: 'organisationKind', values: ORGANISATION_KINDS },
    where: column('o.kind'),
  },
  {
    key: 'work.department',
    kind: 'text',
    area: 'work',
    about: 'work',
    where: (query, condition, now) => {
      const isAsked = condition.op === 'begins' || condition.op === 'is'
      if (isAsked) void query.whereIn('e.department_id', departments(condition, now))
      else onColumn(query, 'e.department_id', condition, now)
    },
  },
  {
    key: 'work.position',
    kind: 'choice',
    ops: ['oneOf', 'noneOf', 'begins', 'filled', 'empty'],
    area: 'work',
    about: 'work',
    choices: 'positions',
    where: (query, condition, now) => {
      const chosen = positions((position) => void position.whereIn('id', condition.values.map(Number)))
      if (condition.op === 'oneOf') void query.whereIn('e.position_id', chosen)
      else if (condition.op === 'noneOf')
        void query.where((free) => void free.whereNull('e.position_id').orWhereNotIn('e.position_id', chosen))
      else if (condition.op === 'begins')
        void query.whereIn(
          'e.position_id',
          positions((position) => onColumn(position, 'name_folded', condition, now)),
        )
      else onColumn(query, 'e.position_id', condition, now)
    },
  },
  { key: 'work.startsOn', kind: 'date', area: 'work', about: 'work', where: column('e.starts_on') },
  { key: 'work.endsOn', kind: 'date', area: 'work', about: 'work', where: column('e.ends_on') },
  { key: 'work.isHead', kind: 'flag', area: 'work', about: 'work', where: column('e.is_head') },
]

const grantsOn = (today: string) =>
  db()('grants as g')
    .where((begun) => void begun.whereNull('g.starts_on').orWhere('g.starts_on', '<=', today))
    .where((open) => void open.whereNull('g.ends_on').orWhere('g.ends_on', '>=', today))

const accounts = () => db()('accounts as ac')

const ACCESS: FilterField[] = [
  {
    key: 'role',
    kind: 'choice',
    ops: ['oneOf', 'noneOf'],
    area: 'access',
    about: 'person',
    choices: 'roles',
    rows: ({ op, values }, { today }) => ({
      has: op === 'oneOf',
      rows: grantsOn(today).whereIn('g.role_id', db()('roles').whereIn('code', values).select('id')),
      person: 'g.person_id',
    }),
  },
  {
    key: 'account.state',
    kind: 'choice',
    ops: ['oneOf', 'noneOf'],
    area: 'access',
    about: 'person',
    list: { name: 'account', values: ACCOUNT_STATES },
    // Without an account counts as a state: "one of none, blocked" is "no account, or a blocked one".
    rows: ({ op, values }) => {
      const isWanted = op === 'oneOf'
      return values.includes('none')
        ? { has: !isWanted, rows: accounts().whereNotIn('ac.state', values), person: 'ac.person_id' }
        : { has: isWanted, rows: accounts().whereIn('ac.state', values), person: 'ac.person_id' }
    },
  },
  {
    key: 'account.lastVisit',
    kind: 'date',
    area: 'access',
    about: 'person',
    mayUse: (actor) => hasEverywhere(actor, 'accounts.edit'),
    rows: (condition, now) => {
      const rows = accounts().whereNotNull('ac.last_sign_in_at')
      const asks = condition.op !== 'filled' && condition.op !== 'empty'
      if (asks) onMoment(rows, 'ac.last_sign_in_at', condition, now)
      return { has: condition.op !== 'empty', rows, person: 'ac.person_id' }
    },
  },
]

export const BUILT_IN: readonly FilterField[] = [...PERSON, ...WORK, ...LEARNING, ...ACCESS]
