import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createConnection } from 'mysql2/promise'
import { findProgram, mariadbProgram } from './needs.ts'

/** A database server for tests or the benchmark. `user` may create databases and users. */
export interface MariaDb {
  host: string
  port: number
  user: string
  password: string
  /** The path of its socket, if it runs on this machine as ours. */
  socket?: string
  /** mysql://user:password@host:port */
  url: string
  stop(): Promise<void>
}

interface Options {
  /** Keep the data in this folder for the next start; without it a temporary folder is used and deleted. */
  folder?: string
  /** More options of mariadbd, e.g. `{ 'innodb-buffer-pool-size': '2G' }`. */
  settings?: Record<string, string>
  /** Listen on this port rather than on a free one. */
  port?: number
}

const PREFIX = 'integral-mariadb-'
const GIBIBYTE = 2 ** 30

/** Reads `INTEGRAL_TEST_MYSQL` (mysql://user:password@host:port) or a URL of the same form. */
export function parseServerUrl(text: string): Omit<MariaDb, 'stop'> {
  const url = new URL(text)
  if (!['mysql:', 'mariadb:'].includes(url.protocol) || !url.hostname || !url.username) {
    throw new Error('INTEGRAL_TEST_MYSQL must look like mysql://user:password@host:port')
  }
  return {
    host: url.hostname,
    port: Number(url.port || 3306),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    url: text,
  }
}

let shared: Promise<MariaDb> | undefined

/**
 * The server for this test run: the one that `INTEGRAL_TEST_MYSQL` names (so the workers of one run share it), else a
 * private one that lives as long as this process. A server that merely happens to run is never touched.
 */
export function testMariaDb(): Promise<MariaDb> {
  const named = process.env.INTEGRAL_TEST_MYSQL
  shared ??= named ? Promise.resolve({ ...parseServerUrl(named), stop: async () => {} }) : startMariaDb()
  return shared
}

/** Starts a private MariaDB on 127.0.0.1. It ends with this process, even when that is killed. */
export async function startMariaDb(options: Options = {}): Promise<MariaDb> {
  const program = mariadbProgram()
  const folder = options.folder ?? temporaryFolder()
  const data = join(folder, 'data')
  if (!existsSync(join(data, 'mysql'))) initialise(data)
  const password = randomBytes(12).toString('hex')
  const port = options.port ?? (await freePort())
  const initFile = join(folder, 'init.sql')
  // The password is new at every start, so other users of this machine cannot get in.
  writeFileSync(
    initFile,
    ["'127.0.0.1'", "'localhost'"]
      .map(
        (host) =>
          `CREATE OR REPLACE USER integral@${host} IDENTIFIED BY '${password}';\nGRANT ALL ON *.* TO integral@${host} WITH GRANT OPTION;\n`,
      )
      .join(''),
    { mode: 0o600 },
  )
  const socket = join(folder, 'mysqld.sock')
  const temporary = join(folder, 'tmp')
  mkdirSync(temporary, { recursive: true })
  const settings: Record<string, string> = {
    datadir: data,
    socket,
    'pid-file': join(folder, 'mysqld.pid'),
    'log-error': join(folder, 'error.log'),
    'init-file': initFile,
    port: String(port),
    // A server that starts clears its temporary folder of what others left: each has its own.
    tmpdir: temporary,
    'bind-address': '127.0.0.1',
    'character-set-server': 'utf8mb4',
    'collation-server': 'utf8mb4_unicode_ci',
    'innodb-flush-log-at-trx-commit': '0',
    'innodb-ft-min-token-size': '2',
    'innodb-buffer-pool-size': '256M',
    'max-connections': '300',
    'skip-networking': 'OFF',
    'sync-binlog': '0',
    ...options.settings,
  }
  const args = ['--no-defaults', ...asRoot(), ...Object.entries(settings).map(([name, value]) => `--${name}=${value}`)]
  const child = spawnBound(program, args)
  const stop = stopper(child, options.folder ? undefined : folder)
  try {
    await waitUntilReady(child, { host: '127.0.0.1', port, user: 'integral', password }, join(folder, 'error.log'))
  } catch (error) {
    await stop()
    throw error
  }
  const url = `mysql://integral:${password}@127.0.0.1:${port}`
  return { host: '127.0.0.1', port, socket, user: 'integral', password, url, stop }
}

