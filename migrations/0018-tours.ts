import type { Knex } from 'knex'
import { addColumn, dropColumn } from './helpers.ts'

/** Which tours a person has been offered and has taken or declined, as words; it comes along with the session. */
export async function up(knex: Knex) {
  await addColumn(knex, 'people', 'seen_tours', (t) => t.string('seen_tours', 255).notNullable().defaultTo(''))
}

export async function down(knex: Knex) {
  await dropColumn(knex, 'people', 'seen_tours')
}
