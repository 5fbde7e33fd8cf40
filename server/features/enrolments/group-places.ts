/** Filling groups: pure, so that its fairness can be tried by itself. */

export type GroupPlaces = { id: number; name: string; capacity: number | null; members: number }
export type ModuleGroups = { moduleId: number; groups: GroupPlaces[] }

export type Placement =
  /** `groupIds[i]`: the groups of the i-th newcomer, one per module that has groups. */
  | { ok: true; groupIds: number[][] }
  /** The first module where they do not all fit, and how many places it has left. */
  | { ok: false; moduleId: number; groupName: string | null; left: number }

const room = (group: GroupPlaces) =>
  group.capacity === null ? Number.POSITIVE_INFINITY : group.capacity - group.members

/**
 * Places newcomers into one group of each module: into the chosen one (1 = the first of each module, where there are so
 * many), else into the emptiest that has room. Equal groups are filled in their order, so that people who come together
 * mostly stay together in all modules.
 * @param modules with their groups in order; not changed
 * @param count of newcomers
 */
export function placeNewcomers(
  modules: readonly ModuleGroups[],
  count: number,
  chosenNumber?: number | null,
): Placement {
  const groupIds: number[][] = Array.from({ length: count }, () => [])
  for (const module of modules) {
    const chosen = chosenNumber ? module.groups[chosenNumber - 1] : undefined
    const groups = (chosen ? [chosen] : module.groups).map((group) => ({ ...group }))
    if (groups.length === 0) continue
    const left = groups.reduce((sum, group) => sum + Math.max(0, room(group)), 0)
    if (left < count) return { ok: false, moduleId: module.moduleId, groupName: chosen?.name ?? null, left }
    for (const own of groupIds) {
      const group = emptiest(groups)
      group.members++
      own.push(group.id)
    }
  }
  return { ok: true, groupIds }
}

function emptiest(groups: GroupPlaces[]): GroupPlaces {
  const open = groups.filter((group) => room(group) > 0)
  return open.reduce((best, group) => (group.members < best.members ? group : best))
}
