import { db, insertRow, toJson, withTransaction } from '../../../core/db/index.ts'
import { InputError } from '../../../core/errors.ts'
import { recordEvent } from '../../../core/events/index.ts'
import { attachFile, detachFile, keepFile } from '../../../core/files/index.ts'
import { deleteSome } from '../../../core/housekeeping/index.ts'
import type { UploadedFile } from '../../../core/http/uploads.ts'
import { cleanIllustratedHtml, filesInHtml } from '../../../core/rich-text.ts'
import type { Actor } from '../../../core/rights/index.ts'
import type { Translated } from '../../../core/text.ts'
import { daysAgo, nowUtc } from '../../../core/time.ts'
import { changeVersioned, type Direction, demandSameEntries, moved, nextPosition, savePositions } from '../order.ts'
import type { MaterialInput } from './input.ts'
import { type MaterialInPlace, type OwnerType, selectMaterialToEdit, selectOwner } from './queries.ts'

/** A picture lies here, readable by its uploader alone, until the text that it stands in is saved. */
export const PENDING_PICTURE = 'material-picture'

/** What a material of its kind cannot do without. @throws InputError */
function demandContent(input: MaterialInput, body: Translated, hasFile: boolean) {
  if (input.kind === 'article' && !Object.keys(body).length) throw InputError.of('body', 'programmes.material.noText')
  const needsAddress = input.kind === 'link' || input.kind === 'video'
  if (needsAddress && !input.url) throw InputError.of('url', 'programmes.material.noAddress')
  if (input.kind === 'file' && !hasFile) throw InputError.of('file', 'programmes.material.noFile')
}

const columnsOf = (input: MaterialInput, body: Translated) => ({
  title: toJson(input.title),
  body: toJson(body),
  url: input.kind === 'link' || input.kind === 'video' ? input.url : null,
  minutes: input.minutes,
})

const mayAttach = (actor: Actor, materialId: number, pictures: number[]): Promise<number[]> =>
  db()('attachments')
    .whereIn('file_id', pictures)
    .where((either) => {
      void either
        .where((mine) => void mine.where({ owner_type: PENDING_PICTURE, owner_id: actor.personId ?? 0 }))
        .orWhere((already) => void already.where({ owner_type: 'material', owner_id: materialId }))
    })
    .pluck('file_id')

/**
 * Hangs the pictures of a text on its material: those that the author has just uploaded, and those that hang there already.
 * @throws InputError if there are others: their files belong to somebody else, or would vanish with another object
 */
async function attachPictures(actor: Actor, materialId: number, body: Translated) {
  const pictures = [...new Set(Object.values(body).flatMap(filesInHtml))]
  if (!pictures.length) return
  const allowed = await mayAttach(actor, materialId, pictures)
  if (pictures.some((picture) => !allowed.includes(picture)))
    throw InputError.of('body', 'programmes.material.foreignPicture')
  for (const picture of allowed) await attachFile(picture, 'material', materialId)
}

/**
 * Adds a material at the end of a module or a topic. @returns its id
 * @throws InputError if what its kind needs is missing, or the file is of no allowed kind
 */
export async function createMaterial(
  actor: Actor,
  owner: { type: OwnerType; id: number },
  input: MaterialInput,
  file: UploadedFile | undefined,
): Promise<number> {
  const place = await selectOwner(actor, owner.type, owner.id, true)
  const body = cleanIllustratedHtml(input.body)
  demandContent(input, body, file !== undefined)
  const fileId = file && input.kind === 'file' ? await keepFile(actor, file, 'file') : null
  return withTransaction(async () => {
    const now = nowUtc()
    const row = { kind: input.kind, ...columnsOf(input, body), file_id: fileId, owner_id: actor.personId }
    const id = await insertRow('materials', { ...row, created_at: now, updated_at: now })
    const where = { owner_type: owner.type, owner_id: owner.id }
    const position = await nextPosition('material_links', where)
    await insertRow('material_links', { ...where, material_id: id, position })
    if (fileId !== null) await attachFile(fileId, 'material', id)
    await attachPictures(actor, id, body)
    const data = { programmeId: place.programmeId, moduleId: place.moduleId, title: input.title, kind: input.kind }
    await recordEvent(actor, 'materialAdded', { type: 'material', id }, data)
    return id
  })
}

