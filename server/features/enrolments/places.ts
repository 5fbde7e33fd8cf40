import { db, fromJson } from '../../core/db/index.ts'
import { ConflictError, InputError } from '../../core/errors.ts'
import { pick, type Translated } from '../../core/text.ts'
import { type ModuleGroups, placeNewcomers } from './group-places.ts'

/** Enrolments that hold a place in the cohort and in its groups. */
export const HOLDING = ['active', 'suspended'] as const

/**
 * Takes so many places of a cohort, all of them or none, by one conditional statement.
 * @param chosen how many people were chosen, for the message
 * @throws InputError that says how many places are left, ConflictError if the cohort takes nobody any more
 */
export async function takePlaces(cohortId: number, count: number, chosen = count): Promise<void> {
  const taken = await db()('cohorts')
    .where({ id: cohortId })
    .whereIn('state', ['planned', 'running'])
    .where((room) => void room.whereNull('capacity').orWhereRaw('taken + ? <= capacity', [count]))
    .update({ taken: db().raw('taken + ?', [count]) })
  if (taken) return
  const cohort = await db()('cohorts').where({ id: cohortId }).first('capacity', 'taken', 'state')
  if (!['planned', 'running'].includes(cohort?.state)) throw new ConflictError('enrolments.enrol.cohortClosed')
  const left = Math.max(0, cohort.capacity - cohort.taken)
  throw InputError.of('', left ? 'enrolments.enrol.noRoom' : 'enrolments.enrol.full', { count: left, chosen })
}

/** Gives places back. */
export const freePlaces = async (cohortId: number, count: number): Promise<void> => {
  if (count > 0) await db()('cohorts').where({ id: cohortId }).decrement('taken', count)
}

type Module = ModuleGroups & { title: Translated }

/** The groups of a cohort by module, with how many hold a place in each. The cohort must be locked. */
export async function listModuleGroups(cohortId: number): Promise<Module[]> {
  const members = db()('group_members as gm')
    .join('enrolments as e', 'e.id', 'gm.enrolment_id')
    .whereRaw('gm.group_id = g.id')
    .whereNull('gm.ends_on')
    .whereIn('e.state', HOLDING)
    .count('*')
    .as('members')
  const rows = await db()('groups as g')
    .join('modules as m', 'm.id', 'g.module_id')
    .where('g.cohort_id', cohortId)
    .whereNull('g.archived_at')
    .orderBy(['m.position', 'm.id', 'g.id'])
    .select('g.id', 'g.name', 'g.capacity', 'g.module_id', 'm.title', members)
  const modules = new Map<number, Module>()
  for (const row of rows) {
    const module: Module = modules.get(row.module_id) ?? {
      moduleId: row.module_id,
      title: fromJson<Translated>(row.title, {}),
      groups: [],
    }
    module.groups.push({ id: row.id, name: row.name, capacity: row.capacity, members: Number(row.members) })
    modules.set(row.module_id, module)
  }
  return [...modules.values()]
}

/**
 * The groups of each newcomer of a cohort.
 * @param language for the module's title in the message
 * @throws InputError that says which module has too few places and how many
 */
export async function placeInGroups(
  cohortId: number,
  count: number,
  chosenNumber: number | null,
  language: string,
): Promise<number[][]> {
  const modules = await listModuleGroups(cohortId)
  const placement = placeNewcomers(modules, count, chosenNumber)
  if (placement.ok) return placement.groupIds
  const { moduleId, groupName, left } = placement
  const module = pick(modules.find((candidate) => candidate.moduleId === moduleId)?.title ?? {}, language)
  const values = { module, group: groupName, count: left, chosen: count }
  throw InputError.of('groupNumber', groupName ? 'enrolments.enrol.groupFull' : 'enrolments.enrol.groupsFull', values)
}
