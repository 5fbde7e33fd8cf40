import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { db, insertRow, retryingDuplicates, withTransaction } from '../../core/db/index.ts'
import { ForbiddenError, InputError, NotFoundError } from '../../core/errors.ts'
import { recordEvent } from '../../core/events/index.ts'
import { baseUrl } from '../../core/http/base-url.ts'
import { email, line, optionalCivilDate, optionalId, optionalLine, optionalWhole } from '../../core/http/fields.ts'
import { translator } from '../../core/i18n/index.ts'
import { queueLetter } from '../../core/mail/index.ts'
import { type Actor, hasEverywhere, NOBODY, SYSTEM } from '../../core/rights/index.ts'
import { authorityToday, setting } from '../../core/settings.ts'
import { fold } from '../../core/text.ts'
import { localToUtc, nowUtc } from '../../core/time.ts'
import { selectOrganisation } from '../organisations/queries.ts'
import { resolveOrganisation } from '../organisations/resolve.ts'
import { demandOpenPosition } from '../people/employment-service.ts'
import { createPerson } from '../people/service.ts'
import { answerAtRegistration, demandAgreement } from '../privacy/consent-service.ts'
import { consentAnswers } from '../privacy/input.ts'
import { listAsked } from '../privacy/purpose-queries.ts'
import { freeLogins } from './logins.ts'
import { hashToken, issueTokens } from './tokens.ts'

