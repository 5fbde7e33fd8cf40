import { randomUUID } from 'node:crypto'
import { chmod, mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Request, Response } from 'express'
import multer from 'multer'
import { dataFolder } from '../../config.ts'
import { AppError, InputError } from '../errors.ts'

/** One optional file in a form. It lies in a temporary folder until the request ends. */
export type Upload = { field: string; maxBytes: number }
export type UploadedFile = { path: string; name: string; size: number }

/**
 * Where it lies meanwhile: among our own data, since in the machine's common folder another user could be there first. What a
 * crash leaves behind is removed by the housekeeping.
 */
export const uploadsFolder = (): string => join(dataFolder(), 'uploads')

async function makeUploadsFolder(): Promise<string> {
  const folder = uploadsFolder()
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await chmod(folder, 0o700)
  return folder
}

/** Receives a multipart form. Too large a file is an InputError beside its field; a broken form is a 400. */
export async function receiveUpload(upload: Upload, req: Request, res: Response): Promise<UploadedFile | undefined> {
  const folder = await makeUploadsFolder()
  const storage = multer.diskStorage({ destination: folder, filename: (_req, _file, done) => done(null, randomUUID()) })
  const limits = { fileSize: upload.maxBytes, files: 1, fields: 50, fieldSize: 1_000_000 }
  const receive = multer({ storage, limits, defParamCharset: 'utf8' }).single(upload.field)
  await new Promise<void>((resolve, reject) => {
    receive(req, res, (error: unknown) => {
      if (error) void swallowRest(req).then(() => reject(uploadError(error, upload)))
      else resolve()
    })
  })
  const file = req.file
  if (!file) return undefined
  res.on('close', () => void rm(file.path, { force: true }).catch(() => {}))
  return { path: file.path, name: file.originalname.normalize('NFC').slice(-255), size: file.size }
}

/** Beyond this the sender is cut off: nobody sends a gigabyte by mistake. */
const MOST_SWALLOWED = 1e9
const SWALLOW_MS = 120_000

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

function uploadError(error: unknown, upload: Upload): unknown {
  const code = (error as { code?: string }).code
  if (code === 'LIMIT_FILE_SIZE') {
    return InputError.of(upload.field, 'errors.field.fileTooLarge', { megabytes: Math.round(upload.maxBytes / 1e6) })
  }
  return new AppError(400, 'errors.upload', { cause: error })
}
