import { db, insertRow, withTransaction } from '../../core/db/index.ts'
import { ConflictError, InputError } from '../../core/errors.ts'
import { recordEvent } from '../../core/events/index.ts'
import type { Actor } from '../../core/rights/index.ts'
import { nowUtc } from '../../core/time.ts'
import { type GroupRow, listModules, selectGroup } from './group-queries.ts'
import type { GroupInput, GroupUpdate } from './input.ts'
import { cohortPolicy, groupPolicy } from './policy.ts'
import { lockCohort, selectCohort } from './queries.ts'

async function demandFreeName(cohortId: number, moduleId: number, name: string, exceptId = 0) {
  const same = await db()('groups')
    .where({ cohort_id: cohortId, module_id: moduleId, name })
    .whereNot('id', exceptId)
    .first('id')
  if (same) throw InputError.of('name', 'cohorts.groups.nameTaken')
}

/** Adds a group to a module of the cohort, or one of this name to each of its modules. @returns how many were added */
export async function createGroup(actor: Actor, cohortId: number, input: GroupInput): Promise<number> {
  return withTransaction(async () => {
    const cohort = await selectCohort(actor, cohortId)
    cohortPolicy.demand(actor, 'edit', cohort)
    await lockCohort(cohortId)
    const modules = (await listModules(cohort.programme_id)).filter(
      ({ id }) => !input.moduleId || id === input.moduleId,
    )
    if (!modules.length) throw InputError.of('moduleId', 'cohorts.groups.moduleUnknown')
    for (const { id } of modules) await demandFreeName(cohortId, id, input.name)
    const { name, capacity } = input
    const now = nowUtc()
    for (const { id: module_id } of modules) {
      const row = { cohort_id: cohortId, module_id, name, capacity, created_at: now, updated_at: now }
      const id = await insertRow('groups', row)
      await recordEvent(actor, 'groupCreated', { type: 'group', id }, { cohortId, moduleId: module_id, name, capacity })
    }
    return modules.length
  })
}

/** A group that the actor may change; its cohort is locked, so that nobody is moved into it meanwhile. */
async function lockGroup(actor: Actor, cohortId: number, id: number): Promise<GroupRow> {
  const group = await selectGroup(actor, cohortId, id)
  groupPolicy.demand(actor, 'edit', group)
  await lockCohort(cohortId)
  return selectGroup(actor, cohortId, id)
}

async function update(id: number, version: number, values: object) {
  const changed = await db()('groups')
    .where({ id, version })
    .update({ ...values, version: version + 1, updated_at: nowUtc() })
  if (!changed) throw new ConflictError()
}

/**
 * Renames a group or changes its places.
 * @throws ConflictError if someone changed it since `version` was read
 * @throws InputError for a name that is taken, or fewer places than members
 */
export async function updateGroup(actor: Actor, cohortId: number, id: number, input: GroupUpdate): Promise<void> {
  await withTransaction(async () => {
    const before = await lockGroup(actor, cohortId, id)
    await demandFreeName(cohortId, before.module_id, input.name, id)
    if (input.capacity !== null && input.capacity < before.members) {
      throw InputError.of('capacity', 'cohorts.groups.capacityBelowMembers', { count: before.members })
    }
    await update(id, input.version, { name: input.name, capacity: input.capacity })
    const after = { name: input.name, capacity: input.capacity }
    const data = { cohortId, before: { name: before.name, capacity: before.capacity }, after }
    await recordEvent(actor, 'groupChanged', { type: 'group', id }, data)
  })
}

/** Closes an empty group: nobody is placed there any more, its journal stays. */
export async function archiveGroup(actor: Actor, cohortId: number, id: number, version: number): Promise<void> {
  await withTransaction(async () => {
    const group = await lockGroup(actor, cohortId, id)
    if (group.members > 0) throw InputError.of('', 'cohorts.groups.notEmpty', { count: group.members })
    await update(id, version, { archived_at: nowUtc() })
    await recordEvent(actor, 'groupArchived', { type: 'group', id }, { cohortId, name: group.name })
  })
}

/** Opens a closed group again. */
export async function restoreGroup(actor: Actor, cohortId: number, id: number, version: number): Promise<void> {
  await withTransaction(async () => {
    const group = await lockGroup(actor, cohortId, id)
    await update(id, version, { archived_at: null })
    await recordEvent(actor, 'groupRestored', { type: 'group', id }, { cohortId, name: group.name })
  })
}
