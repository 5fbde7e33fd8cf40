import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../core/paths.ts'

export type Source = { file: string; text: string }

/** The text files below a folder of the project whose names end so, tests left out. */
export function sources(folder: string, ...endings: string[]): Source[] {
  return readdirSync(join(packageRoot, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => endings.some((ending) => file.endsWith(ending)) && !/\.(test|browser|matrix)\.ts$/.test(file))
    .map((file) => ({ file: join(folder, file), text: readFileSync(join(packageRoot, folder, file), 'utf8') }))
    .sort((a, b) => a.file.localeCompare(b.file))
}
