import type { Knex } from 'knex'
import { addIndex } from './helpers.ts'

const NAME = 'domain_events_ip_index'
const COLUMNS = ['ip', 'id']

/** What came from one address, found among millions of events without reading them. */
export async function up(knex: Knex) {
  await addIndex(knex, 'domain_events', NAME, COLUMNS)
}

export async function down(knex: Knex) {
  await knex.schema.alterTable('domain_events', (t) => void t.dropIndex(COLUMNS, NAME))
}
