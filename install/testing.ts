import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createConnection } from 'mysql2/promise'
import { packageRoot } from '../server/core/paths.ts'
import { TestClient } from '../server/testing/client.ts'
import { freePort, testMariaDb } from '../server/testing/mariadb.ts'

/** `npm start` in a process of its own, as a newcomer has it: it can be stopped, killed and started again. */
export interface Started {
  url: string
  /** What it has printed so far. */
  output: () => string
  stop: (signal?: NodeJS.Signals) => Promise<void>
}

const processes = new Set<ChildProcess>()
const folders = new Set<string>()

/** A data folder that is removed after the tests. */
export function makeDataFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'integral-install-'))
  folders.add(folder)
  return folder
}

/** The run of all tests has just built the program, which starts quicker than its sources. */
const program = (file: string): string[] =>
  process.env.INTEGRAL_TEST_COUNTS
    ? [join(packageRoot, 'dist', 'server', file.replace('.ts', '.js'))]
    : ['--import', 'tsx', join(packageRoot, 'server', file)]

/** Starts the program on a free port and waits until it answers. @throws with its output if it ends instead */
export async function startProgram(folder: string, env: Record<string, string> = {}): Promise<Started> {
  const port = await freePort()
  const child = spawn(process.execPath, program('main.ts'), {
    cwd: packageRoot,
    env: {
      ...process.env,
      NODE_OPTIONS: '',
      PORT: String(port),
      HOST: '127.0.0.1',
      LOG_LEVEL: 'warn',
      INTEGRAL_DATA: folder,
      ...env,
    },
  })
  processes.add(child)
  let output = ''
  child.stdout.on('data', (text) => {
    output += text
  })
  child.stderr.on('data', (text) => {
    output += text
  })
  const ended = once(child, 'exit')
  const url = `http://127.0.0.1:${port}`
  while (!(await answers(url))) {
    if (child.exitCode !== null) throw new Error(output)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  const stop = async (signal: NodeJS.Signals = 'SIGTERM') => {
    child.kill(signal)
    await ended
    processes.delete(child)
  }
  return { url, output: () => output, stop }
}

const answers = (url: string) =>
  fetch(`${url}/healthz`).then(
    (response) => response.ok,
    () => false,
  )

/** Runs a command of server/cli to its end. */
export async function runCommand(name: string, args: string[], env: Record<string, string>) {
  const child = spawn(process.execPath, [...program(join('cli', `${name}.ts`)), ...args], {
    cwd: packageRoot,
    env: { ...process.env, NODE_OPTIONS: '', LOG_LEVEL: 'warn', ...env },
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text) => {
      output += text
    })
  }
  const [code] = await once(child, 'close')
  return { code: code as number, output }
}

export const readKey = (folder: string): string => readFileSync(join(folder, 'setup-key.txt'), 'utf8').trim()

/** A browser that has shown the key. */
export async function enterWizard(started: Started, folder: string): Promise<TestClient> {
  const client = new TestClient(started.url)
  await client.get(`/setup?key=${readKey(folder)}`)
  await client.get('/setup/machine')
  return client
}

/** The database that these tests are to work with, made anew, and the answers that name it. */
export async function makeDatabase(name: string) {
  if (process.env.INTEGRAL_TEST_DB !== 'mysql') {
    const drop = async () => {}
    return { answers: { kind: 'sqlite' }, drop, query: undefined }
  }
  const { host, port, user, password } = await testMariaDb()
  const database = `integral_install_${name}_${process.pid}`
  const connection = await createConnection({ host, port, user, password, multipleStatements: true })
  const drop = async () => {
    await connection.query(`DROP DATABASE IF EXISTS ${database}`)
    await connection.end()
  }
  await connection.query(`DROP DATABASE IF EXISTS ${database}`)
  const query = (sql: string) => connection.query(sql.replaceAll('{db}', database))
  return { answers: { kind: 'mysql', host, port, user, password, database, create: '1' }, drop, query }
}

export const AUTHORITY = {
  name: 'Управление образования города Заречного',
  language: 'ru',
  languages: ['ru', 'en'],
  timeZone: 'Asia/Yekaterinburg',
}

export const ADMINISTRATOR = {
  lastName: 'Соколова',
  firstName: 'Ольга',
  middleName: 'Петровна',
  email: 'sokolova@zarechny.example',
  login: 'sokolova.op',
  password: 'correct horse battery',
}

/** Answers every step up to the last page. */
export async function answerAll(client: TestClient, database: object, content = 'empty'): Promise<void> {
  const steps: [string, Record<string, unknown>][] = [
    ['/setup/machine', {}],
    ['/setup/database', { ...database }],
    ['/setup/authority', AUTHORITY],
    ['/setup/administrator', { ...ADMINISTRATOR, passwordAgain: ADMINISTRATOR.password }],
    ['/setup/mail/skip', {}],
    ['/setup/content', { content }],
  ]
  for (const [path, fields] of steps) {
    const answer = await client.post(path, fields)
    if (answer.status !== 303) throw new Error(`${path}: ${answer.status} ${answer.text}`)
  }
}

/** Ends what tests left running and removes their folders. */
export function cleanUp(): void {
  for (const child of processes) child.kill('SIGKILL')
  for (const folder of folders) if (existsSync(folder)) rmSync(folder, { recursive: true, force: true })
}
