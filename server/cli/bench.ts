import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import autocannon from 'autocannon'
import { SMTPServer } from 'smtp-server'
import { CITY, DEMONSTRATION, loadAuthority, type Marks, type Size } from '../../seeds/city/index.ts'
import type { Config, DatabaseConfig } from '../config.ts'
import { connect } from '../core/db/connect.ts'
import { closeDatabase } from '../core/db/index.ts'
import { packageRoot } from '../core/paths.ts'
import { prepareDatabase } from '../start.ts'
import { TestClient } from '../testing/client.ts'
import { startMariaDb } from '../testing/mariadb.ts'

// `npm run bench`: how quick the main pages are at the size of a demonstration and of a city, beside the limit of the
// machine: the same views from ready view-models by a bare Express app. `-- --quick` measures for seconds, not minutes.

const isQuick = process.argv.includes('--quick')
const SECONDS = isQuick ? 3 : 12
const CONNECTIONS = 8
const PASSWORD = 'benchmark benchmark'
const folder = join(packageRoot, 'data', 'bench')
const say = (text: string) => process.stdout.write(`${text}\n`)

type Site = { name: string; size: Size; database: DatabaseConfig }
type Measured = { rps: number; p50: number; p95: number; p99: number; failed: number }
type Row = { site: string; page: string; app: Measured; limit: Measured; queries: number; megabytes: number }

const configFor = (database: DatabaseConfig): Config => ({
  dataFolder: folder,
  host: '127.0.0.1',
  port: 0,
  secret: 'benchmark benchmark benchmark benchmark',
  trustProxy: 0,
  attemptsPerAddress: 100,
  logLevel: 'error',
  database,
})

/** Builds a site's database unless an earlier run left it whole. */
async function build(site: Site): Promise<Marks> {
  const noted = join(folder, `${site.name}.json`)
  if (existsSync(noted)) return JSON.parse(readFileSync(noted, 'utf8'))
  say(`Building ${site.name} …`)
  const started = Date.now()
  if (site.database.kind === 'sqlite') rmSync(site.database.file, { force: true })
  else {
    const admin = connect({ ...site.database, database: '' })
    await admin.raw(`drop database if exists ${site.database.database}`)
    await admin.raw(`create database ${site.database.database} character set utf8mb4 collate utf8mb4_bin`)
    await admin.destroy()
  }
  await prepareDatabase(configFor(site.database))
  const marks = await loadAuthority(site.size, PASSWORD, (what) =>
    say(`  ${Math.round((Date.now() - started) / 1000)} s: ${what}`),
  )
  await closeDatabase()
  writeFileSync(noted, JSON.stringify(marks))
  return marks
}

async function serve(site: Site): Promise<{ child: ChildProcess; app: string; limit: string }> {
  const program = join(
    import.meta.dirname,
    import.meta.filename.endsWith('.ts') ? 'bench-server.ts' : 'bench-server.js',
  )
  const env = {
    ...process.env,
    NODE_ENV: 'production',
    LOG_LEVEL: 'error',
    INTEGRAL_COUNT_QUERIES: '1',
    INTEGRAL_DATA: folder,
  }
  const child = fork(program, [JSON.stringify(configFor(site.database))], { env, execArgv: process.execArgv })
  const ports = await new Promise<{ app: number; limit: number }>((resolve, reject) => {
    child.once('message', (message) => resolve(message as { app: number; limit: number }))
    child.once('exit', (code) => reject(new Error(`The server of the benchmark ended with ${code}`)))
  })
  return { child, app: `http://127.0.0.1:${ports.app}`, limit: `http://127.0.0.1:${ports.limit}` }
}

async function fire(url: string, cookie: string, until?: Promise<unknown>): Promise<Measured> {
  if (!until) await hammer(url, cookie, isQuick ? 1 : 3)
  const { result, times } = await hammer(url, cookie, until ? 600 : SECONDS, until)
  const sorted = Float64Array.from(times).sort()
  const quantile = (share: number) => Math.round((sorted[Math.floor(sorted.length * share)] ?? 0) * 10) / 10
  const latency = { p50: quantile(0.5), p95: quantile(0.95), p99: quantile(0.99) }
  return { rps: result.requests.average, ...latency, failed: result.non2xx + result.errors }
}

