import { db, insertRows, withTransaction } from '../../core/db/index.ts'
import { ConflictError, ForbiddenError, InputError, NotFoundError } from '../../core/errors.ts'
import { recordEvent } from '../../core/events/index.ts'
import type { Actor } from '../../core/rights/index.ts'
import { nowUtc } from '../../core/time.ts'
import { type OpenRoute, subjectOf } from './draft.ts'
import { loadRoute } from './load-route.ts'
import { putInForce } from './submit-service.ts'

/** The version that the decision is about: what the approver saw. */
interface Decided {
  enrolmentId: number
  versionNumber: number
}

type Waiting = OpenRoute & { version: { id: number; number: number; hours: number } }

/**
 * Locks a submitted route for a decision.
 * @throws ForbiddenError who may not approve here, or whose own route it is
 * @throws ConflictError if it was withdrawn, sent anew or decided upon since it was seen
 */
async function lockForDecision(actor: Actor, { enrolmentId, versionNumber }: Decided): Promise<Waiting> {
  const seen = await loadRoute(actor, enrolmentId)
  if (!seen.can.approve) throw new ForbiddenError(seen.isOwn ? 'learning-routes.decision.own' : undefined)
  const locked = await db()('learning_routes')
    .where({ enrolment_id: enrolmentId, state: 'submitted', version_number: versionNumber })
    .update({ draft_revision: db().raw('draft_revision + 1'), updated_at: nowUtc() })
  if (!locked) throw new ConflictError('learning-routes.decision.changed')
  const routeId = seen.data.head.routeId as number
  const version = await db()('route_versions')
    .where({ route_id: routeId, number: versionNumber })
    .first('id', 'number', 'hours')
  if (!version) throw new NotFoundError()
  return { ...seen, routeId, version }
}

/** Approves the version that was seen: it is in force from now on. `comment` may be null. */
export async function approveRoute(actor: Actor, decided: Decided, comment: string | null): Promise<void> {
  await withTransaction(async () => {
    const route = await lockForDecision(actor, decided)
    const facts = { ...subjectOf(route), versionNumber: route.version.number, comment }
    await recordEvent(actor, 'routeApproved', { type: 'learning_route', id: route.routeId }, facts)
    await putInForce(actor, route, route.version.id, { ...route.version, comment })
  })
}

export interface ReturnComments {
  /** On the whole. */
  comment: string | null
  /** By topic id. */
  topics: Record<string, string>
}

/** Returns the version that was seen to its author with comments, at least one of them. */
export async function returnRoute(actor: Actor, decided: Decided, comments: ReturnComments): Promise<void> {
  await withTransaction(async () => {
    const route = await lockForDecision(actor, decided)
    const known = new Set(route.data.topics.map((topic) => topic.id))
    const byTopic = Object.entries(comments.topics).filter(([id]) => known.has(Number(id)))
    if (comments.comment === null && byTopic.length === 0)
      throw InputError.of('comment', 'learning-routes.decision.commentNeeded')
    const decision = { decided_at: nowUtc(), decided_by: actor.personId, comment: comments.comment }
    await db()('route_versions')
      .where({ id: route.version.id })
      .update({ state: 'returned', ...decision })
    await db()('learning_routes')
      .where({ id: route.routeId })
      .update({ state: 'returned', ...decision })
    await insertRows(
      'route_version_comments',
      byTopic.map(([id, text]) => ({ version_id: route.version.id, topic_id: Number(id), text })),
    )
    const facts = { ...subjectOf(route), versionNumber: route.version.number, comment: comments.comment }
    await recordEvent(actor, 'routeReturned', { type: 'learning_route', id: route.routeId }, facts)
  })
}

/**
 * Approves several routes, each by itself: what someone withdrew or decided meanwhile does not stop the others.
 * @returns how many were approved, and how many were not
 */
export async function approveRoutes(
  actor: Actor,
  decided: readonly Decided[],
): Promise<{ approved: number; refused: number }> {
  let approved = 0
  for (const one of decided) {
    try {
      await approveRoute(actor, one, null)
      approved += 1
    } catch (error) {
      const isRefusal =
        error instanceof ConflictError || error instanceof ForbiddenError || error instanceof NotFoundError
      if (!isRefusal) throw error
    }
  }
  return { approved, refused: decided.length - approved }
}
