import type { Request } from 'express'
import { ForbiddenError, NotFoundError } from '../../core/errors.ts'
import { loadActor } from '../../core/rights/actor.ts'
import type { Actor } from '../../core/rights/index.ts'
import { hashSessionId } from '../../core/session/index.ts'
import { mayView, noteViewing, selectSessionStart, VIEWING_MS } from '../../core/session/viewing.ts'
import { setting } from '../../core/settings.ts'

/** The session under another address: what the former one had open (sockets, pages) ends with it. */
async function changeSession(req: Request, personId: number): Promise<void> {
  req.session.startedAt = await selectSessionStart(hashSessionId(req.sessionID))
  // Its row is a new one, too.
  delete req.session.isStored
  req.session.ip = req.ip
  req.session.userAgent = req.get('user-agent')?.slice(0, 255)
  await new Promise<void>((resolve, reject) =>
    req.login({ personId } as Express.User, { session: true, keepSessionInfo: true }, (error) =>
      error ? reject(error) : resolve(),
    ),
  )
}

/**
 * Shows the system in this session as that person sees it, to read only, for an hour at most.
 * @throws NotFoundError for who cannot sign in, ForbiddenError for who may do more than the actor
 */
export async function startViewing(req: Request, actor: Actor, personId: number): Promise<void> {
  const person = await loadActor(personId, (await setting('authority')).timeZone)
  if (!person) throw new NotFoundError()
  if (!mayView(actor, person)) throw new ForbiddenError()
  const viewerId = actor.personId as number
  req.session.viewing = { personId, until: Date.now() + VIEWING_MS }
  await changeSession(req, viewerId)
  await noteViewing(viewerId, 'viewingStarted', personId)
}

/** Back to oneself. @returns whom one has looked at; undefined if that was over already */
export async function stopViewing(req: Request, actor: Actor): Promise<number | undefined> {
  if (!actor.viewedBy) return undefined
  delete req.session.viewing
  await changeSession(req, actor.viewedBy.personId)
  await noteViewing(actor.viewedBy.personId, 'viewingEnded', actor.personId as number, { reason: 'own' })
  return actor.personId as number
}
