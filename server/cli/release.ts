/**
 * `npm run release`: dist-release/integral-<version>.tar.gz, an archive for a plain web host. It is built, has the production
 * packages with their binaries for Linux (x86-64, glibc) inside, and needs nothing but Node to run. `-- --out FOLDER` puts
 * it elsewhere; what was in that folder is removed.
 */
import { type SpawnSyncOptions, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { extname, join, resolve } from 'node:path'
import { packageRoot } from '../core/paths.ts'

const { version } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8'))
const name = `integral-${version}`
const chosen = process.argv[process.argv.indexOf('--out') + 1]
const out = process.argv.includes('--out') && chosen ? resolve(chosen) : join(packageRoot, 'dist-release')
const stage = join(out, name)

/** What the running system reads, and what whoever installs it needs. */
const FOLDERS = ['dist', 'docs', 'install', 'public', 'seeds', 'server/locales', 'views']
const FILES = ['package.json', 'package-lock.json', 'LICENSE', 'README.md', 'README.ru.md', '.npmrc']

/** Sources are in the build already; JSON beside them (texts, the ready programme) is read as it is. */
const isNeeded = (file: string): boolean => !/\.ts$|\.(js|mjs)\.map$|\/dev\.mjs$/.test(file)

/** In packages: sources, maps, types and texts for developers, which make up two thirds of their files. */
const SUPERFLUOUS = new Set(['.map', '.ts', '.mts', '.cts', '.md', '.markdown', '.scss', '.flow', '.tsbuildinfo'])
const isLicence = (file: string): boolean => /licen[cs]e|copying|notice/i.test(file)

function run(command: string, args: string[], options: SpawnSyncOptions = {}): void {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit', ...options })
  if (error || status !== 0) throw new Error(`${command} ${args.join(' ')} failed: ${error?.message ?? status}`)
}

function copySources(): void {
  rmSync(out, { recursive: true, force: true })
  mkdirSync(stage, { recursive: true })
  for (const folder of FOLDERS.filter((folder) => existsSync(join(packageRoot, folder)))) {
    cpSync(join(packageRoot, folder), join(stage, folder), { recursive: true, filter: isNeeded })
  }
  for (const file of FILES.filter((file) => existsSync(join(packageRoot, file)))) {
    cpSync(join(packageRoot, file), join(stage, file))
  }
}

/** The packages that the running system needs, for the system that hosts have, whatever this one is. */
function installPackages(): void {
  const target = ['--os=linux', '--cpu=x64', '--libc=glibc']
  const quiet = ['--ignore-scripts', '--no-bin-links', '--loglevel=error', '--no-progress']
  run('npm', ['ci', '--omit=dev', ...target, ...quiet], { cwd: stage, shell: process.platform === 'win32' })
  const modules = join(stage, 'node_modules')
  // An optional companion of i18next that only compiles.
  for (const compiler of ['typescript', '@typescript'])
    rmSync(join(modules, compiler), { recursive: true, force: true })
  for (const entry of readdirSync(modules, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || isLicence(entry.name) || !SUPERFLUOUS.has(extname(entry.name))) continue
    rmSync(join(entry.parentPath, entry.name))
  }
}

copySources()
installPackages()
// Tells the start that nothing is to be installed or built here.
writeFileSync(join(stage, 'dist', 'release.json'), `${JSON.stringify({ version, built: new Date().toISOString() })}\n`)
const archive = join(out, `${name}.tar.gz`)
run('tar', ['-czf', archive, '--owner=0', '--group=0', '-C', out, name])
rmSync(stage, { recursive: true, force: true })
console.log(`${archive} (${Math.round(statSync(archive).size / 2 ** 20)} MiB)`)
