import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise'
import { mysqlAddress } from '../../server/core/db/mysql-address.ts'
import { driverCode, explainDriverError } from './connection-errors.ts'
import { type CheckOptions, type DatabaseReport, report } from './database-check.ts'
import { judgeContents, PROBE_TABLE } from './tables.ts'

/** How to reach a MySQL or MariaDB server. */
export interface MysqlSettings {
  host: string
  port: number
  /** Path of a socket: used instead of host and port. */
  socket?: string | undefined
  user: string
  password: string
  database: string
}

/** A server that accepts the connection but then says nothing is no database server. */
const ANSWER_MS = 8000
const MINIMUM = { MariaDB: [10, 6], MySQL: [8, 0] } as const

/** Tries a MySQL or MariaDB database; see `checkDatabase`. */
export async function checkMysql(settings: MysqlSettings, options: CheckOptions): Promise<DatabaseReport> {
  const context = {
    host: settings.host,
    port: settings.port,
    socket: settings.socket ?? '',
    user: settings.user,
    database: settings.database,
    client: isLocal(settings) ? 'localhost' : '%',
  }
  if (!/^[\p{L}\p{N}_$-]{1,64}$/u.test(settings.database)) return report('name_invalid', context, 'database')
  let connection: Connection | undefined
  try {
    connection = await connectWithin(ANSWER_MS, settings)
    const found = await examine(connection, settings, options)
    return { ...found, values: { ...context, ...found.values } }
  } catch (error) {
    const { code, field, message } = explainDriverError(error)
    // Bytes of another protocol make the driver stumble in its own ways.
    const isStranger = !connection && code === 'unknown'
    return isStranger ? report('not_a_server', context, 'port') : report(code, { ...context, message }, field)
  } finally {
    connection?.destroy()
  }
}

const isLocal = (settings: MysqlSettings) =>
  Boolean(settings.socket) || ['localhost', '127.0.0.1', '::1'].includes(settings.host)

async function connectWithin(milliseconds: number, settings: MysqlSettings): Promise<Connection> {
  const connecting = createConnection({
    ...mysqlAddress(settings),
    user: settings.user,
    password: settings.password,
    charset: 'UTF8MB4_BIN',
    connectTimeout: milliseconds - 1000,
  })
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(Object.assign(new Error('No greeting'), { code: 'ECONNRESET' })), milliseconds)
  })
  // Whoever loses the race must not be left open.
  connecting.then((late) => timer === undefined && late.destroy()).catch(() => {})
  try {
    return await Promise.race([connecting, timeout])
  } finally {
    clearTimeout(timer)
  }
}

async function examine(
  connection: Connection,
  settings: MysqlSettings,
  options: CheckOptions,
): Promise<DatabaseReport> {
  const server = await readServer(connection)
  if (!server.isEnough) return report('old_version', server.values, 'host')
  if (!server.hasInnodb) return report('innodb', server.values, 'host')
  const isNew = !(await enterDatabase(connection, settings.database))
  if (isNew) {
    if (!options.create) return report('missing', server.values, 'database')
    const refused = await createDatabase(connection, settings.database)
    if (refused) return { ...refused, values: { ...server.values, ...refused.values } }
  }
  const contents = await readContents(connection, settings.database)
  const judged = judgeContents(contents, options.migrations)
  const values = { ...server.values, ...judged.values }
  if (judged.code === 'foreign_tables' || judged.code === 'newer') return report(judged.code, values, 'database')
  const missing = await tryRights(connection)
  if (missing.length) return report('rights_missing', { ...values, rights: missing.join(', ') }, 'user')
  const charset = judged.code === 'empty' ? await ensureCharset(connection, settings.database) : undefined
  if (charset) return report('charset', { ...values, charset }, 'database')
  return report(isNew ? 'created' : judged.code, values)
}

async function readServer(connection: Connection) {
  const [rows] = await connection.query<RowDataPacket[]>('SELECT VERSION() AS version')
  const version = String(rows[0]?.version)
  const product = /mariadb/i.test(version) ? 'MariaDB' : 'MySQL'
  const [major = 0, minor = 0] = version.split('.').map(Number.parseFloat)
  const [wantedMajor, wantedMinor] = MINIMUM[product]
  const [engines] = await connection.query<RowDataPacket[]>(
    "SELECT support AS support FROM information_schema.engines WHERE engine = 'InnoDB'",
  )
  return {
    values: { product, version: version.replace(/-.*/, ''), wanted: `${wantedMajor}.${wantedMinor}` },
    isEnough: major > wantedMajor || (major === wantedMajor && minor >= wantedMinor),
    hasInnodb: ['YES', 'DEFAULT'].includes(String(engines[0]?.support)),
  }
}

