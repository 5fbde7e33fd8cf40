import { createHash, createHmac, randomInt, timingSafeEqual } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { writePrivateFile } from '../configuration.ts'

/** Letters and digits that cannot be mistaken for one another when they are copied by hand. */
const ALPHABET = '23456789ABCDEFGHJKMNPQRSTVWXYZ'
const GROUPS = 5
const GROUP_LENGTH = 4

/** A plain web host has no console: the key also lies in a file that only its owner can read. */
export const keyFile = (folder: string): string => join(folder, 'setup-key.txt')

/** The one-time key of this installation: the one that a former start made, or a new one. */
export function readOrMakeKey(folder: string): string {
  const file = keyFile(folder)
  if (existsSync(file)) {
    const kept = readFileSync(file, 'utf8').trim()
    if (normalise(kept).length === GROUPS * GROUP_LENGTH) return kept
  }
  const key = makeKey()
  writePrivateFile(file, `${key}\n`)
  return key
}

/** About 98 bits: guessing is hopeless at any speed. */
export const makeKey = (): string =>
  Array.from({ length: GROUPS }, () =>
    Array.from({ length: GROUP_LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join(''),
  ).join('-')

/** Spaces, dashes and small letters make no difference. */
const normalise = (text: string) => text.toUpperCase().replace(/[^0-9A-Z]/g, '')

const digest = (text: string) => createHash('sha256').update(text).digest()

/** Whether this is the key, in a time that does not depend on how much of it is right. */
export const isKey = (key: string, typed: string): boolean =>
  timingSafeEqual(digest(normalise(key)), digest(normalise(typed)))

/** What the browser keeps after the key was entered: worthless for another installation. */
export const passFor = (secret: string, key: string): string =>
  createHmac('sha256', secret)
    .update(`setup ${normalise(key)}`)
    .digest('base64url')

export const isPass = (expected: string, given: unknown): boolean =>
  typeof given === 'string' && timingSafeEqual(digest(expected), digest(given))
