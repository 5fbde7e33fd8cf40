import { withoutSealing } from '../../core/audit/erase.ts'
import { db, fromJson, insertRow, toJson, withTransaction } from '../../core/db/index.ts'
import { AppError, ConflictError, ForbiddenError, InputError, NotFoundError } from '../../core/errors.ts'
import { recordEvent } from '../../core/events/index.ts'
import { translator } from '../../core/i18n/index.ts'
import { enqueueJob, type JobContext, type JobDefinition } from '../../core/jobs/index.ts'
import { eraseHeld, type Found } from '../../core/personal-data/erase.ts'
import { findMentions, mentioningTables, valuesOf } from '../../core/personal-data/mentions.ts'
import { neutralText } from '../../core/personal-data/neutral.ts'
import { loadActor } from '../../core/rights/actor.ts'
import { type Actor, hasEverywhere, SYSTEM } from '../../core/rights/index.ts'
import { setting } from '../../core/settings.ts'
import { fold } from '../../core/text.ts'
import { nowUtc } from '../../core/time.ts'
import { selectPerson } from '../people/queries.ts'
import { isMorePowerful } from '../rights/service.ts'
import { isTimeOver } from './retention-queries.ts'

const JOB = 'privacy.erase'

export type Erasure = {
  id: number
  person_id: number
  state: 'waiting' | 'done' | 'failed'
  reason: string
  /** Rows by table; of a failed one the code of the reason as `error`. */
  counts: Record<string, number | string>
  ordered_by: number | null
  ordered_at: string
  done_at: string | null
}

const toErasure = (row: Erasure & { counts: string }): Erasure => ({ ...row, counts: fromJson(row.counts, {}) })

/** The acts of destruction, the latest first. */
export const listErasures = async (): Promise<Erasure[]> =>
  (await db()('erasures').orderBy('id', 'desc').limit(500)).map(toErasure)

/** @throws NotFoundError */
export async function selectErasure(id: number): Promise<Erasure> {
  const row = await db()('erasures').where({ id }).first()
  if (!row) throw new NotFoundError()
  return toErasure(row)
}

/** Whom the actor may erase. @throws NotFoundError, ForbiddenError, InputError if it is oneself */
export async function demandErasable(actor: Actor, personId: number) {
  if (!hasEverywhere(actor, 'privacy.erase')) throw new ForbiddenError()
  const person = await selectPerson(actor, personId)
  if (personId === actor.personId) throw InputError.of('', 'privacy.erasure.oneself')
  if (await isMorePowerful(personId, actor)) throw new ForbiddenError()
  return person
}

/** Orders an erasure; the work is done by a job, as a whole. @returns the id of its act */
export async function orderErasure(
  actor: Actor,
  personId: number,
  { reason, surname }: { reason: string; surname: string },
): Promise<number> {
  return withTransaction(async () => {
    const person = await demandErasable(actor, personId)
    if (fold(surname) !== fold(person.last_name)) throw InputError.of('surname', 'privacy.erasure.otherName')
    const row = { state: 'waiting', reason, counts: '{}', ordered_by: actor.personId, ordered_at: nowUtc() }
    const before = await db()('erasures').where({ person_id: personId }).first('id', 'state')
    if (before && before.state !== 'failed') throw new ConflictError('privacy.erasure.ordered')
    if (before) await db()('erasures').where({ id: before.id }).update(row)
    const id = before?.id ?? (await insertRow('erasures', { ...row, person_id: personId }))
    await recordEvent(actor, 'erasureOrdered', { type: 'erasure', id }, { personId })
    await enqueueJob(JOB, { id }, { uniqueKey: `${JOB}-${id}`, createdBy: actor.personId })
    return id
  })
}

export const erasureJob: JobDefinition = {
  kind: JOB,
  attempts: 5,
  run: ({ id }: { id: number }, context) => runErasure(id, context),
}

