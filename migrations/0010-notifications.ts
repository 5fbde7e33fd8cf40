import type { Knex } from 'knex'
import { addColumn, createTable, dropColumn, dropTables, flag, json, ref, timestamp } from './helpers.ts'

/** What people are told: a row for each person, and one for each way in which it leaves the system. */
export async function up(knex: Knex) {
  await createTable(knex, 'notices', (t) => {
    t.increments('id')
    ref(t, 'person_id', 'people', 'CASCADE').notNullable()
    t.string('kind', 64).notNullable()
    // The same happening is told to a person once.
    t.string('dedupe_key', 128).notNullable()
    t.string('subject_type', 32).notNullable()
    t.integer('subject_id').unsigned().notNullable()
    // Values of its texts, which are said in the reader's language whenever they are read.
    json(t, 'data').notNullable()
    t.string('href', 255).notNullable()
    // unread, read, or hidden: who does not want it in the system may want it by mail.
    t.string('state', 16).notNullable()
    timestamp(t, 'read_at')
    timestamp(t, 'created_at').notNullable().index()
    t.unique(['person_id', 'dedupe_key'])
    t.index(['person_id', 'state', 'id'])
  })
  await createTable(knex, 'notice_deliveries', (t) => {
    t.increments('id')
    ref(t, 'notice_id', 'notices', 'CASCADE').notNullable()
    ref(t, 'person_id', 'people', 'CASCADE').notNullable()
    t.string('channel', 16).notNullable()
    // waiting, sent, skipped (no longer wanted or allowed), failed
    t.string('state', 16).notNullable()
    flag(t, 'is_digest')
    t.integer('attempts').notNullable().defaultTo(0)
    timestamp(t, 'next_attempt_at').notNullable()
    // Who is at it; until `next_attempt_at` nobody else tries.
    t.string('lease_owner', 36).index()
    timestamp(t, 'sent_at')
    t.text('error')
    // Stands in the letter: whoever has it may stop such letters without signing in.
    t.string('token', 64).unique()
    t.unique(['notice_id', 'channel'])
    t.index(['state', 'next_attempt_at'])
  })
  await addColumn(knex, 'people', 'unread_notices', (t) => t.integer('unread_notices').notNullable().defaultTo(0))
  await addColumn(knex, 'mail_outbox', 'unsubscribe_url', (t) => t.string('unsubscribe_url', 500))
  await addColumn(knex, 'mail_outbox', 'error_code', (t) => t.string('error_code', 32))
}

export async function down(knex: Knex) {
  await dropTables(knex, 'notice_deliveries', 'notices')
  await dropColumn(knex, 'people', 'unread_notices')
  for (const name of ['unsubscribe_url', 'error_code']) await dropColumn(knex, 'mail_outbox', name)
}
