import { chunks, db, insertRows, retryingDuplicates, upsertRow, withTransaction } from '../../core/db/index.ts'
import { ConflictError, ForbiddenError, InputError } from '../../core/errors.ts'
import { recordEvent, recordEvents } from '../../core/events/index.ts'
import { baseUrl } from '../../core/http/base-url.ts'
import { translator } from '../../core/i18n/index.ts'
import { queueLetters, withdrawLetters } from '../../core/mail/index.ts'
import { checkSockets } from '../../core/realtime/index.ts'
import { type Actor, hasEverywhere } from '../../core/rights/index.ts'
import { setting } from '../../core/settings.ts'
import { fold, fullName } from '../../core/text.ts'
import { nowUtc } from '../../core/time.ts'
import { demandSomeAdministrator, isMorePowerful, listMorePowerful } from '../rights/service.ts'
import { freeLogins } from './logins.ts'
import { issueTokens } from './tokens.ts'

const MOST_AT_ONCE = 2000
const INVITATION = 'accounts.invitation'

type PersonRow = {
  id: number
  last_name: string
  first_name: string
  middle_name: string | null
  email: string | null
  language: string | null
  login: string | null
  account_state: string | null
}

const demandAccounts = (actor: Actor) => {
  if (!hasEverywhere(actor, 'accounts.edit')) throw new ForbiddenError()
}

async function selectPeople(ids: readonly number[]): Promise<PersonRow[]> {
  const rows: PersonRow[] = []
  for (const piece of chunks(ids)) {
    const found = await db()('people as p')
      .leftJoin('accounts as a', 'a.person_id', 'p.id')
      .where('p.state', 'active')
      .whereIn('p.id', piece)
      .orderBy('p.sort_name')
      .select(
        'p.id',
        'p.last_name',
        'p.first_name',
        'p.middle_name',
        'p.email',
        'p.language',
        'a.login',
        'a.state as account_state',
      )
    rows.push(...found)
  }
  return rows
}

/** Gives those without an account one without a password (state `invited`). @returns everybody's login */
async function ensureAccounts(people: readonly PersonRow[]): Promise<Map<number, string>> {
  const without = people.filter((person) => !person.login)
  const logins = await freeLogins(without)
  const now = nowUtc()
  const row = { state: 'invited', created_at: now, updated_at: now }
  await insertRows(
    'accounts',
    [...logins].map(([person_id, login]) => ({ person_id, login, login_folded: login, ...row })),
  )
  for (const person of people) if (person.login) logins.set(person.id, person.login)
  return logins
}

/** Opens an account whose login and password are known already, or sets both anew: the installer's first administrator. */
export async function openAccount(
  actor: Actor,
  personId: number,
  { login, passwordHash }: { login: string; passwordHash: string },
): Promise<void> {
  await withTransaction(async () => {
    demandAccounts(actor)
    const now = nowUtc()
    const account = {
      login,
      login_folded: fold(login),
      password_hash: passwordHash,
      state: 'active',
      password_changed_at: now,
      updated_at: now,
    }
    const row = { person_id: personId, ...account, created_at: now }
    await upsertRow('accounts', row, ['person_id'], Object.keys(account))
    await recordEvent(actor, 'accountOpened', { type: 'person', id: personId }, { login })
  })
}

const recordInvited = (actor: Actor, people: readonly PersonRow[], by: 'mail' | 'slip') =>
  recordEvents(
    actor,
    'personInvited',
    people.map(({ id }) => ({ subject: { type: 'person', id }, data: { by } })),
  )

/** Two who invite at once may find the same login free: the later one takes the next. */
const invite = <T>(work: () => Promise<T>): Promise<T> => retryingDuplicates(() => withTransaction(work))

export type InvitationResult = { invited: number; withoutEmail: string[]; alreadyActive: number }

/**
 * Invites people by mail: a letter with a link under which they choose a password. Who has no e-mail is named, who has
 * access already is counted; nobody is dropped in silence.
 */
