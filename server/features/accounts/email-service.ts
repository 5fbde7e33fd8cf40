import { z } from 'zod'
import { db, fromJson, isUniqueViolation, withTransaction } from '../../core/db/index.ts'
import { ConflictError, InputError, NotFoundError } from '../../core/errors.ts'
import { recordEvent } from '../../core/events/index.ts'
import { baseUrl } from '../../core/http/base-url.ts'
import { email } from '../../core/http/fields.ts'
import { translator } from '../../core/i18n/index.ts'
import { queueLetter } from '../../core/mail/index.ts'
import { type Actor, NOBODY } from '../../core/rights/index.ts'
import { setting } from '../../core/settings.ts'
import { fold } from '../../core/text.ts'
import { inSeconds, nowUtc } from '../../core/time.ts'
import { demandPassword } from './password-service.ts'
import { issueTokens, selectToken, useToken } from './tokens.ts'

export const emailInput = z.object({ email: email(), emailPassword: z.string().min(1).max(1000) })

// Letters to addresses that may be anybody's.
const MOST_AN_HOUR = 5

type Person = {
  id: number
  first_name: string
  last_name: string
  email: string | null
  language: string | null
  login: string
  state: string
}

const selectOptionalPerson = (id: number | null): Promise<Person | undefined> =>
  db()('people as p')
    .join('accounts as a', 'a.person_id', 'p.id')
    .where({ 'p.id': id, 'p.state': 'active', 'a.state': 'active' })
    .first('p.id', 'p.first_name', 'p.last_name', 'p.email', 'p.language', 'a.login', 'a.state')

/**
 * Asks for another e-mail of one's own. It is changed only when the link in the letter to the new address has been
 * followed. Whether that address is somebody's already is told in the letter alone.
 * @throws InputError if the password is wrong, the address is the present one, or letters cannot be sent
 */
export async function requestEmail(actor: Actor, input: z.infer<typeof emailInput>): Promise<void> {
  const owner = await demandPassword(actor, input.emailPassword, 'emailPassword')
  const { enabled } = await setting('mail')
  if (!enabled) throw InputError.of('email', 'accounts.email.noMail')
  await withTransaction(async () => {
    // Whoever asks twice at the same moment is counted twice.
    await db()('accounts').where({ person_id: owner.person_id }).forUpdate().first('person_id')
    const person = await selectOptionalPerson(owner.person_id)
    if (!person) throw new NotFoundError()
    if (person.email && fold(person.email) === fold(input.email)) throw InputError.of('email', 'accounts.email.same')
    const asked = await db()('account_tokens')
      .where({ person_id: person.id, purpose: 'email' })
      .where('created_at', '>', inSeconds(-3600))
      .count({ count: '*' })
      .first()
    if (Number(asked?.count) >= MOST_AN_HOUR) throw InputError.of('email', 'accounts.email.tooOften')
    const known = await db()('people')
      .where({ email_folded: fold(input.email) })
      .first('id')
    const data = { email: input.email }
    const tokens = await issueTokens('email', [person.id], { createdBy: person.id, data })
    const authority = await setting('authority')
    const language = person.language ?? authority.defaultLanguage
    const t = translator(language)
    const address = await baseUrl()
    const values = { name: person.first_name, login: person.login, authority: authority.name }
    const kind = known ? 'emailKnown' : 'email'
    const link = known ? `${address}/forgot` : `${address}/email/${tokens.get(person.id)}`
    await queueLetter({
      kind: `accounts.${kind}`,
      to: input.email,
      personId: known ? known.id : person.id,
      language,
      subject: t(`accounts.letter.${kind}.subject`, values),
      text: t(`accounts.letter.${kind}.text`, { ...values, link }),
    })
    await recordEvent(actor, 'emailChangeRequested', { type: 'person', id: person.id }, { after: data })
  })
}

const waiting = (personId: number | null) =>
  db()('account_tokens')
    .where({ person_id: personId, purpose: 'email' })
    .whereNull('used_at')
    .where('expires_at', '>', nowUtc())

/** The new address that waits for its confirmation, or undefined. */
export async function selectOptionalNewEmail(actor: Actor): Promise<string | undefined> {
  const token = await waiting(actor.personId).first('data')
  return token && fromJson<{ email?: string }>(token.data, {}).email
}

/** Takes the wish back: the link in the letter leads nowhere any more. */
export async function cancelEmail(actor: Actor): Promise<void> {
  await withTransaction(async () => {
    const cancelled = await waiting(actor.personId).update({ used_at: nowUtc() })
    if (!cancelled) throw new ConflictError()
    await recordEvent(actor, 'emailChangeCancelled', { type: 'person', id: actor.personId as number })
  })
}

/** Whose new address a link confirms. @throws NotFoundError if it is used, old, or the account is closed */
export async function selectNewEmail(text: string): Promise<{ tokenId: number; person: Person; email: string }> {
  const token = await selectToken(text, ['email'])
  const person = await selectOptionalPerson(token.person_id)
  const { email } = fromJson<{ email?: string }>(token.data, {})
  if (!person || !email) throw new NotFoundError('accounts.token.old')
  return { tokenId: token.id, person, email }
}

/** Changes the e-mail to the confirmed one; the former address is told (see email-change.ts). @returns the person's id */
export async function confirmEmail(text: string): Promise<number> {
  const { tokenId, person, email } = await selectNewEmail(text)
  await withTransaction(async () => {
    await useToken(tokenId)
    try {
      await db()('people')
        .where({ id: person.id })
        .update({ email, email_folded: fold(email), updated_at: nowUtc() })
        .increment('version', 1)
    } catch (error) {
      if (isUniqueViolation(error)) throw InputError.of('', 'people.form.emailTaken')
      throw error
    }
    const actor: Actor = { ...NOBODY, personId: person.id }
    const change = { before: { email: person.email }, after: { email } }
    await recordEvent(actor, 'emailChanged', { type: 'person', id: person.id }, change)
  })
  return person.id
}
