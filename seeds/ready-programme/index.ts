/**
 * The ready programme «Первые шаги в профессии» for the integration of young teachers, in Russian and English, as a
 * programme file. Its texts lie beside this file as JSON, one module each, so that a methodist can correct them
 * without reading code.
 */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type ProgrammeFile, programmeFileSchema } from '../../server/features/programmes/programme-file.ts'

const MODULE_FILES = ['m1', 'm2', 'm3', 'm4', 'm5', 'm6', 'm7', 'm8'].map((key) => `${key}.json`)

/**
 * The whole ready programme, freshly read and checked against the schema; a file of its own on each call, so a caller
 * may change it. Throws when a JSON file is missing or does not fit the format: then the installation is damaged.
 */
export function readyProgrammeFile(): ProgrammeFile {
  const folder = join(packageRoot(), 'seeds', 'ready-programme')
  const read = (name: string): unknown => JSON.parse(readFileSync(join(folder, name), 'utf8'))
  const whole = read('programme.json') as { programme: Record<string, unknown> }
  return programmeFileSchema.parse({ ...whole, programme: { ...whole.programme, modules: MODULE_FILES.map(read) } })
}

/** Nearest folder upward with a package.json: the JSON is not compiled, so it is found the same way from dist/. */
function packageRoot(): string {
  const start = dirname(fileURLToPath(import.meta.url))
  for (let folder = start; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return folder
    if (folder === dirname(folder)) throw new Error(`No package.json above ${start}`)
  }
}
