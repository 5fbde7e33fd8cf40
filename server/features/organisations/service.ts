import { db, insertRow, withTransaction } from '../../core/db/index.ts'
import { ConflictError, ForbiddenError, InputError } from '../../core/errors.ts'
import { recordEvent } from '../../core/events/index.ts'
import { type Actor, hasEverywhere } from '../../core/rights/index.ts'
import { beginningWith, fold } from '../../core/text.ts'
import { nowUtc } from '../../core/time.ts'
import type { OrganisationInput } from './input.ts'
import { organisationPolicy } from './policy.ts'
import { type OrganisationRow, selectOrganisation } from './queries.ts'

const columnsOf = (input: OrganisationInput) => ({
  kind: input.kind,
  name: input.name,
  short_name: input.shortName,
  name_folded: fold(input.name).slice(0, 191),
  short_name_folded: fold(input.shortName).slice(0, 191),
  inn: input.inn,
  address: input.address,
  phone: input.phone,
  email: input.email,
  website: input.website,
  head_name: input.headName,
})

/** Two active organisations of one name cannot be told apart in lists and imports. */
async function demandFreeName(name: string, exceptId = 0) {
  const same = await db()('organisations')
    .where({ name_folded: fold(name).slice(0, 191), state: 'active' })
    .whereNot('id', exceptId)
    .first('id')
  if (same) throw InputError.of('name', 'organisations.form.nameTaken')
}

/** The organisation above, which must be visible and not below itself. */
async function parentPath(actor: Actor, parentId: number | null, own?: OrganisationRow): Promise<string> {
  if (parentId === null) return '/'
  const parent = await selectOrganisation(actor, parentId).catch(() => {
    throw InputError.of('parentId', 'organisations.form.parentUnknown')
  })
  if (own && parent.path.startsWith(own.path)) throw InputError.of('parentId', 'organisations.form.parentBelow')
  return parent.path
}

/** Adds an organisation to the authority. @returns its id */
export async function createOrganisation(actor: Actor, input: OrganisationInput): Promise<number> {
  return withTransaction(async () => {
    if (!hasEverywhere(actor, 'organisations.edit')) throw new ForbiddenError()
    await demandFreeName(input.name)
    const above = await parentPath(actor, input.parentId)
    const now = nowUtc()
    const row = { ...columnsOf(input), parent_id: input.parentId, path: '', created_at: now, updated_at: now }
    const id = await insertRow('organisations', row)
    await db()('organisations')
      .where({ id })
      .update({ path: `${above}${id}/` })
    await recordEvent(actor, 'organisationCreated', { type: 'organisation', id }, { after: input })
    return id
  })
}

/**
 * Changes an organisation.
 * @throws ConflictError if someone changed it since `version` was read
 */
export async function updateOrganisation(
  actor: Actor,
  id: number,
  input: OrganisationInput & { version: number },
): Promise<void> {
  await withTransaction(async () => {
    const before = await selectOrganisation(actor, id)
    organisationPolicy.demand(actor, 'edit', before)
    // A closed one does not stand in anybody's way; it is asked when it is opened again.
    if (before.state === 'active') await demandFreeName(input.name, id)
    const path = `${await parentPath(actor, input.parentId, before)}${id}/`
    // Who stands above sees what is below: moving is not for those who answer for a part.
    if (input.parentId !== before.parent_id && !hasEverywhere(actor, 'organisations.edit'))
      throw InputError.of('parentId', 'organisations.form.parentFixed')
    const values = { ...columnsOf(input), parent_id: input.parentId, updated_at: nowUtc() }
    const changed = await db()('organisations')
      .where({ id, version: input.version })
      .update({ ...values, version: input.version + 1 })
    if (!changed) throw new ConflictError()
    if (path !== before.path) await moveSubtree(before.path, path)
    await recordEvent(actor, 'organisationChanged', { type: 'organisation', id }, { before, after: input })
  })
}

/** Everything below moves along: one statement, whatever its size. */
async function moveSubtree(from: string, to: string) {
  await db()('organisations')
    .whereBetween('path', beginningWith(from))
    .update({ path: db().raw('concat(?, substr(path, ?))', [to, from.length + 1]) })
}

/**
 * Closes an organisation, or opens it again. People and history stay.
 * @throws InputError if another one has taken its name meanwhile
 */
export async function setOrganisationState(
  actor: Actor,
  id: number,
  state: 'active' | 'closed',
  version: number,
): Promise<void> {
  await withTransaction(async () => {
    const before = await selectOrganisation(actor, id)
    organisationPolicy.demand(actor, 'edit', before)
    if (state === 'active') await demandFreeName(before.name, id)
    const changed = await db()('organisations')
      .where({ id, version })
      .update({ state, version: version + 1, updated_at: nowUtc() })
    if (!changed) throw new ConflictError()
    const type = state === 'closed' ? 'organisationClosed' : 'organisationReopened'
    await recordEvent(actor, type, { type: 'organisation', id }, { before: before.state, after: state })
  })
}
