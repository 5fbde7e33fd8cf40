import { createHash } from 'node:crypto'
import { db, withTransaction } from '../../core/db/index.ts'
import { InputError } from '../../core/errors.ts'
import { recordEvent } from '../../core/events/index.ts'
import { baseUrl } from '../../core/http/base-url.ts'
import { type RequestContext, requestContext, withRequestContext } from '../../core/http/context.ts'
import { translator } from '../../core/i18n/index.ts'
import { enqueueJob, type JobDefinition } from '../../core/jobs/index.ts'
import { queueLetter } from '../../core/mail/index.ts'
import { checkSockets } from '../../core/realtime/index.ts'
import { type Actor, NOBODY } from '../../core/rights/index.ts'
import { hashSessionId } from '../../core/session/index.ts'
import { setting } from '../../core/settings.ts'
import { fold } from '../../core/text.ts'
import { inSeconds, nowUtc } from '../../core/time.ts'
import { hashPassword, passwordProblem } from './passwords.ts'
import { listNamed } from './queries.ts'
import { checkPassword } from './sign-in-service.ts'
import { issueTokens, lastTokenAt, PASSWORD_PURPOSES, selectToken, useToken, voidTokens } from './tokens.ts'

const LETTER_PAUSE_SECONDS = 120

type Owner = {
  person_id: number
  login: string
  last_name: string
  first_name: string
  state: string
  password_hash: string | null
  locked_until: string | null
}

const selectOwner = (personId: number): Promise<Owner | undefined> =>
  db()('accounts as a')
    .join('people as p', 'p.id', 'a.person_id')
    .where({ 'a.person_id': personId, 'p.state': 'active' })
    .first('a.person_id', 'a.login', 'a.state', 'a.password_hash', 'a.locked_until', 'p.last_name', 'p.first_name')

/** Whom a link or a code belongs to. @throws NotFoundError if it is used or old */
export async function ownerOfToken(text: string): Promise<Owner & { tokenId: number; purpose: string }> {
  const token = await selectToken(text, PASSWORD_PURPOSES)
  const owner = await selectOwner(token.person_id)
  if (!owner || owner.state === 'blocked') throw InputError.of('', 'accounts.signIn.blocked')
  return { ...owner, tokenId: token.id, purpose: token.purpose }
}

/**
 * Chooses a password by an invitation or a reset link; the token is used up and every session elsewhere ends.
 * @returns the person's id, and whether they may come in at once
 */
export async function choosePassword(text: string, password: string): Promise<{ personId: number; isActive: boolean }> {
  const owner = await ownerOfToken(text)
  const problem = passwordProblem(password, { login: owner.login, lastName: owner.last_name })
  if (problem) throw InputError.of('password', problem)
  const password_hash = await hashPassword(password)
  return withTransaction(async () => {
    await useToken(owner.tokenId)
    await voidTokens([owner.person_id])
    const state = owner.state === 'pending' ? 'pending' : 'active'
    const now = nowUtc()
    const fresh = {
      failed_attempts: 0,
      locked_until: null,
      password_changed_at: now,
      updated_at: now,
    }
    const chosen = await db()('accounts')
      .where({ person_id: owner.person_id })
      .whereNot({ state: 'blocked' })
      .update({ password_hash, state, ...fresh })
    if (!chosen) throw InputError.of('', 'accounts.signIn.blocked')
    await db()('sessions').where({ person_id: owner.person_id }).del()
    checkSockets()
    const actor: Actor = { ...NOBODY, personId: owner.person_id }
    await recordEvent(actor, owner.purpose === 'reset' ? 'passwordReset' : 'invitationAccepted', {
      type: 'person',
      id: owner.person_id,
    })
    return { personId: owner.person_id, isActive: state === 'active' }
  })
}

type Asked = { login: string; by: RequestContext }

/**
 * Asks for a reset link. Whether there is such an account is looked up later, by a job: neither the answer nor the time
 * that it takes may tell.
 */
export async function requestReset(login: string): Promise<void> {
  const uniqueKey = `reset-${createHash('sha256').update(fold(login)).digest('hex')}`
  const asked: Asked = { login, by: requestContext() ?? { requestId: '', ip: null } }
  await enqueueJob('accounts.send-reset', asked, { uniqueKey })
}

/** The audit names the address from which the link was asked for. */
export const resetJob: JobDefinition = {
  kind: 'accounts.send-reset',
  lane: 'urgent',
  run: ({ login, by }: Asked) => withRequestContext(by, () => sendReset(login)),
}

/** Sends a reset link to the address of an account, if there is one. At most one in two minutes. */
async function sendReset(login: string): Promise<void> {
  const person = (await listNamed(login)).find(({ email, state }) => email && ['active', 'invited'].includes(state))
  if (!person?.email) return
  const { email } = person
  const last = await lastTokenAt(person.person_id, 'reset')
  if (last && last > inSeconds(-LETTER_PAUSE_SECONDS)) return
  await withTransaction(async () => {
    const token = (await issueTokens('reset', [person.person_id], { createdBy: null })).get(person.person_id)
    const authority = await setting('authority')
    const language = person.language ?? authority.defaultLanguage
    const t = translator(language)
    const values = {
      name: person.first_name,
      login: person.login,
      authority: authority.name,
      link: `${await baseUrl()}/reset/${token}`,
    }
    await queueLetter({
      kind: 'accounts.reset',
      to: email,
      personId: person.person_id,
      language,
      subject: t('accounts.letter.reset.subject', values),
      text: t('accounts.letter.reset.text', values),
    })
    await recordEvent(NOBODY, 'passwordResetRequested', { type: 'person', id: person.person_id })
  })
}

/**
 * Makes sure that it is the account's owner who asks, and not somebody at their computer, who may not try for ever.
 * @throws InputError beside `field` if the password is wrong or was so too often
 */
export async function demandPassword(actor: Actor, password: string, field: string): Promise<Owner> {
  const owner = actor.personId === null ? undefined : await selectOwner(actor.personId)
  if (!owner) throw InputError.of(field, 'accounts.profile.currentWrong')
  await checkPassword(owner, password, { field, wrong: 'accounts.profile.currentWrong' })
  await db()('accounts').where({ person_id: owner.person_id }).update({ failed_attempts: 0, locked_until: null })
  return owner
}

/** Changes one's own password; every other session ends. */
export async function changePassword(
  actor: Actor,
  sessionId: string,
  input: { currentPassword: string; password: string },
): Promise<void> {
  const owner = await demandPassword(actor, input.currentPassword, 'currentPassword')
  const problem = passwordProblem(input.password, { login: owner.login, lastName: owner.last_name })
  if (problem) throw InputError.of('password', problem)
  const password_hash = await hashPassword(input.password)
  await withTransaction(async () => {
    const now = nowUtc()
    await db()('accounts')
      .where({ person_id: owner.person_id })
      .update({ password_hash, password_changed_at: now, updated_at: now })
    await voidTokens([owner.person_id])
    await db()('sessions')
      .where({ person_id: owner.person_id })
      .whereNot({ id: hashSessionId(sessionId) })
      .del()
    checkSockets()
    await recordEvent(actor, 'passwordChanged', { type: 'person', id: owner.person_id })
  })
}
