import { db, withTransaction } from '../../core/db/index.ts'
import { NotFoundError } from '../../core/errors.ts'
import { recordEvent } from '../../core/events/index.ts'
import { type Tour, toursOf } from '../../core/help/tours.ts'
import type { Actor } from '../../core/rights/index.ts'

/**
 * The person has taken a tour or does not want it: it is not offered again. A second time changes nothing.
 * @throws NotFoundError if it is not a tour of theirs
 */
export async function noteTourSeen(actor: Actor, name: string): Promise<Tour> {
  const tour = toursOf(actor).find((one) => one.name === name)
  const { personId } = actor
  if (!tour || personId === null) throw new NotFoundError()
  await withTransaction(async () => {
    const { seen_tours: seen } = await db()('people').where({ id: personId }).first('seen_tours')
    if (seen.split(' ').includes(name)) return
    await db()('people')
      .where({ id: personId })
      .update({ seen_tours: `${seen} ${name}`.trim() })
    await recordEvent(actor, 'tourSeen', { type: 'person', id: personId }, { name })
  })
  return tour
}
