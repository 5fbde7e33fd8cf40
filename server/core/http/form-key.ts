import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { db, isUniqueViolation, withTransaction } from '../db/index.ts'
import type { Actor } from '../rights/index.ts'
import { nowUtc } from '../time.ts'
import { type Flash, type Reply, redirect } from './reply.ts'

/** A key for a form that adds something, printed by `views/shared/form-key.ejs`. */
export const newFormKey = (): string => randomUUID()

/** The key in a form that was sent. Scripts and old pages send none; nonsense counts as none. */
const keyOf = (form: unknown): string | undefined => z.object({ formKey: z.uuid() }).safeParse(form).data?.formKey

/** As long as the column. */
const MOST_SIGNS = 255

/** The work ended without a redirect. */
class Refused {
  readonly reply: Reply

  constructor(reply: Reply) {
    this.reply = reply
  }
}

/**
 * Does what a form asks for once, however often it is sent: impatient clicks and a reloaded page add nothing. Whoever sends
 * it again is led to where the first time led, and reads the same message. A redirect says that it is done; after any other
 * reply, as after an error, nothing is written and the form may be sent again.
 */
export async function sendOnce(actor: Actor, form: unknown, work: () => Promise<Reply>): Promise<Reply> {
  const key = keyOf(form)
  if (!key) return work()
  try {
    return await withTransaction(async () => {
      // The second of two that come at the same moment waits here until the first is done.
      await db()('sent_forms').insert({ form_key: key, person_id: actor.personId, created_at: nowUtc() })
      const reply = await work()
      if (reply.kind !== 'redirect') throw new Refused(reply)
      const location = remembered(reply.to, reply.flash)
      await db()('sent_forms').where({ form_key: key }).update({ location })
      return reply
    })
  } catch (error) {
    if (error instanceof Refused) return error.reply
    const sent = isUniqueViolation(error) && (await selectSent(actor, key))
    if (sent) return recalled(sent.location)
    throw error
  }
}

/** Where a form led, with the message if there is room for it. */
function remembered(to: string, flash: Flash | undefined): string {
  const both = JSON.stringify([to, flash])
  return both.length <= MOST_SIGNS ? both : to
}

function recalled(location: string): Reply {
  const [to, flash] = location.startsWith('[') ? (JSON.parse(location) as [string, Flash?]) : [location]
  return redirect(to, flash ?? undefined)
}

const selectSent = (actor: Actor, key: string): Promise<{ location: string } | undefined> =>
  db()('sent_forms').where({ form_key: key, person_id: actor.personId }).whereNotNull('location').first('location')