/**
 * Loads one address from a few connections at once, noting how long each answer took, in milliseconds.
 * @param duration seconds, or less if `until` comes first
 */
function hammer(
  url: string,
  cookie: string,
  duration: number,
  until?: Promise<unknown>,
): Promise<{ result: autocannon.Result; times: number[] }> {
  const times: number[] = []
  const options = { url, connections: CONNECTIONS, duration, headers: { cookie, accept: 'text/html' } }
  return new Promise((resolve, reject) => {
    const run = autocannon(options, (error, result) => (error ? reject(error) : resolve({ result, times })))
    run.on('response', (_client, _status, _bytes, time) => times.push(time))
    void until?.then(() => run.stop())
  })
}

const memoryOf = (pid: number): number => {
  const line = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Math.round(Number(line ?? 0) / 1024)
}

const search = (text: string) => `/search?q=${encodeURIComponent(text)}`

const pagesOf = (marks: Marks): [page: string, login: string | null, path: string][] => [
  ['sign-in', null, '/sign-in'],
  ["learner's home", 'learner', '/home'],
  ['route constructor', 'builder', `/learning-routes/${marks.enrolment}`],
  ['journal 30 × 40', 'instructor', `/journals/${marks.group}`],
  ['director, 120 employees', 'director', '/employees'],
  ['notices', 'learner', '/notices?show=all'],
  ['people, filtered', 'admin', `/people?positionId=${marks.position}`],
  ['search', 'admin', search('Иванова Мария')],
  ['search, misspelt', 'admin', search('ивонова мареа')],
  ['search, frequent name', 'admin', search('Иванова')],
  ['search of a director', 'director', search('Иванова')],
  ['people, saved filter', 'admin', `/people?filter=${marks.filter}`],
  // Two letters of a common name: what is asked while one types.
  ['people picker', 'admin', `/people/suggest?q=${encodeURIComponent('анна ив')}`],
  ['audit', 'admin', '/audit'],
  ['audit of one person', 'admin', `/audit?actor=${marks.instructor}&event=dataRead`],
]

