import { phoneKey } from './contacts.ts'
import { OrganisationFinder, organisationKey, organisationKindOf } from './organisation-names.ts'
import { refuseBoth } from './repeats.ts'
import { foldText } from './text.ts'
import {
  type FieldChange,
  ORGANISATION_FIELDS,
  type OrganisationRow,
  type OrganisationValues,
  type PlanAction,
  type Problem,
  type SkipReason,
} from './types.ts'

/** A stored organisation. */
export interface ExistingOrganisation {
  id: number
  name: string
  shortName: string | null
  kind: string
  inn: string | null
  address: string | null
  phone: string | null
  email: string | null
  website: string | null
  headName: string | null
  closed: boolean
}

export interface PlannedOrganisation {
  line: number
  action: PlanAction
  problems: Problem[]
  skip: SkipReason | null
  sameAs: number | null
  values: OrganisationValues
  organisationId: number | null
  changes: FieldChange[]
}

/** Decides for every row what importing it would do: organisations are known by tax number, then by full or short name. */
export function planOrganisations(
  rows: readonly OrganisationRow[],
  existing: readonly ExistingOrganisation[],
): PlannedOrganisation[] {
  const byInn = new Map<string, ExistingOrganisation[]>()
  const byId = new Map<number, ExistingOrganisation>()
  for (const organisation of existing) {
    byId.set(organisation.id, organisation)
    if (organisation.inn) byInn.set(organisation.inn, [...(byInn.get(organisation.inn) ?? []), organisation])
  }
  const finder = new OrganisationFinder(existing)
  const planned = rows.map((row) => planRow(row, { byInn, byId, finder }))
  refuseSharedTargets(planned)
  return planned
}

interface Index {
  byInn: Map<string, ExistingOrganisation[]>
  byId: Map<number, ExistingOrganisation>
  finder: OrganisationFinder
}

function planRow(row: OrganisationRow, index: Index): PlannedOrganisation {
  const planned: PlannedOrganisation = {
    line: row.line,
    action: row.skip ? 'skipped' : 'refused',
    problems: [...row.problems],
    skip: row.skip,
    sameAs: row.sameAs,
    values: row.values,
    organisationId: null,
    changes: [],
  }
  if (row.skip || row.values.name === null) return planned
  const found = match(row.values, index, planned.problems)
  if (planned.problems.some((problem) => problem.severity === 'error')) return planned
  if (!found) {
    const kind = row.values.kind ?? organisationKindOf(row.values.name)
    return { ...planned, action: 'create', values: { ...row.values, kind } }
  }
  const changes = organisationChanges(row.values, found)
  return { ...planned, organisationId: found.id, changes, action: changes.length > 0 ? 'update' : 'same' }
}

function match(values: OrganisationValues, index: Index, problems: Problem[]): ExistingOrganisation | null {
  const byName = index.finder.find(values.name!)
  if (byName.kind === 'ambiguous') {
    // The tax number, or the exact full name, says which of those with a common short name is meant.
    const exact = [...index.byId.values()].filter(
      (organisation) =>
        foldText(organisation.name) === foldText(values.name!) || (values.inn && organisation.inn === values.inn),
    )
    if (exact.length === 1) return exact[0]!
    const problemValues = { value: values.name!, titles: byName.titles.join('; ') }
    problems.push({ code: 'organisationAmbiguous', severity: 'error', field: 'name', values: problemValues })
    return null
  }
  if (byName.kind === 'closed') {
    problems.push({ code: 'organisationClosed', severity: 'error', field: 'name', values: { value: byName.title } })
    return null
  }
  const named = byName.kind === 'found' ? index.byId.get(Number(byName.id))! : null
  const holders = values.inn ? (index.byInn.get(values.inn) ?? []) : []
  if (named) {
    if (named.inn && values.inn && named.inn !== values.inn) {
      const problemValues = { value: values.inn, stored: named.inn }
      problems.push({ code: 'innTaken', severity: 'error', field: 'inn', values: problemValues })
    }
    return named
  }
  // A new name under a known tax number is a renamed organisation, unless several share the number.
  return holders.length === 1 ? holders[0]! : null
}

function organisationChanges(values: OrganisationValues, stored: ExistingOrganisation): FieldChange[] {
  const changes: FieldChange[] = []
  for (const field of ORGANISATION_FIELDS) {
    const before = stored[field]
    const after = values[field]
    if (after === null || foldText(before ?? '') === foldText(after)) continue
    if (field === 'phone' && before && phoneKey(before) === phoneKey(after)) continue
    // A list that has only short names does not rename those known by a full one.
    if (field === 'name' && (organisationKey(before ?? '') === organisationKey(after) || after === stored.shortName))
      continue
    changes.push({ field, before, after })
  }
  return changes
}

function refuseSharedTargets(planned: PlannedOrganisation[]): void {
  const first = new Map<number, PlannedOrganisation>()
  for (const row of planned) {
    if (row.organisationId === null || row.action === 'refused') continue
    const earlier = first.get(row.organisationId)
    if (!earlier) {
      first.set(row.organisationId, row)
      continue
    }
    refuseBoth(earlier, row)
  }
}
