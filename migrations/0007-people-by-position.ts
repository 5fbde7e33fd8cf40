import type { Knex } from 'knex'
import { addIndex } from './helpers.ts'

const COLUMNS = ['position_id', 'state', 'person_id', 'starts_on', 'ends_on']

/** The list of people by position at the size of a city: found and counted without reading the employments themselves. */
export async function up(knex: Knex) {
  await addIndex(knex, 'employments', 'employments_by_position', COLUMNS)
}

export async function down(knex: Knex) {
  await knex.schema.alterTable('employments', (t) => void t.dropIndex(COLUMNS, 'employments_by_position'))
}