async function open(app: string, login: string | null, path: string) {
  const client = new TestClient(app)
  if (login) await client.post('/sign-in', { login, password: PASSWORD })
  const answer = await client.get(path)
  if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}`)
  return { answer, cookie: client.cookie }
}

/** Memory under load in a process that serves the application alone, in megabytes per page, one page after another. */
async function weigh(site: Site, marks: Marks): Promise<Map<string, number>> {
  const megabytes = new Map<string, number>()
  const { child, app } = await serve(site)
  for (const [page, login, path] of pagesOf(marks)) {
    const { cookie } = await open(app, login, path)
    await hammer(`${app}${path}`, cookie, isQuick ? 1 : 4)
    megabytes.set(page, memoryOf(child.pid as number))
  }
  child.disconnect()
  return megabytes
}

async function measure(site: Site, marks: Marks): Promise<Row[]> {
  const rows: Row[] = []
  const megabytes = await weigh(site, marks)
  const { child, app, limit } = await serve(site)
  for (const [page, login, path] of pagesOf(marks)) {
    const { answer, cookie } = await open(app, login, path)
    const row = {
      site: site.name,
      page,
      app: await fire(`${app}${path}`, cookie),
      limit: await fire(`${limit}${path}`, ''),
      queries: answer.queries,
      megabytes: megabytes.get(page) ?? 0,
    }
    rows.push(row)
    const share = row.app.rps / row.limit.rps
    const latency = `${row.app.p50}/${row.app.p95}/${row.app.p99} ms`
    say(
      `${site.name.padEnd(20)} ${page.padEnd(24)} ${row.app.rps.toFixed(0).padStart(6)}/s of ${row.limit.rps.toFixed(0).padStart(6)}/s = ${share.toFixed(2)}` +
        `  ${latency.padEnd(16)} ${String(row.queries).padStart(2)} queries  ${row.megabytes} MB${row.app.failed ? `  ${row.app.failed} failed` : ''}`,
    )
  }
  child.disconnect()
  return rows
}

const LETTERS = isQuick ? 1000 : 10_000

/** How long a page takes while thousands of letters go out, as a multiple of what it takes otherwise. */
async function measureMail(site: Site, marks: Marks): Promise<void> {
  const { child, app } = await serve(site)
  let received = 0
  const smtp = new SMTPServer({
    authOptional: true,
    hideSTARTTLS: true,
    onData(stream, _session, done) {
      received++
      stream.on('end', () => done()).resume()
    },
  })
  smtp.listen(0, '127.0.0.1')
  await once(smtp.server, 'listening')
  const { port } = smtp.server.address() as AddressInfo
  for (const [page, login, path] of pagesOf(marks).slice(1, 3)) {
    const { cookie } = await open(app, login, path)
    const quiet = await fire(`${app}${path}`, cookie)
    child.send({ letters: LETTERS, smtpPort: port })
    await once(child, 'message')
    const started = Date.now()
    const busy = await fire(`${app}${path}`, cookie, once(child, 'message'))
    const seconds = (Date.now() - started) / 1000
    const latency = `p95 ${busy.p95} ms of ${quiet.p95} ms = ${(busy.p95 / quiet.p95).toFixed(2)}`
    say(
      `${site.name.padEnd(20)} ${page.padEnd(24)} while letters go out: ${latency} (${LETTERS} in ${seconds.toFixed(0)} s)`,
    )
  }
  if (received !== 2 * LETTERS) throw new Error(`${received} letters arrived of ${2 * LETTERS}`)
  smtp.close()
  child.disconnect()
}

mkdirSync(folder, { recursive: true })
const settings = { 'innodb-buffer-pool-size': '2G', 'innodb-log-file-size': '512M' }
const mariadb = await startMariaDb({ folder: join(folder, 'mariadb'), settings })
const { host, port, socket, user, password } = mariadb
// By its socket, as on a plain web host that has its database beside it.
const mysql = (database: string): DatabaseConfig => ({
  ...{ kind: 'mysql', host, port, user, password, database, pool: 10 },
  ...(socket ? { socket } : {}),
})
const sites: Site[] = [
  { name: 'SQLite, demo', size: DEMONSTRATION, database: { kind: 'sqlite', file: join(folder, 'demo.sqlite') } },
  { name: 'MariaDB, demo', size: DEMONSTRATION, database: mysql('integral_bench_demo') },
  { name: 'MariaDB, city', size: CITY, database: mysql('integral_bench_city') },
]

try {
  const rows: Row[] = []
  const marks = new Map<Site, Marks>()
  for (const site of sites) marks.set(site, await build(site))
  for (const site of sites) rows.push(...(await measure(site, marks.get(site) as Marks)))
  const rateOf = (site: string, page: string) =>
    rows.find((row) => row.site === site && row.page === page)?.app.rps ?? 0
  const demonstration = sites[1] as Site
  await measureMail(demonstration, marks.get(demonstration) as Marks)
  say('\nCity time as a multiple of demonstration time (goal: at most 1.3):')
  for (const { page } of rows.filter((row) => row.site === 'MariaDB, city')) {
    say(`  ${page.padEnd(24)} ${(rateOf('MariaDB, demo', page) / rateOf('MariaDB, city', page)).toFixed(2)}`)
  }
  const file = join(folder, 'results.json')
  writeFileSync(
    file,
    JSON.stringify({ at: new Date().toISOString(), seconds: SECONDS, connections: CONNECTIONS, rows }, null, 2),
  )
  say(`\n${file}`)
} finally {
  await mariadb.stop()
}
