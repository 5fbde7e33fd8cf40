import { rm } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { afterCommit, db, insertRow, withTransaction } from '../db/index.ts'
import { InputError, NotFoundError } from '../errors.ts'
import type { UploadedFile } from '../http/uploads.ts'
import { log } from '../log.ts'
import type { Actor } from '../rights/index.ts'
import { nowUtc } from '../time.ts'
import { demandSoundPackage } from './archives.ts'
import { paintAnew } from './images.ts'
import { contentKey } from './keys.ts'
import { isPackage, mediaTypeOf, showingOf } from './kinds.ts'
import { cleanFileName } from './names.ts'
import { removePreviews } from './previews/index.ts'
import { demandRoom } from './room.ts'
import { demandClean } from './scanner.ts'
import { type ByteRange, hashOfFile, StoreError, stores } from './stores/index.ts'

/** A content that is needed again is written anew before the housekeeping could take it for a forgotten one. */
const FRESH_MS = 12 * 3_600_000

async function keepContent(sha256: string, path: string): Promise<void> {
  const { main } = stores()
  const known = await main.find(contentKey(sha256))
  if (!known || known.modifiedAt < Date.now() - FRESH_MS) await main.put(contentKey(sha256), path, sha256)
}

/**
 * Keeps an uploaded file under the hash of its content; the same content is kept once. Pictures are painted anew. The
 * uploaded file may be moved away.
 * @param field the form's field, for the reason beside it
 * @throws InputError if the content is of no allowed kind, is not what its name says, would do harm, or finds no room
 * @returns the id of the row in `files`; hang it on its object by `attachFile`
 */
export async function keepFile(actor: Actor, sent: UploadedFile, field: string): Promise<number> {
  const file = { ...sent, name: cleanFileName(sent.name) }
  const mediaType = await mediaTypeOf(file, field)
  await demandRoom(actor.personId, file, field)
  await demandClean(actor, file, field)
  if (isPackage(mediaType)) await demandSoundPackage(file.path, field)
  const kept = showingOf(mediaType) === 'image' ? await paintAnew(file, mediaType, field) : file
  try {
    const sha256 = await hashOfFile(kept.path)
    await keepContent(sha256, kept.path)
    return await insertFile(actor, { ...kept, sha256, mediaType }, field)
  } catch (error) {
    if (!(error instanceof StoreError)) throw error
    log.error({ error: error.cause, store: stores().main.kind }, 'a file could not be kept')
    throw InputError.of(field, error.code === 'errors.storeFull' ? 'errors.field.storeFull' : 'errors.field.storeGone')
  } finally {
    if (kept !== file) await rm(kept.path, { force: true })
  }
}

async function insertFile(
  actor: Actor,
  { sha256, name, mediaType, size, use }: UploadedFile & { sha256: string; mediaType: string },
  field: string,
): Promise<number> {
  return withTransaction(async () => {
    // Held: two uploads at once must not share the last room.
    if (actor.personId !== null) await db()('people').where({ id: actor.personId }).forUpdate().first('id')
    await demandRoom(actor.personId, { size, use }, field)
    const row = { sha256, name, media_type: mediaType, size, purpose: use }
    return insertRow('files', { ...row, created_by: actor.personId, created_at: nowUtc() })
  })
}

/** Hangs a file on an object: who may see the object may fetch the file. */
export async function attachFile(fileId: number, ownerType: string, ownerId: number): Promise<void> {
  const row = { file_id: fileId, owner_type: ownerType, owner_id: ownerId, created_at: nowUtc() }
  await db()('attachments').insert(row).onConflict(['owner_type', 'owner_id', 'file_id']).ignore()
}

/** Takes a file off an object. The content stays until nothing needs it. */
export async function detachFile(fileId: number, ownerType: string, ownerId: number): Promise<void> {
  await db()('attachments').where({ file_id: fileId, owner_type: ownerType, owner_id: ownerId }).del()
}

/**
 * Takes a file off an object and, when nothing else needs it, deletes its content at once: for files that hold personal
 * data and have done their service.
 */
export async function releaseFile(fileId: number, ownerType: string, ownerId: number): Promise<void> {
  await detachFile(fileId, ownerType, ownerId)
  if (await db()('attachments').where({ file_id: fileId }).first('id')) return
  const file = await db()('files').where({ id: fileId }).first('sha256')
  if (!file) return
  await db()('files').where({ id: fileId }).update({ deleted_at: nowUtc() })
  // What a store that is away keeps for now is removed by the housekeeping.
  afterCommit(() => void removeContent(file.sha256).catch((error) => log.warn({ error }, 'a file was not removed')))
}

/** Deletes content that no file needs any more. */
async function removeContent(sha256: string) {
  const other = await db()('files').where({ sha256 }).whereNull('deleted_at').first('id')
  if (other) return
  await stores().remove(contentKey(sha256))
  await removePreviews(sha256)
}

/** Where a file is fetched, or null where there is none. */
export const fileUrl = (id: number | null | undefined): string | null => (id ? `/files/${id}` : null)

export type FileOwners = Record<string, (actor: Actor, ownerId: number) => Promise<boolean>>
let owners: FileOwners = {}
export const setFileOwners = (all: FileOwners): void => {
  owners = all
}

export type StoredFile = { id: number; name: string; mediaType: string; size: number; sha256: string }
type FileRow = { id: number; name: string; media_type: string; size: number | string; sha256: string }

const toStored = ({ id, name, media_type, size, sha256 }: FileRow): StoredFile => ({
  ...{ id, name, sha256 },
  mediaType: media_type,
  size: Number(size),
})

/**
 * Files by id, for services that have made sure that the actor may read what they hang on.
 * @returns those that are there, in no order
 */
export async function listStoredFiles(ids: readonly number[]): Promise<StoredFile[]> {
  const rows: FileRow[] = await db()('files')
    .whereIn('id', [...ids])
    .whereNull('deleted_at')
  return rows.map(toStored)
}

/**
 * A file that the actor may read because of something that it hangs on.
 * @throws NotFoundError otherwise
 */
export async function selectReadableFile(actor: Actor, id: number): Promise<StoredFile> {
  const row: FileRow | undefined = await db()('files').where({ id }).whereNull('deleted_at').first()
  if (!row) throw new NotFoundError()
  const attachments = await db()('attachments').where({ file_id: id })
  for (const { owner_type, owner_id } of attachments) {
    if (await owners[owner_type]?.(actor, owner_id)) return toStored(row)
  }
  throw new NotFoundError()
}

/** The content of a file as a stream. @throws MissingContentError, StoreError */
export const openFile = (file: StoredFile, range?: ByteRange): Promise<Readable> =>
  stores().open(contentKey(file.sha256), range)

/** Gives `work` the content as a file on this machine, which it must not change. @throws MissingContentError, StoreError */
export const withFile = <T>(file: StoredFile, work: (path: string) => Promise<T>): Promise<T> =>
  stores().withFile(contentKey(file.sha256), work)
