import type { Knex } from 'knex'
import {
  addColumn,
  civilDate,
  createTable,
  dropColumn,
  dropTables,
  flag,
  json,
  ref,
  timestamp,
  version,
} from './helpers.ts'

/** What personal data are processed for, who has agreed to it, what people ask about their data, and what was erased. */
export async function up(knex: Knex) {
  await createTable(knex, 'processing_purposes', (t) => {
    t.increments('id')
    t.integer('position').notNullable()
    json(t, 'title').notNullable()
    json(t, 'description').notNullable()
    // consent | contract | law | task
    t.string('legal_basis', 16).notNullable()
    json(t, 'basis_note').notNullable()
    json(t, 'data_categories').notNullable()
    json(t, 'people_categories').notNullable()
    json(t, 'recipients').notNullable()
    json(t, 'retention').notNullable()
    // What the next published version will say.
    json(t, 'consent_text').notNullable()
    flag(t, 'is_compulsory')
    // active | closed
    t.string('state', 16).notNullable().defaultTo('active')
    version(t)
    timestamp(t, 'created_at').notNullable()
    timestamp(t, 'updated_at').notNullable()
  })
  // Published, hence never changed.
  await createTable(knex, 'consent_texts', (t) => {
    t.increments('id')
    t.integer('purpose_id').unsigned().notNullable().references('id').inTable('processing_purposes')
    t.integer('number').notNullable()
    json(t, 'title').notNullable()
    json(t, 'text').notNullable()
    flag(t, 'is_compulsory')
    t.integer('published_by').unsigned()
    timestamp(t, 'published_at').notNullable()
    t.unique(['purpose_id', 'number'])
  })
  // A row for each answer; the last one of a person to a purpose holds.
  await createTable(knex, 'consents', (t) => {
    t.increments('id')
    t.integer('person_id').unsigned().notNullable().references('id').inTable('people')
    t.integer('purpose_id').unsigned().notNullable().references('id').inTable('processing_purposes')
    ref(t, 'text_id', 'consent_texts').notNullable()
    // given | postponed | withdrawn
    t.string('action', 16).notNullable()
    flag(t, 'is_latest', true)
    // registration | page | profile | paper
    t.string('source', 16).notNullable()
    // Of a paper: the day that stands on it, a note and its scan.
    civilDate(t, 'signed_on')
    t.string('note', 500)
    ref(t, 'file_id', 'files')
    t.integer('recorded_by').unsigned()
    t.string('ip', 45)
    timestamp(t, 'answered_at').notNullable()
    t.index(['person_id', 'purpose_id', 'is_latest'])
    t.index(['purpose_id', 'is_latest', 'action', 'id'])
    t.index(['is_latest', 'id'])
  })
  await createTable(knex, 'data_requests', (t) => {
    t.increments('id')
    ref(t, 'person_id', 'people').notNullable()
    // access | correction | erasure | withdrawal
    t.string('kind', 16).notNullable()
    t.text('text').notNullable()
    // open | working | done | declined | cancelled
    t.string('state', 16).notNullable()
    civilDate(t, 'due_on').notNullable()
    t.text('decision')
    t.integer('decided_by').unsigned()
    timestamp(t, 'decided_at')
    // Who wrote down what came on paper; null: the person themselves.
    t.integer('recorded_by').unsigned()
    version(t)
    timestamp(t, 'created_at').notNullable()
    timestamp(t, 'updated_at').notNullable()
    t.index(['state', 'due_on', 'id'])
  })
  // A file with everything that is held about a person, for that person alone and for a few days.
  await createTable(knex, 'data_copies', (t) => {
    t.increments('id')
    ref(t, 'person_id', 'people', 'CASCADE').notNullable()
    ref(t, 'file_id', 'files')
    // waiting | ready | failed
    t.string('state', 16).notNullable()
    timestamp(t, 'expires_at').notNullable().index()
    timestamp(t, 'created_at').notNullable()
  })
  // The act of destruction: when, by whom, why and how much; nothing of what it was.
  await createTable(knex, 'erasures', (t) => {
    t.increments('id')
    t.integer('person_id').unsigned().notNullable().unique().references('id').inTable('people')
    // waiting | done | failed
    t.string('state', 16).notNullable()
    t.string('reason', 500).notNullable()
    json(t, 'counts').notNullable()
    t.integer('ordered_by').unsigned()
    timestamp(t, 'ordered_at').notNullable()
    timestamp(t, 'done_at')
  })
  // The newest published text up to which the person has answered all: it comes along with the session.
  await addColumn(knex, 'people', 'consents_through', (t) => t.integer('consents_through').notNullable().defaultTo(0))
}

export async function down(knex: Knex) {
  await dropTables(knex, 'erasures', 'data_copies', 'data_requests', 'consents', 'consent_texts', 'processing_purposes')
  await dropColumn(knex, 'people', 'consents_through')
}