export async function inviteByMail(actor: Actor, personIds: readonly number[]): Promise<InvitationResult> {
  if (personIds.length > MOST_AT_ONCE) throw InputError.of('people', 'accounts.invite.tooMany', { count: MOST_AT_ONCE })
  return invite(async () => {
    demandAccounts(actor)
    const people = await selectPeople(personIds)
    const waiting = people.filter((person) => !person.account_state || person.account_state === 'invited')
    const reachable = waiting.filter((person) => person.email)
    const logins = await ensureAccounts(reachable)
    const ids = reachable.map((person) => person.id)
    const tokens = await issueTokens('invitation', ids, { createdBy: actor.personId })
    // Their links have just become void: a double click, or mail that is switched on later, brings one letter that works.
    await withdrawLetters(INVITATION, ids)
    const [address, authority] = [await baseUrl(), await setting('authority')]
    await queueLetters(
      reachable.map((person) => {
        const language = person.language ?? authority.defaultLanguage
        const t = translator(language)
        const link = `${address}/invitation/${tokens.get(person.id)}`
        const values = {
          name: [person.first_name, person.middle_name].filter(Boolean).join(' '),
          authority: authority.name,
          link,
        }
        return {
          kind: INVITATION,
          to: person.email as string,
          personId: person.id,
          language,
          subject: t('accounts.letter.invitation.subject', values),
          text: t('accounts.letter.invitation.text', { ...values, login: logins.get(person.id) }),
        }
      }),
    )
    await recordInvited(actor, reachable, 'mail')
    return {
      invited: reachable.length,
      withoutEmail: waiting
        .filter((person) => !person.email)
        .map((person) => `${person.last_name} ${person.first_name}`),
      alreadyActive: people.length - waiting.length,
    }
  })
}

export type Slip = { name: string; login: string; code: string }

/**
 * Makes sign-in slips to print: a login and a one-time code under which the person chooses a password.
 * @throws InputError if some have power that the actor has not: whoever holds a slip could be them
 */
export async function makeSlips(actor: Actor, personIds: readonly number[]): Promise<Slip[]> {
  if (personIds.length > MOST_AT_ONCE) throw InputError.of('people', 'accounts.invite.tooMany', { count: MOST_AT_ONCE })
  return invite(async () => {
    demandAccounts(actor)
    const people = (await selectPeople(personIds)).filter(
      (person) => person.account_state !== 'active' && person.account_state !== 'blocked',
    )
    const powerful = new Set(
      await listMorePowerful(
        people.map(({ id }) => id),
        actor,
      ),
    )
    if (powerful.size) {
      const names = people.filter(({ id }) => powerful.has(id)).map(fullName)
      throw InputError.of('people', 'accounts.slips.powerful', { names: names.join(', ') })
    }
    const logins = await ensureAccounts(people)
    const ids = people.map((person) => person.id)
    const codes = await issueTokens('invitation', ids, { onPaper: true, createdBy: actor.personId })
    await withdrawLetters(INVITATION, ids)
    await recordInvited(actor, people, 'slip')
    return people.map((person) => ({
      name: fullName(person),
      login: logins.get(person.id) as string,
      code: codes.get(person.id) as string,
    }))
  })
}

/**
 * Makes a slip for somebody who has an account and forgot the password, where no letter can reach them: a one-time code
 * under which they choose a new one. Until then the old one holds.
 * @throws ForbiddenError if the person has power that the actor has not: whoever holds the slip could be them
 */
export async function makeResetSlip(actor: Actor, personId: number): Promise<Slip> {
  return withTransaction(async () => {
    demandAccounts(actor)
    if (personId === actor.personId) throw InputError.of('', 'accounts.slips.oneself')
    const person = (await selectPeople([personId])).find(({ account_state }) => account_state === 'active')
    if (!person) throw new ConflictError()
    if (await isMorePowerful(personId, actor)) throw new ForbiddenError()
    const codes = await issueTokens('reset', [personId], { onPaper: true, createdBy: actor.personId })
    await recordEvent(actor, 'passwordCodeIssued', { type: 'person', id: personId })
    return { name: fullName(person), login: person.login as string, code: codes.get(personId) as string }
  })
}

/** Closes or opens an account. Closing ends every session at once. */
export async function setAccountState(actor: Actor, personId: number, state: 'active' | 'blocked'): Promise<void> {
  await withTransaction(async () => {
    demandAccounts(actor)
    if (personId === actor.personId) throw InputError.of('', 'accounts.block.oneself')
    const from = state === 'blocked' ? ['active', 'invited', 'pending'] : ['blocked']
    const opened = { state: db().raw("case when password_hash is null then 'invited' else 'active' end") }
    const changed = await db()('accounts')
      .where({ person_id: personId })
      .whereIn('state', from)
      .update({
        ...(state === 'blocked' ? { state } : opened),
        failed_attempts: 0,
        locked_until: null,
        updated_at: nowUtc(),
      })
    if (!changed) throw new ConflictError()
    if (state === 'blocked') {
      if (await isMorePowerful(personId, actor)) throw new ForbiddenError()
      await demandSomeAdministrator()
      await db()('sessions').where({ person_id: personId }).del()
      checkSockets()
    }
    await recordEvent(actor, state === 'blocked' ? 'accountBlocked' : 'accountUnblocked', {
      type: 'person',
      id: personId,
    })
  })
}
