/**
 * Makes a working copy ready to run: the version of Node, the packages, the build. Every npm script begins here.
 * Plain JavaScript with built-in modules only, because it runs before anything is installed.
 *
 *   node install/prepare.mjs                      prepare and stop
 *   node install/prepare.mjs --packages           packages only
 *   node install/prepare.mjs run FILE [ARG…]      prepare, then run the built FILE in this same process
 *
 * In a release archive (it has dist/release.json) everything is there already, and nothing is done.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, lstatSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const modules = join(root, 'node_modules')
const stampFile = join(modules, '.integral-stamp')

const { INTEGRAL_LANGUAGE, LC_ALL, LC_MESSAGES, LANG } = process.env
const russian = /^ru/i.test(INTEGRAL_LANGUAGE || LC_ALL || LC_MESSAGES || LANG || '')
const say = (ru, en) => console.log(russian ? ru : en)

/** Ends the process with an explanation in both languages: whoever reads it may not have chosen the console's. */
function fail(ru, en) {
  console.error(`\n${ru}\n\n${en}\n`)
  process.exit(1)
}

/** Whether `version` ('v20.20.2') is at least `wanted` ('20.19'). */
export function isAtLeast(version, wanted) {
  const [major, minor] = version.replace(/^v/, '').split('.').map(Number)
  const [wantedMajor, wantedMinor] = wanted.split('.').map(Number)
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)
}

function checkNode() {
  const wanted = readPackage().engines.node.replace(/[^\d.]/g, '')
  if (isAtLeast(process.version, wanted)) return
  fail(
    `Нужен Node.js ${wanted} или новее, а запущен ${process.version} (${process.execPath}).\nУстановите Node.js 20, 22 или 24 и повторите команду.`,
    `Node.js ${wanted} or later is needed, but this is ${process.version} (${process.execPath}).\nInstall Node.js 20, 22 or 24 and run the command again.`,
  )
}

const readPackage = () => JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

const isRelease = () => existsSync(join(root, 'dist', 'release.json'))

/** What the installed packages must correspond to: the lock file, Node's major version and the kind of machine. */
function packagesFingerprint() {
  const lock = join(root, 'package-lock.json')
  return createHash('sha256')
    .update(readFileSync(existsSync(lock) ? lock : join(root, 'package.json')))
    .update(`${process.version.split('.')[0]} ${process.platform} ${process.arch}`)
    .digest('hex')
}

/** Whether npm's own record of node_modules has every package of the lock file, as after a plain `npm ci` by hand. */
function matchesLock() {
  const record = join(modules, '.package-lock.json')
  const lock = join(root, 'package-lock.json')
  if (!existsSync(record) || !existsSync(lock)) return false
  const installed = JSON.parse(readFileSync(record, 'utf8')).packages
  const wanted = JSON.parse(readFileSync(lock, 'utf8')).packages
  return Object.entries(wanted).every(
    ([path, entry]) => path === '' || entry.optional || entry.peer || installed[path]?.version === entry.version,
  )
}

function runNpm(args) {
  const npm = process.env.npm_execpath
  const [command, prefix] = npm?.endsWith('.js') ? [process.execPath, [npm]] : ['npm', []]
  const env = { ...process.env }
  // The build needs the development packages even where the host runs everything as "production".
  delete env.NODE_ENV
  delete env.npm_config_omit
  delete env.npm_config_production
  return spawnSync(command, [...prefix, ...args, '--include=dev', '--loglevel=error', '--no-progress'], {
    cwd: root,
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 64 * 1024 * 1024,
    shell: command === 'npm' && process.platform === 'win32',
  })
}

function installPackages() {
  // A link means that someone else looks after the packages: npm would replace it with a folder.
  if (existsSync(modules) && lstatSync(modules).isSymbolicLink()) return
  const fingerprint = packagesFingerprint()
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === fingerprint) return
  if (!matchesLock()) {
    const hasLock = existsSync(join(root, 'package-lock.json'))
    say('Устанавливаются пакеты — обычно это занимает до минуты…', 'Installing packages, usually within a minute…')
    const { status, stdout, stderr, error } = runNpm(hasLock ? ['ci'] : ['install', '--no-package-lock'])
    if (error) {
      fail(
        'Не удалось запустить npm. Он устанавливается вместе с Node.js: проверьте, что команда npm работает.',
        'npm could not be started. It comes with Node.js: check that the command npm works.',
      )
    }
    if (status !== 0) {
      console.error(`${stdout}${stderr}`)
      fail(
        'Пакеты не установлены: причина в сообщении npm выше. Чаще всего нет связи с реестром пакетов\n(проверьте сеть и настройки прокси: npm config set proxy АДРЕС) или нет места на диске.\nНа сервере без доступа в интернет используйте готовый архив: он ничего не скачивает.',
        'The packages were not installed: the reason is in the message of npm above. Usually the package registry cannot\nbe reached (check the network and the proxy: npm config set proxy ADDRESS) or the disk is full.\nOn a server without internet use the release archive: it downloads nothing.',
      )
    }
  }
  writeFileSync(stampFile, fingerprint)
}

const isAlive = (pid) => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

/** Two commands started together must not install or build at the same time: the second waits for the first. */
async function withLock(work) {
  const lock = join(tmpdir(), `integral-prepare-${createHash('sha1').update(root).digest('hex').slice(0, 12)}`)
  for (;;) {
    try {
      mkdirSync(lock)
      break
    } catch (error) {
      if (error.code !== 'EEXIST') break
      const owner = join(lock, 'pid')
      const age = Date.now() - (statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now())
      const gone = existsSync(owner) ? !isAlive(Number(readFileSync(owner, 'utf8'))) : age > 5000
      if (gone) rmSync(lock, { recursive: true, force: true })
      else await new Promise((done) => setTimeout(done, 200))
    }
  }
  writeFileSync(join(lock, 'pid'), String(process.pid))
  const release = () => rmSync(lock, { recursive: true, force: true })
  process.on('exit', release)
  try {
    return await work()
  } finally {
    release()
    process.off('exit', release)
  }
}

async function prepare({ packagesOnly }) {
  checkNode()
  if (isRelease()) return
  await withLock(async () => {
    installPackages()
    if (packagesOnly) return
    const { build, isBuilt } = await import('./build.mjs')
    if (isBuilt()) return
    say('Собирается приложение…', 'Building the application…')
    const problem = await build()
    if (problem) {
      console.error(problem)
      fail('Сборка не удалась: причина выше.', 'The build failed: the reason is above.')
    }
  })
}

const isMain = process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)
/** npm ends the shell that it started, but that shell does not pass the signal on: we stop when it is gone. */
function stopWithShell() {
  if (!process.env.npm_lifecycle_event) return
  const shell = process.ppid
  const watch = setInterval(() => {
    if (process.ppid === shell) return
    clearInterval(watch)
    process.kill(process.pid, 'SIGTERM')
  }, 500)
  watch.unref()
}

if (isMain) {
  const [first, file, ...rest] = process.argv.slice(2)
  await prepare({ packagesOnly: first === '--packages' })
  if (first === 'run') {
    // In this process rather than a second one: signals, memory and the exit code are then the application's own.
    stopWithShell()
    const target = resolve(root, file)
    process.argv = [process.argv[0], target, ...rest]
    await import(pathToFileURL(target).href)
  }
}
