import { db, insertRow, withTransaction } from '../../core/db/index.ts'
import { ConflictError, ForbiddenError, InputError, NotFoundError } from '../../core/errors.ts'
import { recordEvent } from '../../core/events/index.ts'
import { attachFile, keepFile } from '../../core/files/index.ts'
import { requestContext } from '../../core/http/context.ts'
import type { UploadedFile } from '../../core/http/uploads.ts'
import { translator } from '../../core/i18n/index.ts'
import { type Actor, hasEverywhere, NOBODY } from '../../core/rights/index.ts'
import { authorityToday, setting } from '../../core/settings.ts'
import { innerQuotes, pick } from '../../core/text.ts'
import { nowUtc } from '../../core/time.ts'
import { selectPerson } from '../people/queries.ts'
import { latestAnswers, listOwed } from './consent-queries.ts'
import type { ACTIONS, AnswerInput, PaperInput, SOURCES } from './input.ts'
import { listAsked, type Purpose, selectText } from './purpose-queries.ts'
import { keepRequest } from './request-service.ts'

/** What a scan of a consent on paper hangs on. */
export const SCAN_OWNER = 'consent_scan'

type Kept = {
  action: (typeof ACTIONS)[number]
  source: (typeof SOURCES)[number]
  signedOn?: string | null
  note?: string | null
}

const EVENTS = { given: 'consentGiven', postponed: 'consentPostponed', withdrawn: 'consentWithdrawn' } as const

/** Writes an answer down. Earlier ones stay: the register is a history. */
async function keepAnswer(
  actor: Actor,
  personId: number,
  purpose: Purpose,
  textId: number,
  kept: Kept,
): Promise<number> {
  // Whoever locks the person answers first: two answers at once leave one that holds.
  await db()('people')
    .where({ id: personId })
    .update({ consents_through: db().raw('consents_through') })
  await db()('consents').where({ person_id: personId, purpose_id: purpose.id, is_latest: 1 }).update({ is_latest: 0 })
  const id = await insertRow('consents', {
    person_id: personId,
    purpose_id: purpose.id,
    text_id: textId,
    action: kept.action,
    source: kept.source,
    signed_on: kept.signedOn ?? null,
    note: kept.note ?? null,
    recorded_by: actor.personId === personId ? null : actor.personId,
    ip: requestContext()?.ip ?? null,
    answered_at: nowUtc(),
  })
  const data = { purposeId: purpose.id, number: purpose.text_number, source: kept.source }
  await recordEvent(actor, EVENTS[kept.action], { type: 'person', id: personId }, data)
  return id
}

/** Notes how far a person has answered, so that pages let them through (or stop them again). */
export async function followAnswers(personId: number): Promise<void> {
  const { asked } = await setting('consents')
  const owes = (await listOwed(personId)).length > 0
  const past = {
    consents_through: owes
      ? db().raw('case when consents_through < ? then consents_through else 0 end', [asked])
      : asked,
  }
  await db()('people').where({ id: personId }).update(past)
}

const ownId = (actor: Actor): number => {
  if (actor.personId === null) throw new ForbiddenError()
  return actor.personId
}

/**
 * Answers to all texts that were shown. A compulsory one has to be agreed to, for an optional one "not now" will do.
 * @throws ConflictError if another version was published meanwhile: it has to be read first
 */
export async function answerConsents(actor: Actor, { answers, texts }: AnswerInput): Promise<void> {
  const personId = ownId(actor)
  await withTransaction(async () => {
    const owed = await listOwed(personId)
    if (owed.some(({ text_id }) => !texts.includes(Number(text_id)))) throw new ConflictError('privacy.ask.newer')
    const open = owed.filter((purpose) => {
      const answer = answers.get(Number(purpose.text_id))
      return purpose.demands ? answer !== 'agree' : answer === undefined
    })
    if (open.length) {
      throw new InputError(
        open.map(({ text_id, demands }) => ({
          field: `answers.t${text_id}`,
          code: demands ? 'privacy.ask.mustAgree' : 'errors.field.choose',
        })),
      )
    }
    for (const purpose of owed) {
      const action = answers.get(Number(purpose.text_id)) === 'agree' ? 'given' : 'postponed'
      await keepAnswer(actor, personId, purpose, Number(purpose.text_id), { action, source: 'page' })
    }
    await followAnswers(personId)
  })
}

