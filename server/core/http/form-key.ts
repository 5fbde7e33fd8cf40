import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { db, isUniqueViolation, withTransaction } from '../db/index.ts'
import type { Actor } from '../rights/index.ts'
import { nowUtc } from '../time.ts'

/** A key for a form that adds something, printed by `views/shared/form-key.ejs`. */
export const newFormKey = (): string => randomUUID()

/** The key in a form's schema. Scripts and old pages send none; nonsense counts as none. */
export const formKeyField = () => z.uuid().optional().catch(undefined)

/**
 * Does what a form asks for once, however often it is sent: impatient clicks and a reloaded page add nothing.
 * @param work adds something and returns the address of it; whoever sends the form again is led there, too
 */
export async function sendOnce(actor: Actor, key: string | undefined, work: () => Promise<string>): Promise<string> {
  if (!key) return work()
  try {
    return await withTransaction(async () => {
      // The second of two that come at the same moment waits here until the first is done.
      await db()('sent_forms').insert({ form_key: key, person_id: actor.personId, created_at: nowUtc() })
      const location = await work()
      await db()('sent_forms').where({ form_key: key }).update({ location })
      return location
    })
  } catch (error) {
    const sent = isUniqueViolation(error) && (await selectSent(actor, key))
    if (sent) return sent.location
    throw error
  }
}

const selectSent = (actor: Actor, key: string): Promise<{ location: string } | undefined> =>
  db()('sent_forms').where({ form_key: key, person_id: actor.personId }).whereNotNull('location').first('location')
