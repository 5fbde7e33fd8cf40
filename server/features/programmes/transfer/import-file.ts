import { randomUUID } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { z } from 'zod'
import { InputError } from '../../../core/errors.ts'
import { keepFile } from '../../../core/files/index.ts'
import { temporaryFolder } from '../../../core/files/stores/index.ts'
import type { UploadedFile } from '../../../core/http/uploads.ts'
import type { Actor } from '../../../core/rights/index.ts'
import { checkProgrammeFile, type Problem, type ProgrammeFile, programmeFileSchema } from '../programme-file.ts'
import { demandMayCreate } from '../service.ts'
import { type CreatedProgramme, createProgrammeFromFile } from './create-from-file.ts'
import { MOST_EMBEDDED_BYTES } from './export-file.ts'

/** Base64 makes four signs of three bytes; the rest is room for texts. It is read as a whole. */
export const MOST_IMPORT_MEGABYTES = Math.ceil((MOST_EMBEDDED_BYTES * 1.4) / 1e6) + 5

/** What keeps a file from being imported, for words: cross-checks, or places whose shape is wrong. */
export type ImportProblem =
  | Problem
  | { code: 'shape'; severity: 'error'; path: (string | number)[]; params: { reason: string } }

const MOST_SHOWN = 100

const shapeProblem = (issue: z.core.$ZodIssue): ImportProblem => ({
  code: 'shape',
  severity: 'error',
  path: issue.path.map((part) => (typeof part === 'number' ? part : String(part))),
  params: { reason: issue.code === 'too_big' || issue.code === 'too_small' ? issue.code : 'other' },
})

/** Reads a programme file, without believing anything that it says. */
export function readProgrammeFile(text: string): { file?: ProgrammeFile; problems: ImportProblem[] } {
  let data: unknown
  try {
    data = JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch {
    throw InputError.of('file', 'programmes.import.notJson')
  }
  const head = data as { format?: unknown; version?: unknown } | null
  if (typeof head !== 'object' || head?.format !== 'integral-programme') {
    throw InputError.of('file', 'programmes.import.notProgramme')
  }
  if (head.version !== 1) throw InputError.of('file', 'programmes.import.newerVersion')
  const parsed = programmeFileSchema.safeParse(data)
  if (!parsed.success) return { problems: parsed.error.issues.slice(0, MOST_SHOWN).map(shapeProblem) }
  return { file: parsed.data, problems: checkProgrammeFile(parsed.data).slice(0, MOST_SHOWN) }
}

export type ImportResult =
  | { created: CreatedProgramme; warnings: ImportProblem[]; filesLeftOut: number }
  | { created: null; problems: ImportProblem[] }

/**
 * Makes a programme of an uploaded file, all or nothing. A file with errors makes nothing: its problems come back to be
 * listed; warnings do not stop it, since an unfinished draft may be carried over too.
 * @throws InputError if it is no programme file at all
 */
export async function importProgramme(actor: Actor, upload: UploadedFile | undefined): Promise<ImportResult> {
  demandMayCreate(actor)
  if (!upload) throw InputError.of('file', 'programmes.import.noFile')
  const { file, problems } = readProgrammeFile(await readFile(upload.path, 'utf8'))
  if (!file || problems.some((problem) => problem.severity === 'error')) {
    return { created: null, problems: problems.filter((problem) => problem.severity === 'error') }
  }
  const files = await keepEmbeddedFiles(actor, file)
  const created = await createProgrammeFromFile(actor, file, { files })
  return { created, warnings: problems, filesLeftOut: file.files.length - files.size }
}

/** Keeps the contents before the transaction: nothing hangs on them until the programme is there. */
async function keepEmbeddedFiles(actor: Actor, file: ProgrammeFile): Promise<Map<string, number>> {
  const kept = new Map<string, number>()
  const folder = await mkdtemp(join(await temporaryFolder(), 'programme-'))
  try {
    for (const { key, name, content } of file.files) {
      if (content === null) continue
      const bytes = Buffer.from(content, 'base64')
      const path = join(folder, randomUUID())
      await writeFile(path, bytes)
      try {
        kept.set(key, await keepFile(actor, { path, name, size: bytes.length, use: 'material' }, 'file'))
      } catch (error) {
        if (!(error instanceof InputError)) throw error
        // What is wrong with the file itself is said with its name; without room or store none is kept.
        const [reason] = error.fields
        const isOwn = reason && !/Room|store/.test(reason.code)
        throw isOwn ? InputError.of('file', 'programmes.import.fileKind', { name }) : error
      }
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  return kept
}
