import { hash, verify } from '@node-rs/argon2'
import { fold } from '../../core/text.ts'

// OWASP's minimum for Argon2id (19 MiB, 2 passes): about 20 ms of one core, so sign-in stays quick on a small server.
let cost = { memoryCost: 19_456, timeCost: 2 }

/** For tests only, which sign in thousands of times. */
export const hashPasswordsCheaply = (): void => {
  cost = { memoryCost: 1024, timeCost: 1 }
}

export const MIN_PASSWORD = 10
export const MAX_PASSWORD = 200

export const hashPassword = (password: string): Promise<string> =>
  hash(password.normalize('NFKC'), { ...cost, parallelism: 1 })

export const verifyPassword = (stored: string, password: string): Promise<boolean> =>
  verify(stored, password.normalize('NFKC')).catch(() => false)

let decoy: string | undefined

/** Spends the time of a real check, so that the answer's delay does not tell whether a login exists. */
export async function verifyNothing(password: string): Promise<void> {
  decoy ??= await hashPassword('no account has this password')
  await verifyPassword(decoy, password)
}

// The beginning of every list of stolen passwords, and what people here type first.
const COMMON = ['1234567890', 'qwertyuiop', 'qwerty12345', 'password123', 'пароль', 'йцукенгшщз', 'integral']

/** Why a password will not do, as a translation key, or undefined. Length counts more than kinds of characters. */
export function passwordProblem(password: string, person: { login: string; lastName: string }): string | undefined {
  if (password.length < MIN_PASSWORD) return 'accounts.password.tooShort'
  if (password.length > MAX_PASSWORD) return 'accounts.password.tooLong'
  const folded = fold(password)
  if (new Set(folded).size < 5 || COMMON.some((word) => folded.startsWith(word))) return 'accounts.password.common'
  const own = [person.login, person.lastName].map(fold).filter((word) => word.length >= 4)
  return own.some((word) => folded.includes(word)) ? 'accounts.password.personal' : undefined
}
