import type { Knex } from 'knex'
import { createTable, dropTables, json, timestamp } from './helpers.ts'

const whole = (t: Knex.CreateTableBuilder, name: string) => t.integer(name).unsigned().notNullable()

/**
 * The index of the search: what can be found, and a vocabulary of all its words. What was typed is matched against the
 * vocabulary first (endings, beginnings, mistakes), which stays small at any size; then the objects that have exactly
 * those words are looked up. All of it is derived from other tables and can be built anew.
 */
export async function up(knex: Knex) {
  await createTable(knex, 'search_documents', (t) => {
    t.string('kind', 16).notNullable()
    whole(t, 'object_id')
    // In each language, as `Translated`.
    json(t, 'title').notNullable()
    json(t, 'hint').notNullable()
    // The beginning of its words, for the lines shown below a hit.
    json(t, 'text').notNullable()
    // Of everything that is indexed: what has not changed is not written again.
    t.string('hash', 40).notNullable()
    t.primary(['kind', 'object_id'])
  })
  await createTable(knex, 'search_words', (t) => {
    t.increments('id')
    t.string('word', 48).notNullable()
    // What its forms have in common. A name has another stem than the same word in a text.
    t.string('stem', 49).notNullable().index()
    t.unique(['word', 'stem'])
    // In how many documents it stood when this was last counted.
    whole(t, 'documents').defaultTo(1)
  })
  // Pieces of three letters of each stem: by those that they share, stems that are nearly alike are found.
  await createTable(knex, 'search_trigrams', (t) => {
    t.string('trigram', 3).notNullable()
    t.tinyint('length').unsigned().notNullable()
    t.string('stem', 49).notNullable().index()
    t.primary(['trigram', 'length', 'stem'])
  })
  await createTable(knex, 'search_postings', (t) => {
    t.string('kind', 16).notNullable()
    whole(t, 'object_id')
    whole(t, 'word_id')
    // How much it says that the word stands there: in a title more than in a text.
    t.tinyint('weight').unsigned().notNullable()
    // Among hits that fit equally well lists go by it: the beginning of the title as a number, so that hits are put in
    // order without looking at their documents.
    t.bigInteger('sort').notNullable()
    t.primary(['kind', 'object_id', 'word_id'])
    t.index(['word_id', 'kind', 'object_id', 'weight', 'sort'], 'search_postings_by_word')
  })
  // Which kinds have been indexed as a whole, and by which rules: what is missing is built after the next start.
  await createTable(knex, 'search_kinds', (t) => {
    t.string('kind', 16).primary()
    t.string('version', 16).notNullable()
    timestamp(t, 'built_at').notNullable()
  })
}

export async function down(knex: Knex) {
  await dropTables(knex, 'search_kinds', 'search_postings', 'search_trigrams', 'search_words', 'search_documents')
}
