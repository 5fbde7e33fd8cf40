import { db, insertRows, withTransaction } from '../../core/db/index.ts'
import { NotFoundError } from '../../core/errors.ts'
import { recordEvents } from '../../core/events/index.ts'
import type { Actor } from '../../core/rights/index.ts'
import { roleId } from '../../core/rights/roles.ts'
import { setting } from '../../core/settings.ts'
import { addDays, nowUtc, today } from '../../core/time.ts'
import { resolvePeople } from '../people/picker/resolve.ts'
import { type GroupRow, listGroups, selectGroup } from './group-queries.ts'
import { groupPolicy } from './policy.ts'

/** The group, or every open group of its module in this cohort. */
async function groupsFor(actor: Actor, cohortId: number, groupId: number, inWholeModule: boolean): Promise<GroupRow[]> {
  const group = await selectGroup(actor, cohortId, groupId)
  groupPolicy.demand(actor, 'edit', group)
  if (!inWholeModule) return [group]
  const all = await listGroups(actor, cohortId)
  return all.filter(
    (one) => one.module_id === group.module_id && !one.archived_at && groupPolicy.can(actor, 'edit', one),
  )
}

const teaching = (personId: number, groupIds: number[]) =>
  db()('grants').where({ person_id: personId, source: 'teaching', scope_type: 'group' }).whereIn('scope_id', groupIds)

/**
 * Makes people instructors of a group (or of every group of its module in the cohort): the role "instructor" there.
 * @param text who, as the people picker writes them
 * @returns how many people there are, and in how many groups somebody newly is
 * @throws InputError if one of them is not there or not visible to the actor
 */
export async function addInstructors(
  actor: Actor,
  cohortId: number,
  groupId: number,
  text: string,
  inWholeModule: boolean,
): Promise<{ people: number; added: number }> {
  return withTransaction(async () => {
    const groups = await groupsFor(actor, cohortId, groupId, inWholeModule)
    const people = await resolvePeople(actor, text, 'people')
    let added = 0
    for (const { id } of people) added += await addInstructor(actor, groups, id)
    return { people: people.length, added }
  })
}

/** @returns of how many of the groups the person newly is an instructor */
async function addInstructor(actor: Actor, groups: readonly GroupRow[], personId: number): Promise<number> {
  const ids = groups.map(({ id }) => id)
  const held: { scope_id: number; ends_on: string | null }[] = await teaching(personId, ids).select(
    'scope_id',
    'ends_on',
  )
  const ended = held.filter((grant) => grant.ends_on !== null).map((grant) => grant.scope_id)
  const fresh = ids.filter((id) => !held.some((grant) => grant.scope_id === id))
  if (ended.length) await teaching(personId, ended).update({ ends_on: null })
  const common = {
    ...{ person_id: personId, role_id: await roleId('instructor'), scope_type: 'group', source: 'teaching' },
    ...{ created_by: actor.personId, created_at: nowUtc() },
  }
  if (fresh.length)
    await insertRows(
      'grants',
      fresh.map((id) => ({ ...common, scope_id: id, source_id: id })),
    )
  const added = groups.filter(({ id }) => ended.includes(id) || fresh.includes(id))
  await tell(actor, 'instructorAdded', personId, added)
  return added.length
}

/** Ends a person's teaching of a group at once. What they wrote stays theirs. */
export async function removeInstructor(
  actor: Actor,
  cohortId: number,
  groupId: number,
  personId: number,
): Promise<void> {
  const lastDay = addDays(today((await setting('authority')).timeZone), -1)
  await withTransaction(async () => {
    const groups = await groupsFor(actor, cohortId, groupId, false)
    const ended = await teaching(personId, [groupId]).whereNull('ends_on').update({ ends_on: lastDay })
    if (!ended) throw new NotFoundError()
    await tell(actor, 'instructorRemoved', personId, groups)
  })
}

const tell = (actor: Actor, event: string, personId: number, groups: GroupRow[]) =>
  recordEvents(
    actor,
    event,
    groups.map((group) => ({
      subject: { type: 'group', id: group.id },
      data: { personId, groupId: group.id, cohortId: group.cohort_id, moduleId: group.module_id },
    })),
  )
