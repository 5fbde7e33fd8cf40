import { createHash, randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { copyFile, mkdir, rename, rm, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { fileTypeFromFile } from 'file-type'
import { dataFolder } from '../../config.ts'
import { afterCommit, db, insertRow } from '../db/index.ts'
import { InputError, NotFoundError } from '../errors.ts'
import type { UploadedFile } from '../http/uploads.ts'
import { log } from '../log.ts'
import type { Actor } from '../rights/index.ts'
import { nowUtc } from '../time.ts'

/** What may be uploaded as evidence or material, by content and not by name. Scripts and pages are never among it. */
const ALLOWED: Record<string, string[]> = {
  'application/pdf': ['pdf'],
  'image/png': ['png'],
  'image/jpeg': ['jpg', 'jpeg'],
  'image/webp': ['webp'],
  'image/gif': ['gif'],
  'audio/mpeg': ['mp3'],
  'video/mp4': ['mp4', 'm4v'],
  'video/webm': ['webm'],
  'application/zip': ['zip'],
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': ['docx'],
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': ['xlsx'],
  'application/vnd.openxmlformats-officedocument.presentationml.presentation': ['pptx'],
  'application/vnd.oasis.opendocument.text': ['odt'],
  'application/vnd.oasis.opendocument.presentation': ['odp'],
  'application/x-cfb': ['doc', 'xls', 'ppt'],
  'application/rtf': ['rtf'],
}
const TEXT = ['txt', 'csv', 'md']

const extensionOf = (name: string) => name.split('.').pop()?.toLowerCase() ?? ''

async function mediaTypeOf(file: UploadedFile): Promise<string | undefined> {
  const extension = extensionOf(file.name)
  const sniffed = await fileTypeFromFile(file.path)
  // The mark with which spreadsheets begin a text in UTF-16 looks like the beginning of a sound.
  if (!sniffed || sniffed.ext === 'mp1') return TEXT.includes(extension) ? 'text/plain' : undefined
  return ALLOWED[sniffed.mime]?.includes(extension) ? sniffed.mime : undefined
}

/** Where the contents are. */
export const filesFolder = (data = dataFolder()): string => join(data, 'files')

/** Where a content is: folders by the first two signs of the hash. */
export const contentPath = (sha256: string, data = dataFolder()): string =>
  join(filesFolder(data), sha256.slice(0, 2), sha256)

/**
 * Keeps an uploaded file under the hash of its content; the same content is kept once.
 * @param field the form's field, for the reason beside it
 * @throws InputError if the content is not of an allowed kind or is not what its name says
 * @returns the id of the row in `files`; hang it on its object by `attachFile`
 */
export async function keepFile(actor: Actor, file: UploadedFile, field: string): Promise<number> {
  const mediaType = await mediaTypeOf(file)
  if (!mediaType) throw InputError.of(field, 'errors.field.fileKind')
  const hash = createHash('sha256')
  await pipeline(createReadStream(file.path), hash)
  const sha256 = hash.digest('hex')
  const target = contentPath(sha256)
  await mkdir(join(target, '..'), { recursive: true, mode: 0o700 })
  if (!(await isThere(target))) {
    // Copied beside the target first: a crash leaves no half file under a hash.
    const part = `${target}.${randomUUID()}.part`
    await copyFile(file.path, part)
    await rename(part, target)
  }
  const row = { sha256, name: file.name, media_type: mediaType, size: file.size }
  return insertRow('files', { ...row, created_by: actor.personId, created_at: nowUtc() })
}

/** Whether the content is kept already. It is made young: the housekeeping must not remove it before the row is there. */
const isThere = (path: string) =>
  utimes(path, new Date(), new Date()).then(
    () => true,
    () => false,
  )

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
  afterCommit(() => void removeContent(file.sha256).catch((error) => log.warn({ error }, 'a file was not removed')))
}

/** Deletes content that no file needs any more. */
async function removeContent(sha256: string) {
  const other = await db()('files').where({ sha256 }).whereNull('deleted_at').first('id')
  if (!other) await rm(contentPath(sha256), { force: true })
}

/** Where a file is read, or null where there is none. */
export const fileUrl = (id: number | null | undefined): string | null => (id ? `/files/${id}` : null)

export type FileOwners = Record<string, (actor: Actor, ownerId: number) => Promise<boolean>>
let owners: FileOwners = {}
export const setFileOwners = (all: FileOwners): void => {
  owners = all
}

export type StoredFile = { id: number; name: string; mediaType: string; size: number; path: string }

/**
 * Files by id, for services that have made sure that the actor may read what they hang on.
 * @returns those that are there, in no order
 */
export async function listStoredFiles(ids: readonly number[]): Promise<StoredFile[]> {
  const rows = await db()('files')
    .whereIn('id', [...ids])
    .whereNull('deleted_at')
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    mediaType: row.media_type,
    size: Number(row.size),
    path: contentPath(row.sha256),
  }))
}

/**
 * A file that the actor may read because of something that it hangs on.
 * @throws NotFoundError otherwise
 */
export async function selectReadableFile(actor: Actor, id: number): Promise<StoredFile> {
  const row = await db()('files').where({ id }).whereNull('deleted_at').first()
  if (!row) throw new NotFoundError()
  const attachments = await db()('attachments').where({ file_id: id })
  for (const { owner_type, owner_id } of attachments) {
    if (await owners[owner_type]?.(actor, owner_id)) {
      return { id, name: row.name, mediaType: row.media_type, size: Number(row.size), path: contentPath(row.sha256) }
    }
  }
  throw new NotFoundError()
}
