import type { Knex } from 'knex'
import { civilDate, createTable, dropTables, flag, json, ref, timestamp, version } from './helpers.ts'

/** Programmes with modules, topics, materials and milestones; cohorts, groups, enrolments and the timetable. */
export async function up(knex: Knex) {
  await createTable(knex, 'programmes', (t) => {
    t.increments('id')
    t.string('code', 64).notNullable().unique()
    json(t, 'title').notNullable()
    json(t, 'description').notNullable()
    t.integer('hours').notNullable().defaultTo(0)
    // minTopics, maxTopics, minHours, maxHours, ownItemsMaxHours, approval
    json(t, 'rules').notNullable()
    // draft | active | archived
    t.string('state', 16).notNullable().defaultTo('draft')
    t.integer('copied_from_id').unsigned()
    version(t)
    t.integer('created_by').unsigned()
    timestamp(t, 'created_at').notNullable()
    timestamp(t, 'updated_at').notNullable()
  })
  await createTable(knex, 'programme_stages', (t) => {
    t.increments('id')
    ref(t, 'programme_id', 'programmes').notNullable()
    t.integer('position').notNullable()
    json(t, 'title').notNullable()
  })
  await createTable(knex, 'modules', (t) => {
    t.increments('id')
    ref(t, 'programme_id', 'programmes').notNullable()
    ref(t, 'stage_id', 'programme_stages')
    t.integer('position').notNullable()
    json(t, 'title').notNullable()
    json(t, 'aim').notNullable()
    t.integer('hours').notNullable().defaultTo(0)
    t.integer('min_topics')
    t.integer('max_topics')
    t.integer('min_hours')
    t.integer('max_hours')
    // minAttendancePercent, minMark
    json(t, 'credit_rule').notNullable()
    timestamp(t, 'archived_at')
    version(t)
    timestamp(t, 'created_at').notNullable()
    timestamp(t, 'updated_at').notNullable()
  })
  await createTable(knex, 'topics', (t) => {
    t.increments('id')
    ref(t, 'module_id', 'modules').notNullable()
    t.integer('position').notNullable()
    json(t, 'title').notNullable()
    json(t, 'description').notNullable()
    t.integer('hours').notNullable()
    t.string('format', 24).notNullable()
    flag(t, 'is_compulsory')
    t.integer('capacity')
    json(t, 'place')
    t.string('link', 500)
    // Days from the cohort's start to the suggested first class.
    t.integer('day_offset')
    timestamp(t, 'archived_at')
    version(t)
    timestamp(t, 'created_at').notNullable()
    timestamp(t, 'updated_at').notNullable()
  })
  await createTable(knex, 'topic_prerequisites', (t) => {
    t.integer('topic_id').unsigned().notNullable().references('id').inTable('topics').onDelete('CASCADE')
    ref(t, 'requires_topic_id', 'topics', 'CASCADE').notNullable()
    t.primary(['topic_id', 'requires_topic_id'])
  })
  // Materials are library items of their own; modules and topics link to them.
  await createTable(knex, 'materials', (t) => {
    t.increments('id')
    t.string('kind', 24).notNullable()
    json(t, 'title').notNullable()
    json(t, 'body').notNullable()
    t.string('url', 500)
    ref(t, 'file_id', 'files')
    t.integer('minutes')
    t.string('state', 16).notNullable().defaultTo('published')
    t.integer('owner_id').unsigned()
    version(t)
    timestamp(t, 'created_at').notNullable()
    timestamp(t, 'updated_at').notNullable()
  })
  await createTable(knex, 'material_links', (t) => {
    t.increments('id')
    ref(t, 'material_id', 'materials').notNullable()
    // module | topic
    t.string('owner_type', 16).notNullable()
    t.integer('owner_id').unsigned().notNullable()
    t.integer('position').notNullable()
    t.unique(['owner_type', 'owner_id', 'material_id'])
  })
  await createTable(knex, 'milestones', (t) => {
    t.increments('id')
    ref(t, 'programme_id', 'programmes').notNullable()
    t.integer('position').notNullable()
    // questionnaire | route | module_credit | reviewed_lesson | counted_participation | presentation | portfolio | manual
    t.string('kind', 32).notNullable()
    json(t, 'title').notNullable()
    json(t, 'hint').notNullable()
    ref(t, 'module_id', 'modules')
    t.integer('required_count').notNullable().defaultTo(1)
    t.integer('due_day_offset')
    flag(t, 'is_required', true)
    json(t, 'settings').notNullable()
    timestamp(t, 'archived_at')
    version(t)
    timestamp(t, 'created_at').notNullable()
    timestamp(t, 'updated_at').notNullable()
  })
  await createTable(knex, 'route_templates', (t) => {
    t.increments('id')
    ref(t, 'programme_id', 'programmes').notNullable()
    t.integer('position').notNullable().defaultTo(0)
    json(t, 'title').notNullable()
    json(t, 'description').notNullable()
    version(t)
  })
  await createTable(knex, 'route_template_topics', (t) => {
    t.integer('template_id').unsigned().notNullable().references('id').inTable('route_templates').onDelete('CASCADE')
    ref(t, 'topic_id', 'topics', 'CASCADE').notNullable()
    t.primary(['template_id', 'topic_id'])
  })
  await createTable(knex, 'cohorts', (t) => {
    t.increments('id')
    ref(t, 'programme_id', 'programmes').notNullable()
    t.string('title', 200).notNullable()
    civilDate(t, 'starts_on').notNullable()
    civilDate(t, 'ends_on').notNullable()
    civilDate(t, 'route_opens_on')
    civilDate(t, 'route_closes_on')
    // Access opens in phases: administration and instructors first, then learners, then directors.
    civilDate(t, 'learners_from')
    civilDate(t, 'directors_from')
    t.integer('capacity')
    // Places taken by active and suspended enrolments; raised and lowered conditionally.
    t.integer('taken').notNullable().defaultTo(0)
    // planned | running | finished | archived
    t.string('state', 16).notNullable().defaultTo('planned')
    version(t)
    timestamp(t, 'created_at').notNullable()
    timestamp(t, 'updated_at').notNullable()
  })
  await createTable(knex, 'enrolments', (t) => {
    t.increments('id')
    ref(t, 'cohort_id', 'cohorts').notNullable()
    ref(t, 'person_id', 'people').notNullable()
    // active | suspended | withdrawn | completed
    t.string('state', 16).notNullable()
    t.string('source', 16).notNullable()
    civilDate(t, 'enrolled_on').notNullable()
    civilDate(t, 'ended_on')
    version(t)
    timestamp(t, 'created_at').notNullable()
    timestamp(t, 'updated_at').notNullable()
    t.unique(['cohort_id', 'person_id'])
    t.index(['cohort_id', 'state'])
  })
  await createTable(knex, 'enrolment_history', (t) => {
    t.increments('id')
    ref(t, 'enrolment_id', 'enrolments').notNullable()
    // enrolled | moved | suspended | resumed | withdrawn | completed | cohort_changed
    t.string('action', 24).notNullable()
    t.string('reason', 500)
    json(t, 'data').notNullable()
    t.integer('actor_id').unsigned()
    timestamp(t, 'at').notNullable()
  })
  await createTable(knex, 'groups', (t) => {
    t.increments('id')
    ref(t, 'cohort_id', 'cohorts').notNullable()
    ref(t, 'module_id', 'modules').notNullable()
    t.string('name', 100).notNullable()
    t.integer('capacity')
    timestamp(t, 'archived_at')
    version(t)
    timestamp(t, 'created_at').notNullable()
    timestamp(t, 'updated_at').notNullable()
    t.unique(['cohort_id', 'module_id', 'name'])
  })
  await createTable(knex, 'group_members', (t) => {
    t.increments('id')
    t.integer('group_id').unsigned().notNullable().references('id').inTable('groups')
    ref(t, 'enrolment_id', 'enrolments').notNullable()
    civilDate(t, 'starts_on').notNullable()
    civilDate(t, 'ends_on')
    t.index(['group_id', 'ends_on', 'enrolment_id'])
  })
  // A topic offered to a group: what a learner takes a place in. Its dates are its lessons.
  await createTable(knex, 'offerings', (t) => {
    t.increments('id')
    ref(t, 'cohort_id', 'cohorts').notNullable()
    ref(t, 'group_id', 'groups').notNullable()
    ref(t, 'topic_id', 'topics').notNullable()
    t.integer('capacity')
    t.integer('taken').notNullable().defaultTo(0)
    t.string('place', 200)
    t.string('link', 500)
    timestamp(t, 'cancelled_at')
    version(t)
    timestamp(t, 'created_at').notNullable()
    timestamp(t, 'updated_at').notNullable()
    t.unique(['group_id', 'topic_id'])
  })
  await createTable(knex, 'lessons', (t) => {
    t.increments('id')
    t.integer('group_id').unsigned().notNullable().references('id').inTable('groups')
    ref(t, 'offering_id', 'offerings')
    ref(t, 'topic_id', 'topics')
    t.string('title', 200)
    timestamp(t, 'starts_at').notNullable()
    timestamp(t, 'ends_at').notNullable()
    t.string('place', 200)
    t.string('link', 500)
    t.text('notes')
    // planned | held | cancelled
    t.string('state', 16).notNullable().defaultTo('planned')
    version(t)
    t.integer('created_by').unsigned()
    timestamp(t, 'created_at').notNullable()
    timestamp(t, 'updated_at').notNullable()
    t.index(['group_id', 'starts_at'])
    t.index(['starts_at'])
  })
}

export async function down(knex: Knex) {
  await dropTables(
    knex,
    'lessons',
    'offerings',
    'group_members',
    'groups',
    'enrolment_history',
    'enrolments',
    'cohorts',
    'route_template_topics',
    'route_templates',
    'milestones',
    'material_links',
    'materials',
    'topic_prerequisites',
    'topics',
    'modules',
    'programme_stages',
    'programmes',
  )
}
