import { db, withTransaction } from '../../core/db/index.ts'
import { AppError, InputError } from '../../core/errors.ts'
import { recordEvent } from '../../core/events/index.ts'
import { type Actor, NOBODY } from '../../core/rights/index.ts'
import { fold } from '../../core/text.ts'
import { inSeconds, nowUtc } from '../../core/time.ts'
import { verifyNothing, verifyPassword } from './passwords.ts'

const TRIES_BEFORE_LOCK = 5
const FIRST_LOCK_SECONDS = 60
const LONGEST_LOCK_SECONDS = 3600

type AccountRow = {
  person_id: number
  password_hash: string | null
  state: string
  failed_attempts: number
  locked_until: string | null
}

const findAccount = (login: string): Promise<AccountRow | undefined> =>
  db()('accounts as a')
    .join('people as p', 'p.id', 'a.person_id')
    .where('p.state', 'active')
    .where((either) => either.where('a.login_folded', fold(login)).orWhere('p.email_folded', fold(login)))
    .orderByRaw('case when a.login_folded = ? then 0 else 1 end', [fold(login)])
    .first('a.person_id', 'a.password_hash', 'a.state', 'a.failed_attempts', 'a.locked_until')

/**
 * Checks a login (or e-mail) and a password.
 * @returns the person's id
 * @throws InputError if they do not fit (the same words for an unknown login), the account is locked, blocked or waits
 */
export async function authenticate(login: string, password: string): Promise<number> {
  const account = await findAccount(login)
  if (!account?.password_hash) {
    await verifyNothing(password)
    throw InputError.of('', 'accounts.signIn.wrong')
  }
  if (account.locked_until && account.locked_until > nowUtc()) {
    const seconds = (Date.parse(`${account.locked_until.replace(' ', 'T')}Z`) - Date.now()) / 1000
    throw InputError.of('', 'accounts.signIn.locked', { count: Math.ceil(seconds / 60) })
  }
  if (!(await verifyPassword(account.password_hash, password))) {
    await countFailure(account)
    throw InputError.of('', 'accounts.signIn.wrong')
  }
  if (account.state === 'pending') throw InputError.of('', 'accounts.signIn.pending')
  if (account.state !== 'active') throw InputError.of('', 'accounts.signIn.blocked')
  await noteSignIn(account.person_id)
  return account.person_id
}

/** After five failures the account rests for a minute, then for two, four … an hour at most. */
async function countFailure(account: AccountRow) {
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

async function noteSignIn(personId: number) {
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
