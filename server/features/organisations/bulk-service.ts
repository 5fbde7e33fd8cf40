import { chunks, db, insertRows } from '../../core/db/index.ts'
import { ConflictError, ForbiddenError } from '../../core/errors.ts'
import { recordEvents } from '../../core/events/index.ts'
import { type Actor, hasEverywhere } from '../../core/rights/index.ts'
import { fold } from '../../core/text.ts'
import { nowUtc } from '../../core/time.ts'

/** What a list says of an organisation; null where it says nothing. */
export type ListedOrganisation = {
  name: string
  shortName: string | null
  kind: string | null
  inn: string | null
  address: string | null
  phone: string | null
  email: string | null
  website: string | null
  headName: string | null
}

const foldedNames = (name: string, shortName: string) => ({
  name_folded: fold(name).slice(0, 191),
  short_name_folded: fold(shortName).slice(0, 191),
})

function demandEdit(actor: Actor) {
  if (!hasEverywhere(actor, 'organisations.edit')) throw new ForbiddenError()
}

/**
 * Adds many independent organisations in a constant number of statements, inside the ambient transaction. The caller has
 * made sure that their names are free and differ.
 * @returns ids by name
 */
export async function createOrganisations(
  actor: Actor,
  listed: readonly ListedOrganisation[],
): Promise<Map<string, number>> {
  demandEdit(actor)
  const now = nowUtc()
  const rows = listed.map((organisation) => {
    const short_name = organisation.shortName ?? organisation.name.slice(0, 150)
    const { name, inn, address, phone, email, website } = organisation
    const columns = { name, short_name, inn, address, phone, email, website, head_name: organisation.headName }
    const kind = organisation.kind ?? 'other'
    return { ...columns, kind, ...foldedNames(name, short_name), path: '', created_at: now, updated_at: now }
  })
  await insertRows('organisations', rows)
  const ids = new Map<string, number>()
  // A path holds the organisation's own id, so those that have just been made are the ones without.
  const made: { id: number; name: string }[] = await db()('organisations').where({ path: '' }).select('id', 'name')
  for (const { id, name } of made) ids.set(name, id)
  await db()('organisations')
    .where({ path: '' })
    .update({ path: db().raw("concat('/', id, '/')") })
  await recordEvents(
    actor,
    'organisationCreated',
    listed.map((organisation) => ({
      subject: { type: 'organisation', id: ids.get(organisation.name)! },
      data: { after: organisation },
    })),
  )
  return ids
}

/**
 * Changes many organisations as a list says, inside the ambient transaction; what the list does not say stays.
 * @throws ConflictError if one of them is gone
 */
export async function updateOrganisations(
  actor: Actor,
  changes: readonly { id: number; values: Partial<ListedOrganisation> }[],
): Promise<void> {
  demandEdit(actor)
  const now = nowUtc()
  const before = new Map<number, Record<string, unknown>>()
  for (const part of chunks(changes)) {
    const rows = await db()('organisations').whereIn(
      'id',
      part.map(({ id }) => id),
    )
    for (const row of rows) before.set(row.id, row)
  }
  for (const { id, values } of changes) {
    const stored = before.get(id)
    if (!stored) throw new ConflictError()
    const { shortName, headName, ...same } = values
    const columns = {
      ...same,
      ...(shortName ? { short_name: shortName } : {}),
      ...(headName ? { head_name: headName } : {}),
    }
    const name = values.name ?? String(stored.name)
    const names = foldedNames(name, shortName ?? String(stored.short_name))
    await db()('organisations')
      .where({ id })
      .update({ ...columns, ...names, version: Number(stored.version) + 1, updated_at: now })
  }
  await recordEvents(
    actor,
    'organisationChanged',
    changes.map(({ id, values }) => ({
      subject: { type: 'organisation', id },
      data: { before: before.get(id), after: values },
    })),
  )
}

/**
 * The ids of departments by organisation and name, inside the ambient transaction; those that are missing are added.
 * @returns ids by `departmentKey`
 */
export async function ensureDepartments(
  actor: Actor,
  wanted: readonly { organisationId: number; name: string }[],
): Promise<Map<string, number>> {
  const ids = new Map<string, number>()
  const missing = new Map<string, { organisationId: number; name: string }>()
  for (const department of wanted) missing.set(departmentKey(department.organisationId, department.name), department)
  for (const part of chunks([...new Set(wanted.map(({ organisationId }) => organisationId))])) {
    const rows = await db()('departments').whereIn('organisation_id', part).where({ state: 'active' })
    for (const row of rows) {
      const key = departmentKey(row.organisation_id, row.name)
      ids.set(key, row.id)
      missing.delete(key)
    }
  }
  if (missing.size === 0) return ids
  demandEdit(actor)
  const now = nowUtc()
  const stamps = { path: '', created_at: now, updated_at: now }
  await insertRows(
    'departments',
    [...missing.values()].map(({ organisationId, name }) => ({
      organisation_id: organisationId,
      name,
      name_folded: fold(name).slice(0, 191),
      ...stamps,
    })),
  )
  const made: { id: number; organisation_id: number; name: string }[] = await db()('departments').where({ path: '' })
  for (const { id, organisation_id, name } of made) ids.set(departmentKey(organisation_id, name), id)
  await db()('departments')
    .where({ path: '' })
    .update({ path: db().raw("concat('/', id, '/')") })
  await recordEvents(
    actor,
    'departmentCreated',
    made.map(({ id, organisation_id, name }) => ({
      subject: { type: 'organisation', id: organisation_id },
      data: { departmentId: id, name },
    })),
  )
  return ids
}

/** A department is known by its organisation and its folded name. */
export const departmentKey = (organisationId: number, name: string): string => `${organisationId}:${fold(name)}`