// Our letter greets whoever is named, at any address: a name must not carry an advertisement there.
const LETTERS_ONLY = /^[\p{L}\p{M}][\p{L}\p{M} '’ʼ()-]*$/u
const isName = (text: string | null) => text === null || LETTERS_ONLY.test(text)
const letters = 'accounts.register.nameLetters'

export const registerInput = z.object({
  lastName: line(100).refine(isName, letters),
  firstName: line(100).refine(isName, letters),
  middleName: optionalLine(100).refine(isName, letters),
  email: email(),
  organisation: optionalLine(300),
  position: optionalLine(200),
  answers: consentAnswers,
})
export type RegisterInput = z.infer<typeof registerInput>

type Link = { id: number; organisation_id: number | null; organisation: string | null }

/** The invitation link that was followed. @throws NotFoundError if it is used up, withdrawn or old */
export async function selectRegistrationLink(token: string): Promise<Link> {
  const row = await db()('registration_links as l')
    .leftJoin('organisations as o', 'o.id', 'l.organisation_id')
    .where('l.token_hash', hashToken(token))
    .whereNull('l.revoked_at')
    .where((fresh) => void fresh.whereNull('l.expires_at').orWhere('l.expires_at', '>', nowUtc()))
    .where((left) => void left.whereNull('l.max_uses').orWhereRaw('l.uses < l.max_uses'))
    .first('l.id', 'l.organisation_id', 'o.short_name as organisation')
  if (!row) throw new NotFoundError('accounts.token.old')
  return row
}

/** Whether people may register by themselves, with or without a link. @throws NotFoundError if not */
export async function demandRegistration(token?: string): Promise<Link | undefined> {
  const { mode } = await setting('registration')
  if (mode === 'closed' || (mode === 'invitation' && !token)) throw new NotFoundError('accounts.register.closed')
  return token ? selectRegistrationLink(token) : undefined
}

/**
 * Registers a newcomer and sends the letter with which they choose a password: so the address is proved to be theirs. An
 * address that is known already gets a letter that says so; the page shows no difference. A claimed employer sees nothing
 * before it has confirmed.
 */
export async function register(input: RegisterInput, token?: string): Promise<void> {
  const attempt = () => retryingDuplicates(() => registerOnce(input, token))
  try {
    await attempt()
  } catch (error) {
    if (!isEmailTaken(error)) throw error
    // The same address was registered at the same instant: now it is known.
    await attempt()
  }
}

const isEmailTaken = (error: unknown) =>
  error instanceof InputError && error.fields.some(({ code }) => code === 'people.form.emailTaken')

async function registerOnce(input: RegisterInput, token?: string): Promise<void> {
  const link = await demandRegistration(token)
  // Before the address is looked up: what is wrong in the form must not tell whether it is known.
  const employer = input.organisation
    ? await resolveOrganisation(SYSTEM, input.organisation, 'organisation')
    : undefined
  if (employer && !input.position) throw InputError.of('position', 'errors.field.required')
  if (input.position) await demandOpenPosition(input.position)
  demandAgreement(await listAsked(), input.answers)
  const known = await db()('people')
    .where({ email_folded: fold(input.email) })
    .first('id', 'language')
  const authority = await setting('authority')
  const t = translator(authority.defaultLanguage)
  const values = { name: input.firstName, authority: authority.name, link: `${await baseUrl()}/forgot` }
  const letter = { to: input.email, language: authority.defaultLanguage }
  if (known) {
    const texts = { subject: t('accounts.letter.known.subject', values), text: t('accounts.letter.known.text', values) }
    const day = nowUtc().slice(0, 10)
    return queueLetter({
      ...letter,
      ...texts,
      kind: 'accounts.known',
      personId: known.id,
      dedupeKey: `known-${known.id}-${day}`,
    })
  }
  await withTransaction(async () => {
    if (link) await takeLinkUse(link.id)
    const person = { gender: null, birthDate: null, phone: null, categoryId: null, experienceYears: null, about: null }
    const none = { organisation: null, position: null, startsOn: null }
    const { answers: _answers, ...named } = input
    const personId = await createPerson(SYSTEM, { ...named, ...person, ...none })
    await db()('people').where({ id: personId }).update({ source: 'registration' })
    await claimEmployment(personId, employer?.id ?? link?.organisation_id ?? null, input.position)
    const { approval } = await setting('registration')
    const login = (
      await freeLogins([
        { id: personId, last_name: input.lastName, first_name: input.firstName, middle_name: input.middleName },
      ])
    ).get(personId)
    const now = nowUtc()
    const account = { person_id: personId, login, login_folded: login, state: approval ? 'pending' : 'invited' }
    await db()('accounts').insert({ ...account, created_at: now, updated_at: now })
    const code = (await issueTokens('invitation', [personId], { createdBy: null })).get(personId)
    const address = { ...values, login, link: `${await baseUrl()}/invitation/${code}` }
    const texts = {
      subject: t('accounts.letter.welcome.subject', address),
      text: t('accounts.letter.welcome.text', address),
    }
    await queueLetter({ ...letter, ...texts, kind: 'accounts.welcome', personId })
    await answerAtRegistration(personId, input)
    await recordEvent(
      NOBODY,
      'personRegistered',
      { type: 'person', id: personId },
      { linkId: link?.id ?? null, approval },
    )
  })
}

/** One use of a link, taken atomically: two people never take the last one. */
async function takeLinkUse(id: number) {
  const taken = await db()('registration_links')
    .where({ id })
    .where((left) => void left.whereNull('max_uses').orWhereRaw('uses < max_uses'))
    .increment('uses', 1)
  if (!taken) throw new NotFoundError('accounts.token.old')
}

async function claimEmployment(personId: number, organisationId: number | null, position: string | null) {
  if (!organisationId) return
  const now = nowUtc()
  const row = {
    person_id: personId,
    organisation_id: organisationId,
    // Anybody may type anything here: the dictionary takes it when the employer has confirmed.
    claimed_position: position,
    state: 'claimed',
    starts_on: authorityToday(),
  }
  await insertRow('employments', { ...row, created_at: now, updated_at: now })
}

const demandAccounts = (actor: Actor) => {
  if (!hasEverywhere(actor, 'accounts.edit')) throw new ForbiddenError()
}

/** Lets registered people in, or declines them: they are archived and told. */
export async function decideRegistrations(
  actor: Actor,
  personIds: readonly number[],
  decision: 'approve' | 'decline',
): Promise<number> {
  return withTransaction(async () => {
    demandAccounts(actor)
    const authority = await setting('authority')
    let decided = 0
    for (const id of personIds) {
      const opened = db().raw("case when password_hash is null then 'invited' else 'active' end")
      const changed = await db()('accounts')
        .where({ person_id: id, state: 'pending' })
        .update({ state: decision === 'approve' ? opened : 'blocked', updated_at: nowUtc() })
      if (!changed) continue
      decided++
      if (decision === 'decline')
        await db()('people').where({ id }).update({ state: 'archived' }).increment('version', 1)
      const person = await db()('people').where({ id }).first('email', 'language', 'first_name')
      const t = translator(person.language ?? authority.defaultLanguage)
      const values = { name: person.first_name, authority: authority.name, link: `${await baseUrl()}/sign-in` }
      // The address may have been taken away meanwhile.
      if (person.email)
        await queueLetter({
          kind: `accounts.${decision}`,
          to: person.email,
          personId: id,
          language: person.language ?? authority.defaultLanguage,
          subject: t(`accounts.letter.${decision}.subject`, values),
          text: t(`accounts.letter.${decision}.text`, values),
        })
      await recordEvent(actor, decision === 'approve' ? 'registrationApproved' : 'registrationDeclined', {
        type: 'person',
        id,
      })
    }
    return decided
  })
}

export const linkInput = z.object({
  note: optionalLine(200),
  organisationId: optionalId(),
  maxUses: optionalWhole(1, 10_000),
  expiresOn: optionalCivilDate(),
})

const unknownOrganisation = () => {
  throw InputError.of('organisationId', 'errors.field.invalid')
}

/** Makes an invitation link for self-registration. @returns its address, shown once */
export async function createRegistrationLink(actor: Actor, input: z.infer<typeof linkInput>): Promise<string> {
  return withTransaction(async () => {
    demandAccounts(actor)
    if (input.organisationId !== null) await selectOrganisation(actor, input.organisationId).catch(unknownOrganisation)
    const token = randomBytes(18).toString('base64url')
    const limits = { organisation_id: input.organisationId, max_uses: input.maxUses }
    const { timeZone } = await setting('authority')
    const expires_at = input.expiresOn ? (localToUtc(`${input.expiresOn}T23:59:59.999`, timeZone) ?? null) : null
    const row = { token_hash: hashToken(token), note: input.note, ...limits, expires_at, created_by: actor.personId }
    const id = await insertRow('registration_links', { ...row, created_at: nowUtc() })
    await recordEvent(actor, 'registrationLinkCreated', { type: 'registrationLink', id }, { after: input })
    return `${await baseUrl()}/register/${token}`
  })
}

/** Withdraws a link; who registered by it stays. */
export async function revokeRegistrationLink(actor: Actor, id: number): Promise<void> {
  await withTransaction(async () => {
    demandAccounts(actor)
    const revoked = await db()('registration_links')
      .where({ id })
      .whereNull('revoked_at')
      .update({ revoked_at: nowUtc() })
    if (!revoked) throw new NotFoundError()
    await recordEvent(actor, 'registrationLinkRevoked', { type: 'registrationLink', id })
  })
}
