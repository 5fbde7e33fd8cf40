import type { Knex } from 'knex'
import { createTable, dropTables, ref, timestamp } from './helpers.ts'

/** The second step of signing in: a secret shared with a program on the person's telephone, and codes on paper. */
export async function up(knex: Knex) {
  await createTable(knex, 'second_factors', (t) => {
    t.integer('person_id').unsigned().primary().references('id').inTable('people')
    t.string('secret', 64).notNullable()
    // Until the first code was given, nothing is asked at the door.
    timestamp(t, 'confirmed_at')
    // The half-minute of the last code that was taken: no code counts twice.
    t.integer('last_step').unsigned().notNullable().defaultTo(0)
    timestamp(t, 'created_at').notNullable()
  })
  await createTable(knex, 'recovery_codes', (t) => {
    t.increments('id')
    ref(t, 'person_id', 'people').notNullable()
    t.string('code_hash', 64).notNullable()
    timestamp(t, 'used_at')
    t.unique(['person_id', 'code_hash'])
  })
}

export async function down(knex: Knex) {
  await dropTables(knex, 'recovery_codes', 'second_factors')
}
