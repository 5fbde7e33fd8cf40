import { spawn } from 'node:child_process'
import { constants } from 'node:fs'
import { access, copyFile, mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { delimiter, isAbsolute, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { temporaryFolder } from '../stores/index.ts'
import { PreviewFailure } from './failure.ts'

let mostMs = 60_000
/** A table of a million lines makes a PDF that no browser opens. */
const MOST_BYTES = 200_000_000
const NAMES = ['soffice', 'libreoffice']

let configured: string | undefined
let found: { path: string | undefined; until: number } | undefined

/**
 * Tells where LibreOffice is; without that it is looked for among the machine's programs. `off` switches it off.
 * @param limit milliseconds for one document; a minute unless a test is in a hurry
 */
export const setConverter = (program: string | undefined, limit = 60_000): void => {
  configured = program
  mostMs = limit
  found = undefined
}

const isProgram = (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  )

/** The program that turns office documents into PDF; undefined where there is none. */
export async function findConverter(): Promise<string | undefined> {
  if (found && Date.now() < found.until) return found.path
  const path = await look()
  // Whoever installs it need not start the system anew.
  found = { path, until: Date.now() + 60_000 }
  return path
}

async function look(): Promise<string | undefined> {
  if (configured === 'off') return undefined
  if (configured && isAbsolute(configured)) return (await isProgram(configured)) ? configured : undefined
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean)
  for (const name of configured ? [configured] : NAMES) {
    for (const folder of folders) if (await isProgram(join(folder, name))) return join(folder, name)
  }
  return undefined
}

/** A document must neither run its macros nor fetch anything from a network while it is converted. */
const PROFILE = `<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="MacroSecurityLevel" oor:op="fuse"><value>3</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="DisableMacrosExecution" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="DisableActiveContent" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="BlockUntrustedRefererLinks" oor:op="fuse"><value>true</value></prop></item>
</oor:items>
`

/**
 * Writes an office document as PDF, by LibreOffice in a process of its own with a limit of time. Each has a profile of its
 * own, since two cannot share one.
 * @throws PreviewFailure
 */
export async function convertToPdf(path: string, extension: string, target: string): Promise<void> {
  const program = await findConverter()
  if (!program) throw new Error('LibreOffice is gone')
  const folder = await mkdtemp(join(await temporaryFolder(), 'office-'))
  try {
    // Its own kind of name: the program guesses from it, and nobody's words come near a command line.
    const source = join(folder, `source.${/^[a-z]{2,5}$/.test(extension) ? extension : 'bin'}`)
    await copyFile(path, source)
    await mkdir(join(folder, 'profile', 'user'), { recursive: true })
    await writeFile(join(folder, 'profile', 'user', 'registrymodifications.xcu'), PROFILE)
    await run(program, folder, source)
    const made = (await readdir(folder)).find((name) => name === 'source.pdf')
    if (!made) throw new PreviewFailure('broken')
    if ((await stat(join(folder, made))).size > MOST_BYTES) throw new PreviewFailure('tooLarge')
    await rename(join(folder, made), target)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function run(program: string, folder: string, source: string): Promise<void> {
  const profile = pathToFileURL(join(folder, 'profile')).href
  const args = [
    '--headless',
    '--norestore',
    '--nolockcheck',
    '--nodefault',
    '--nologo',
    `-env:UserInstallation=${profile}`,
  ]
  // Nothing of our own environment: it holds passwords.
  const env = { PATH: process.env.PATH, HOME: folder, TMPDIR: folder, LANG: 'C.UTF-8' }
  const options = { cwd: folder, env, stdio: 'ignore', detached: true } as const
  return new Promise((resolve, reject) => {
    const child = spawn(program, [...args, '--convert-to', 'pdf', '--outdir', folder, source], options)
    // The program starts another one: the whole group ends.
    const end = () => {
      try {
        if (child.pid) process.kill(-child.pid, 'SIGKILL')
      } catch {
        // It has ended by itself.
      }
    }
    const timer = setTimeout(() => {
      end()
      reject(new PreviewFailure('tooLong'))
    }, mostMs)
    child.once('error', (error) => {
      clearTimeout(timer)
      reject(error)
    })
    child.once('close', (code) => {
      clearTimeout(timer)
      end()
      if (code === 0) resolve()
      else reject(new PreviewFailure('broken', new Error(`LibreOffice ended with ${code}`)))
    })
  })
}
