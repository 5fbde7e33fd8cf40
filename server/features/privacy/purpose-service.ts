import { db, insertRow, toJson, withTransaction } from '../../core/db/index.ts'
import { ConflictError, ForbiddenError, InputError } from '../../core/errors.ts'
import { recordEvent } from '../../core/events/index.ts'
import { LANGUAGES, translator } from '../../core/i18n/index.ts'
import { type Actor, hasEverywhere } from '../../core/rights/index.ts'
import { saveSetting, setting } from '../../core/settings.ts'
import type { Translated } from '../../core/text.ts'
import { nowUtc } from '../../core/time.ts'
import type { PurposeInput } from './input.ts'
import { listAsked, listPurposes, type Purpose, selectPurpose } from './purpose-queries.ts'

const demandEdit = (actor: Actor) => {
  if (!hasEverywhere(actor, 'privacy.purposes')) throw new ForbiddenError()
}

const record = (actor: Actor, type: string, id: number, data: Record<string, unknown> = {}) =>
  recordEvent(actor, type, { type: 'purpose', id }, data)

const columnsOf = (input: PurposeInput) => ({
  title: toJson(input.title),
  description: toJson(input.description),
  legal_basis: input.legalBasis,
  basis_note: toJson(input.basisNote),
  data_categories: toJson(input.dataCategories),
  people_categories: toJson(input.peopleCategories),
  recipients: toJson(input.recipients),
  retention: toJson(input.retention),
  consent_text: toJson(input.consentText),
  is_compulsory: input.isCompulsory ? 1 : 0,
  updated_at: nowUtc(),
})

/** The same as the form has it. */
export const purposeValues = (purpose: Purpose) => ({
  title: purpose.title,
  description: purpose.description,
  legalBasis: purpose.legal_basis,
  basisNote: purpose.basis_note,
  dataCategories: purpose.data_categories,
  peopleCategories: purpose.people_categories,
  recipients: purpose.recipients,
  retention: purpose.retention,
  consentText: purpose.consent_text,
  isCompulsory: Boolean(purpose.is_compulsory),
  version: purpose.version,
})

/** Adds a purpose behind the others. Nobody is asked before a text is published. @returns its id */
export async function createPurpose(actor: Actor, input: PurposeInput): Promise<number> {
  return withTransaction(async () => {
    demandEdit(actor)
    const last = await db()('processing_purposes').max({ position: 'position' }).first()
    const row = { ...columnsOf(input), position: Number(last?.position ?? 0) + 1, created_at: nowUtc() }
    const id = await insertRow('processing_purposes', row)
    await record(actor, 'purposeCreated', id, { after: input })
    return id
  })
}

/** Changes what a purpose says. What people have agreed to stays as it was published. */
export async function updatePurpose(actor: Actor, id: number, input: PurposeInput & { version: number }) {
  await withTransaction(async () => {
    demandEdit(actor)
    const before = await selectPurpose(id)
    const changed = await db()('processing_purposes')
      .where({ id, version: input.version })
      .update({ ...columnsOf(input), version: input.version + 1 })
    if (!changed) throw new ConflictError()
    await followAsked(before.legal_basis !== 'consent' && input.legalBasis === 'consent')
    await record(actor, 'purposeChanged', id, { before: purposeValues(before), after: input })
  })
}

/** Ends a purpose, or takes it up again. Answers that were given stay in the register. */
export async function setPurposeState(
  actor: Actor,
  id: number,
  { state, version }: { state: 'active' | 'closed'; version: number },
): Promise<void> {
  await withTransaction(async () => {
    demandEdit(actor)
    await selectPurpose(id)
    const changed = await db()('processing_purposes')
      .where({ id, version })
      .update({ state, version: version + 1, updated_at: nowUtc() })
    if (!changed) throw new ConflictError()
    await followAsked(state === 'active')
    await record(actor, state === 'closed' ? 'purposeClosed' : 'purposeReopened', id)
  })
}

const isSame = (a: Translated, b: Translated | null) => b !== null && toJson(a) === toJson(b)

/** Publishes the text as a new version, which never changes: from now on everybody is asked for it. */
export async function publishText(actor: Actor, id: number, version: number): Promise<void> {
  await withTransaction(async () => {
    demandEdit(actor)
    // Raised first: two who press at once do not publish the same twice.
    const taken = await db()('processing_purposes')
      .where({ id, version, state: 'active' })
      .update({ version: version + 1 })
    if (!taken) throw new ConflictError()
    const purpose = await selectPurpose(id)
    if (purpose.legal_basis !== 'consent') throw InputError.of('', 'privacy.purposes.noConsent')
    const { languages } = await setting('authority')
    const missing = languages.filter((code) => LANGUAGES.includes(code) && !purpose.consent_text[code])
    if (missing.length) throw InputError.of('consentText', 'privacy.purposes.textMissing')
    if (isSame(purpose.consent_text, purpose.published_text) && Boolean(purpose.is_compulsory) === purpose.demands)
      throw InputError.of('', 'privacy.purposes.sameText')
    const number = Number(purpose.text_number ?? 0) + 1
    const row = { purpose_id: id, number, title: toJson(purpose.title), text: toJson(purpose.consent_text) }
    const by = { published_by: actor.personId, published_at: nowUtc() }
    await insertRow('consent_texts', { ...row, ...by, is_compulsory: purpose.is_compulsory })
    await followAsked()
    await record(actor, 'consentTextPublished', id, { number, isCompulsory: Boolean(purpose.is_compulsory) })
  })
}

/**
 * Every page compares one number: the newest text that anybody is asked for.
 * @param again an older text counts once more: who has answered newer ones is looked at anew
 */
async function followAsked(again = false) {
  const asked = Math.max(0, ...(await listAsked()).map(({ text_id }) => Number(text_id)))
  if (asked !== (await setting('consents')).asked) await saveSetting('consents', { asked })
  if (again && asked > 0)
    await db()('people')
      .where('consents_through', '>=', asked)
      .update({ consents_through: asked - 1 })
}

const READY = [
  { name: 'account', legalBasis: 'task', isCompulsory: false },
  { name: 'learning', legalBasis: 'consent', isCompulsory: true },
  { name: 'photo', legalBasis: 'consent', isCompulsory: false },
  { name: 'publicity', legalBasis: 'consent', isCompulsory: false },
] as const

/** What most authorities need, as drafts to be read and put right: nothing of it is published. */
export async function addReadyPurposes(actor: Actor): Promise<void> {
  await withTransaction(async () => {
    demandEdit(actor)
    if ((await listPurposes()).length) throw new ConflictError()
    for (const { name, legalBasis, isCompulsory } of READY) {
      const inAll = (part: string): Translated => {
        const texts = LANGUAGES.map((code) => [code, translator(code)(`privacy.ready.${name}.${part}`)])
        return Object.fromEntries(texts.map(([code, text]) => [code, text === '—' ? '' : text]))
      }
      await createPurpose(actor, {
        title: inAll('title'),
        description: inAll('description'),
        legalBasis,
        basisNote: inAll('basis'),
        dataCategories: inAll('data'),
        peopleCategories: inAll('people'),
        recipients: inAll('recipients'),
        retention: inAll('retention'),
        consentText: inAll('consent'),
        isCompulsory,
      })
    }
  })
}
