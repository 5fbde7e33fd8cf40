import { createHash } from 'node:crypto'
import { Secret, TOTP } from 'otpauth'
import { renderSVG } from 'uqr'
import { db, insertRows, withTransaction } from '../../core/db/index.ts'
import { ConflictError, ForbiddenError, InputError, NotFoundError } from '../../core/errors.ts'
import { recordEvent } from '../../core/events/index.ts'
import { type Actor, hasEverywhere, SYSTEM } from '../../core/rights/index.ts'
import { fold } from '../../core/text.ts'
import { nowUtc } from '../../core/time.ts'
import { isMorePowerful } from '../rights/service.ts'
import { demandPassword } from './password-service.ts'
import { countFailure } from './sign-in-service.ts'
import { paperCode } from './tokens.ts'

const STEP_SECONDS = 30
/** A code of the half-minute before and after counts as well: clocks differ, and people type slowly. */
const WINDOW = 1
const CODES = 10

type Factor = { person_id: number; secret: string; confirmed_at: string | null; last_step: number }

const factors = () => db()('second_factors')
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

/** Paper codes are forgiven spaces, dashes and case. */
const normalise = (code: string) => code.replace(/[\s-]/g, '').toUpperCase()

const totpOf = (secret: string, issuer: string, label: string) =>
  new TOTP({ issuer, label, secret: Secret.fromBase32(secret), period: STEP_SECONDS })

/** Whether signing in takes this person two steps. */
export const hasSecondFactor = async (personId: number): Promise<boolean> =>
  Boolean(await factors().where({ person_id: personId }).whereNotNull('confirmed_at').first('person_id'))

export type FactorState = { isOn: boolean; since: string | null; codesLeft: number }

/** What the profile says of it. */
export async function selectFactorState(personId: number): Promise<FactorState> {
  const factor: Factor | undefined = await factors().where({ person_id: personId }).first()
  const unused = await db()('recovery_codes').where({ person_id: personId }).whereNull('used_at').select('id')
  return { isOn: Boolean(factor?.confirmed_at), since: factor?.confirmed_at ?? null, codesLeft: unused.length }
}

/**
 * Begins to switch it on: a secret that the person's program learns from a picture or letters. The same until it is
 * confirmed, so that reading the page again changes nothing.
 * @throws ConflictError if it is on already
 */
export async function offerSecret(actor: Actor): Promise<{ secret: string; picture: string }> {
  const personId = actor.personId as number
  const fresh = { person_id: personId, secret: new Secret({ size: 20 }).base32, created_at: nowUtc() }
  await factors().insert(fresh).onConflict('person_id').ignore()
  const factor: Factor = await factors().where({ person_id: personId }).first()
  if (factor.confirmed_at) throw new ConflictError('accounts.factor.alreadyOn')
  const { login } = await db()('accounts').where({ person_id: personId }).first('login')
  // In Latin letters: each Cyrillic one takes six signs, and a dense picture is hard to scan.
  const address = totpOf(factor.secret, 'Integral', login).toString()
  return { secret: factor.secret, picture: renderSVG(address, { border: 2 }) }
}

/**
 * Switches it on with the first code.
 * @returns the recovery codes, which are shown this once
 * @throws InputError beside `code`
 */
export async function confirmFactor(actor: Actor, code: string): Promise<string[]> {
  const personId = actor.personId as number
  return withTransaction(async () => {
    const factor: Factor | undefined = await factors().where({ person_id: personId }).first()
    if (!factor) throw new ConflictError()
    if (factor.confirmed_at) throw new ConflictError('accounts.factor.alreadyOn')
    if (!(await takeCode(factor, code))) throw InputError.of('code', 'accounts.factor.wrong')
    await factors().where({ person_id: personId }).update({ confirmed_at: nowUtc() })
    await recordEvent(actor, 'secondFactorSwitchedOn', { type: 'person', id: personId })
    return writeCodes(personId)
  })
}

