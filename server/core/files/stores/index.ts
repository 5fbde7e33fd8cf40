import { randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type Config, dataFolder } from '../../../config.ts'
import { type DiskStore, diskStore } from './disk.ts'
import { s3Store } from './s3.ts'
import { type ByteRange, MissingContentError, type Store, type StoreEntry } from './store.ts'

export { hashOfFile } from './s3.ts'
export { type ByteRange, isFull, MissingContentError, type Store, type StoreEntry, StoreError } from './store.ts'

/**
 * The stores of an installation: the one that new contents go into, and beside it the other where one is configured. What
 * lies in the other is served from there until it has been moved.
 */
export type Stores = {
  main: Store
  other: Store | undefined
  /** Finds a content in either. */
  find: (key: string) => Promise<StoreEntry | undefined>
  /** @throws MissingContentError, StoreError */
  open: (key: string, range?: ByteRange) => Promise<Readable>
  /** Removes a content from both. */
  remove: (key: string) => Promise<void>
  /** Gives `work` the content as a file on this machine, which it must not change. @throws MissingContentError */
  withFile: <T>(key: string, work: (path: string) => Promise<T>) => Promise<T>
}

type Source = Pick<Config, 'dataFolder'> & Partial<Pick<Config, 'storage'>>

/** The stores that a configuration names. */
export function storesOf({ dataFolder: folder, storage }: Source): Stores {
  const disk = diskStore(folder)
  const s3 = storage?.s3 && s3Store(storage.s3)
  if (storage?.kind === 's3' && s3) return combine(disk, s3, disk, folder)
  return combine(disk, disk, s3, folder)
}

function combine(disk: DiskStore, main: Store, other: Store | undefined, folder: string): Stores {
  // The disk is asked first: its answer costs nothing.
  const all = [main, ...(other ? [other] : [])].sort((a, b) => Number(b === disk) - Number(a === disk))

  async function find(key: string): Promise<StoreEntry | undefined> {
    for (const store of all) {
      const found = await store.find(key)
      if (found) return found
    }
    return undefined
  }

  async function open(key: string, range?: ByteRange): Promise<Readable> {
    for (const store of all) {
      try {
        return await store.open(key, range)
      } catch (error) {
        if (!(error instanceof MissingContentError)) throw error
      }
    }
    throw new MissingContentError(key)
  }

  async function withFile<T>(key: string, work: (path: string) => Promise<T>): Promise<T> {
    if (await disk.find(key)) return work(disk.pathOf(key))
    const path = join(await temporaryFolder(folder), randomUUID())
    try {
      await pipeline(await open(key), createWriteStream(path, { mode: 0o600 }))
      return await work(path)
    } finally {
      await rm(path, { force: true })
    }
  }

  const remove = async (key: string) => {
    for (const store of all) await store.remove(key)
  }
  return { main, other, find, open, remove, withFile }
}

/**
 * Where files lie on their way: among our own data, since in the machine's common folder another user could be there
 * first. What a crash leaves behind is removed by the housekeeping.
 */
export async function temporaryFolder(folder = dataFolder()): Promise<string> {
  const path = join(folder, 'uploads')
  await mkdir(path, { recursive: true, mode: 0o700 })
  return path
}

let configured: Stores | undefined
let defaults: { folder: string; stores: Stores } | undefined

/** Tells the process its stores: once at the start; tests put others in their place. */
export const setStores = (stores: Stores | undefined): void => {
  configured = stores
}

/** The stores of this process; before anything is configured, the disk. */
export function stores(): Stores {
  if (configured) return configured
  const folder = dataFolder()
  if (defaults?.folder !== folder) defaults = { folder, stores: storesOf({ dataFolder: folder }) }
  return defaults.stores
}
