import { db, withTransaction } from '../../core/db/index.ts'
import { ConflictError, ForbiddenError } from '../../core/errors.ts'
import { recordEvent } from '../../core/events/index.ts'
import { StoreError, stores } from '../../core/files/stores/index.ts'
import { fileUses, MOST_MEGABYTES } from '../../core/files/uses.ts'
import { enqueueJob } from '../../core/jobs/index.ts'
import { type Actor, hasEverywhere } from '../../core/rights/index.ts'
import { type Setting, setting } from '../../core/settings.ts'
import { changeSetting } from '../settings/service.ts'

/** The largest limit that a use takes, in megabytes. */
export const mostOf = (use: string): number => fileUses().find(([name]) => name === use)?.[1].most ?? MOST_MEGABYTES

/** Limits, room, and what becomes of files that nobody could scan. */
export const changeFileSettings = (actor: Actor, value: Setting<'files'>): Promise<void> =>
  changeSetting(actor, 'files', value)

/** Whether contents lie in the store that is no longer the one in use; undefined if it does not answer. */
export async function isSomethingToMove(): Promise<boolean | undefined> {
  const { other } = stores()
  if (!other) return false
  try {
    for await (const _ of other.list('files/')) return true
    return false
  } catch (error) {
    if (error instanceof StoreError) return undefined
    throw error
  }
}

/** Asks for all contents to be moved into the store that is in use. People go on working meanwhile. */
export async function requestMove(actor: Actor): Promise<void> {
  if (!hasEverywhere(actor, 'settings.edit')) throw new ForbiddenError()
  if (!stores().other) throw new ConflictError('files.move.nothing')
  await withTransaction(async () => {
    const working = await db()('jobs').where({ kind: 'files.move' }).whereIn('state', ['queued', 'running']).first('id')
    if (working) return
    const id = await enqueueJob('files.move', {}, { createdBy: actor.personId })
    await recordEvent(actor, 'filesMoveRequested', { type: 'setting', id: 0 }, { to: stores().main.kind, job: id })
  })
}

/** Since when the store has not answered; '' while it does. */
export const storeTroubleSince = async (): Promise<string> => (await setting('storeTrouble')).since
