import { db, insertRow, withTransaction } from '../../core/db/index.ts'
import { ConflictError, InputError, NotFoundError } from '../../core/errors.ts'
import type { Actor } from '../../core/rights/index.ts'
import { nowUtc } from '../../core/time.ts'
import { lockDraft, type OpenRoute, recordDraftChange } from './draft.ts'
import type { OwnItemInput } from './input.ts'
import type { RouteOwnItem } from './route-data.ts'

/** More would only be noise in a route that somebody has to read. */
const MOST_ITEMS = 50

const columnsOf = (input: OwnItemInput) => ({
  kind: input.kind,
  place: input.place,
  title: input.title,
  description: input.description,
  hours: input.hours,
  starts_on: input.startsOn,
  ends_on: input.endsOn,
})

/** Adds an own item to the draft. @returns its id */
export async function addOwnItem(actor: Actor, enrolmentId: number, input: OwnItemInput): Promise<number> {
  return withTransaction(async () => {
    const route = await lockDraft(actor, enrolmentId)
    if (route.data.ownItems.length >= MOST_ITEMS)
      throw InputError.of('title', 'learning-routes.own.tooMany', { count: MOST_ITEMS })
    demandAllowed(route, input, 0)
    const id = await insertItem(route.routeId, input)
    await recordDraftChange(actor, route, { ownItemAdded: id })
    return id
  })
}

const insertItem = (routeId: number, input: OwnItemInput): Promise<number> => {
  const now = nowUtc()
  const flags = { in_draft: 1, in_force: 0, created_at: now, updated_at: now }
  return insertRow('route_own_items', { route_id: routeId, ...columnsOf(input), ...flags })
}

/** Hours within the limits that are left, dates within the cohort. */
function demandAllowed(route: OpenRoute, input: OwnItemInput, hoursBefore: number) {
  const left = route.evaluation.ownHoursLeft
  if (left !== null && input.hours > left + hoursBefore)
    throw InputError.of('hours', 'learning-routes.own.tooManyHours', { count: left + hoursBefore })
  const { startsOn, endsOn } = route.data.head.cohort
  for (const [field, date] of [
    ['startsOn', input.startsOn],
    ['endsOn', input.endsOn],
  ] as const)
    if (date !== null && (date < startsOn || date > endsOn))
      throw InputError.of(field, 'learning-routes.own.outsideCohort')
}

/** @throws ConflictError if it has left the draft (removed, or replaced by its changed copy), NotFoundError if it never was */
async function itemOf(route: OpenRoute, itemId: number): Promise<RouteOwnItem> {
  const item = route.data.ownItems.find((one) => one.id === itemId && one.inDraft)
  if (item) return item
  const row = await db()('route_own_items').where({ id: itemId, route_id: route.routeId }).first('id')
  throw row ? new ConflictError() : new NotFoundError()
}

/**
 * Changes an own item of the draft. The one in force stays as it was agreed upon: it is copied when it is first changed.
 * @throws ConflictError if it was changed since `version` was read
 */
export async function updateOwnItem(
  actor: Actor,
  enrolmentId: number,
  itemId: number,
  input: OwnItemInput & { version: number },
): Promise<void> {
  await withTransaction(async () => {
    const route = await lockDraft(actor, enrolmentId)
    const item = await itemOf(route, itemId)
    if (item.version !== input.version) throw new ConflictError()
    demandAllowed(route, input, item.hours)
    const row = db()('route_own_items').where({ id: itemId })
    if (item.inForce) {
      await row.update({ in_draft: 0 })
      await insertItem(route.routeId, input)
    } else await row.update({ ...columnsOf(input), version: item.version + 1, updated_at: nowUtc() })
    await recordDraftChange(actor, route, { ownItemChanged: itemId })
  })
}

/** Takes an own item out of the draft. It can be put back until the route is sent. */
export async function removeOwnItem(actor: Actor, enrolmentId: number, itemId: number): Promise<void> {
  await setInDraft(actor, enrolmentId, itemId, false)
}

/** Puts back an own item that was removed by mistake. */
export async function restoreOwnItem(actor: Actor, enrolmentId: number, itemId: number): Promise<void> {
  await setInDraft(actor, enrolmentId, itemId, true)
}

async function setInDraft(actor: Actor, enrolmentId: number, itemId: number, inDraft: boolean) {
  await withTransaction(async () => {
    const route = await lockDraft(actor, enrolmentId)
    const where = { id: itemId, route_id: route.routeId }
    const row = await db()('route_own_items').where(where).first('hours', 'in_draft')
    if (!row) throw new NotFoundError()
    if ((row.in_draft === 1) === inDraft) return
    const left = route.evaluation.ownHoursLeft
    if (inDraft && left !== null && row.hours > left)
      throw InputError.of('', 'learning-routes.own.tooManyHours', { count: left })
    await db()('route_own_items')
      .where(where)
      .update({ in_draft: inDraft ? 1 : 0, updated_at: nowUtc() })
    await recordDraftChange(actor, route, { [inDraft ? 'ownItemRestored' : 'ownItemRemoved']: itemId })
  })
}
