import { spawn } from 'node:child_process'
import { InputError } from '../errors.ts'
import { recordEvent } from '../events/index.ts'
import type { UploadedFile } from '../http/uploads.ts'
import { log } from '../log.ts'
import type { Actor } from '../rights/index.ts'
import { setting } from '../settings.ts'

const SCAN_MS = 60_000

let command = ''

/** Tells the command that looks for viruses, with `{file}` in the place of the file; without one nothing is looked for. */
export const setScanner = (configured: string | undefined): void => {
  command = configured ?? ''
}

export const hasScanner = (): boolean => command !== ''

/** The words of the command; quotation marks keep a path with spaces together. No shell ever sees them. */
function wordsOf(path: string): string[] {
  const words = [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '')
  const filled = words.map((word) => word.replaceAll('{file}', path))
  return filled.some((word, at) => word !== words[at]) ? filled : [...filled, path]
}

type Verdict = 'clean' | 'infected' | 'unknown'

/** What the scanner says: 0 is clean, 1 is infected, as all of them have it; anything else is no answer. */
function scan(path: string): Promise<Verdict> {
  const [program = '', ...args] = wordsOf(path)
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: 'ignore', timeout: SCAN_MS, killSignal: 'SIGKILL' })
    child.once('error', (error) => {
      log.error({ error }, 'the virus scanner could not be started')
      resolve('unknown')
    })
    child.once('close', (code) => {
      if (code !== 0 && code !== 1) log.error({ code }, 'the virus scanner gave no answer')
      resolve(code === 0 ? 'clean' : code === 1 ? 'infected' : 'unknown')
    })
  })
}

/**
 * Asks the scanner, where there is one.
 * @throws InputError if the file is infected (this is noted), or nobody could say and the settings demand an answer
 */
export async function demandClean(actor: Actor, file: UploadedFile, field: string): Promise<void> {
  if (!command) return
  const verdict = await scan(file.path)
  if (verdict === 'clean') return
  if (verdict === 'infected') {
    await recordEvent(actor, 'infectedFileRefused', { type: 'file', id: 0 }, { name: file.name, use: file.use })
    throw InputError.of(field, 'errors.field.fileInfected')
  }
  if ((await setting('files')).unscanned === 'refuse') throw InputError.of(field, 'errors.field.fileUnscanned')
}
