import { db, insertRow, toJson, withTransaction } from '../../core/db/index.ts'
import { recordEvent } from '../../core/events/index.ts'
import { type Actor, SYSTEM } from '../../core/rights/index.ts'
import { nowUtc } from '../../core/time.ts'
import { lockDraft, lockRoute, type OpenRoute, recordDraftChange, subjectOf } from './draft.ts'
import { authorityToday } from './load-route.ts'
import { bringDraftIntoForce, resetDraftToForce } from './places.ts'
import { selectHead } from './queries.ts'
import { RouteRefusal } from './refusal.ts'
import { differsFromForce, hasForce } from './route-data.ts'
import { closedOf, takeSnapshot } from './situation.ts'

const eventSubject = (route: OpenRoute) => ({ type: 'learning_route', id: route.routeId })

/**
 * Sends the draft. Where the programme asks for no approval it is in force at once, else it waits for a decision.
 * @param revision the draft that the person saw; another one is never sent in its place
 * @returns the state that follows
 */
export async function submitRoute(
  actor: Actor,
  enrolmentId: number,
  revision: number,
): Promise<'submitted' | 'approved'> {
  return withTransaction(async () => {
    const route = await lockDraft(actor, enrolmentId, revision).catch((error) =>
      sentAlready(actor, enrolmentId, revision, error),
    )
    if (typeof route === 'string') return route
    const { data, evaluation, routeId } = route
    if (!evaluation.canSubmit) throw new RouteRefusal({ kind: 'incomplete', gaps: evaluation.gaps })
    if (!differsFromForce(data)) throw new RouteRefusal({ kind: 'unchanged' })
    const number = data.head.versionNumber + 1
    const now = nowUtc()
    const version = { route_id: routeId, number, state: 'submitted', submitted_at: now, hours: evaluation.hours }
    const versionId = await insertRow('route_versions', { ...version, content: toJson(takeSnapshot(data)) })
    await db()('learning_routes').where({ id: routeId }).update({
      state: 'submitted',
      version_number: number,
      submitted_at: now,
      decided_at: null,
      decided_by: null,
      comment: null,
    })
    const facts = { ...subjectOf(route), versionNumber: number, hours: evaluation.hours }
    await recordEvent(actor, 'routeSubmitted', eventSubject(route), facts)
    if (data.head.programme.approval !== 'none') return 'submitted'
    await putInForce(SYSTEM, route, versionId, { number, hours: evaluation.hours, comment: null })
    return 'approved'
  })
}

/** The second click of a double click is no mistake: this very draft has just been sent, and nothing happened since. */
async function sentAlready(
  actor: Actor,
  enrolmentId: number,
  revision: number,
  error: unknown,
): Promise<'submitted' | 'approved'> {
  if (!(error instanceof RouteRefusal) || error.refusal.kind !== 'stale') throw error
  const { head } = await selectHead(actor, enrolmentId, await authorityToday())
  if (head.draftRevision === revision + 1 && (head.state === 'submitted' || head.state === 'approved'))
    return head.state
  throw error
}

/** Makes the submitted version the one in force: places change hands, journals and calendars follow the event. */
export async function putInForce(
  actor: Actor,
  route: OpenRoute,
  versionId: number,
  decision: { number: number; hours: number; comment: string | null },
): Promise<void> {
  const decided = { decided_at: nowUtc(), decided_by: actor.personId, comment: decision.comment }
  await db()('route_versions')
    .where({ id: versionId })
    .update({ state: 'approved', ...decided })
  await db()('learning_routes')
    .where({ id: route.routeId })
    .update({ state: 'approved', ...decided })
  const { added, removed } = await bringDraftIntoForce(route.routeId)
  await recordEvent(actor, 'routeInForce', eventSubject(route), {
    ...subjectOf(route),
    versionNumber: decision.number,
    hours: decision.hours,
    addedOfferings: added,
    removedOfferings: removed,
  })
}

/** Takes a submitted route back, to correct it. @throws RouteRefusal if it has been decided upon meanwhile */
export async function withdrawRoute(actor: Actor, enrolmentId: number): Promise<void> {
  await withTransaction(async () => {
    const route = await lockRoute(actor, enrolmentId)
    if (route.closed !== 'submitted') throw new RouteRefusal({ kind: 'nothing_to_do' })
    // After the last day it could not be sent again: better to leave it with those who decide.
    const after = closedOf({ ...route.data, head: { ...route.data.head, state: 'draft' } }, route.moment)
    if (after) throw new RouteRefusal({ kind: 'closed', because: after })
    const { versionNumber } = route.data.head
    await db()('learning_routes').where({ id: route.routeId }).update({ state: 'draft', submitted_at: null })
    await db()('route_versions')
      .where({ route_id: route.routeId, number: versionNumber })
      .update({ state: 'withdrawn', decided_at: nowUtc(), decided_by: actor.personId })
    await recordEvent(actor, 'routeWithdrawn', eventSubject(route), { ...subjectOf(route), versionNumber })
  })
}

/** Begins a change of the route in force, which stays in force until the change is sent and accepted. */
export async function beginChange(actor: Actor, enrolmentId: number): Promise<void> {
  await withTransaction(async () => {
    const route = await lockRoute(actor, enrolmentId)
    if (route.closed === null) return
    if (route.closed !== 'approved') throw new RouteRefusal({ kind: 'closed', because: route.closed })
    await db()('learning_routes').where({ id: route.routeId }).update({ state: 'draft' })
    await recordDraftChange(actor, route, { begun: true })
  })
}

/** Gives a change up: the draft is again what is in force. @throws RouteRefusal if nothing is in force */
export async function discardChange(actor: Actor, enrolmentId: number): Promise<void> {
  await withTransaction(async () => {
    const route = await lockDraft(actor, enrolmentId)
    if (!hasForce(route.data)) throw new RouteRefusal({ kind: 'nothing_to_do' })
    await resetDraftToForce(route.routeId)
    await db()('learning_routes').where({ id: route.routeId }).update({ state: 'approved', comment: null })
    await recordDraftChange(actor, route, { discarded: true })
  })
}
