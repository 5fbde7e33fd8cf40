import { createWriteStream } from 'node:fs'
import { rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { ZipFile } from 'yazl'
import { db, insertRow, withTransaction } from '../../core/db/index.ts'
import { ForbiddenError, InputError } from '../../core/errors.ts'
import { recordEvent } from '../../core/events/index.ts'
import { attachFile, keepFile, releaseFile } from '../../core/files/index.ts'
import { temporaryFolder } from '../../core/files/stores/index.ts'
import { renderView } from '../../core/http/view.ts'
import { formatFor } from '../../core/i18n/format.ts'
import { translator } from '../../core/i18n/index.ts'
import { enqueueJob, type JobContext, type JobDefinition } from '../../core/jobs/index.ts'
import { log } from '../../core/log.ts'
import { tablesAbout } from '../../core/personal-data/declarations.ts'
import { Belongings, type Row, readHeld } from '../../core/personal-data/rows.ts'
import { type Actor, NOBODY } from '../../core/rights/index.ts'
import { setting } from '../../core/settings.ts'
import { fullName } from '../../core/text.ts'
import { inSeconds, nowUtc } from '../../core/time.ts'
import { sayRows } from './held-presenter.ts'
import { COPY_OWNER } from './personal-data.ts'

/** Days that a copy can be fetched. */
const COPY_DAYS = 7
const JOB = 'privacy.copy'

type Copy = {
  id: number
  file_id: number | null
  state: 'waiting' | 'ready' | 'failed'
  created_at: string
  expires_at: string
}

/** A person's copies that can still be fetched, or are being made. */
export const listCopies = (personId: number): Promise<Copy[]> =>
  db()('data_copies').where({ person_id: personId }).where('expires_at', '>', nowUtc()).orderBy('id', 'desc').limit(10)

/** Orders a file with everything that is held about oneself; a second wish waits for the first. */
export async function orderCopy(actor: Actor): Promise<void> {
  const personId = actor.personId
  if (personId === null) throw new ForbiddenError()
  await withTransaction(async () => {
    // Whoever locks the person orders first.
    await db()('people')
      .where({ id: personId })
      .update({ consents_through: db().raw('consents_through') })
    if (await db()('data_copies').where({ person_id: personId, state: 'waiting' }).first('id')) return
    const row = {
      person_id: personId,
      state: 'waiting',
      created_at: nowUtc(),
      expires_at: inSeconds(COPY_DAYS * 86_400),
    }
    const id = await insertRow('data_copies', row)
    await recordEvent(actor, 'dataCopyOrdered', { type: 'person', id: personId })
    await enqueueJob(JOB, { id }, { uniqueKey: `${JOB}-${id}`, createdBy: personId })
  })
}

export const copyJob: JobDefinition = {
  kind: JOB,
  attempts: 3,
  run: async ({ id }: { id: number }, context) => {
    try {
      await makeCopy(id, context)
    } catch (error) {
      // No room, or too large: another try would end like this one.
      if (!(error instanceof InputError)) throw error
      log.error({ error, copy: id }, 'a copy of what is held could not be kept')
      await failCopy(id)
    }
  },
  givenUp: ({ id }: { id: number }) => failCopy(id),
}

/** The person reads it on their page and may order another. */
const failCopy = (id: number) => db()('data_copies').where({ id, state: 'waiting' }).update({ state: 'failed' })

async function makeCopy(id: number, { progress }: Pick<JobContext, 'progress'>): Promise<void> {
  const copy = await db()('data_copies').where({ id, state: 'waiting' }).first()
  if (!copy) return
  const person = await db()('people').where({ id: copy.person_id }).first()
  const { defaultLanguage, timeZone, name } = await setting('authority')
  const lang = person.language ?? defaultLanguage
  const words = { t: translator(lang), lang, format: formatFor(lang, person.time_zone ?? timeZone) }
  const belongings = new Belongings(person.id)
  const everything: Record<string, Row[]> = {}
  const sections: { title: string; rows: { label: string; value: string }[][] }[] = []
  const tables = tablesAbout().filter(([, { shows }]) => shows?.length)
  for (const [at, [table]] of tables.entries()) {
    await progress(at, tables.length)
    const rows: Row[] = []
    for await (const piece of readHeld(belongings, table)) rows.push(...piece)
    if (!rows.length) continue
    everything[table] = rows
    sections.push({ title: words.t(`privacy.table.${table}`), rows: await sayRows(words, table, rows) })
  }
  const made = { name: fullName(person), authority: name, at: words.format.dateTime(nowUtc()) }
  const html = await renderView('privacy/copy', { t: words.t, lang, made, sections })
  const json = JSON.stringify({ madeAt: nowUtc(), person: person.id, tables: everything }, null, 2)
  await keepZip(copy, { 'data.json': json, 'index.html': html }, words.t('privacy.data.fileName'))
}

async function keepZip(copy: { id: number; person_id: number }, files: Record<string, string>, name: string) {
  const path = join(await temporaryFolder(), `copy-${copy.id}.zip`)
  const zip = new ZipFile()
  for (const [entry, text] of Object.entries(files)) zip.addBuffer(Buffer.from(text), entry)
  zip.end()
  try {
    await pipeline(zip.outputStream, createWriteStream(path, { mode: 0o600 }))
    const sent = { path, name: `${name}.zip`, size: (await stat(path)).size, use: 'copy' }
    const owner: Actor = { ...NOBODY, personId: copy.person_id }
    const fileId = await keepFile(owner, sent, '')
    await withTransaction(async () => {
      await attachFile(fileId, COPY_OWNER, copy.id)
      await db()('data_copies').where({ id: copy.id }).update({ file_id: fileId, state: 'ready' })
    })
  } finally {
    await rm(path, { force: true })
  }
}

/** Who may fetch a copy: its person, until it expires. */
export const mayFetchCopy = async (actor: Actor, id: number): Promise<boolean> =>
  actor.personId !== null &&
  !actor.viewedBy &&
  Boolean(
    await db()('data_copies').where({ id, person_id: actor.personId }).where('expires_at', '>', nowUtc()).first('id'),
  )

/** For the housekeeping: copies that have expired, with their files. */
export async function forgetCopies(most: number): Promise<number> {
  const old = await db()('data_copies').where('expires_at', '<', nowUtc()).limit(most).select('id', 'file_id')
  for (const { id, file_id } of old) {
    await withTransaction(async () => {
      await db()('data_copies').where({ id }).del()
      if (file_id !== null) await releaseFile(file_id, COPY_OWNER, id)
    })
  }
  return old.length
}
