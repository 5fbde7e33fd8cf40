import type { Knex } from 'knex'
import { addColumn, addIndex, createTable, dropColumn, dropTables, json, ref, timestamp } from './helpers.ts'

const INDEX = 'notice_deliveries_channel_index'
const COLUMNS = ['channel', 'state', 'next_attempt_at']

/** More ways in which notices reach people, what kept them from it, and roles that demand a second step of signing in. */
export async function up(knex: Knex) {
  await createTable(knex, 'push_subscriptions', (t) => {
    t.increments('id')
    ref(t, 'person_id', 'people', 'CASCADE').notNullable()
    t.string('endpoint', 1000).notNullable()
    // One browser is subscribed once, for whoever did so last.
    t.string('endpoint_hash', 64).notNullable().unique()
    t.string('p256dh', 100).notNullable()
    t.string('auth', 50).notNullable()
    // A cookie of the browser, hashed: by it the page knows "this browser" again, and signing out ends its messages.
    t.string('browser_hash', 64).notNullable().index()
    t.string('user_agent', 255)
    timestamp(t, 'created_at').notNullable()
    timestamp(t, 'used_at')
  })
  await createTable(knex, 'messenger_links', (t) => {
    t.integer('person_id').unsigned().primary().references('id').inTable('people').onDelete('CASCADE')
    // The conversation with the bot; none until the code was sent to it.
    t.string('chat_id', 32).unique()
    t.string('name', 100)
    t.string('code_hash', 64).unique()
    timestamp(t, 'code_expires_at')
    timestamp(t, 'linked_at')
  })
  await addColumn(knex, 'notice_deliveries', 'error_code', (t) => t.string('error_code', 32))
  // What the words of the reason are filled with: the settings of that time.
  await addColumn(knex, 'notice_deliveries', 'error_values', (t) => json(t, 'error_values'))
  // Which of several browsers have it already.
  await addColumn(knex, 'notice_deliveries', 'reached', (t) => json(t, 'reached'))
  await addIndex(knex, 'notice_deliveries', INDEX, COLUMNS)
  await addColumn(knex, 'mail_outbox', 'error_values', (t) => json(t, 'error_values'))
  // Since when holders of the role have to sign in by two steps; null: they need not.
  await addColumn(knex, 'roles', 'second_factor_since', (t) => timestamp(t, 'second_factor_since'))
}

export async function down(knex: Knex) {
  await dropTables(knex, 'push_subscriptions', 'messenger_links')
  await knex.schema.alterTable('notice_deliveries', (t) => void t.dropIndex(COLUMNS, INDEX))
  for (const name of ['error_code', 'error_values', 'reached']) await dropColumn(knex, 'notice_deliveries', name)
  await dropColumn(knex, 'mail_outbox', 'error_values')
  await dropColumn(knex, 'roles', 'second_factor_since')
}
