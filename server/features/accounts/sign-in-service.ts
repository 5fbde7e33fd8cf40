import { db, withTransaction } from '../../core/db/index.ts'
import { AppError, InputError } from '../../core/errors.ts'
import { recordEvent } from '../../core/events/index.ts'
import { type Actor, NOBODY } from '../../core/rights/index.ts'
import { inSeconds, nowUtc } from '../../core/time.ts'
import { verifyNothing, verifyPassword } from './passwords.ts'
import { listNamed, type NamedAccount } from './queries.ts'

const TRIES_BEFORE_LOCK = 5
const FIRST_LOCK_SECONDS = 60
const LONGEST_LOCK_SECONDS = 3600

type Guarded = Pick<NamedAccount, 'person_id' | 'password_hash' | 'locked_until'>

/**
 * Checks a login (or e-mail) and a password.
 * @returns the person's id
 * @throws InputError if they do not fit (the same words for an unknown login), the account is locked, blocked or waits
 */
export async function authenticate(login: string, password: string): Promise<number> {
  const account = (await listNamed(login))[0]
  if (!account?.password_hash) {
    await verifyNothing(password)
    throw InputError.of('', 'accounts.signIn.wrong')
  }
  await checkPassword(account, password, { field: '', wrong: 'accounts.signIn.wrong' })
  if (account.state === 'pending') throw InputError.of('', 'accounts.signIn.pending')
  if (account.state !== 'active') throw InputError.of('', 'accounts.signIn.blocked')
  return account.person_id
}

/**
 * Checks the password of an account and counts failures, at the door as well as behind it.
 * @throws InputError beside `field`: the message `wrong`, or that the account rests
 */
export async function checkPassword(
  account: Guarded,
  password: string,
  { field, wrong }: { field: string; wrong: string },
): Promise<void> {
  if (account.locked_until && account.locked_until > nowUtc()) {
    const seconds = (Date.parse(`${account.locked_until.replace(' ', 'T')}Z`) - Date.now()) / 1000
    throw InputError.of(field, 'accounts.signIn.locked', { count: Math.ceil(seconds / 60) })
  }
  if (account.password_hash && (await verifyPassword(account.password_hash, password))) return
  await countFailure(account)
  throw InputError.of(field, wrong)
}

/** After five failures the account rests for a minute, then for two, four … an hour at most. */
export async function countFailure(account: Pick<Guarded, 'person_id'>): Promise<void> {
  await withTransaction(async () => {
    await db()('accounts').where({ person_id: account.person_id }).increment('failed_attempts', 1)
    const { failed_attempts: failures } = await db()('accounts').where({ person_id: account.person_id }).first()
    if (failures < TRIES_BEFORE_LOCK) return
    const seconds = Math.min(LONGEST_LOCK_SECONDS, FIRST_LOCK_SECONDS * 2 ** (failures - TRIES_BEFORE_LOCK))
    await db()('accounts')
      .where({ person_id: account.person_id })
      .update({ locked_until: inSeconds(seconds) })
    await recordEvent(NOBODY, 'accountLocked', { type: 'person', id: account.person_id }, { failures, seconds })
  })
}

/** Notes that a person came in: all steps are behind them. */
export async function noteSignIn(personId: number): Promise<void> {
  const actor: Actor = { ...NOBODY, personId }
  await withTransaction(async () => {
    await db()('accounts')
      .where({ person_id: personId })
      .update({ failed_attempts: 0, locked_until: null, last_sign_in_at: nowUtc() })
    await recordEvent(actor, 'signedIn', { type: 'person', id: personId })
  })
}

/** Refuses what comes too fast from one address. */
export const tooManyTries = (seconds: number): AppError =>
  new AppError(429, 'errors.tooMany', { values: { seconds, count: Math.ceil(seconds / 60) } })
