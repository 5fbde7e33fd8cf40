import type { Readable } from 'node:stream'
import Database from 'libsql'
import { createConnection, type RowDataPacket } from 'mysql2'
import type { DatabaseConfig } from '../../config.ts'
import { mysqlOptions } from '../db/connect.ts'
import { breathe } from '../db/index.ts'

export type Row = (string | number | null)[]
export type Rows = { columns: string[]; pieces: AsyncGenerator<Row[]> }

/** The database as it was at one instant, on a connection of its own; nobody waits for its reader. */
export interface Snapshot {
  tables: string[]
  read(table: string): Promise<Rows>
  /** May be called again. */
  close(): Promise<void>
}

const PIECE = 500

/** Opens the database as it is now, whatever is written from now on. */
export const openSnapshot = (config: DatabaseConfig): Promise<Snapshot> =>
  config.kind === 'sqlite' ? openSqlite(config.file) : openMysql(config)

async function openSqlite(file: string): Promise<Snapshot> {
  const database = new Database(file, { readonly: true } as Database.Options)
  // A transaction that reads sees what was committed before its first look.
  database.exec('BEGIN')
  const all = (sql: string) => database.prepare(sql).all() as { name: string }[]
  const names = all("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")
  return {
    tables: names.map((row) => row.name),
    async read(table) {
      const columns = all(`PRAGMA table_info("${table}")`).map((row) => row.name)
      const rows = database.prepare(`SELECT ${columns.map((name) => `"${name}"`).join(', ')} FROM "${table}"`).raw()
      return { columns, pieces: inPieces(rows.iterate() as IterableIterator<Row>) }
    },
    close: async () => {
      database.close()
    },
  }
}

async function openMysql(config: Extract<DatabaseConfig, { kind: 'mysql' }>): Promise<Snapshot> {
  const connection = createConnection(mysqlOptions(config))
  const session = connection.promise()
  let reading: Readable | undefined
  // A lost connection is told to the connection alone: the reader must hear of it, and it must not end the process.
  connection.on('error', (error) => reading?.destroy(error))
  await session.query('SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ')
  await session.query('START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY')
  const names = async (sql: string, values: string[] = []) => {
    const [rows] = await session.query<RowDataPacket[]>(sql, values)
    return rows.map((row) => String(row.name))
  }
  const where = 'where table_schema = database()'
  return {
    tables: await names(`select table_name as name from information_schema.tables ${where} order by table_name`),
    async read(table) {
      const columns = await names(
        `select column_name as name from information_schema.columns ${where} and table_name = ? order by ordinal_position`,
        [table],
      )
      const query = connection.query({ sql: 'select ?? from ??', values: [columns, table], rowsAsArray: true })
      reading = query.stream({ highWaterMark: PIECE })
      return { columns, pieces: inPieces(reading as AsyncIterable<Row>) }
    },
    // No polite end: it would wait for the rest of a table that nobody reads any more.
    close: async () => connection.destroy(),
  }
}

/** Rows in pieces of moderate size, letting requests in between. */
async function* inPieces(rows: Iterable<Row> | AsyncIterable<Row>): AsyncGenerator<Row[]> {
  let piece: Row[] = []
  for await (const row of rows) {
    piece.push(row)
    if (piece.length < PIECE) continue
    yield piece
    piece = []
    await breathe()
  }
  if (piece.length) yield piece
}
