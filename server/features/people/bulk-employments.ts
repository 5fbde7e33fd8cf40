import { chunks, db, insertRows, updateRows } from '../../core/db/index.ts'
import { recordEvents } from '../../core/events/index.ts'
import type { Actor } from '../../core/rights/index.ts'
import { fold } from '../../core/text.ts'
import { nowUtc } from '../../core/time.ts'
import { departmentKey, ensureDepartments } from '../organisations/bulk-service.ts'
import { demandEditEverywhere } from './bulk-service.ts'
import { followWithGrant } from './employment-service.ts'

/** A place of work as a list says it. */
export type ListedEmployment = {
  personId: number
  organisationId: number
  department: string | null
  position: string | null
  startsOn: string | null
  endsOn: string | null
}

/** What a list changes of a stored place of work; what is not named stays. */
export type EmploymentChange = {
  id: number
  personId: number
  organisationId: number
  values: Partial<Pick<ListedEmployment, 'department' | 'position' | 'startsOn' | 'endsOn'>> & { confirmed?: true }
}

/** The ids of positions by folded name, merged ones as what they became, inside the ambient transaction; new names are added. */
async function ensurePositions(names: readonly (string | null | undefined)[]): Promise<Map<string, number>> {
  const wanted = new Map<string, string>()
  for (const name of names) if (name) wanted.set(positionKey(name), name)
  const ids = new Map<string, number>()
  for (const part of chunks([...wanted])) {
    const rows = part.map(([name_folded, name]) => ({ name, name_folded, created_at: nowUtc() }))
    await db()('positions').insert(rows).onConflict('name_folded').ignore()
    const keys = part.map(([key]) => key)
    const stored: { id: number; name_folded: string; merged_into: number | null }[] = await db()('positions').whereIn(
      'name_folded',
      keys,
    )
    for (const { id, name_folded, merged_into } of stored) ids.set(name_folded, merged_into ?? id)
  }
  return ids
}

const positionKey = (name: string) => fold(name).slice(0, 191)

/** Adds places of work, inside the ambient transaction. A person's first current one is the main one. */
export async function createEmployments(actor: Actor, listed: readonly ListedEmployment[]): Promise<void> {
  demandEditEverywhere(actor)
  if (listed.length === 0) return
  const positions = await ensurePositions(listed.map(({ position }) => position))
  const departments = await ensureDepartments(actor, withDepartment(listed))
  const settled = await selectSettled(listed.map(({ personId }) => personId))
  const now = nowUtc()
  const rows = listed.map(({ personId, organisationId, department, position, startsOn, endsOn }) => {
    const isPrimary = !settled.has(personId)
    settled.add(personId)
    return {
      person_id: personId,
      organisation_id: organisationId,
      department_id: department ? (departments.get(departmentKey(organisationId, department)) ?? null) : null,
      position_id: position ? (positions.get(positionKey(position)) ?? null) : null,
      is_primary: isPrimary ? 1 : 0,
      state: 'confirmed',
      starts_on: startsOn,
      ends_on: endsOn,
      created_at: now,
      updated_at: now,
    }
  })
  const last = (await db()('employments').max('id as id').first())?.id ?? 0
  await insertRows('employments', rows)
  await recordStarted(actor, last, now, new Set(listed.map(({ personId }) => personId)))
}

const withDepartment = (listed: readonly { organisationId: number; department?: string | null }[]) =>
  listed.flatMap(({ organisationId, department }) => (department ? [{ organisationId, name: department }] : []))

/** People who already have a main place of work. */
async function selectSettled(personIds: readonly number[]): Promise<Set<number>> {
  const settled = new Set<number>()
  for (const part of chunks([...new Set(personIds)])) {
    const rows: { person_id: number }[] = await db()('employments')
      .whereIn('person_id', part)
      .where({ is_primary: 1 })
      .whereNull('ends_on')
      .select('person_id')
    for (const { person_id } of rows) settled.add(person_id)
  }
  return settled
}

async function recordStarted(actor: Actor, after: number, createdAt: string, people: Set<number>) {
  const rows = await db()('employments').where('id', '>', after).where({ created_at: createdAt })
  await recordEvents(
    actor,
    'employmentStarted',
    rows
      .filter((row) => people.has(row.person_id))
      .map((row) => {
        const { id, created_at: _created, updated_at: _updated, version: _version, ...columns } = row
        return { subject: { type: 'person', id: row.person_id }, data: { employmentId: id, after: columns } }
      }),
  )
}

/** Changes places of work, inside the ambient transaction; what follows from them (a head's rights) follows. */
export async function updateEmployments(actor: Actor, changes: readonly EmploymentChange[]): Promise<void> {
  demandEditEverywhere(actor)
  if (changes.length === 0) return
  const positions = await ensurePositions(changes.map(({ values }) => values.position))
  const departments = await ensureDepartments(
    actor,
    withDepartment(
      changes.map(({ organisationId, values }) => ({ organisationId, department: values.department ?? null })),
    ),
  )
  const now = nowUtc()
  const rows = changes.map(({ id, organisationId, values }) => {
    const columns: Record<string, string | number | null> = {}
    if (values.position) columns.position_id = positions.get(positionKey(values.position)) ?? null
    if (values.department)
      columns.department_id = departments.get(departmentKey(organisationId, values.department)) ?? null
    if (values.startsOn !== undefined) columns.starts_on = values.startsOn
    if (values.endsOn !== undefined) columns.ends_on = values.endsOn
    if (values.confirmed) columns.state = 'confirmed'
    return { key: id, values: columns }
  })
  await updateRows('employments', 'id', rows, { updated_at: now, version: db().raw('version + 1') })
  await followHeads(
    actor,
    changes.map(({ id }) => id),
  )
  await recordEvents(
    actor,
    'employmentChanged',
    changes.map(({ id, personId, values }) => ({
      subject: { type: 'person', id: personId },
      data: { employmentId: id, after: values },
    })),
  )
}

async function followHeads(actor: Actor, ids: readonly number[]) {
  for (const part of chunks(ids)) {
    const heads: { id: number }[] = await db()('employments').whereIn('id', part).where({ is_head: 1 }).select('id')
    for (const { id } of heads) await followWithGrant(actor, id)
  }
}