/** New recovery codes in the place of all old ones. @throws InputError beside `password` */
export async function renewCodes(actor: Actor, password: string): Promise<string[]> {
  const personId = actor.personId as number
  await demandPassword(actor, password, 'password')
  return withTransaction(async () => {
    if (!(await hasSecondFactor(personId))) throw new ConflictError()
    await recordEvent(actor, 'recoveryCodesRenewed', { type: 'person', id: personId })
    return writeCodes(personId)
  })
}

/** Switches it off again. @throws InputError beside `password`, ConflictError where a role demands it */
export async function dropFactor(actor: Actor, password: string): Promise<void> {
  if (actor.secondFactor) throw new ConflictError('accounts.factor.required')
  await demandPassword(actor, password, 'password')
  await remove(actor, actor.personId as number)
}

/**
 * For who has lost telephone and paper: an administrator who knows them takes the second step away.
 * @throws ForbiddenError for a person who may do more than the actor
 */
export async function resetFactor(actor: Actor, personId: number): Promise<void> {
  if (!hasEverywhere(actor, 'accounts.edit')) throw new ForbiddenError()
  if (!(await db()('people').where({ id: personId }).first('id'))) throw new NotFoundError()
  if (await isMorePowerful(personId, actor)) throw new ForbiddenError()
  await remove(actor, personId)
}

/**
 * The same from the server's own command line, by a login: where nobody is left to ask.
 * @returns false if nobody has this login, or no second step
 */
export async function resetFactorOf(login: string): Promise<boolean> {
  const account = await db()('accounts')
    .where({ login_folded: fold(login) })
    .first('person_id')
  return account ? remove(SYSTEM, account.person_id) : false
}

async function remove(actor: Actor, personId: number): Promise<boolean> {
  return withTransaction(async () => {
    await db()('recovery_codes').where({ person_id: personId }).del()
    if (!(await factors().where({ person_id: personId }).del())) return false
    await recordEvent(actor, 'secondFactorSwitchedOff', { type: 'person', id: personId })
    return true
  })
}

async function writeCodes(personId: number): Promise<string[]> {
  const codes = Array.from({ length: CODES }, () => paperCode(2))
  await db()('recovery_codes').where({ person_id: personId }).del()
  const rows = codes.map((code) => ({ person_id: personId, code_hash: hashOf(personId, code) }))
  await insertRows('recovery_codes', rows)
  return codes
}

const hashOf = (personId: number, code: string) => sha256(`${personId}:${normalise(code)}`)

/** Takes a code of the telephone; each half-minute counts once. */
async function takeCode(factor: Factor, code: string): Promise<boolean> {
  const totp = totpOf(factor.secret, '', '')
  const delta = totp.validate({ token: normalise(code), window: WINDOW })
  if (delta === null) return false
  const step = totp.counter() + delta
  const taken = await factors()
    .where({ person_id: factor.person_id })
    .where('last_step', '<', step)
    .update({ last_step: step })
  return taken > 0
}

/**
 * The second step at the door: a code of the telephone, or one from paper, which is then used up. Failures count as wrong
 * passwords do.
 * @throws InputError beside `code`
 */
export async function passSecondStep(personId: number, code: string): Promise<void> {
  const account = await db()('accounts').where({ person_id: personId }).first()
  const factor: Factor | undefined = await factors().where({ person_id: personId }).first()
  if (!account || !factor) throw new ConflictError()
  if (account.locked_until && account.locked_until > nowUtc()) throw InputError.of('code', 'accounts.factor.locked')
  if (await takeCode(factor, code)) return
  const used = await db()('recovery_codes')
    .where({ person_id: personId, code_hash: hashOf(personId, code) })
    .whereNull('used_at')
    .update({ used_at: nowUtc() })
  if (used) return
  await countFailure(account)
  throw InputError.of('code', 'accounts.factor.wrong')
}
