import type { Knex } from 'knex'
import { addIndex, civilDate, createTable, dropTables, flag, json, ref, timestamp, version } from './helpers.ts'

const BY_START = ['state', 'starts_on', 'person_id', 'ends_on']

/** Fields that an authority adds to people, their values, and saved filters made of conditions. */
export async function up(knex: Knex) {
  await createTable(knex, 'person_fields', (t) => {
    t.increments('id')
    // line, text, whole, decimal, date, flag, choice, choices, phone, email, link
    t.string('kind', 16).notNullable()
    json(t, 'title').notNullable()
    json(t, 'hint').notNullable()
    // Fields with the same words stand together under them; {}: among the main data.
    json(t, 'section').notNullable()
    t.integer('position').notNullable().defaultTo(0)
    flag(t, 'is_required')
    // Beside the administration: person, director, instructor, methodist; a JSON list.
    json(t, 'seen_by').notNullable()
    json(t, 'edited_by').notNullable()
    t.string('state', 16).notNullable().defaultTo('active')
    version(t)
    timestamp(t, 'created_at').notNullable()
    timestamp(t, 'updated_at').notNullable()
  })
  await createTable(knex, 'person_field_options', (t) => {
    t.increments('id')
    ref(t, 'field_id', 'person_fields').notNullable()
    json(t, 'title').notNullable()
    t.integer('position').notNullable().defaultTo(0)
    t.string('state', 16).notNullable().defaultTo('active')
  })
  // A row for each value; of several chosen options one row each, with the option as `item`, which else is 0.
  await createTable(knex, 'person_field_values', (t) => {
    t.integer('person_id').unsigned().notNullable().references('id').inTable('people')
    t.integer('field_id').unsigned().notNullable().references('id').inTable('person_fields')
    t.integer('item').unsigned().notNullable().defaultTo(0)
    t.text('text_value')
    t.string('text_folded', 191)
    t.double('number_value')
    civilDate(t, 'date_value')
    t.primary(['person_id', 'field_id', 'item'])
    t.index(['field_id', 'text_folded', 'person_id'], 'person_field_texts')
    t.index(['field_id', 'number_value', 'person_id'], 'person_field_numbers')
    t.index(['field_id', 'date_value', 'person_id'], 'person_field_dates')
    t.index(['field_id', 'item', 'person_id'], 'person_field_items')
  })
  await addIndex(knex, 'employments', 'employments_by_start', BY_START)
  await convertFilters(knex)
}

type OldCriteria = {
  q?: string
  directory?: string
  organisationId?: number
  departmentId?: number
  kind?: string
  positionId?: number
  categoryId?: number
  startedFrom?: string
  startedTo?: string
  account?: string
}
type Condition = { field: string; op: string; values: string[] }

/** Filters were the query of the list; they become conditions that all have to hold. */
async function convertFilters(knex: Knex) {
  const rows: { id: number; criteria: string }[] = await knex('saved_filters').where({ subject: 'people' })
  for (const { id, criteria } of rows) {
    const old = JSON.parse(criteria) as OldCriteria & { groups?: unknown }
    if (old.groups) continue
    const conditions = await conditionsOf(knex, old)
    const groups = conditions.length ? [{ match: 'all', conditions }] : []
    await knex('saved_filters')
      .where({ id })
      .update({ criteria: JSON.stringify({ match: 'all', groups }) })
  }
}

const DIRECTORIES: Record<string, Condition> = {
  learners: { field: 'enrolment.state', op: 'oneOf', values: ['active', 'suspended'] },
  instructors: { field: 'role', op: 'oneOf', values: ['instructor'] },
  heads: { field: 'work.isHead', op: 'yes', values: [] },
}

async function conditionsOf(knex: Knex, old: OldCriteria): Promise<Condition[]> {
  const conditions: Condition[] = []
  const add = (field: string, op: string, value: string | number | undefined) => {
    if (value !== undefined && value !== '') conditions.push({ field, op, values: [String(value)] })
  }
  if (old.directory && DIRECTORIES[old.directory]) conditions.push(DIRECTORIES[old.directory] as Condition)
  add(old.q?.includes('@') ? 'person.email' : 'person.name', 'begins', old.q)
  add('work.organisation', 'within', old.organisationId)
  add('work.organisationKind', 'oneOf', old.kind)
  if (old.departmentId) {
    const department = await knex('departments').where({ id: old.departmentId }).first('name')
    add('work.department', 'is', department?.name)
  }
  add('work.position', 'oneOf', old.positionId)
  add('person.category', 'oneOf', old.categoryId)
  add('work.startsOn', 'from', old.startedFrom)
  add('work.startsOn', 'to', old.startedTo)
  add('account.state', 'oneOf', old.account)
  return conditions
}

export async function down(knex: Knex) {
  await knex.schema.alterTable('employments', (t) => void t.dropIndex(BY_START, 'employments_by_start'))
  await dropTables(knex, 'person_field_values', 'person_field_options', 'person_fields')
}
