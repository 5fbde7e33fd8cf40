import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** A program that the tests need and a system package that brings it. */
interface Need {
  what: string
  programs: string[]
  package: string
}

const MARIADB: Need = {
  what: 'MariaDB (mariadbd and mariadb-install-db)',
  programs: ['mariadbd', 'mysqld'],
  // The core package brings the programs without a service that would begin to run.
  package: 'mariadb-server-core',
}

const CHROMIUM: Need = {
  what: 'Chromium',
  programs: ['chromium', 'chromium-browser', 'google-chrome'],
  package: 'chromium',
}

/** Where servers are kept although an ordinary user's PATH does not name it. */
const EXTRA_FOLDERS = ['/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/libexec', '/usr/local/bin', '/usr/bin']

/** The full path of the first of these programs that is installed. */
export function findProgram(...names: string[]): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...EXTRA_FOLDERS].filter(Boolean)
  for (const name of names) {
    for (const folder of folders) {
      const file = join(folder, name)
      try {
        accessSync(file, constants.X_OK)
        return file
      } catch {
        // not here
      }
    }
  }
  return undefined
}

/**
 * Finds the program, installing its package first if this user may do that.
 * @returns its full path
 * @throws Error that says exactly what to install
 */
function demand(need: Need): string {
  const found = findProgram(...need.programs)
  if (found) return found
  const advice = `Install it and run the command again, for example: sudo apt-get install ${need.package}`
  const apt = findProgram('apt-get')
  if (process.getuid?.() !== 0 || !apt)
    throw new Error(`The tests need ${need.what}, which is not installed.\n${advice}`)
  console.log(`Installing ${need.what} with apt-get…`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  for (const args of [
    ['update', '-qq'],
    ['install', '-y', '-qq', '--no-install-recommends', need.package],
  ]) {
    const { status, stdout, stderr } = spawnSync(apt, args, { encoding: 'utf8', env })
    if (status !== 0 && args[0] === 'install')
      throw new Error(`${stdout}${stderr}\n${need.what} could not be installed.\n${advice}`)
  }
  const installed = findProgram(...need.programs)
  if (!installed) throw new Error(`The package ${need.package} did not bring ${need.programs[0]}.\n${advice}`)
  return installed
}

/** The MariaDB server program. */
export const mariadbProgram = (): string => demand(MARIADB)

/** The browser for `*.browser.ts`. `INTEGRAL_TEST_CHROMIUM` names another one. */
export const chromiumProgram = (): string => process.env.INTEGRAL_TEST_CHROMIUM ?? demand(CHROMIUM)
