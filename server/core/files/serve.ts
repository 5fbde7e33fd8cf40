import { pipeline } from 'node:stream/promises'
import type { Request, Response } from 'express'
import { NotFoundError } from '../errors.ts'
import { log } from '../log.ts'
import { type ByteRange, MissingContentError, stores } from './stores/index.ts'

type Content = {
  key: string
  /** Bytes, where they are known. */
  size?: number
  /** What the content is told apart by: the same tag means the same bytes. */
  tag: string
}

/**
 * Sends a content as a whole or the part that the browser asks for, so that films seek. Headers about its kind are set
 * before. Several parts at once are answered with the whole, as the standard allows.
 */
export async function sendContent(req: Request, res: Response, { key, tag, ...known }: Content): Promise<void> {
  const size = known.size ?? (await stores().find(key))?.size
  if (size === undefined) throw new NotFoundError('errors.fileGone')
  res.set({ ETag: `"${tag}"`, 'Accept-Ranges': 'bytes', 'Cache-Control': 'private, max-age=300' })
  if (req.fresh) return void res.status(304).end()
  const range = rangeOf(req, size, `"${tag}"`)
  if (range === 'beyond') {
    res.removeHeader('Content-Disposition')
    res.set('Content-Range', `bytes */${size}`)
    return void res.status(416).end()
  }
  if (range) res.status(206).set('Content-Range', `bytes ${range.start}-${range.end}/${size}`)
  res.set('Content-Length', String(range ? range.end - range.start + 1 : size))
  if (req.method === 'HEAD') return void res.end()
  await stream(res, key, range)
}

/** The one part that is asked for; nothing where the whole is wanted, or the part of a content that is no longer this one. */
function rangeOf(req: Request, size: number, etag: string): ByteRange | 'beyond' | undefined {
  const condition = req.get('if-range')
  if (!req.get('range') || (condition && condition !== etag)) return undefined
  const ranges = req.range(size)
  if (ranges === -1) return 'beyond'
  const [only] = Array.isArray(ranges) && ranges.type === 'bytes' && ranges.length === 1 ? ranges : []
  return only && { start: only.start, end: only.end }
}

async function stream(res: Response, key: string, range: ByteRange | undefined): Promise<void> {
  const content = await stores()
    .open(key, range)
    .catch((error) => {
      for (const name of ['Content-Length', 'Content-Range', 'Content-Disposition', 'ETag']) res.removeHeader(name)
      res.status(200).set('Cache-Control', 'no-store')
      throw error instanceof MissingContentError ? new NotFoundError('errors.fileGone') : error
    })
  await pipeline(content, res).catch((error) => {
    // Whoever seeks in a film leaves the old part in the middle.
    if (error.code === 'ERR_STREAM_PREMATURE_CLOSE') return
    log.warn({ error, key }, 'a file was cut off while it was sent')
    res.destroy()
  })
}