/** Changes a material; a new file takes the place of the old one. @throws InputError, ConflictError */
export async function updateMaterial(
  actor: Actor,
  id: number,
  input: MaterialInput & { version: number },
  file: UploadedFile | undefined,
): Promise<void> {
  const before = await selectMaterialToEdit(actor, id)
  const values = { ...input, kind: before.kind }
  const body = cleanIllustratedHtml(input.body)
  demandContent(values, body, file !== undefined || before.file_id !== null)
  const fileId = file && before.kind === 'file' ? await keepFile(actor, file, 'file') : before.file_id
  await withTransaction(async () => {
    const columns = { ...columnsOf(values, body), file_id: fileId, updated_at: nowUtc() }
    await changeVersioned('materials', id, input.version, columns)
    if (before.file_id !== null && before.file_id !== fileId) await detachFile(before.file_id, 'material', id)
    if (fileId !== null) await attachFile(fileId, 'material', id)
    await attachPictures(actor, id, body)
    const data = {
      programmeId: before.programme_id,
      moduleId: before.module_id,
      before: before.title,
      after: input.title,
    }
    await recordEvent(actor, 'materialChanged', { type: 'material', id }, data)
  })
}

/** Takes a material out of its module or topic; when it hangs nowhere else, it is deleted. */
export async function removeMaterial(actor: Actor, id: number): Promise<MaterialInPlace> {
  return withTransaction(async () => {
    const before = await selectMaterialToEdit(actor, id)
    const links = db()('material_links').where({ material_id: id })
    const others = await links.clone().whereNot({ owner_type: before.owner_type, owner_id: before.owner_id }).first()
    await links.clone().where({ owner_type: before.owner_type, owner_id: before.owner_id }).del()
    if (!others) {
      await db()('attachments').where({ owner_type: 'material', owner_id: id }).del()
      await db()('materials').where({ id }).del()
    }
    const data = { programmeId: before.programme_id, moduleId: before.module_id, title: before.title }
    await recordEvent(actor, 'materialRemoved', { type: 'material', id }, data)
    return before
  })
}

const materialsOf = (type: OwnerType, id: number): Promise<number[]> =>
  db()('material_links').where({ owner_type: type, owner_id: id }).orderBy(['position', 'id']).pluck('material_id')

/** Moves a material by one place among those of its module or topic. */
export async function moveMaterial(actor: Actor, id: number, direction: Direction): Promise<MaterialInPlace> {
  const material = await selectMaterialToEdit(actor, id)
  const { owner_type: type, owner_id: ownerId } = material
  await orderMaterials(actor, { type, id: ownerId }, moved(await materialsOf(type, ownerId), id, direction))
  return material
}

/** Puts the materials of a module or topic into this order. @throws ConflictError if the list is not that of now */
export async function orderMaterials(
  actor: Actor,
  owner: { type: OwnerType; id: number },
  order: number[],
): Promise<void> {
  await withTransaction(async () => {
    const place = await selectOwner(actor, owner.type, owner.id, true)
    const rows: { id: number; material_id: number }[] = await db()('material_links')
      .where({ owner_type: owner.type, owner_id: owner.id })
      .select('id', 'material_id')
    demandSameEntries(
      order,
      rows.map((row) => row.material_id),
    )
    const links = order.map((material) => rows.find((row) => row.material_id === material)?.id as number)
    await savePositions('material_links', links)
    const data = { programmeId: place.programmeId, moduleId: place.moduleId, order }
    await recordEvent(actor, 'materialsReordered', { type: owner.type, id: owner.id }, data)
  })
}

/** Keeps a picture for an article that is being written. @returns the id of the file @throws InputError if it is none */
export async function keepPicture(actor: Actor, file: UploadedFile | undefined): Promise<number> {
  if (!file) throw InputError.of('file', 'programmes.material.noFile')
  const id = await keepFile(actor, file, 'file')
  const kept = await db()('files').where({ id }).first('media_type')
  if (!/^image\//.test(kept?.media_type ?? '')) throw InputError.of('file', 'programmes.material.noPicture')
  await attachFile(id, PENDING_PICTURE, actor.personId ?? 0)
  return id
}

const PICTURE_DAYS = 7

/** For the housekeeping: pictures of articles that were never saved no longer wait; those that were hang on their articles. */
export const forgetPictures = (most: number): Promise<number> =>
  deleteSome('attachments', most, (old) => {
    void old.where('owner_type', PENDING_PICTURE).where('created_at', '<', daysAgo(PICTURE_DAYS))
  })