/** mariadbd refuses to run as root unless told to. */
const asRoot = () => (process.getuid?.() === 0 ? ['--user=root'] : [])

/** A folder in memory if there is room, since tests write much that nobody keeps. Removes what killed runs left. */
function temporaryFolder(): string {
  const memory = '/dev/shm'
  const parent = existsSync(memory) && freeBytes(memory) > 2 * GIBIBYTE ? memory : tmpdir()
  for (const name of readdirSync(parent)) {
    const owner = name.startsWith(PREFIX) ? Number(name.slice(PREFIX.length).split('-')[0]) : Number.NaN
    if (Number.isInteger(owner) && !isAlive(owner)) rmSync(join(parent, name), { recursive: true, force: true })
  }
  return mkdtempSync(join(parent, `${PREFIX}${process.pid}-`))
}

function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder)
  return bavail * bsize
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function initialise(data: string) {
  mkdirSync(data, { recursive: true })
  const installer = findProgram('mariadb-install-db', 'mysql_install_db')
  if (!installer)
    throw new Error(
      'mariadb-install-db was not found. Install it, for example: sudo apt-get install mariadb-server-core',
    )
  const args = [
    '--no-defaults',
    ...asRoot(),
    `--datadir=${data}`,
    '--skip-test-db',
    '--auth-root-authentication-method=normal',
  ]
  const { status, stdout, stderr } = spawnSync(installer, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`mariadb-install-db failed:\n${stdout}${stderr}`)
}

/** A port of 127.0.0.1 that nobody listens on at this moment. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}

/** Starts a program that the kernel ends together with this process, where the system has the tool for it. */
function spawnBound(program: string, args: string[]): ChildProcess {
  const setpriv = findProgram('setpriv')
  const [command, prefix] = setpriv ? [setpriv, ['--pdeathsig', 'KILL', '--', program]] : [program, []]
  // A group of its own: Ctrl+C in the terminal reaches only us, and we stop the server in order.
  return spawn(command, [...prefix, ...args], { stdio: 'ignore', detached: true })
}

function stopper(child: ChildProcess, folder: string | undefined): () => Promise<void> {
  const erase = () => folder && rmSync(folder, { recursive: true, force: true })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const abandon = () => {
    child.kill('SIGKILL')
    erase()
  }
  const onSignal = (signal: NodeJS.Signals) => {
    abandon()
    process.exit(signal === 'SIGINT' ? 130 : 143)
  }
  process.once('exit', abandon)
  process.once('SIGINT', onSignal)
  process.once('SIGTERM', onSignal)
  child.unref()
  return async () => {
    child.ref()
    process.off('exit', abandon)
    process.off('SIGINT', onSignal)
    process.off('SIGTERM', onSignal)
    if (child.exitCode === null && child.signalCode === null) {
      // Data that nobody keeps need no orderly end.
      child.kill(folder ? 'SIGKILL' : 'SIGTERM')
      await ended
    }
    erase()
  }
}

async function waitUntilReady(
  child: ChildProcess,
  access: { host: string; port: number; user: string; password: string },
  log: string,
): Promise<void> {
  const until = Date.now() + 60_000
  let lastError: unknown
  while (Date.now() < until) {
    if (child.exitCode !== null || child.signalCode !== null) break
    try {
      const connection = await createConnection({ ...access, connectTimeout: 2000 })
      await connection.end()
      return
    } catch (error) {
      lastError = error
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
  throw new Error(`The private MariaDB did not start; see ${log}`, { cause: lastError })
}
