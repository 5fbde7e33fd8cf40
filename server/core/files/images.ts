import { rm } from 'node:fs/promises'
import type { Sharp } from 'sharp'
import { InputError } from '../errors.ts'
import type { UploadedFile } from '../http/uploads.ts'

/** A picture of more points would take hundreds of megabytes of memory, however small its file. */
const MOST_PIXELS = 50_000_000
/** Pixels of the longer side: sharp on the largest screen, and a scanned page can be read and printed. */
const LONGEST_SIDE = 4096
const THUMBNAIL_SIDE = 320

/** Loaded with the first picture: the library takes 30 MB that many days never need. */
async function open(path: string, options: { animated?: boolean } = {}): Promise<Sharp> {
  const { default: sharp } = await import('sharp')
  return sharp(path, { limitInputPixels: MOST_PIXELS, ...options })
}

/** Pictures painted at once in this process: each may take two hundred megabytes while it is open. */
const MOST_AT_ONCE = 2
let painting = 0
const waiting: (() => void)[] = []

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (painting >= MOST_AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve))
  else painting++
  try {
    return await work()
  } finally {
    const next = waiting.shift()
    if (next) next()
    else painting--
  }
}

const WRITERS: Record<string, (picture: Sharp) => Sharp> = {
  'image/jpeg': (picture) => picture.jpeg({ quality: 88, mozjpeg: true }),
  'image/png': (picture) => picture.png({ compressionLevel: 8 }),
  'image/webp': (picture) => picture.webp({ quality: 88 }),
  'image/gif': (picture) => picture.gif(),
}

/**
 * A picture made anew in its own format: turned upright, without place and camera, and without whatever else was in the
 * file. The new file lies beside the old one.
 * @throws InputError if it is damaged or has too many points
 */
export const paintAnew = (file: UploadedFile, mediaType: string, field: string): Promise<UploadedFile> =>
  inTurn(() => repaint(file, mediaType, field))

async function repaint(file: UploadedFile, mediaType: string, field: string): Promise<UploadedFile> {
  const path = `${file.path}.anew`
  const write = WRITERS[mediaType] as (picture: Sharp) => Sharp
  try {
    const picture = await open(file.path, { animated: mediaType !== 'image/jpeg' && mediaType !== 'image/png' })
    const { pages = 1 } = await picture.metadata()
    // Pictures that move are left as large as they are: their frames lie below one another.
    const upright =
      pages > 1
        ? picture
        : picture.rotate().resize(LONGEST_SIDE, LONGEST_SIDE, { fit: 'inside', withoutEnlargement: true })
    const { size } = await write(upright).toFile(path)
    return { ...file, path, size }
  } catch (error) {
    await rm(path, { force: true })
    throw pictureError(error, field)
  }
}

function pictureError(error: unknown, field: string): unknown {
  if ((error as NodeJS.ErrnoException).code === 'ENOSPC' || /no space left/i.test((error as Error).message))
    return error
  const isTooLarge = /pixel limit/i.test((error as Error).message)
  return InputError.of(field, isTooLarge ? 'errors.field.pictureTooLarge' : 'errors.field.pictureBroken', {
    megapixels: MOST_PIXELS / 1e6,
  })
}

const PHOTO_FORMATS = ['jpeg', 'png', 'webp', 'heif', 'gif', 'tiff']

/** A small square portrait: lists show fifty of them on a phone. @throws Error if it is no photo */
export const paintPortrait = (path: string, target: string): Promise<number> =>
  inTurn(async () => {
    const picture = await open(path)
    // Drawings in SVG name other files; a photo is none.
    if (!PHOTO_FORMATS.includes((await picture.metadata()).format ?? '')) throw new Error('not a photo')
    return (await picture.rotate().resize(256, 256, { fit: 'cover' }).webp({ quality: 82 }).toFile(target)).size
  })

/** A small picture of a picture, for lists. */
export const paintThumbnail = (path: string, target: string): Promise<unknown> =>
  inTurn(async () => {
    const picture = await open(path)
    const inside = { fit: 'inside', withoutEnlargement: true } as const
    return picture.rotate().resize(THUMBNAIL_SIDE, THUMBNAIL_SIDE, inside).webp({ quality: 78 }).toFile(target)
  })
