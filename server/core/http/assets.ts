import { existsSync, readdirSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { extname, join, normalize, sep } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, gzip, constants as zlib } from 'node:zlib'
import express, { type RequestHandler } from 'express'
import { packageRoot } from '../paths.ts'

const VENDOR: Record<string, string> = {
  '/vendor/tabler': '@tabler/core/dist',
  '/vendor/sortablejs': 'sortablejs',
  '/vendor/golos-text': '@fontsource-variable/golos-text',
  '/vendor/socket.io': 'socket.io-client/dist',
}
const HOUR = 3600

/** Our own files and the browser libraries, text among them compressed: on a phone the first page comes much sooner. */
export function assets(): RequestHandler {
  const router = express.Router()
  const serve = (mount: string, folder: string, maxAge: number) => {
    router.use(mount, compressed(folder, maxAge))
    router.use(mount, express.static(folder, { maxAge: maxAge * 1000, index: false, redirect: false }))
  }
  // Folder by folder: a page's address must not be looked for on the disk first.
  for (const root of [join(packageRoot, 'public'), join(packageRoot, 'dist', 'public')]) {
    const folders = existsSync(root)
      ? readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory())
      : []
    for (const { name } of folders) serve(`/${name}`, join(root, name), HOUR)
  }
  for (const [path, folder] of Object.entries(VENDOR))
    serve(path, join(packageRoot, 'node_modules', folder), 168 * HOUR)
  return router
}

type Encoding = 'br' | 'gzip'
type Entry = { etag: string; content: Promise<Buffer> }

const TYPES = new Set(['.css', '.js', '.svg'])
const MOST_BYTES = 4_000_000

const toBrotli = promisify(brotliCompress)
const toGzip = promisify(gzip)
const compress = (content: Buffer, encoding: Encoding): Promise<Buffer> =>
  encoding === 'br' ? toBrotli(content, { params: { [zlib.BROTLI_PARAM_QUALITY]: 7 } }) : toGzip(content)

/** Text files of a folder, compressed once and kept; whatever it does not answer goes on to the plain handler. */
function compressed(folder: string, maxAge: number): RequestHandler {
  const kept = new Map<string, Entry>()

  async function entryOf(path: string, encoding: Encoding): Promise<Entry | undefined> {
    const file = join(folder, normalize(path))
    if (!file.startsWith(folder + sep)) return undefined
    const found = await stat(file).catch(() => undefined)
    if (!found?.isFile() || found.size > MOST_BYTES) return undefined
    const etag = `"${found.size.toString(36)}-${Math.round(found.mtimeMs).toString(36)}-${encoding}"`
    const key = `${encoding}:${file}`
    const known = kept.get(key)
    if (known?.etag === etag) return known
    const entry = { etag, content: readFile(file).then((content) => compress(content, encoding)) }
    // A failure is not kept: the next request tries again.
    entry.content.catch(() => kept.delete(key))
    kept.set(key, entry)
    return entry
  }

  return async (req, res, next) => {
    const extension = extname(req.path)
    if ((req.method !== 'GET' && req.method !== 'HEAD') || !TYPES.has(extension)) return next()
    res.vary('Accept-Encoding')
    const encoding = (['br', 'gzip'] as const).find((known) => req.acceptsEncodings(known))
    if (!encoding) return next()
    let path: string
    try {
      path = decodeURIComponent(req.path)
    } catch {
      return next()
    }
    if (path.includes('\0')) return next()
    const entry = await entryOf(path, encoding)
    if (!entry) return next()
    const content = await entry.content
    res.set({ 'Content-Encoding': encoding, 'Cache-Control': `public, max-age=${maxAge}`, ETag: entry.etag })
    if (req.fresh) return void res.status(304).end()
    res.type(extension).send(content)
  }
}
