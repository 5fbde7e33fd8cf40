import { db, insertRow, withTransaction } from '../../core/db/index.ts'
import { ConflictError, ForbiddenError, InputError, NotFoundError } from '../../core/errors.ts'
import { recordEvent } from '../../core/events/index.ts'
import { type Actor, hasEverywhere } from '../../core/rights/index.ts'
import { authorityToday, type Setting, setting } from '../../core/settings.ts'
import { nowUtc } from '../../core/time.ts'
import { selectPerson } from '../people/queries.ts'
import { changeSetting } from '../settings/service.ts'
import { dueOn } from './deadlines.ts'
import { PENDING, type RequestKind, type RequestState, selectRequest } from './request-queries.ts'

const demandQueue = (actor: Actor) => {
  if (!hasEverywhere(actor, 'privacy.requests')) throw new ForbiddenError()
}

const record = (actor: Actor, type: string, id: number, data: Record<string, unknown>) =>
  recordEvent(actor, type, { type: 'dataRequest', id }, data)

/** Puts a request into the queue. Of each kind one waits at a time. @returns its id */
export async function keepRequest(
  actor: Actor,
  personId: number,
  { kind, text, receivedOn }: { kind: RequestKind; text: string; receivedOn?: string },
): Promise<number> {
  return withTransaction(async () => {
    // Held: two who ask at once ask once.
    await db()('people').where({ id: personId }).forUpdate().first('id')
    const same = await db()('data_requests')
      .where({ person_id: personId, kind })
      .whereIn('state', [...PENDING])
      .first('id')
    if (same) throw InputError.of('kind', 'privacy.requests.already')
    const due_on = dueOn(kind, receivedOn ?? authorityToday(), await setting('dataRequests'))
    const recorded_by = actor.personId === personId ? null : actor.personId
    const row = { person_id: personId, kind, text, state: 'open', due_on, recorded_by }
    const id = await insertRow('data_requests', { ...row, created_at: nowUtc(), updated_at: nowUtc() })
    await record(actor, 'dataRequestSent', id, { personId, kind, dueOn: due_on })
    return id
  })
}

/** Asks for one's own data to be shown, corrected or erased. */
export async function sendRequest(actor: Actor, input: { kind: RequestKind; text: string }): Promise<number> {
  if (actor.personId === null) throw new ForbiddenError()
  return keepRequest(actor, actor.personId, input)
}

/** Writes down what came on paper: the time runs from the day on which it came. */
export async function recordRequest(
  actor: Actor,
  personId: number,
  input: { kind: RequestKind; text: string; receivedOn: string },
): Promise<number> {
  demandQueue(actor)
  await selectPerson(actor, personId)
  if (input.receivedOn > authorityToday()) throw InputError.of('receivedOn', 'privacy.paper.future')
  return keepRequest(actor, personId, input)
}

async function move(
  id: number,
  from: readonly RequestState[],
  values: Record<string, unknown>,
  version?: number,
): Promise<void> {
  const moved = await db()('data_requests')
    .where({ id })
    .whereIn('state', [...from])
    .modify((query) => {
      if (version !== undefined) void query.where({ version })
    })
    .update({ ...values, version: db().raw('version + 1'), updated_at: nowUtc() })
  if (!moved) throw new ConflictError()
}

/** Says that somebody works on it. */
export async function takeRequest(actor: Actor, id: number, version: number): Promise<void> {
  await withTransaction(async () => {
    demandQueue(actor)
    const { person_id } = await selectRequest(id)
    await move(id, ['open'], { state: 'working' }, version)
    await record(actor, 'dataRequestTaken', id, { personId: person_id })
  })
}

/** Answers a request, with the reason; the person is told. */
export async function decideRequest(
  actor: Actor,
  id: number,
  { state, decision, version }: { state: 'done' | 'declined'; decision: string; version: number },
): Promise<void> {
  await withTransaction(async () => {
    demandQueue(actor)
    const { person_id, kind } = await selectRequest(id)
    const by = { decided_by: actor.personId, decided_at: nowUtc() }
    await move(id, PENDING, { state, decision, ...by }, version)
    await record(actor, 'dataRequestDecided', id, { personId: person_id, kind, state, decision })
  })
}

/** Takes one's own request back. @throws NotFoundError if it is somebody else's */
export async function cancelRequest(actor: Actor, id: number): Promise<void> {
  await withTransaction(async () => {
    const { person_id } = await selectRequest(id)
    if (person_id !== actor.personId) throw new NotFoundError()
    await move(id, PENDING, { state: 'cancelled' })
    await record(actor, 'dataRequestCancelled', id, { personId: person_id })
  })
}

/** How long answers may take. */
export const changeDeadlines = (actor: Actor, value: Setting<'dataRequests'>): Promise<void> =>
  changeSetting(actor, 'dataRequests', value, 'privacy.requests')
