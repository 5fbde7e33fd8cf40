import { db, insertRow, withTransaction } from '../../core/db/index.ts'
import { ConflictError, InputError } from '../../core/errors.ts'
import { recordEvent } from '../../core/events/index.ts'
import { type Actor, allows } from '../../core/rights/index.ts'
import { roleId } from '../../core/rights/roles.ts'
import { fold } from '../../core/text.ts'
import { nowUtc } from '../../core/time.ts'
import { organisationScopes } from '../organisations/policy.ts'
import { resolveOrganisation } from '../organisations/resolve.ts'
import type { EmploymentInput } from './input.ts'
import { resolvePerson } from './picker/resolve.ts'
import { personPolicy } from './policy.ts'
import { selectEmployment, selectPerson, selectPlaces } from './queries.ts'

type Position = { id: number; state: string }
const foldedPosition = (name: string) => fold(name).slice(0, 191)

/** The position of this name, or the one that it was merged into. */
async function findPosition(name: string): Promise<Position | undefined> {
  const named = await db()('positions')
    .where({ name_folded: foldedPosition(name) })
    .first('id', 'state', 'merged_into')
  return named?.merged_into ? db()('positions').where({ id: named.merged_into }).first('id', 'state') : named
}

/** The same, closed or not; a new name is added to the dictionary. */
export async function ensurePosition(name: string): Promise<Position> {
  const row = { name, name_folded: foldedPosition(name), created_at: nowUtc() }
  await db()('positions').insert(row).onConflict('name_folded').ignore()
  return (await findPosition(name)) as Position
}

const positionClosed = () => InputError.of('position', 'people.employment.positionClosed')

/** Asks about a name without adding it to the dictionary. @throws InputError if the position is closed */
export async function demandOpenPosition(name: string): Promise<void> {
  if ((await findPosition(name))?.state === 'closed') throw positionClosed()
}

/**
 * The id of a position by name; a new name is added to the dictionary.
 * @param kept what the place of work has already: it may have been closed since
 * @throws InputError if the position is closed
 */
async function positionId(name: string, kept: number | null): Promise<number> {
  const position = await ensurePosition(name)
  if (position.state === 'closed' && position.id !== kept) throw positionClosed()
  return position.id
}

/** The department by name. The one that the place of work has already may have been closed since, if the work ended by then. */
async function departmentId(
  organisationId: number,
  { department, endsOn }: Pick<EmploymentInput, 'department' | 'endsOn'>,
  kept: number | null,
): Promise<number | null> {
  if (!department) return null
  const named = { organisation_id: organisationId, name_folded: fold(department).slice(0, 191) }
  const found: { id: number; state: string; closed_on: string | null }[] = await db()('departments')
    .where(named)
    // Whoever closes it at the same moment waits, and sees this place of work.
    .forUpdate()
    .select('id', 'state', 'closed_on')
  const one = found.find(({ id }) => id === kept) ?? found.find(({ state }) => state === 'active')
  if (!one) throw InputError.of('department', 'people.employment.departmentUnknown')
  if (one.state === 'closed' && (!endsOn || endsOn > (one.closed_on ?? '')))
    throw InputError.of('department', 'people.employment.departmentClosed')
  return one.id
}

/** The manager as the picker writes them, or a name that only one person has. */
async function managerId(actor: Actor, personId: number, text: string | null): Promise<number | null> {
  if (!text) return null
  const { id } = await resolvePerson(actor, text, 'manager')
  if (id === personId) throw InputError.of('manager', 'people.employment.managerOneself')
  return id
}

/**
 * The head of an organisation is its director while employed there: the grant follows from the place of work and ends
 * with it. Called after every change of an employment.
 */
export async function followWithGrant(actor: Actor, employmentId: number) {
  const work = await db()('employments').where({ id: employmentId }).first()
  const key = { source: 'employment', source_id: employmentId }
  await db()('grants').where(key).del()
  if (!work.is_head || work.state !== 'confirmed') return
  const grant = {
    person_id: work.person_id,
    role_id: await roleId('director'),
    starts_on: work.starts_on,
    ends_on: work.ends_on,
  }
  const scope = { scope_type: 'organisation', scope_id: work.organisation_id }
  await insertRow('grants', { ...grant, ...scope, ...key, created_by: actor.personId, created_at: nowUtc() })
}

/** Whoever edits people of some organisations only gives and takes work, and with it the director's rights, only there. */
async function demandOrganisation(actor: Actor, organisationId: number) {
  const { path } = await db()('organisations').where({ id: organisationId }).first('path')
  if (!allows(actor, 'people.edit', organisationScopes(path)))
    throw InputError.of('organisation', 'people.employment.organisationForeign')
}

type Kept = { department_id: number | null; position_id: number | null }
const NOTHING_KEPT: Kept = { department_id: null, position_id: null }

async function columnsOf(actor: Actor, personId: number, input: EmploymentInput, kept = NOTHING_KEPT) {
  const organisation = await resolveOrganisation(actor, input.organisation, 'organisation')
  await demandOrganisation(actor, organisation.id)
  return {
    organisation_id: organisation.id,
    department_id: await departmentId(organisation.id, input, kept.department_id),
    position_id: await positionId(input.position, kept.position_id),
    manager_id: await managerId(actor, personId, input.manager),
    is_head: input.isHead ? 1 : 0,
    starts_on: input.startsOn,
    ends_on: input.endsOn,
  }
}

/** Adds a place of work; the first one is the main one. @returns its id */
export async function addEmployment(actor: Actor, personId: number, input: EmploymentInput): Promise<number> {
  return withTransaction(async () => {
    await selectPerson(actor, personId)
    personPolicy.demand(actor, 'edit', await selectPlaces(personId))
    const columns = await columnsOf(actor, personId, input)
    const other = await db()('employments')
      .where({ person_id: personId, is_primary: 1 })
      .whereNull('ends_on')
      .first('id')
    const now = nowUtc()
    const row = { ...columns, person_id: personId, is_primary: other ? 0 : 1, state: 'confirmed' }
    const id = await insertRow('employments', { ...row, created_at: now, updated_at: now })
    await followWithGrant(actor, id)
    await recordEvent(actor, 'employmentStarted', { type: 'person', id: personId }, { employmentId: id, after: row })
    return id
  })
}

/** Changes a place of work, its dates included: an end date ends what followed from it. */
export async function updateEmployment(
  actor: Actor,
  personId: number,
  id: number,
  input: EmploymentInput & { version: number },
): Promise<void> {
  await withTransaction(async () => {
    await selectPerson(actor, personId)
    personPolicy.demand(actor, 'edit', await selectPlaces(personId))
    const before = await selectEmployment(personId, id)
    await demandOrganisation(actor, before.organisation_id)
    const columns = await columnsOf(actor, personId, input, before)
    const changed = await db()('employments')
      .where({ id, version: input.version })
      .update({ ...columns, version: input.version + 1, updated_at: nowUtc() })
    if (!changed) throw new ConflictError()
    await followWithGrant(actor, id)
    await recordEvent(
      actor,
      'employmentChanged',
      { type: 'person', id: personId },
      { employmentId: id, before, after: columns },
    )
  })
}
