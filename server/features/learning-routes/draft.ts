import { db } from '../../core/db/index.ts'
import { ForbiddenError } from '../../core/errors.ts'
import { recordEvent } from '../../core/events/index.ts'
import type { Actor } from '../../core/rights/index.ts'
import { nowUtc } from '../../core/time.ts'
import { authorityToday, type LoadedRoute, loadRoute } from './load-route.ts'
import { holdPlace } from './places.ts'
import { routePolicy } from './policy.ts'
import { selectHead } from './queries.ts'
import { RouteRefusal } from './refusal.ts'
import { judge } from './situation.ts'

/** A route locked for one change: until the transaction ends nobody else changes it. */
export type OpenRoute = LoadedRoute & { routeId: number }

/**
 * Locks the route of an enrolment for a change by this actor, creating it at the first step. Call it inside a transaction:
 * raising the revision locks the row, so that two tabs of one person cannot together break a rule that each keeps.
 * @param revision the draft that the page showed, where acting on another one would be wrong (sending, templates)
 * @throws RouteRefusal `stale` if the draft has changed since, ForbiddenError, NotFoundError
 */
export async function lockRoute(actor: Actor, enrolmentId: number, revision?: number): Promise<OpenRoute> {
  const date = await authorityToday()
  const { head, places } = await selectHead(actor, enrolmentId, date)
  if (!routePolicy(date).can(actor, 'edit', places)) throw new ForbiddenError()
  if (head.routeId === null) await createRoute(enrolmentId)
  const shown = revision === undefined ? {} : { draft_revision: revision }
  const locked = await db()('learning_routes')
    .where({ enrolment_id: enrolmentId, ...shown })
    .update({ draft_revision: db().raw('draft_revision + 1'), updated_at: nowUtc() })
  if (!locked) throw new RouteRefusal({ kind: 'stale' })
  const loaded = await loadRoute(actor, enrolmentId)
  return { ...loaded, routeId: loaded.data.head.routeId as number }
}

/** Two first steps at once make one route: the unique index decides. */
async function createRoute(enrolmentId: number): Promise<void> {
  const now = nowUtc()
  const row = { enrolment_id: enrolmentId, state: 'draft', created_at: now, updated_at: now }
  await db()('learning_routes').insert(row).onConflict('enrolment_id').ignore()
}

/** Locks a route whose draft is to be changed. @throws RouteRefusal `closed` if it cannot be now */
export async function lockDraft(actor: Actor, enrolmentId: number, revision?: number): Promise<OpenRoute> {
  const route = await lockRoute(actor, enrolmentId, revision)
  if (route.closed) throw new RouteRefusal({ kind: 'closed', because: route.closed })
  return holdCompulsory(route)
}

/** Compulsory topics are in every route; their places are held from its first step on, as soon as there are any. */
async function holdCompulsory(route: OpenRoute): Promise<OpenRoute> {
  const { data } = route
  const waiting = data.topics
    .filter((topic) => topic.isCompulsory && !topic.inDraft && topic.offering && !topic.formerOffering)
    .sort((a, b) => a.offering!.id - b.offering!.id)
  let held = 0
  for (const topic of waiting) {
    if (!(await holdPlace(route.routeId, topic.id, topic.offering!.id))) continue
    topic.inDraft = true
    held += 1
  }
  return held === 0 ? route : { ...route, evaluation: judge(data, route.moment) }
}

/** Announces a change of the draft. */
export const recordDraftChange = (actor: Actor, route: OpenRoute, change: Record<string, unknown>): Promise<void> =>
  recordEvent(actor, 'routeChanged', { type: 'learning_route', id: route.routeId }, { ...subjectOf(route), ...change })

/** What every event of a route says of whom it is about. */
export const subjectOf = ({ data: { head } }: Pick<LoadedRoute, 'data'>) => ({
  enrolmentId: head.enrolmentId,
  cohortId: head.cohort.id,
  personId: head.personId,
})
