import type { Knex } from 'knex'
import { db } from '../db/index.ts'
import { InputError } from '../errors.ts'
import { setting } from '../settings.ts'
import { fileUse, fileUses } from './uses.ts'

const MEGABYTE = 1e6

/** Uses that take a person's own room. */
const personal = () =>
  fileUses()
    .filter(([, use]) => use.room === 'person')
    .map(([name]) => name)

async function sum(files: Knex.QueryBuilder): Promise<number> {
  const row: { bytes: number | string | null } | undefined = await files
    .whereNull('deleted_at')
    .sum('size as bytes')
    .first()
  return Number(row?.bytes ?? 0)
}

/** Bytes that a person's own files take. */
export const roomTakenBy = (personId: number): Promise<number> =>
  sum(db()('files').where({ created_by: personId }).whereIn('purpose', personal()))

/** Bytes that all files take; what is kept twice under one content counts once for each owner. */
export const roomTaken = (): Promise<number> => sum(db()('files'))

/**
 * Refuses a file for which there is no room left. Inside a transaction, with the person's row held, two files at once do
 * not share the last of it.
 * @throws InputError
 */
export async function demandRoom(
  personId: number | null,
  { size, use }: { size: number; use: string },
  field: string,
): Promise<void> {
  const { personMegabytes, authorityMegabytes } = await setting('files')
  if (authorityMegabytes && (await roomTaken()) + size > authorityMegabytes * MEGABYTE) {
    throw InputError.of(field, 'errors.field.authorityRoom')
  }
  if (!personMegabytes || personId === null || fileUse(use).room !== 'person') return
  const taken = await roomTakenBy(personId)
  if (taken + size <= personMegabytes * MEGABYTE) return
  const left = Math.max(0, Math.floor(personMegabytes - taken / MEGABYTE))
  throw InputError.of(field, 'errors.field.personRoom', { megabytes: personMegabytes, left })
}
