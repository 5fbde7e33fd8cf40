import { db, insertRow } from '../../core/db/index.ts'
import { nowUtc } from '../../core/time.ts'

// Places of offerings. A place is held by a row of route_choices with in_draft or in_force; `offerings.taken` counts them.
// It is taken by one conditional update, so that two people never get the same last place.

/**
 * Takes one place. The ambient transaction gives it back if anything later fails.
 * @returns false if there is none left
 */
async function takePlace(offeringId: number): Promise<boolean> {
  const taken = await db()('offerings')
    .where({ id: offeringId })
    .whereNull('cancelled_at')
    .where((free) => free.whereNull('capacity').orWhereRaw('taken < capacity'))
    .increment('taken', 1)
  return taken > 0
}

/**
 * Takes a place for a topic of a draft. What the route in force holds already is kept; a place in a group that the
 * learner has left is exchanged.
 * @returns false if there is none left; nothing was written then
 */
export async function holdPlace(routeId: number, topicId: number, offeringId: number): Promise<boolean> {
  const choice = () => db()('route_choices').where({ route_id: routeId, topic_id: topicId })
  const held: { id: number; offering_id: number } | undefined = await choice().first('id', 'offering_id')
  if (held?.offering_id === offeringId) {
    await choice().update({ in_draft: 1 })
    return true
  }
  if (held && held.offering_id !== offeringId) {
    if (!(await exchangePlace(held.id, held.offering_id, offeringId))) return false
    await choice().update({ in_draft: 1 })
    return true
  }
  if (!(await takePlace(offeringId))) return false
  const row = { route_id: routeId, offering_id: offeringId, topic_id: topicId, in_draft: 1, in_force: 0 }
  await insertRow('route_choices', { ...row, created_at: nowUtc() })
  return true
}

/** Exchanges the place of a choice for one in another group. @returns false if there is none left there */
export async function exchangePlace(choiceId: number, from: number, to: number): Promise<boolean> {
  if (!(await takePlace(to))) return false
  await givePlaceBack([from])
  await db()('route_choices').where({ id: choiceId }).update({ offering_id: to })
  return true
}

async function givePlaceBack(offeringIds: readonly number[]): Promise<void> {
  await db()('offerings').whereIn('id', offeringIds).where('taken', '>', 0).decrement('taken', 1)
}

/** Takes a topic out of the draft. Its place is free at once unless the route in force needs it. */
export async function dropFromDraft(routeId: number, topicId: number): Promise<void> {
  const choice = { route_id: routeId, topic_id: topicId }
  await db()('route_choices').where(choice).update({ in_draft: 0 })
  await releaseUnused(routeId)
}

/** Gives back every place of a route that neither its draft nor the route in force holds. @returns the offerings */
export async function releaseUnused(routeId: number): Promise<number[]> {
  const unused = { route_id: routeId, in_draft: 0, in_force: 0 }
  const rows: { id: number; offering_id: number }[] = await db()('route_choices')
    .where(unused)
    .orderBy('offering_id')
    .select('id', 'offering_id')
  if (rows.length === 0) return []
  const offerings = rows.map((row) => row.offering_id)
  await givePlaceBack(offerings)
  await db()('route_choices')
    .whereIn(
      'id',
      rows.map((row) => row.id),
    )
    .del()
  return offerings
}

/** Brings the draft into force: its choices are held, what it left out is given back. */
export async function bringDraftIntoForce(routeId: number): Promise<{ added: number[]; removed: number[] }> {
  const choices = () => db()('route_choices').where({ route_id: routeId })
  const added: number[] = await choices().where({ in_draft: 1, in_force: 0 }).pluck('offering_id')
  await choices().update({ in_force: db().ref('in_draft') })
  const removed = await releaseUnused(routeId)
  const items = () => db()('route_own_items').where({ route_id: routeId })
  await items().update({ in_force: db().ref('in_draft') })
  await items().where({ in_draft: 0, in_force: 0 }).del()
  return { added, removed }
}

/** Throws the draft away: it is again what is in force. */
export async function resetDraftToForce(routeId: number): Promise<void> {
  await db()('route_choices')
    .where({ route_id: routeId })
    .update({ in_draft: db().ref('in_force') })
  await releaseUnused(routeId)
  const items = () => db()('route_own_items').where({ route_id: routeId })
  await items().update({ in_draft: db().ref('in_force') })
  await items().where({ in_draft: 0, in_force: 0 }).del()
}