/** What somebody who registers has agreed to. @throws InputError beside the texts that must be agreed to */
export async function answerAtRegistration(personId: number, { answers }: Pick<AnswerInput, 'answers'>) {
  const actor: Actor = { ...NOBODY, personId }
  const asked = await listAsked()
  demandAgreement(asked, answers)
  for (const purpose of asked) {
    const agreed = answers.get(Number(purpose.text_id)) === 'agree'
    const kept = { action: agreed ? 'given' : 'postponed', source: 'registration' } as const
    await keepAnswer(actor, personId, purpose, Number(purpose.text_id), kept)
  }
  await followAnswers(personId)
}

/** @throws InputError beside every compulsory text that is not agreed to */
export function demandAgreement(asked: readonly Purpose[], answers: AnswerInput['answers']): void {
  const open = asked.filter(({ text_id, demands }) => demands && answers.get(Number(text_id)) !== 'agree')
  if (open.length)
    throw new InputError(open.map(({ text_id }) => ({ field: `answers.t${text_id}`, code: 'privacy.ask.mustAgree' })))
}

/** The open purpose whose newest text this is. @throws ConflictError if there is a newer one */
async function askedText(textId: number): Promise<Purpose> {
  const purpose = (await listAsked()).find(({ text_id }) => Number(text_id) === textId)
  if (!purpose) throw new ConflictError('privacy.ask.newer')
  return purpose
}

/** Agrees later, from the profile. */
export async function agree(actor: Actor, textId: number): Promise<void> {
  const personId = ownId(actor)
  await withTransaction(async () => {
    const purpose = await askedText(textId)
    const answer = (await latestAnswers(personId)).get(purpose.id)
    if (answer?.action === 'given' && answer.text_id === textId) return
    await keepAnswer(actor, personId, purpose, textId, { action: 'given', source: 'profile' })
    await followAnswers(personId)
  })
}

/** The consent that a person has given to a purpose, to be withdrawn. @throws NotFoundError if there is none */
export async function selectGiven(personId: number, purposeId: number) {
  const answer = (await latestAnswers(personId)).get(purposeId)
  if (answer?.action !== 'given') throw new NotFoundError()
  return answer
}

/** Takes a consent back. What it permitted ends; that it was given stays in the register. */
export async function withdrawConsent(actor: Actor, purposeId: number): Promise<void> {
  const personId = ownId(actor)
  await withTransaction(async () => {
    const { text_id, number } = await selectGiven(personId, purposeId)
    const purpose = { id: purposeId, text_number: number } as Purpose
    await keepAnswer(actor, personId, purpose, text_id, { action: 'withdrawn', source: 'profile' })
    // Who takes a compulsory one back has agreed to nothing any more, even if they still owe an answer to a newer text.
    const text = await selectText(text_id)
    if (text.is_compulsory) {
      await db()('people').where({ id: personId }).update({ consents_through: 0 })
      await askForDecision(actor, personId, text.title)
    }
    await followAnswers(personId)
  })
}

/** Without a compulsory consent somebody has to decide what is erased, in the time that the law sets. */
async function askForDecision(actor: Actor, personId: number, title: Record<string, string>) {
  const { defaultLanguage } = await setting('authority')
  const values = { title: innerQuotes(pick(title, defaultLanguage)) }
  const request = {
    kind: 'withdrawal',
    text: translator(defaultLanguage)('privacy.withdraw.requestText', values),
  } as const
  await keepRequest(actor, personId, request).catch((error) => {
    // One that waits already says the same.
    if (!(error instanceof InputError)) throw error
  })
}

/** Writes down a consent that a person has signed on paper, with its scan if there is one. */
export async function recordPaper(actor: Actor, personId: number, input: PaperInput, scan: UploadedFile | undefined) {
  if (!hasEverywhere(actor, 'privacy.consents')) throw new ForbiddenError()
  await selectPerson(actor, personId)
  if (input.signedOn && input.signedOn > authorityToday()) throw InputError.of('signedOn', 'privacy.paper.future')
  const fileId = scan ? await keepFile(actor, scan, 'scan') : null
  await withTransaction(async () => {
    const purpose = await askedText(input.textId)
    const kept = { action: 'given', source: 'paper', signedOn: input.signedOn, note: input.note } as const
    const id = await keepAnswer(actor, personId, purpose, input.textId, kept)
    if (fileId !== null) {
      await db()('consents').where({ id }).update({ file_id: fileId })
      await attachFile(fileId, SCAN_OWNER, id)
    }
    await followAnswers(personId)
  })
}
