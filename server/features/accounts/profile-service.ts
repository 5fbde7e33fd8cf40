import { rm } from 'node:fs/promises'
import { z } from 'zod'
import { db, withTransaction } from '../../core/db/index.ts'
import { InputError } from '../../core/errors.ts'
import { recordEvent } from '../../core/events/index.ts'
import { paintPortrait } from '../../core/files/images.ts'
import { attachFile, detachFile, keepFile } from '../../core/files/index.ts'
import { optionalLine, optionalText } from '../../core/http/fields.ts'
import type { UploadedFile } from '../../core/http/uploads.ts'
import { LANGUAGES } from '../../core/i18n/index.ts'
import type { Actor } from '../../core/rights/index.ts'
import { nowUtc } from '../../core/time.ts'

const isZone = (zone: string) => Intl.supportedValuesOf('timeZone').includes(zone)

export const profileInput = z.object({
  phone: optionalLine(64),
  about: optionalText(2000),
  language: z.enum(['', ...LANGUAGES]),
  timeZone: z
    .string()
    .max(64)
    .refine((zone) => zone === '' || isZone(zone), 'errors.field.invalid'),
})

export type Profile = {
  id: number
  last_name: string
  first_name: string
  middle_name: string | null
  email: string | null
  phone: string | null
  about: string | null
  language: string | null
  time_zone: string | null
  photo_file_id: number | null
  login: string
}

/** One's own profile. */
export async function selectProfile(actor: Actor): Promise<Profile> {
  return db()('people as p')
    .join('accounts as a', 'a.person_id', 'p.id')
    .where('p.id', actor.personId)
    .first('p.*', 'a.login')
}

/** Changes what a person may change of themselves: phone, language and time zone. */
export async function updateProfile(actor: Actor, input: z.infer<typeof profileInput>): Promise<void> {
  const id = actor.personId as number
  await withTransaction(async () => {
    const before = await selectProfile(actor)
    await db()('people')
      .where({ id })
      .update({
        phone: input.phone,
        about: input.about,
        language: input.language || null,
        time_zone: input.timeZone || null,
        updated_at: nowUtc(),
      })
      .increment('version', 1)
    await recordEvent(actor, 'profileChanged', { type: 'person', id }, { before, after: input })
  })
}

/** A small square picture, made anew: whatever else was in the file is gone. */
async function portrait(file: UploadedFile): Promise<UploadedFile> {
  const path = `${file.path}.webp`
  try {
    return { ...file, path, name: 'photo.webp', size: await paintPortrait(file.path, path) }
  } catch {
    throw InputError.of('photo', 'accounts.profile.photoKind')
  }
}

/** Sets or takes away one's photo. */
export async function setPhoto(actor: Actor, file: UploadedFile | undefined): Promise<void> {
  const id = actor.personId as number
  const picture = file && (await portrait(file))
  const fileId = picture ? await keepFile(actor, picture, 'photo') : null
  if (picture) await rm(picture.path, { force: true })
  await withTransaction(async () => {
    if (fileId !== null) await attachFile(fileId, 'person_photo', id)
    const before = await db()('people').where({ id }).first('photo_file_id')
    if (before.photo_file_id && before.photo_file_id !== fileId)
      await detachFile(before.photo_file_id, 'person_photo', id)
    await db()('people').where({ id }).update({ photo_file_id: fileId, updated_at: nowUtc() })
    await recordEvent(actor, 'photoChanged', { type: 'person', id }, { fileId })
  })
}
