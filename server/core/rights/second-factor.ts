import type { Knex } from 'knex'
import { db } from '../db/index.ts'
import { nowUtc } from '../time.ts'
import { reportingTo } from './actor.ts'
import type { Actor } from './index.ts'

/** Whether the actor must set up the second step before anything else: a role demands it, and the days of grace are over. */
export const mustSetFactor = ({ secondFactor }: Actor): boolean =>
  secondFactor !== undefined && !secondFactor.isOn && secondFactor.dueAt <= nowUtc()

const demanding = (code?: string): Knex.QueryBuilder =>
  db()('roles as r')
    .whereNotNull('r.second_factor_since')
    .where(code ? { 'r.code': code } : {})

/** Who holds a demanding role on a civil date because it was given to them. */
const granted = (date: string): Knex.QueryBuilder =>
  demanding()
    .join('grants as g', 'g.role_id', 'r.id')
    .where((begun) => begun.whereNull('g.starts_on').orWhere('g.starts_on', '<=', date))
    .where((open) => open.whereNull('g.ends_on').orWhere('g.ends_on', '>=', date))
    .select('g.person_id')

/** People `p` with an open account whose role demands the second step and who have not set it up. */
export const lackingFactor = (date: string): Knex.QueryBuilder =>
  db()('people as p')
    .join('accounts as a', 'a.person_id', 'p.id')
    .leftJoin('second_factors as sf', (on) => on.on('sf.person_id', 'p.id').andOnNotNull('sf.confirmed_at'))
    .where({ 'p.state': 'active', 'a.state': 'active' })
    .whereNull('sf.person_id')
    .where((held) => {
      void held
        .whereIn('p.id', granted(date))
        .orWhereExists(demanding('everyone').select('r.id'))
        .orWhere((manager) => {
          void manager.whereExists(demanding('manager').select('r.id')).whereExists(reportingTo(date).select('e.id'))
        })
    })
