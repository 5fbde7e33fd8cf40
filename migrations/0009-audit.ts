import type { Knex } from 'knex'
import { addColumn, addIndex, createTable, dropColumn, dropTables, timestamp } from './helpers.ts'

/**
 * The seal of the audit trail. Each event gets a salted hash of what may be personal in it, and each batch of events a
 * hash over these and over the seal before: a value can be erased, and nothing else can be changed unseen.
 */
export async function up(knex: Knex) {
  await createTable(knex, 'audit_seals', (t) => {
    t.increments('id')
    // No two seals follow the same one, whatever two processes do at once.
    t.integer('previous_id').unsigned().notNullable().unique()
    t.integer('event_count').unsigned().notNullable()
    t.string('hash', 64).notNullable()
    timestamp(t, 'sealed_at').notNullable()
  })
  await addColumn(knex, 'domain_events', 'seal_id', (t) => t.integer('seal_id').unsigned())
  await addColumn(knex, 'domain_events', 'salt', (t) => t.string('salt', 32))
  await addColumn(knex, 'domain_events', 'personal_hash', (t) => t.string('personal_hash', 64))
  await addColumn(knex, 'domain_events', 'erased_at', (t) => timestamp(t, 'erased_at'))
  await addIndex(knex, 'domain_events', 'domain_events_seal_id_index', ['seal_id', 'id'])
  await addIndex(knex, 'domain_events', 'domain_events_type_index', ['type', 'id'])
  await addIndex(knex, 'domain_events', 'domain_events_occurred_at_index', ['occurred_at', 'id'])
}

export async function down(knex: Knex) {
  await knex.schema.alterTable('domain_events', (t) => {
    t.dropIndex([], 'domain_events_seal_id_index')
    t.dropIndex([], 'domain_events_type_index')
    t.dropIndex([], 'domain_events_occurred_at_index')
  })
  for (const name of ['seal_id', 'salt', 'personal_hash', 'erased_at']) await dropColumn(knex, 'domain_events', name)
  await dropTables(knex, 'audit_seals')
}
