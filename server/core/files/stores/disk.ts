import { randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { copyFile, mkdir, open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { isFull, MissingContentError, type Store, type StoreEntry, StoreError } from './store.ts'

/** Files in folders of the data folder: the default. Keys are paths. */
export type DiskStore = Store & { pathOf: (key: string) => string }

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code ?? ''
const isMissing = (error: unknown) => ['ENOENT', 'ENOTDIR'].includes(codeOf(error))

export function diskStore(root: string): DiskStore {
  const pathOf = (key: string) => join(root, key)
  const trouble = (error: unknown) =>
    new StoreError(isFull(error) ? 'errors.storeFull' : 'errors.storeUnavailable', error)

  async function put(key: string, path: string): Promise<void> {
    const target = pathOf(key)
    // Beside the target first: a crash leaves no half file under a hash.
    const part = `${target}.${randomUUID()}.part`
    try {
      await mkdir(dirname(target), { recursive: true, mode: 0o700 })
      await rename(path, part).catch((error) => {
        if (codeOf(error) !== 'EXDEV') throw error
        return copyFile(path, part)
      })
      await sync(part)
      await rename(part, target)
    } catch (error) {
      await rm(part, { force: true }).catch(() => {})
      throw trouble(error)
    }
  }

  async function find(key: string): Promise<StoreEntry | undefined> {
    const found = await stat(pathOf(key)).catch((error) => {
      if (!isMissing(error)) throw trouble(error)
    })
    return found?.isFile() ? { key, size: found.size, modifiedAt: found.mtimeMs } : undefined
  }

  async function* list(prefix: string): AsyncGenerator<StoreEntry> {
    for (const name of await namesIn(pathOf(prefix))) {
      const key = join(prefix, name)
      const found = await find(key)
      if (found) yield found
      else yield* list(key)
    }
  }

  return {
    kind: 'disk',
    pathOf,
    put,
    find,
    list,
    open: async (key, range) => {
      const stream = createReadStream(pathOf(key), range)
      await new Promise<void>((resolve, reject) => {
        stream.once('open', () => resolve())
        stream.once('error', (error) => reject(isMissing(error) ? new MissingContentError(key) : trouble(error)))
      })
      return stream
    },
    remove: (key) => rm(pathOf(key), { force: true }),
    check: async () => {
      const probe = pathOf(`files/.probe-${randomUUID()}`)
      try {
        await mkdir(dirname(probe), { recursive: true, mode: 0o700 })
        await writeFile(probe, 'x'.repeat(4096), { flush: true })
      } catch (error) {
        throw trouble(error)
      } finally {
        await rm(probe, { force: true }).catch(() => {})
      }
    },
  }
}

const namesIn = (folder: string): Promise<string[]> =>
  readdir(folder).catch((error) => {
    if (isMissing(error)) return []
    throw error
  })

/** A row names the content soon: after a power cut it must not be empty. */
async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r+')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
