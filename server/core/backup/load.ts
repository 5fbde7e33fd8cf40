import { randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { pipeline } from 'node:stream/promises'
import type { Knex } from 'knex'
import { isMysql } from '../db/index.ts'
import { contentKey } from '../files/keys.ts'
import { type Stores, temporaryFolder } from '../files/stores/index.ts'
import { fileEntry, LEFT_OUT, tableEntry } from './format.ts'
import type { Archive } from './read.ts'
import type { Row } from './snapshot.ts'

/**
 * Puts the rows of a backup in the place of all rows that are there, in one transaction: cut off anywhere, the database is
 * what it was. The tables must be those of the backup's version.
 */
export async function loadTables(knex: Knex, archive: Archive, onTable: (name: string) => void): Promise<void> {
  await knex.transaction(async (trx) => {
    await trx.raw(isMysql(knex) ? 'set foreign_key_checks = 0' : 'pragma defer_foreign_keys = on')
    try {
      for (const name of LEFT_OUT.filter((table) => !table.startsWith('migrations'))) {
        // An older backup is loaded into the tables of its version.
        if (await trx.schema.hasTable(name)) await trx(name).del()
      }
      for (const [name, { rows }] of Object.entries(archive.manifest.tables)) {
        onTable(name)
        await trx(name).del()
        const count = await loadTable(trx, name, archive)
        if (count !== rows) throw new Error(`${name} has ${count} rows instead of ${rows}`)
      }
    } finally {
      // The connection goes back to a pool.
      if (isMysql(knex)) await trx.raw('set foreign_key_checks = 1')
    }
  })
}

/** Signs in one statement: servers take sixteen megabytes unless told otherwise, and quoting makes texts longer. */
const MOST_SIGNS = 1_000_000

async function loadTable(trx: Knex.Transaction, name: string, archive: Archive): Promise<number> {
  const lines = createInterface({ input: await archive.stream(tableEntry(name)), crlfDelay: Number.POSITIVE_INFINITY })
  let columns: string[] | undefined
  let piece: Record<string, unknown>[] = []
  let signs = 0
  let count = 0
  const write = async () => {
    if (piece.length) await trx(name).insert(piece)
    count += piece.length
    piece = []
    signs = 0
  }
  for await (const line of lines) {
    if (!columns) {
      columns = JSON.parse(line) as string[]
      continue
    }
    if (signs + line.length > MOST_SIGNS) await write()
    const row = JSON.parse(line) as Row
    signs += line.length
    piece.push(Object.fromEntries(columns.map((column, at) => [column, row[at]])))
    // knex writes rows for SQLite as united selects, of which it takes five hundred.
    if (piece.length >= Math.min(500, Math.floor(30_000 / columns.length))) await write()
  }
  await write()
  return count
}

/** Puts the contents of files into the store; what is there already is the same content and stays. */
export async function loadFiles(archive: Archive, stores: Stores, dataFolder: string): Promise<number> {
  let count = 0
  for (const sha256 of archive.manifest.files) {
    const key = contentKey(sha256)
    if (await stores.main.find(key)) continue
    const part = join(await temporaryFolder(dataFolder), randomUUID())
    try {
      await pipeline(await archive.stream(fileEntry(sha256)), createWriteStream(part, { mode: 0o600 }))
      await stores.main.put(key, part, sha256)
    } finally {
      await rm(part, { force: true })
    }
    count++
  }
  return count
}
