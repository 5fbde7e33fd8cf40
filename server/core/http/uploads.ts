import { randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { chmod, rm, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { finished, pipeline } from 'node:stream/promises'
import type { Request, Response } from 'express'
import multer, { type StorageEngine } from 'multer'
import { AppError, InputError } from '../errors.ts'
import { cleanFileName } from '../files/names.ts'
import { isFull, temporaryFolder } from '../files/stores/index.ts'
import { limitOf } from '../files/uses.ts'
import { log } from '../log.ts'
import { setting } from '../settings.ts'

/** One optional file in a form, and what it is for (`fileUses` of a feature: its limit). */
export type Upload = { field: string; use: string }
/** A file that was received: it lies in a temporary folder until the request ends. */
export type UploadedFile = { path: string; name: string; size: number; use: string }

/** What the other fields of such a form take at most beside the file. */
const FORM_BYTES = 3_000_000
/** Beyond this the sender is cut off: nobody sends a gigabyte by mistake. */
const MOST_SWALLOWED = 1e9
const SWALLOW_MS = 120_000
/** A sender that is silent for so long is gone: a train in a tunnel is not. */
const SILENCE_MS = 90_000

/** Receives a multipart form. A file that is not taken is an InputError beside its field; a broken form is a 400. */
export async function receiveUpload(upload: Upload, req: Request, res: Response): Promise<UploadedFile | undefined> {
  const folder = await temporaryFolder()
  await chmod(folder, 0o700)
  const megabytes = limitOf(upload.use)
  const tooLarge = InputError.of(upload.field, 'errors.field.fileTooLarge', { megabytes })
  const announced = Number(req.get('content-length') ?? 0)
  const isTooLarge = announced > megabytes * 1e6 + FORM_BYTES
  if (isTooLarge && announced > MOST_SWALLOWED) {
    // The answer goes out at once; nothing of the rest is waited for.
    res.set('Connection', 'close')
    res.once('finish', () => void setTimeout(() => req.destroy(), 1000).unref())
    throw tooLarge
  }
  const refusal = isTooLarge ? tooLarge : await refuseForDisk(folder, announced, upload.field)
  const storage = storageIn(folder, res, refusal !== undefined)
  // What is refused already is read to its end and thrown away, so that nothing typed in the form is lost.
  const fileSize = refusal ? MOST_SWALLOWED : megabytes * 1e6
  const limits = { fileSize, files: 1, fields: 50, fieldSize: 1_000_000 }
  const receive = multer({ storage, limits, defParamCharset: 'utf8' }).single(upload.field)
  req.setTimeout(SILENCE_MS, () => req.destroy())
  await new Promise<void>((resolve, reject) => {
    receive(req, res, (error: unknown) => {
      if (error) void swallowRest(req).then(() => reject(uploadError(error, upload.field, tooLarge)))
      else resolve()
    })
  }).finally(() => req.setTimeout(0))
  if (refusal) throw refusal
  const file = req.file
  if (!file) return undefined
  return { path: file.path, name: cleanFileName(file.originalname), size: file.size, use: upload.use }
}

/** A disk that is filled to the last byte stops the database as well: some room is always left. */
async function refuseForDisk(folder: string, announced: number, field: string): Promise<InputError | undefined> {
  const { bavail, bsize } = await statfs(folder)
  const { keepFreeMegabytes } = await setting('files')
  if (bavail * bsize - announced > keepFreeMegabytes * 1e6) return undefined
  log.error({ free: bavail * bsize }, 'a file was refused: the disk is nearly full')
  return InputError.of(field, 'errors.field.storeFull')
}

/**
 * Writes each file as it comes, piece by piece, under a name of our own. What is cut off, refused, or no longer needed when
 * the answer has gone out is removed.
 */
function storageIn(folder: string, res: Response, isRefused: boolean): StorageEngine {
  return {
    _handleFile: (_req, file, done) => {
      if (isRefused) {
        file.stream.resume()
        finished(file.stream).then(() => done(null, { size: 0 }), done)
        return
      }
      const path = join(folder, randomUUID())
      const remove = () => void rm(path, { force: true }).catch(() => {})
      res.once('close', remove)
      const target = createWriteStream(path, { mode: 0o600 })
      pipeline(file.stream, target).then(
        () => done(null, { path, size: target.bytesWritten }),
        (error) => {
          remove()
          done(error)
        },
      )
    },
    _removeFile: (_req, file, done) => {
      if (!file.path) return done(null)
      rm(file.path, { force: true }).then(() => done(null), done)
    },
  }
}

/**
 * Reads what is still being sent and throws it away. A browser that gets its answer while it sends takes the end of the
 * connection for a failure and shows its own page in place of our reason.
 */
async function swallowRest(req: Request): Promise<void> {
  if (req.complete || req.destroyed) return
  await new Promise<void>((resolve) => {
    let swallowed = 0
    const timer = setTimeout(() => resolve(), SWALLOW_MS)
    const done = () => {
      clearTimeout(timer)
      resolve()
    }
    req.on('data', (chunk: Buffer) => {
      swallowed += chunk.length
      if (swallowed > MOST_SWALLOWED) req.destroy()
    })
    req.once('end', done)
    req.once('close', done)
    req.resume()
  })
}

function uploadError(error: unknown, field: string, tooLarge: InputError): unknown {
  if ((error as { code?: string }).code === 'LIMIT_FILE_SIZE') return tooLarge
  if (!isFull(error)) return new AppError(400, 'errors.upload', { cause: error })
  log.error({ error }, 'a file could not be received: the disk is full')
  return InputError.of(field, 'errors.field.storeFull')
}
