import type { Knex } from 'knex'
import { addColumn, dropColumn } from './helpers.ts'

/** What people say that they work as, in their own words, until the employer confirms: only then is it a position. */
export async function up(knex: Knex) {
  await addColumn(knex, 'employments', 'claimed_position', (t) => t.string('claimed_position', 200))
}

export async function down(knex: Knex) {
  await dropColumn(knex, 'employments', 'claimed_position')
}