/** @returns false if the database does not exist */
async function enterDatabase(connection: Connection, database: string): Promise<boolean> {
  try {
    await connection.query('USE ??', [database])
    return true
  } catch (error) {
    if (driverCode(error) === 'ER_BAD_DB_ERROR') return false
    throw error
  }
}

async function createDatabase(connection: Connection, database: string): Promise<DatabaseReport | undefined> {
  try {
    await connection.query('CREATE DATABASE IF NOT EXISTS ?? CHARACTER SET utf8mb4', [database])
    await connection.query('USE ??', [database])
    return undefined
  } catch (error) {
    if (driverCode(error) === 'ER_DBACCESS_DENIED_ERROR') return report('create_forbidden', {}, 'database')
    throw error
  }
}

async function readContents(connection: Connection, database: string) {
  const [rows] = await connection.query<RowDataPacket[]>(
    'SELECT table_name AS name FROM information_schema.tables WHERE table_schema = ? ORDER BY table_name',
    [database],
  )
  const tables = rows.map((row) => String(row.name))
  const migrations = tables.includes('migrations') ? await readNames(connection, 'SELECT name FROM migrations') : []
  const marks = tables.includes('settings')
    ? await readNames(connection, "SELECT name FROM settings WHERE name = 'installed'")
    : []
  return { tables, migrations, isInstalled: marks.includes('installed') }
}

/** Another program's table of the same name need not have our column: then it holds one name that is not ours. */
async function readNames(connection: Connection, sql: string): Promise<string[]> {
  try {
    const [rows] = await connection.query<RowDataPacket[]>(sql)
    return rows.map((row) => String(row.name))
  } catch (error) {
    if (driverCode(error) === 'ER_BAD_FIELD_ERROR') return ['']
    throw error
  }
}

/** What the application does every day and at every upgrade, tried on tables of the installer's own. */
const RIGHTS: [right: string, sql: string][] = [
  ['CREATE', `CREATE TABLE ${PROBE_TABLE} (id INT PRIMARY KEY, note VARCHAR(10)) ENGINE=InnoDB`],
  ['INSERT', `INSERT INTO ${PROBE_TABLE} (id, note) VALUES (1, 'a')`],
  ['SELECT', `SELECT note FROM ${PROBE_TABLE}`],
  ['UPDATE', `UPDATE ${PROBE_TABLE} SET note = 'b' WHERE id = 1`],
  ['DELETE', `DELETE FROM ${PROBE_TABLE} WHERE id = 1`],
  ['INDEX', `CREATE INDEX ${PROBE_TABLE}_note ON ${PROBE_TABLE} (note)`],
  ['ALTER', `ALTER TABLE ${PROBE_TABLE} ADD COLUMN more INT`],
  [
    'REFERENCES',
    `CREATE TABLE ${PROBE_TABLE}_child (id INT PRIMARY KEY, parent INT, FOREIGN KEY (parent) REFERENCES ${PROBE_TABLE} (id)) ENGINE=InnoDB`,
  ],
  ['DROP', `DROP TABLE IF EXISTS ${PROBE_TABLE}_child, ${PROBE_TABLE}`],
]

const DENIED = ['ER_TABLEACCESS_DENIED_ERROR', 'ER_DBACCESS_DENIED_ERROR', 'ER_SPECIFIC_ACCESS_DENIED_ERROR']

/** @returns the rights that are missing, in the words of GRANT */
async function tryRights(connection: Connection): Promise<string[]> {
  const missing: string[] = []
  const drop = RIGHTS.at(-1)![1]
  await connection.query(drop).catch(() => {})
  for (const [right, sql] of RIGHTS) {
    try {
      await connection.query(sql)
    } catch (error) {
      // Without the table itself the rest cannot be tried one by one.
      if (!DENIED.includes(driverCode(error))) throw error
      missing.push(right)
      if (right === 'CREATE') break
    }
  }
  return missing
}

/** An empty database in another character set is changed to utf8mb4. @returns the character set that could not be changed */
async function ensureCharset(connection: Connection, database: string): Promise<string | undefined> {
  const [rows] = await connection.query<RowDataPacket[]>('SELECT @@character_set_database AS charset')
  const charset = String(rows[0]?.charset)
  if (charset === 'utf8mb4') return undefined
  try {
    await connection.query('ALTER DATABASE ?? CHARACTER SET utf8mb4', [database])
    return undefined
  } catch (error) {
    if (DENIED.includes(driverCode(error))) return charset
    throw error
  }
}
