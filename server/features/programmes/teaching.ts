import { db } from '../../core/db/index.ts'
import { type Actor, reachOf } from '../../core/rights/index.ts'
import type { ModulePlace } from './policy.ts'

/** The groups (`g`) of cohorts that have not ended yet. */
export const currentGroups = () =>
  db()('groups as g')
    .join('cohorts as gc', 'gc.id', 'g.cohort_id')
    .whereNull('g.archived_at')
    .whereIn('gc.state', ['planned', 'running'])

/** The current groups of modules, of those groups that the actor teaches: what `moduleEditing` asks for, in one query. */
export async function listTaughtGroups(actor: Actor, moduleIds: readonly number[]): Promise<Map<number, number[]>> {
  const taught = reachOf(actor, 'modules.edit').ids('group')
  const groups = new Map<number, number[]>()
  if (!taught.length || !moduleIds.length) return groups
  const rows: { id: number; module_id: number }[] = await currentGroups()
    .whereIn('g.id', taught)
    .whereIn('g.module_id', [...moduleIds])
    .select('g.id', 'g.module_id')
  for (const row of rows) groups.set(row.module_id, [...(groups.get(row.module_id) ?? []), row.id])
  return groups
}

/** All current groups of a module, for explanations of rights. */
export async function selectModulePlace(programmeId: number, moduleId: number): Promise<ModulePlace> {
  return { programmeId, moduleId, groups: await currentGroups().where('g.module_id', moduleId).pluck('g.id') }
}
