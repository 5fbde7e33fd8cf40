import type { Form } from '../../core/http/forms.ts'
import { type Paged, pagerLinks } from '../../core/http/paging.ts'
import type { AnyContext } from '../../core/http/route.ts'
import type { Translate } from '../../core/i18n/index.ts'
import { type Actor, hasEverywhere } from '../../core/rights/index.ts'
import { type ListQuery, ORGANISATION_KINDS } from './input.ts'
import { organisationPolicy } from './policy.ts'
import type { DepartmentRow, OrganisationListRow, OrganisationRow } from './queries.ts'

const kindLabel = (t: Translate, kind: string) => t(`organisations.kind.${kind}`)
const kindOptions = (t: Translate) => ORGANISATION_KINDS.map((kind) => ({ value: kind, label: kindLabel(t, kind) }))

/** The list page: rows, filters and links, printed as they are. */
export function presentList(
  actor: Actor,
  t: Translate,
  filter: ListQuery,
  result: Paged<OrganisationListRow>,
  total: { count: number; capped: boolean },
) {
  const { after: _after, before: _before, ...kept } = filter
  return {
    filter: kept,
    kinds: kindOptions(t),
    rows: result.rows.map((row) => ({
      href: `/organisations/${row.id}`,
      name: row.short_name,
      fullName: row.name,
      kind: kindLabel(t, row.kind),
      address: row.address,
      employees: row.employees,
    })),
    total: total.capped
      ? t('ui.count.over', { count: total.count })
      : t('organisations.list.count', { count: total.count }),
    pager: pagerLinks('/organisations', kept, result),
    exportHref: `/organisations/export?${new URLSearchParams(kept as Record<string, string>)}`,
    canCreate: hasEverywhere(actor, 'organisations.edit'),
  }
}

/** The card with its departments, the closed ones apart. @param form the field that adds a department */
export function presentCard(
  { actor, t, format }: Pick<AnyContext, 'actor' | 't' | 'format'>,
  row: OrganisationRow,
  all: (DepartmentRow & { employees: number })[],
  form: Form,
) {
  const departments = all.map((department) => ({
    name: department.name,
    href: `/organisations/${row.id}/departments/${department.id}`,
    employees: t('organisations.departments.employees', { count: department.employees }),
    isClosed: department.state === 'closed',
    closedOn:
      department.closed_on && t('organisations.departments.closedOn', { date: format.shortDate(department.closed_on) }),
  }))
  return {
    id: row.id,
    version: row.version,
    name: row.name,
    shortName: row.short_name,
    isClosed: row.state === 'closed',
    facts: [
      { label: t('organisations.form.kind'), value: kindLabel(t, row.kind) },
      { label: t('organisations.form.inn'), value: row.inn },
      { label: t('organisations.form.address'), value: row.address },
      { label: t('organisations.form.phone'), value: row.phone },
      { label: t('organisations.form.email'), value: row.email },
      { label: t('organisations.form.website'), value: row.website },
      { label: t('organisations.form.headName'), value: row.head_name },
    ].filter((fact) => fact.value),
    departments: departments.filter((department) => !department.isClosed),
    closedDepartments: departments.filter((department) => department.isClosed),
    form,
    can: organisationPolicy.abilities(actor, row),
  }
}

/** The page of one department: its name, who works there, closing and opening. */
export const presentDepartment = (
  { t, format }: Pick<AnyContext, 't' | 'format'>,
  department: DepartmentRow,
  forms: { rename: Form; close: Form },
) => {
  const address = `/organisations/${department.organisation_id}/departments/${department.id}`
  return {
    form: forms.rename,
    closeForm: forms.close,
    address,
    version: department.version,
    isClosed: department.state === 'closed',
    closedText: t('organisations.departments.isClosed', { date: format.date(department.closed_on) }),
    cancelHref: `/organisations/${department.organisation_id}`,
    peopleHref: `/people?departmentId=${department.id}`,
  }
}

/** What the form shows of a stored organisation. */
export const formValues = (row: OrganisationRow): Form['values'] => ({
  name: row.name,
  shortName: row.short_name,
  kind: row.kind,
  parentId: row.parent_id,
  inn: row.inn,
  address: row.address,
  phone: row.phone,
  email: row.email,
  website: row.website,
  headName: row.head_name,
  version: row.version,
})

export const presentForm = (t: Translate, form: Form, parents: { id: number; short_name: string }[], id?: number) => ({
  form,
  action: id ? `/organisations/${id}` : '/organisations',
  cancelHref: id ? `/organisations/${id}` : '/organisations',
  isNew: !id,
  kinds: kindOptions(t),
  parents: parents
    .filter((parent) => parent.id !== id)
    .map((parent) => ({ value: String(parent.id), label: parent.short_name })),
})
