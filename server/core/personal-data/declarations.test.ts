import { expect } from 'chai'
import { useApp } from '../../testing/app.ts'
import { isMysql, rootDatabase } from '../db/index.ts'
import { LANGUAGES, translator } from '../i18n/index.ts'
import { HOLDS, personalTables, tablesAbout } from './declarations.ts'

type Column = { table: string; column: string }

/** What looks like a reference to people and is none. */
const NO_PEOPLE = new Set([
  // Whatever a file or a material hangs on, by its type.
  ...['attachments.owner_id', 'material_links.owner_id'],
  // Lists of roles.
  ...['person_fields.seen_by', 'person_fields.edited_by'],
])
const NAMED_SO = /(^|_)(person|actor|owner|manager|author|reader|member)_id$|_by$/

async function columns(): Promise<Column[]> {
  const knex = rootDatabase()
  return isMysql(knex)
    ? (
        await knex.raw(
          'select table_name as `table`, column_name as `column` from information_schema.columns where table_schema = database()',
        )
      )[0]
    : knex.raw(
        "select m.name as 'table', c.name as 'column' from sqlite_master m join pragma_table_info(m.name) c where m.type = 'table' and m.name not like 'sqlite_%'",
      )
}

async function references(): Promise<(Column & { to: string })[]> {
  const knex = rootDatabase()
  return isMysql(knex)
    ? (
        await knex.raw(
          'select table_name as `table`, column_name as `column`, referenced_table_name as `to` from information_schema.key_column_usage where table_schema = database() and referenced_table_name is not null',
        )
      )[0]
    : knex.raw(
        "select m.name as 'table', f.\"from\" as 'column', f.\"table\" as 'to' from sqlite_master m join pragma_foreign_key_list(m.name) f where m.type = 'table'",
      )
}

describe('declarations of personal data', () => {
  useApp()

  it('name every column that points at people, or at something that is about a person', async () => {
    const about = new Set(tablesAbout().map(([name]) => name))
    const pointing = (await references()).filter(({ to }) => to === 'people' || about.has(to))
    const named = (await columns()).filter(({ column }) => NAMED_SO.test(column))
    const missing = [...pointing, ...named].filter(({ table, column }) => {
      if (table.startsWith('migrations') || NO_PEOPLE.has(`${table}.${column}`)) return false
      const declared = personalTables().get(table)
      const way = typeof declared?.about === 'object' ? declared.about.column : declared?.about
      // What hangs on a person's row and is shown with it says so by being about the person itself.
      return way !== column && ![...(declared?.by ?? []), ...(declared?.hides ?? [])].includes(column)
    })
    expect(
      missing.map(({ table, column }) => `${table}.${column}`),
      'say in the feature’s personal-data.ts whose these rows are, see docs/ADDING-A-FEATURE.md',
    ).to.deep.equal([])
  })

  it('say of every column of a table about people whether it is shown, and name no column that is not there', async () => {
    const all = await columns()
    for (const [
      name,
      { about, by = [], shows = [], hides = [], files = {}, names = {}, mentions = [], onErasure },
    ] of personalTables()) {
      const there = all.filter(({ table }) => table === name).map(({ column }) => column)
      expect(there, name).not.to.deep.equal([])
      const used = [
        ...by,
        ...mentions,
        ...Object.keys(names),
        ...(typeof onErasure === 'object' ? Object.keys(onErasure.clear) : []),
      ]
      expect(there, `${name} has no such column`).to.include.members(used)
      if (about === undefined) continue
      const way = typeof about === 'string' ? about : about.column
      const listed = [way, ...by, ...shows, ...hides, ...Object.keys(files)]
      expect([...new Set(listed)].sort(), name).to.deep.equal([...there].sort())
      expect(onErasure, `${name}: what does an erasure leave?`).not.to.equal(undefined)
    }
  })

  it('have words for tables, columns and reasons in every language', () => {
    for (const lang of LANGUAGES) {
      const t = translator(lang)
      const keys = HOLDS.map((hold) => `privacy.hold.${hold}`)
      for (const [name, { about, shows = [], mentions = [], onErasure }] of personalTables()) {
        if (about !== undefined || mentions.length) keys.push(`privacy.table.${name}`)
        const cleared = typeof onErasure === 'object' ? Object.keys(onErasure.clear) : []
        keys.push(...[...shows, ...cleared].map((column) => `privacy.field.${column}`))
      }
      expect(
        keys.filter((key) => t(key) === key),
        lang,
      ).to.deep.equal([])
    }
  })
})
