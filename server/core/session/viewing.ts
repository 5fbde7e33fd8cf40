import { db, rootDatabase, toJson } from '../db/index.ts'
import { recordEvent } from '../events/index.ts'
import { loadActor } from '../rights/actor.ts'
import { type Actor, hasEverywhere } from '../rights/index.ts'
import { exceeds } from '../rights/power.ts'
import { mustSetFactor } from '../rights/second-factor.ts'

/** Whose eyes somebody looks through, and until when (milliseconds). */
export type Viewing = { personId: number; until: number }

export const VIEWING_PERMISSION = 'accounts.viewAs'
export const VIEWING_MS = 3_600_000

/**
 * Whether somebody may look through another person's eyes: who has the right, for nobody who may do more than they, and
 * not for themselves.
 */
export const mayView = (viewer: Actor, person: Actor): boolean =>
  hasEverywhere(viewer, VIEWING_PERMISSION) &&
  person.personId !== viewer.personId &&
  !mustSetFactor(viewer) &&
  !exceeds(person, viewer)

/**
 * The person as the viewer is shown the system: with the same rights, but asked for nothing that is theirs to answer.
 * Looked at anew for every request: rights and accounts may end meanwhile.
 * @returns undefined once the time is over, or the right is
 */
export async function seenBy(viewer: Actor, { personId, until }: Viewing, zone: string): Promise<Actor | undefined> {
  if (until <= Date.now()) return undefined
  const person = await loadActor(personId, zone)
  if (!person || !mayView(viewer, person)) return undefined
  const { secondFactor: _theirs, consentsThrough: _own, ...shown } = person
  return { ...shown, viewedBy: { personId: viewer.personId as number, name: viewer.name, until } }
}

/** Whoever looks through somebody's eyes acts in their own name. */
export const noteViewing = (
  viewerId: number,
  type: 'viewingStarted' | 'viewingEnded',
  personId: number,
  data: Record<string, unknown> = {},
): Promise<void> =>
  recordEvent(
    { personId: viewerId, name: '', language: null, timeZone: null, grants: [] },
    type,
    { type: 'person', id: personId },
    data,
  )

/**
 * Ends a viewing whose time or right is over, in the stored session; of several requests at once one does.
 * @param stored what the session's row holds
 */
export async function endOverdue(
  key: string,
  stored: string,
  viewer: Actor | undefined,
  viewing: Viewing,
): Promise<void> {
  const { viewing: _over, ...rest } = JSON.parse(stored) as Record<string, unknown>
  const ended = await rootDatabase()('sessions')
    .where({ id: key, data: stored })
    .update({ data: toJson(rest) })
  if (!ended || viewer?.personId == null) return
  const reason = viewing.until <= Date.now() ? 'time' : 'rights'
  await noteViewing(viewer.personId, 'viewingEnded', viewing.personId, { reason })
}

/** When the session began: changing its address does not make it last longer. */
export const selectSessionStart = async (key: string): Promise<string | undefined> =>
  (await db()('sessions').where({ id: key }).first('created_at'))?.created_at
