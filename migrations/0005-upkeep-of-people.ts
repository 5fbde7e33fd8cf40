import type { Knex } from 'knex'
import { addColumn, civilDate, createTable, dropColumn, dropTables, flag, ref, timestamp, version } from './helpers.ts'

const state = (t: Knex.CreateTableBuilder) => t.string('state', 16).notNullable().defaultTo('active')

/** Departments, positions and categories that are closed, positions that were merged, forms that count once. */
export async function up(knex: Knex) {
  await addColumn(knex, 'departments', 'closed_on', (t) => civilDate(t, 'closed_on'))
  await addColumn(knex, 'positions', 'state', state)
  await addColumn(knex, 'positions', 'version', version)
  // Another spelling of this position: who types it gets this one.
  await addColumn(knex, 'positions', 'merged_into', (t) => t.integer('merged_into').unsigned())
  await addColumn(knex, 'person_categories', 'state', state)
  await addColumn(knex, 'person_categories', 'version', version)
  // A form that adds something carries a key; the key of a form that has been sent leads to what it made.
  await createTable(knex, 'sent_forms', (t) => {
    t.string('form_key', 36).primary()
    ref(t, 'person_id', 'people', 'CASCADE')
    t.string('location', 255)
    timestamp(t, 'created_at').notNullable().index()
  })
  // Nobody is ever given a password by another person: letters and slips let each choose their own.
  await dropColumn(knex, 'accounts', 'must_change_password')
}

export async function down(knex: Knex) {
  await addColumn(knex, 'accounts', 'must_change_password', (t) => flag(t, 'must_change_password'))
  await dropTables(knex, 'sent_forms')
  await dropColumn(knex, 'departments', 'closed_on')
  for (const name of ['state', 'version']) await dropColumn(knex, 'person_categories', name)
  for (const name of ['state', 'version', 'merged_into']) await dropColumn(knex, 'positions', name)
}
