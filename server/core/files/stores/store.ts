import type { Readable } from 'node:stream'
import { UnavailableError } from '../../errors.ts'

export type StoreEntry = { key: string; size: number; modifiedAt: number }
/** Bytes from and to, both inclusive. */
export type ByteRange = { start: number; end: number }

/** A place that keeps contents under keys (`files/ab/abcdef…`). A content is there as a whole or not at all. */
export type Store = {
  readonly kind: 'disk' | 's3'
  /** Keeps a file's content; the file may be moved away. @param sha256 of the content, where it is known */
  put: (key: string, path: string, sha256?: string) => Promise<void>
  find: (key: string) => Promise<StoreEntry | undefined>
  /** @throws MissingContentError */
  open: (key: string, range?: ByteRange) => Promise<Readable>
  remove: (key: string) => Promise<void>
  /** Everything whose key begins so. */
  list: (prefix: string) => AsyncIterable<StoreEntry>
  /** Writes and reads a little. @throws StoreError */
  check: () => Promise<void>
}

export class MissingContentError extends Error {
  constructor(key: string) {
    super(`there is no ${key}`)
    this.name = 'MissingContentError'
  }
}

/** The store does not answer, refuses us, or is full; nothing was kept. The cause is for the log. */
export class StoreError extends UnavailableError {
  constructor(code: 'errors.storeUnavailable' | 'errors.storeFull', cause: unknown) {
    super(code, { cause })
  }
}

export const isFull = (error: unknown): boolean => {
  const { code, message } = error as NodeJS.ErrnoException
  return code === 'ENOSPC' || code === 'EDQUOT' || /no space left/i.test(message ?? '')
}
