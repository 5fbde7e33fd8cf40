import type { Knex } from 'knex'
import { civilDate, createTable, dropTables, flag, json, ref, timestamp, version } from './helpers.ts'

/** Learning routes with their versions, module journals, tracking journals and the sums that lists show. */
export async function up(knex: Knex) {
  await createTable(knex, 'learning_routes', (t) => {
    t.increments('id')
    t.integer('enrolment_id').unsigned().notNullable().unique().references('id').inTable('enrolments')
    // draft | submitted | approved | returned
    t.string('state', 16).notNullable()
    t.integer('version_number').notNullable().defaultTo(0)
    // Raised by every change of the draft; a page that shows an older one is stale.
    t.integer('draft_revision').notNullable().defaultTo(1)
    timestamp(t, 'submitted_at')
    timestamp(t, 'decided_at')
    t.integer('decided_by').unsigned()
    t.text('comment')
    timestamp(t, 'created_at').notNullable()
    timestamp(t, 'updated_at').notNullable()
    t.index(['state', 'submitted_at'])
  })
  // in_draft: the learner's working choice; in_force: the version that journals follow. A place is held while either is set.
  await createTable(knex, 'route_choices', (t) => {
    t.increments('id')
    t.integer('route_id').unsigned().notNullable().references('id').inTable('learning_routes')
    ref(t, 'offering_id', 'offerings').notNullable()
    ref(t, 'topic_id', 'topics').notNullable()
    flag(t, 'in_draft')
    flag(t, 'in_force')
    timestamp(t, 'created_at').notNullable()
    t.unique(['route_id', 'topic_id'])
    t.index(['offering_id', 'in_force'])
  })
  await createTable(knex, 'route_own_items', (t) => {
    t.increments('id')
    ref(t, 'route_id', 'learning_routes').notNullable()
    // self_education | public_activity
    t.string('kind', 24).notNullable()
    // inside | outside the institution
    t.string('place', 16).notNullable()
    t.string('title', 200).notNullable()
    t.text('description')
    t.integer('hours').notNullable()
    civilDate(t, 'starts_on')
    civilDate(t, 'ends_on')
    flag(t, 'in_draft')
    flag(t, 'in_force')
    version(t)
    timestamp(t, 'created_at').notNullable()
    timestamp(t, 'updated_at').notNullable()
  })
  await createTable(knex, 'route_versions', (t) => {
    t.increments('id')
    t.integer('route_id').unsigned().notNullable().references('id').inTable('learning_routes')
    t.integer('number').notNullable()
    // submitted | approved | returned | withdrawn
    t.string('state', 16).notNullable()
    json(t, 'content').notNullable()
    t.integer('hours').notNullable()
    timestamp(t, 'submitted_at').notNullable()
    timestamp(t, 'decided_at')
    t.integer('decided_by').unsigned()
    t.text('comment')
    t.unique(['route_id', 'number'])
  })
  await createTable(knex, 'route_version_comments', (t) => {
    t.increments('id')
    ref(t, 'version_id', 'route_versions').notNullable()
    ref(t, 'topic_id', 'topics')
    t.text('text').notNullable()
  })
  await createTable(knex, 'journal_cells', (t) => {
    t.integer('lesson_id').unsigned().notNullable()
    t.integer('enrolment_id').unsigned().notNullable().index()
    // '' | present | absent | late | excused | ill
    t.string('attendance', 8).notNullable().defaultTo('')
    // 2 to 5; 1 stands for "passed" where a module is not marked by numbers
    t.tinyint('mark')
    t.string('comment', 500)
    t.integer('version').notNullable().defaultTo(1)
    t.integer('updated_by').unsigned()
    timestamp(t, 'updated_at').notNullable()
    t.primary(['lesson_id', 'enrolment_id'])
    t.foreign('lesson_id').references('id').inTable('lessons')
    t.foreign('enrolment_id').references('id').inTable('enrolments')
  })
  await createTable(knex, 'journal_cell_history', (t) => {
    t.bigIncrements('id')
    t.integer('lesson_id').unsigned().notNullable()
    t.integer('enrolment_id').unsigned().notNullable()
    t.string('attendance', 8).notNullable()
    t.tinyint('mark')
    t.string('comment', 500)
    // typed | bulk | undo | import
    t.string('source', 16).notNullable()
    t.integer('actor_id').unsigned()
    timestamp(t, 'at').notNullable()
    t.index(['lesson_id', 'enrolment_id', 'id'])
  })
  await createTable(knex, 'module_credits', (t) => {
    t.integer('enrolment_id').unsigned().notNullable().references('id').inTable('enrolments')
    ref(t, 'module_id', 'modules').notNullable()
    // passed | failed | '' (taken back)
    t.string('state', 16).notNullable()
    civilDate(t, 'credited_on')
    t.integer('credited_by').unsigned()
    t.string('comment', 500)
    version(t)
    timestamp(t, 'updated_at').notNullable()
    t.primary(['enrolment_id', 'module_id'])
  })
  await createTable(knex, 'module_credit_history', (t) => {
    t.increments('id')
    ref(t, 'enrolment_id', 'enrolments').notNullable()
    t.integer('module_id').unsigned().notNullable()
    t.string('state', 16).notNullable()
    t.string('comment', 500)
    t.integer('actor_id').unsigned()
    timestamp(t, 'at').notNullable()
  })
  await createTable(knex, 'milestone_states', (t) => {
    t.increments('id')
    t.integer('enrolment_id').unsigned().notNullable().references('id').inTable('enrolments')
    ref(t, 'milestone_id', 'milestones').notNullable()
    // open | submitted (evidence awaits confirmation) | returned | done | waived
    t.string('state', 16).notNullable()
    t.integer('count_done').notNullable().defaultTo(0)
    civilDate(t, 'done_on')
    // auto (the system knows) | manual (confirmed by a person)
    t.string('source', 16).notNullable()
    t.integer('confirmed_by').unsigned()
    t.string('comment', 500)
    version(t)
    timestamp(t, 'updated_at').notNullable()
    t.unique(['enrolment_id', 'milestone_id'])
  })
  await createTable(knex, 'milestone_evidence', (t) => {
    t.increments('id')
    ref(t, 'milestone_state_id', 'milestone_states').notNullable()
    t.string('note', 1000)
    t.string('link', 500)
    ref(t, 'file_id', 'files')
    // offered | accepted | declined: each participation of a counted milestone is decided by itself
    t.string('state', 16).notNullable().defaultTo('offered')
    t.integer('created_by').unsigned()
    timestamp(t, 'created_at').notNullable()
  })
  // Sums that lists show, kept up from domain events and rebuilt at will. Lateness depends on today: the next due date is kept.
  await createTable(knex, 'enrolment_progress', (t) => {
    t.integer('enrolment_id').unsigned().primary().references('id').inTable('enrolments')
    t.integer('lessons_held').notNullable().defaultTo(0)
    t.integer('lessons_attended').notNullable().defaultTo(0)
    t.integer('lessons_missed').notNullable().defaultTo(0)
    t.integer('marks_sum').notNullable().defaultTo(0)
    t.integer('marks_count').notNullable().defaultTo(0)
    t.integer('credits_passed').notNullable().defaultTo(0)
    t.integer('credits_failed').notNullable().defaultTo(0)
    t.integer('modules_total').notNullable().defaultTo(0)
    t.integer('milestones_done').notNullable().defaultTo(0)
    t.integer('milestones_total').notNullable().defaultTo(0)
    civilDate(t, 'next_due_on')
    ref(t, 'next_milestone_id', 'milestones')
    t.string('route_state', 16)
    t.integer('route_hours').notNullable().defaultTo(0)
    timestamp(t, 'last_activity_at')
    timestamp(t, 'updated_at').notNullable()
  })
  await createTable(knex, 'progress_weeks', (t) => {
    t.integer('enrolment_id').unsigned().notNullable().references('id').inTable('enrolments')
    civilDate(t, 'week_starts_on').notNullable()
    t.integer('held').notNullable().defaultTo(0)
    t.integer('attended').notNullable().defaultTo(0)
    t.integer('credits').notNullable().defaultTo(0)
    t.primary(['enrolment_id', 'week_starts_on'])
  })
}

export async function down(knex: Knex) {
  await dropTables(
    knex,
    'progress_weeks',
    'enrolment_progress',
    'milestone_evidence',
    'milestone_states',
    'module_credit_history',
    'module_credits',
    'journal_cell_history',
    'journal_cells',
    'route_version_comments',
    'route_versions',
    'route_own_items',
    'route_choices',
    'learning_routes',
  )
}
