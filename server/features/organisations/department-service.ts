import { db, insertRow, withTransaction } from '../../core/db/index.ts'
import { ConflictError, InputError } from '../../core/errors.ts'
import { recordEvent } from '../../core/events/index.ts'
import type { Actor } from '../../core/rights/index.ts'
import { fold } from '../../core/text.ts'
import { nowUtc } from '../../core/time.ts'
import { organisationPolicy } from './policy.ts'
import { type DepartmentRow, selectDepartment, selectOrganisation } from './queries.ts'

const folded = (name: string) => fold(name).slice(0, 191)

/** Two open departments of one organisation and one name cannot be told apart. */
async function demandFreeName(organisationId: number, name: string, exceptId = 0) {
  // Whoever adds or opens another one at the same moment waits here.
  await db()('organisations').where({ id: organisationId }).forUpdate().first('id')
  const same = await db()('departments')
    .where({ organisation_id: organisationId, name_folded: folded(name), state: 'active' })
    .whereNot('id', exceptId)
    .first('id')
  if (same) throw InputError.of('name', 'organisations.departments.nameTaken')
}

/** Adds a department to an organisation. @returns its id */
export async function createDepartment(actor: Actor, organisationId: number, name: string): Promise<number> {
  return withTransaction(async () => {
    organisationPolicy.demand(actor, 'edit', await selectOrganisation(actor, organisationId))
    await demandFreeName(organisationId, name)
    const now = nowUtc()
    const names = { name, name_folded: folded(name) }
    const row = { organisation_id: organisationId, ...names, path: '', created_at: now, updated_at: now }
    const id = await insertRow('departments', row)
    await db()('departments')
      .where({ id })
      .update({ path: `/${id}/` })
    const subject = { type: 'organisation', id: organisationId }
    await recordEvent(actor, 'departmentCreated', subject, { departmentId: id, name })
    return id
  })
}

/** The department to be changed. @throws ForbiddenError if its organisation may only be looked at */
async function selectForEdit(actor: Actor, organisationId: number, id: number): Promise<DepartmentRow> {
  organisationPolicy.demand(actor, 'edit', await selectOrganisation(actor, organisationId))
  return selectDepartment(organisationId, id)
}

/** Writes a change, with its event. @throws ConflictError if someone was quicker */
async function change(actor: Actor, type: string, before: DepartmentRow, version: number, after: object) {
  const changed = await db()('departments')
    .where({ id: before.id, version })
    .update({ ...after, version: version + 1, updated_at: nowUtc() })
  if (!changed) throw new ConflictError()
  const subject = { type: 'organisation', id: before.organisation_id }
  const { name, state, closed_on } = before
  await recordEvent(actor, type, subject, { departmentId: before.id, before: { name, state, closed_on }, after })
}

/** Renames a department, for those who work and worked in it alike. */
export async function renameDepartment(
  actor: Actor,
  organisationId: number,
  id: number,
  { name, version }: { name: string; version: number },
): Promise<void> {
  await withTransaction(async () => {
    const before = await selectForEdit(actor, organisationId, id)
    if (before.state === 'active') await demandFreeName(organisationId, name, id)
    await change(actor, 'departmentRenamed', before, version, { name, name_folded: folded(name) })
  })
}

/**
 * Closes a department on a day: it can no longer be chosen, and stays in the history of those who worked in it.
 * @throws InputError while anybody works in it after that day
 */
export async function closeDepartment(
  actor: Actor,
  organisationId: number,
  id: number,
  { closedOn, version }: { closedOn: string; version: number },
): Promise<void> {
  await withTransaction(async () => {
    const before = await selectForEdit(actor, organisationId, id)
    await change(actor, 'departmentClosed', before, version, { state: 'closed', closed_on: closedOn })
    const working = await db()('employments as e')
      .join('people as p', 'p.id', 'e.person_id')
      .where({ 'e.department_id': id, 'p.state': 'active' })
      .whereNot('e.state', 'declined')
      .where((open) => void open.whereNull('e.ends_on').orWhere('e.ends_on', '>', closedOn))
      .countDistinct({ people: 'e.person_id' })
      .first()
    const count = Number(working?.people ?? 0)
    if (count) throw InputError.of('closedOn', 'organisations.departments.inUse', { count })
  })
}

/** Opens a closed department again. @throws InputError if another one has taken its name */
export async function reopenDepartment(
  actor: Actor,
  organisationId: number,
  id: number,
  version: number,
): Promise<void> {
  await withTransaction(async () => {
    const before = await selectForEdit(actor, organisationId, id)
    await demandFreeName(organisationId, before.name, id)
    await change(actor, 'departmentReopened', before, version, { state: 'active', closed_on: null })
  })
}
