import type { Actor } from '../../core/rights/index.ts'
import { createOrganisations, type ListedOrganisation, updateOrganisations } from '../organisations/bulk-service.ts'
import type { PlannedOrganisation } from './parsing/plan-organisations.ts'

/** Writes the planned organisations in the ambient transaction. @returns ids by line of the file */
export async function writeOrganisations(
  actor: Actor,
  rows: readonly PlannedOrganisation[],
): Promise<Map<number, number>> {
  const made = rows.filter((row) => row.action === 'create')
  const changed = rows.filter((row) => row.action === 'update')
  const ids = await createOrganisations(
    actor,
    made.map(({ values }) => ({ ...values, name: values.name! })),
  )
  await updateOrganisations(
    actor,
    changed.map(({ organisationId, changes }) => ({
      id: organisationId!,
      values: Object.fromEntries(changes.map(({ field, after }) => [field, after])) as Partial<ListedOrganisation>,
    })),
  )
  const targets = new Map<number, number>()
  for (const { line, values } of made) targets.set(line, ids.get(values.name!)!)
  return targets
}
