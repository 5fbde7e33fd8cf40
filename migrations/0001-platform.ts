import type { Knex } from 'knex'
import { createTable, dropTables, flag, json, ref, timestamp, version } from './helpers.ts'

/** Settings, people's sign-ins, the stream of domain events, background work, letters and files. */
export async function up(knex: Knex) {
  await createTable(knex, 'settings', (t) => {
    t.string('name', 64).primary()
    json(t, 'value').notNullable()
    timestamp(t, 'updated_at').notNullable()
  })
  await createTable(knex, 'files', (t) => {
    t.increments('id')
    t.string('sha256', 64).notNullable().index()
    t.string('name', 255).notNullable()
    t.string('media_type', 127).notNullable()
    t.bigInteger('size').notNullable()
    t.integer('created_by').unsigned().index()
    timestamp(t, 'created_at').notNullable()
    timestamp(t, 'deleted_at')
  })
  // What a file hangs on decides who may see it. One file may hang on several things (copies of a programme).
  await createTable(knex, 'attachments', (t) => {
    t.increments('id')
    ref(t, 'file_id', 'files').notNullable()
    t.string('owner_type', 32).notNullable()
    t.integer('owner_id').unsigned().notNullable()
    timestamp(t, 'created_at').notNullable()
    t.unique(['owner_type', 'owner_id', 'file_id'])
  })
  await createTable(knex, 'domain_events', (t) => {
    t.bigIncrements('id')
    t.string('type', 64).notNullable()
    timestamp(t, 'occurred_at').notNullable()
    t.integer('actor_id').unsigned()
    t.string('subject_type', 32).notNullable()
    t.integer('subject_id').unsigned().notNullable()
    json(t, 'data').notNullable()
    t.string('ip', 45)
    t.string('request_id', 36)
    timestamp(t, 'delivered_at').index()
    t.index(['subject_type', 'subject_id', 'id'])
    t.index(['actor_id', 'id'])
  })
  await createTable(knex, 'leases', (t) => {
    t.string('name', 64).primary()
    t.string('owner', 64).notNullable()
    timestamp(t, 'until').notNullable()
  })
  await createTable(knex, 'jobs', (t) => {
    t.increments('id')
    t.string('kind', 64).notNullable()
    t.string('unique_key', 128).unique()
    json(t, 'payload').notNullable()
    t.string('state', 16).notNullable()
    timestamp(t, 'run_at').notNullable()
    t.integer('attempts').notNullable().defaultTo(0)
    t.string('lease_owner', 64)
    timestamp(t, 'lease_until')
    t.integer('progress_done').notNullable().defaultTo(0)
    t.integer('progress_total').notNullable().defaultTo(0)
    json(t, 'result')
    t.text('error')
    t.integer('created_by').unsigned()
    timestamp(t, 'created_at').notNullable()
    timestamp(t, 'finished_at')
    t.index(['state', 'run_at'])
  })
  await createTable(knex, 'mail_outbox', (t) => {
    t.increments('id')
    t.string('dedupe_key', 128).unique()
    t.string('kind', 64).notNullable()
    t.integer('person_id').unsigned().index()
    t.string('to_address', 254).notNullable()
    t.string('language', 8).notNullable()
    t.string('subject', 255).notNullable()
    json(t, 'body_text').notNullable()
    json(t, 'body_html')
    t.string('state', 16).notNullable()
    t.integer('attempts').notNullable().defaultTo(0)
    timestamp(t, 'next_attempt_at').notNullable()
    timestamp(t, 'sent_at')
    t.text('error')
    timestamp(t, 'created_at').notNullable()
    t.index(['state', 'next_attempt_at'])
  })
  await createTable(knex, 'roles', (t) => {
    t.increments('id')
    t.string('code', 32).notNullable().unique()
    json(t, 'name').notNullable()
    // Scope types in which the role may be granted, as JSON; implicit roles (everyone, manager) are never granted by hand.
    json(t, 'scope_types').notNullable()
    flag(t, 'is_implicit')
    flag(t, 'is_system')
    version(t)
    timestamp(t, 'created_at').notNullable()
    timestamp(t, 'updated_at').notNullable()
  })
  await createTable(knex, 'role_permissions', (t) => {
    ref(t, 'role_id', 'roles', 'CASCADE').notNullable()
    t.string('permission', 64).notNullable()
    t.primary(['role_id', 'permission'])
  })
}

export async function down(knex: Knex) {
  await dropTables(
    knex,
    'role_permissions',
    'roles',
    'mail_outbox',
    'jobs',
    'leases',
    'domain_events',
    'attachments',
    'files',
    'settings',
  )
}