/** What keeps the person (the last administrator) is told on the page of the act; anything else is tried again. */
async function runErasure(id: number, context: JobContext): Promise<void> {
  try {
    await erase(id, context)
  } catch (error) {
    if (!(error instanceof AppError) || error.status >= 500) throw error
    const counts = toJson({ error: error.code })
    await db()('erasures').where({ id, state: 'waiting' }).update({ state: 'failed', counts })
  }
}

async function erase(id: number, { mayGoOn, progress }: JobContext): Promise<void> {
  const act = await selectErasure(id)
  if (act.state !== 'waiting') return
  // What it leads to (withdrawals) needs other rights than to order it.
  const actor: Actor = { ...SYSTEM, personId: act.ordered_by }
  const person = await db()('people').where({ id: act.person_id }).first()
  const values = await valuesOf(person)
  // Long tables are read before the transaction, and in it only what has come meanwhile.
  const lasts = new Map<string, number>()
  const first = await search(values, lasts, mayGoOn)
  await progress(1, 2)
  await withoutSealing(() =>
    withTransaction(async () => {
      if (!(await stillHolds(act))) return
      const late = await search(values, lasts, mayGoOn)
      const found: Found = {
        events: [...first.events, ...late.events],
        mentions: new Map(
          [...first.mentions].map(([table, ids]) => [table, [...ids, ...(late.mentions.get(table) ?? [])]]),
        ),
      }
      const counts = await eraseHeld(actor, act.person_id, { values, found, neutral: neutralText(act.person_id) })
      const done = await db()('erasures')
        .where({ id, state: 'waiting' })
        .update({ state: 'done', counts: toJson(counts), done_at: nowUtc() })
      if (!done) throw new ConflictError()
      await recordEvent(actor, 'personErased', { type: 'person', id: act.person_id }, { erasureId: id })
    }),
  )
}

/**
 * Looks again at what the order was based on: days may lie between it and the work. An act of the system whose reason is
 * gone (the person has come after all) goes, too. @throws ForbiddenError if who ordered it may not do so any more
 */
async function stillHolds({ id, person_id, ordered_by }: Erasure): Promise<boolean> {
  if (ordered_by !== null) {
    const actor = await loadActor(ordered_by, (await setting('authority')).timeZone)
    if (!actor || (await isMorePowerful(person_id, actor))) throw new ForbiddenError('privacy.erasure.notAnyMore')
    return true
  }
  if (await isTimeOver(person_id)) return true
  await db()('erasures').where({ id, state: 'waiting' }).del()
  await recordEvent(SYSTEM, 'erasureCancelled', { type: 'erasure', id }, { personId: person_id })
  return false
}

/** Where the person is named, beyond what was read before. */
async function search(values: readonly string[], lasts: Map<string, number>, mayGoOn: () => boolean): Promise<Found> {
  const look = async (table: string, columns: readonly string[]) => {
    const after = lasts.get(table) ?? 0
    const last = Number((await db()(table).max({ id: 'id' }).first())?.id ?? 0)
    lasts.set(table, last)
    return findMentions(table, columns, values, { after, mayGoOn })
  }
  const mentions = new Map<string, number[]>()
  for (const [table, columns] of mentioningTables()) mentions.set(table, await look(table, columns))
  return { mentions, events: await look('domain_events', ['data']) }
}

/** Orders the erasure of somebody whose time is over. @param kind the period that has ended, for the reason in the act */
export async function orderBySystem(personId: number, kind: string): Promise<void> {
  const { defaultLanguage } = await setting('authority')
  const reason = translator(defaultLanguage)(`privacy.kept.${kind}.reason`)
  await withTransaction(async () => {
    const row = { person_id: personId, state: 'waiting', reason, counts: '{}', ordered_at: nowUtc() }
    const id = await insertRow('erasures', row)
    await recordEvent(SYSTEM, 'erasureOrdered', { type: 'erasure', id }, { personId })
    await enqueueJob(JOB, { id }, { uniqueKey: `${JOB}-${id}` })
  })
}
