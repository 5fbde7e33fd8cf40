import { existsSync, readdirSync, readFileSync, statfsSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { freemem, totalmem, userInfo } from 'node:os'
import { dirname, join } from 'node:path'
import { makeFolder, removeFile } from './folders.ts'

/** `ok` · `warning`: works, but something should be mended · `failed`: Integral cannot run like this. */
export type CheckState = 'ok' | 'warning' | 'failed'

/** One finding. Its words are `install.machineFound.<name>_<code>`, filled with `values`. */
export interface MachineFinding {
  name: 'node' | 'modules' | 'folder' | 'disk' | 'memory' | 'port' | 'clock'
  code: string
  state: CheckState
  values: Record<string, string | number>
}

const MEBIBYTE = 2 ** 20
const NODE_WANTED = [20, 19] as const
/** Below this not even an empty installation with one backup fits. */
const DISK_NEEDED = 300
const DISK_RECOMMENDED = 5 * 1024
const MEMORY_NEEDED = 400
const MEMORY_RECOMMENDED = 900

const ok = (name: MachineFinding['name'], values: MachineFinding['values'] = {}): MachineFinding => ({
  name,
  code: 'ok',
  state: 'ok',
  values,
})

/** Whether this version of Node runs Integral. */
export function checkNode(version = process.version): MachineFinding {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number)
  const isEnough = major > NODE_WANTED[0] || (major === NODE_WANTED[0] && minor >= NODE_WANTED[1])
  const values = { version: version.replace(/^v/, ''), wanted: NODE_WANTED.join('.') }
  return isEnough ? ok('node', values) : { name: 'node', code: 'old', state: 'failed', values }
}

/** Whether the modules with compiled parts load on this system: they are chosen by system and processor. */
export async function checkModules(names = ['libsql', '@node-rs/argon2', 'sharp']): Promise<MachineFinding> {
  for (const module of names) {
    try {
      await import(module)
    } catch {
      const values = { module, platform: `${process.platform} ${process.arch}` }
      return { name: 'modules', code: 'broken', state: 'failed', values }
    }
  }
  return ok('modules')
}

/** Whether the data folder can be made and written to by the user of this process. */
export function checkFolder(folder: string): MachineFinding {
  const values = { folder, user: userName() }
  const probe = join(folder, `.integral-probe-${process.pid}`)
  try {
    makeFolder(folder)
    readdirSync(folder)
    writeFileSync(probe, 'probe')
    if (readFileSync(probe, 'utf8') !== 'probe') throw new Error('What was written came back different')
    return ok('folder', values)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ENOSPC' || code === 'EDQUOT') return { name: 'folder', code: 'full', state: 'failed', values }
    if (code === 'ENOTDIR' || code === 'EEXIST')
      return { name: 'folder', code: 'not_a_folder', state: 'failed', values }
    if (code === 'EROFS') return { name: 'folder', code: 'read_only', state: 'failed', values }
    return { name: 'folder', code: 'forbidden', state: 'failed', values }
  } finally {
    removeFile(probe)
  }
}

/** Free space where the data folder is or will be. */
export function checkDisk(folder: string, free = freeMebibytes(folder)): MachineFinding {
  const values = { free, needed: DISK_NEEDED, recommended: DISK_RECOMMENDED }
  if (free < DISK_NEEDED) return { name: 'disk', code: 'full', state: 'failed', values }
  if (free < DISK_RECOMMENDED) return { name: 'disk', code: 'little', state: 'warning', values }
  return ok('disk', values)
}

/** Memory of the machine, or of the container or service that the process may use. */
export function checkMemory(total = memoryMebibytes()): MachineFinding {
  const values = { total, free: Math.round(freemem() / MEBIBYTE), recommended: MEMORY_RECOMMENDED }
  if (total < MEMORY_NEEDED) return { name: 'memory', code: 'too_little', state: 'failed', values }
  if (total < MEMORY_RECOMMENDED) return { name: 'memory', code: 'little', state: 'warning', values }
  return ok('memory', values)
}

/** Whether the port can be listened on. Not asked by the wizard, which listens on it already. */
export function checkPort(port: number, host = '0.0.0.0'): Promise<MachineFinding> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', (error: NodeJS.ErrnoException) => {
      const code = error.code === 'EACCES' ? 'privileged' : 'taken'
      resolve({ name: 'port', code, state: 'failed', values: { port } })
    })
    probe.listen(port, host, () => probe.close(() => resolve(ok('port', { port }))))
  })
}

/** Whether the clock shows a possible time and Node knows the world's time zones. */
export function checkClock(now = new Date(), released = releaseDate()): MachineFinding {
  const values = { now: now.toISOString() }
  if (now < released) return { name: 'clock', code: 'behind', state: 'failed', values }
  return isTimeZone('Asia/Vladivostok')
    ? ok('clock', values)
    : { name: 'clock', code: 'no_zones', state: 'failed', values }
}

/** Whether this is the IANA name of a time zone, e.g. Europe/Moscow. */
export function isTimeZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone })
    return true
  } catch {
    return false
  }
}

/**
 * Looks at the whole machine, in the order in which the findings are shown.
 * @param port the port to try, when nothing of ours listens on it yet
 */
export async function checkMachine(folder: string, port?: number): Promise<MachineFinding[]> {
  const findings = [
    checkNode(),
    await checkModules(),
    checkFolder(folder),
    checkDisk(folder),
    checkMemory(),
    checkClock(),
  ]
  if (port) findings.push(await checkPort(port))
  return findings
}

/** The nearest folder above (or the folder itself) that exists. */
function existingFolder(folder: string): string {
  let current = folder
  while (!existsSync(current) && dirname(current) !== current) current = dirname(current)
  return current
}

function freeMebibytes(folder: string): number {
  const { bavail, bsize } = statfsSync(existingFolder(folder))
  return Math.floor((bavail * bsize) / MEBIBYTE)
}

function memoryMebibytes(): number {
  // A limit of the service or container, where there is one; "no limit" is given as 0 or as an enormous number.
  const limit = process.constrainedMemory()
  return Math.round((limit > 0 ? Math.min(limit, totalmem()) : totalmem()) / MEBIBYTE)
}

function userName(): string {
  try {
    return userInfo().username
  } catch {
    // In a container the user may have a number only.
    return String(process.getuid?.() ?? '')
  }
}

/** No clock can rightly show a time before this version was made. */
function releaseDate(): Date {
  return new Date('2026-01-01T00:00:00Z')
}
