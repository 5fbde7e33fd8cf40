/**
 * `npm test`: every test, on SQLite and on MySQL/MariaDB, and the browser tests.
 *
 * - `*.test.ts` whose text names nothing of the database (see `databasesOf`) run once;
 * - the other `*.test.ts` run twice, with INTEGRAL_TEST_DB=sqlite and with INTEGRAL_TEST_DB=mysql, except those that only
 *   ask for a MySQL/MariaDB server: these run in the second pass;
 * - `*.browser.ts` run once, on MySQL/MariaDB, in the system's Chromium.
 *
 * Words choose files by a part of their path, and `--db=sqlite` or `--db=mysql` keeps to one database:
 * `npm test -- install/ --db=sqlite`. A skipped or exclusive test is a failure: nothing is left out in silence.
 */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { testMariaDb } from './mariadb.ts'
import { chromiumProgram } from './needs.ts'

const root = join(import.meta.dirname, '..', '..')

const FOLDERS = ['server', 'install', 'seeds', 'migrations']
const JOBS = '2'

type Database = 'sqlite' | 'mysql'

/** The databases that a test works with, by itself or through the helpers of server/testing. */
function databasesOf(file: string): Database[] {
  const text = readFileSync(join(root, file), 'utf8')
  if (/useApp|core\/db|INTEGRAL_TEST_DB/.test(text)) return ['sqlite', 'mysql']
  return /mariadb\.ts/.test(text) ? ['mysql'] : []
}

const words = process.argv.slice(2).filter((word) => !word.startsWith('--'))
const onlyDatabase = process.argv.find((word) => word.startsWith('--db='))?.slice('--db='.length) as
  | Database
  | undefined
const total = { passed: 0, failed: 0, failures: [] as string[] }

function testFiles(suffix: string): string[] {
  return FOLDERS.filter((folder) => existsSync(join(root, folder)))
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file)),
    )
    .filter((file) => file.endsWith(suffix) && (words.length === 0 || words.some((word) => file.includes(word))))
    .sort()
}

/** Runs Mocha on these files and adds its counts to the total. A run that breaks off counts as one failure. */
async function runMocha(title: string, files: string[], env: Record<string, string>, options: string[]): Promise<void> {
  if (files.length === 0) return
  console.log(`\n── ${title}: ${files.length} files`)
  const folder = mkdtempSync(join(tmpdir(), 'integral-counts-'))
  const counts = join(folder, 'counts.json')
  const mocha = join(root, 'node_modules', 'mocha', 'bin', 'mocha.js')
  const reporter = join(root, 'server', 'testing', 'reporter.ts')
  const args = [mocha, '--forbid-only', '--forbid-pending', '--reporter', reporter, ...options, ...files]
  const child = spawn(process.execPath, args, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, NODE_ENV: 'test', ...env, INTEGRAL_TEST_COUNTS: counts },
  })
  const code = await new Promise<number>((resolve) => child.once('exit', (status) => resolve(status ?? 1)))
  let failures = 0
  if (existsSync(counts)) {
    const result = JSON.parse(readFileSync(counts, 'utf8'))
    total.passed += result.passes
    failures = result.failures + result.pending
    total.failures.push(...result.failed.map((failure: string) => `${title}: ${failure}`))
  }
  total.failed += code !== 0 && failures === 0 ? 1 : failures
  rmSync(folder, { recursive: true, force: true })
}

async function main(): Promise<void> {
  const tests = testFiles('.test.ts')
  const browserTests = testFiles('.browser.ts')
  const onDatabase = (database: Database) => tests.filter((file) => databasesOf(file).includes(database))
  const pure = tests.filter((file) => databasesOf(file).length === 0)
  if (tests.length + browserTests.length === 0) throw new Error(`No test file matches: ${words.join(' ')}`)

  const parallel = ['--parallel', '--jobs', JOBS]
  await runMocha('Rules and units', pure, { INTEGRAL_TEST_DB: 'sqlite' }, parallel)
  if (onlyDatabase !== 'mysql') {
    await runMocha('On SQLite', onDatabase('sqlite'), { INTEGRAL_TEST_DB: 'sqlite' }, parallel)
  }
  if (onlyDatabase === 'sqlite') return
  const mariadb = await testMariaDb()
  const env = { INTEGRAL_TEST_DB: 'mysql', INTEGRAL_TEST_MYSQL: mariadb.url }
  try {
    await runMocha('On MySQL/MariaDB', onDatabase('mysql'), env, parallel)
    if (browserTests.length) {
      const browser = { ...env, INTEGRAL_TEST_CHROMIUM: chromiumProgram() }
      await runMocha('In the browser', browserTests, browser, ['--timeout', '120000'])
    }
  } finally {
    await mariadb.stop()
  }
}

try {
  await main()
} catch (error) {
  total.failed++
  console.error(error instanceof Error ? error.message : error)
}
if (total.failures.length) console.log(`\n── Failed\n${total.failures.join('\n')}`)
console.log(`\n${total.passed} passed, ${total.failed} failed`)
process.exit(total.failed === 0 ? 0 : 1)
