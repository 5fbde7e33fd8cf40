import type { Knex } from 'knex'
import { civilDate, createTable, dropTables, flag, json, ref, timestamp, version } from './helpers.ts'

/** Organisations, people, their work, their accounts and their grants. */
export async function up(knex: Knex) {
  await createTable(knex, 'organisations', (t) => {
    t.increments('id')
    ref(t, 'parent_id', 'organisations')
    // '/1/5/': ancestors and itself, so that a subtree is one indexed prefix.
    t.string('path', 191).notNullable().index()
    t.string('kind', 32).notNullable()
    t.string('name', 300).notNullable()
    t.string('short_name', 150).notNullable()
    t.string('name_folded', 191).notNullable().index()
    t.string('short_name_folded', 191).notNullable().index()
    t.string('inn', 12).index()
    t.string('address', 300)
    t.string('phone', 64)
    t.string('email', 254)
    t.string('website', 254)
    // A head known by name alone (from a list): a contact to be completed, not an account.
    t.string('head_name', 200)
    t.string('state', 16).notNullable().defaultTo('active')
    version(t)
    timestamp(t, 'created_at').notNullable()
    timestamp(t, 'updated_at').notNullable()
  })
  await createTable(knex, 'departments', (t) => {
    t.increments('id')
    ref(t, 'organisation_id', 'organisations').notNullable()
    ref(t, 'parent_id', 'departments')
    t.string('path', 191).notNullable().index()
    t.string('name', 200).notNullable()
    t.string('name_folded', 191).notNullable()
    t.string('state', 16).notNullable().defaultTo('active')
    version(t)
    timestamp(t, 'created_at').notNullable()
    timestamp(t, 'updated_at').notNullable()
  })
  await createTable(knex, 'positions', (t) => {
    t.increments('id')
    t.string('name', 200).notNullable()
    t.string('name_folded', 191).notNullable().unique()
    timestamp(t, 'created_at').notNullable()
  })
  await createTable(knex, 'person_categories', (t) => {
    t.increments('id')
    t.string('code', 32).notNullable().unique()
    json(t, 'name').notNullable()
    t.integer('position').notNullable().defaultTo(0)
  })
  await createTable(knex, 'people', (t) => {
    t.increments('id')
    t.string('last_name', 100).notNullable()
    t.string('first_name', 100).notNullable()
    t.string('middle_name', 100)
    // "петрова анна ивановна": folded, for sorting and for search by the beginning.
    t.string('sort_name', 191).notNullable()
    t.string('gender', 8)
    civilDate(t, 'birth_date')
    t.string('email', 254)
    t.string('email_folded', 191).unique()
    t.string('phone', 64)
    ref(t, 'category_id', 'person_categories')
    t.integer('experience_years')
    t.text('about')
    t.integer('photo_file_id').unsigned()
    t.string('language', 8)
    t.string('time_zone', 64)
    json(t, 'preferences')
    t.string('state', 16).notNullable().defaultTo('active')
    t.string('source', 32).notNullable().defaultTo('manual')
    version(t)
    timestamp(t, 'created_at').notNullable()
    timestamp(t, 'updated_at').notNullable()
    t.index(['state', 'sort_name', 'id'])
    t.index(['sort_name', 'id'])
  })
  // Every word of a name, so that "анна петр" finds Петрова Анна through an index at any size.
  await createTable(knex, 'person_words', (t) => {
    t.string('word', 64).notNullable()
    ref(t, 'person_id', 'people', 'CASCADE').notNullable()
    t.primary(['word', 'person_id'])
  })
  await createTable(knex, 'accounts', (t) => {
    t.integer('person_id').unsigned().primary().references('id').inTable('people')
    t.string('login', 100).notNullable()
    t.string('login_folded', 100).notNullable().unique()
    t.string('password_hash', 255)
    // invited | active | blocked | pending (self-registered, awaits approval)
    t.string('state', 16).notNullable()
    flag(t, 'must_change_password')
    t.integer('failed_attempts').notNullable().defaultTo(0)
    timestamp(t, 'locked_until')
    timestamp(t, 'last_sign_in_at')
    timestamp(t, 'password_changed_at')
    timestamp(t, 'created_at').notNullable()
    timestamp(t, 'updated_at').notNullable()
  })
  await createTable(knex, 'account_tokens', (t) => {
    t.increments('id')
    ref(t, 'person_id', 'people').notNullable()
    // invitation | reset | email
    t.string('purpose', 16).notNullable()
    t.string('token_hash', 64).notNullable().unique()
    json(t, 'data')
    timestamp(t, 'expires_at').notNullable()
    timestamp(t, 'used_at')
    t.integer('created_by').unsigned()
    timestamp(t, 'created_at').notNullable()
  })
  await createTable(knex, 'registration_links', (t) => {
    t.increments('id')
    t.string('token_hash', 64).notNullable().unique()
    t.string('note', 200)
    ref(t, 'organisation_id', 'organisations')
    t.integer('cohort_id').unsigned()
    t.integer('max_uses')
    t.integer('uses').notNullable().defaultTo(0)
    timestamp(t, 'expires_at')
    timestamp(t, 'revoked_at')
    t.integer('created_by').unsigned()
    timestamp(t, 'created_at').notNullable()
  })
  await createTable(knex, 'sessions', (t) => {
    t.string('id', 64).primary()
    ref(t, 'person_id', 'people')
    json(t, 'data').notNullable()
    t.string('ip', 45)
    t.string('user_agent', 255)
    timestamp(t, 'created_at').notNullable()
    timestamp(t, 'seen_at').notNullable()
    timestamp(t, 'expires_at').notNullable().index()
  })
  await createTable(knex, 'employments', (t) => {
    t.increments('id')
    ref(t, 'person_id', 'people').notNullable()
    t.integer('organisation_id').unsigned().notNullable().references('id').inTable('organisations')
    ref(t, 'department_id', 'departments')
    ref(t, 'position_id', 'positions')
    // The direct manager; the manager's rights follow from here.
    ref(t, 'manager_id', 'people')
    // Heads the organisation (or acts as its head) during these dates: the director's rights follow from here.
    flag(t, 'is_head')
    flag(t, 'is_primary', true)
    // confirmed | claimed (by the person, awaiting the employer) | declined
    t.string('state', 16).notNullable().defaultTo('confirmed')
    civilDate(t, 'starts_on')
    civilDate(t, 'ends_on')
    t.integer('decided_by').unsigned()
    timestamp(t, 'decided_at')
    version(t)
    timestamp(t, 'created_at').notNullable()
    timestamp(t, 'updated_at').notNullable()
    t.index(['organisation_id', 'state', 'person_id'])
  })
  await createTable(knex, 'grants', (t) => {
    t.increments('id')
    ref(t, 'person_id', 'people').notNullable()
    ref(t, 'role_id', 'roles').notNullable()
    t.string('scope_type', 16).notNullable()
    t.integer('scope_id').unsigned().notNullable().defaultTo(0)
    civilDate(t, 'starts_on')
    civilDate(t, 'ends_on')
    // manual | employment | enrolment | teaching, with the row that it follows from.
    t.string('source', 16).notNullable()
    t.integer('source_id').unsigned().notNullable().defaultTo(0)
    t.integer('created_by').unsigned()
    timestamp(t, 'created_at').notNullable()
    t.unique(['person_id', 'role_id', 'scope_type', 'scope_id', 'source', 'source_id'], { indexName: 'grants_once' })
    t.index(['scope_type', 'scope_id'])
  })
  await createTable(knex, 'saved_filters', (t) => {
    t.increments('id')
    ref(t, 'owner_id', 'people').notNullable()
    t.string('subject', 32).notNullable()
    t.string('name', 120).notNullable()
    json(t, 'criteria').notNullable()
    flag(t, 'is_shared')
    version(t)
    timestamp(t, 'created_at').notNullable()
    timestamp(t, 'updated_at').notNullable()
  })
  await createTable(knex, 'imports', (t) => {
    t.increments('id')
    t.string('kind', 16).notNullable()
    ref(t, 'file_id', 'files')
    t.string('file_name', 255).notNullable()
    // uploaded | mapped | checking | checked | committing | done | failed | cancelled
    t.string('state', 16).notNullable()
    json(t, 'source_info').notNullable()
    json(t, 'mapping').notNullable()
    json(t, 'options').notNullable()
    json(t, 'summary')
    t.integer('job_id').unsigned()
    ref(t, 'created_by', 'people').notNullable()
    version(t)
    timestamp(t, 'created_at').notNullable()
    timestamp(t, 'updated_at').notNullable()
    timestamp(t, 'committed_at')
  })
  await createTable(knex, 'import_rows', (t) => {
    t.integer('import_id').unsigned().notNullable().references('id').inTable('imports').onDelete('CASCADE')
    t.integer('row_number').notNullable()
    // create | update | same | refused | skipped
    t.string('action', 16).notNullable()
    json(t, 'cells').notNullable()
    json(t, 'corrections')
    json(t, 'problems').notNullable()
    json(t, 'changes')
    t.integer('target_id').unsigned()
    t.primary(['import_id', 'row_number'])
    t.index(['import_id', 'action', 'row_number'])
  })
}

export async function down(knex: Knex) {
  await dropTables(
    knex,
    'import_rows',
    'imports',
    'saved_filters',
    'grants',
    'employments',
    'sessions',
    'registration_links',
    'account_tokens',
    'accounts',
    'person_words',
    'people',
    'person_categories',
    'positions',
    'departments',
    'organisations',
  )
}
