import type { Knex } from 'knex'
import { addColumn, addIndex, createTable, dropColumn, dropTables, timestamp } from './helpers.ts'

/** What a file of an earlier version was sent for, by what it hangs on. */
const PURPOSES = {
  person_photo: 'photo',
  material: 'material',
  milestone_evidence: 'evidence',
  import: 'import',
  consent_scan: 'consent',
}

/** What files are for, how much room each person takes, and what was made of them to be shown in the browser. */
export async function up(knex: Knex) {
  await addColumn(knex, 'files', 'purpose', (t) => void t.string('purpose', 32).notNullable().defaultTo(''))
  for (const [owner, purpose] of Object.entries(PURPOSES)) {
    const hung = knex('attachments').where({ owner_type: owner }).distinct('file_id')
    await knex('files').where({ purpose: '' }).whereIn('id', hung).update({ purpose })
  }
  // Room is added up at every upload: the sums are read from the index alone.
  await addIndex(knex, 'files', 'files_room_index', ['deleted_at', 'purpose', 'created_by', 'size'])
  await createTable(knex, 'file_previews', (t) => {
    t.increments('id')
    t.string('sha256', 64).notNullable()
    t.string('kind', 8).notNullable()
    t.string('state', 16).notNullable()
    // Why it could not be made; a word, see core/files/previews.
    t.string('reason', 32)
    timestamp(t, 'updated_at').notNullable()
    t.unique(['sha256', 'kind'])
  })
}

export async function down(knex: Knex) {
  await dropTables(knex, 'file_previews')
  await knex.schema.alterTable('files', (t) => void t.dropIndex([], 'files_room_index'))
  await dropColumn(knex, 'files', 'purpose')
}
