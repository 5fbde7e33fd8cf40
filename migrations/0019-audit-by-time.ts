import type { Knex } from 'knex'
import { addIndex, dropIndex } from './helpers.ts'

const SOUGHT = ['type', 'actor_id', 'ip'] as const
const FORMER = { type: 'type_index', actor_id: 'actor_id_id_index', ip: 'ip_index' }

/** What one person did, or what was done of a kind, in some days: found among millions of events along their time. */
export async function up(knex: Knex) {
  for (const column of SOUGHT) {
    await addIndex(knex, 'domain_events', `domain_events_${column}_time_index`, [column, 'occurred_at', 'id'])
    await dropIndex(knex, 'domain_events', `domain_events_${FORMER[column]}`)
  }
}

export async function down(knex: Knex) {
  for (const column of SOUGHT) {
    await addIndex(knex, 'domain_events', `domain_events_${FORMER[column]}`, [column, 'id'])
    await dropIndex(knex, 'domain_events', `domain_events_${column}_time_index`)
  }
}
