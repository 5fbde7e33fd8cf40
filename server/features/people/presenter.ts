import { fileUrl } from '../../core/files/index.ts'
import type { Form } from '../../core/http/forms.ts'
import { type Paged, pagerLinks, queryString } from '../../core/http/paging.ts'
import type { AnyContext } from '../../core/http/route.ts'
import { allows, hasEverywhere } from '../../core/rights/index.ts'
import { VIEWING_PERMISSION } from '../../core/session/viewing.ts'
import { fullName, pick, type Translated } from '../../core/text.ts'
import { ORGANISATION_KINDS } from '../organisations/input.ts'
import { organisationPolicy, organisationScopes } from '../organisations/policy.ts'
import type { directoryTable } from './directories.ts'
import { presentValues } from './fields/presenter.ts'
import type { FieldsOf } from './fields/value-service.ts'
import type { SavedFilter } from './filters/queries.ts'
import { type Criteria, DIRECTORIES } from './input.ts'
import { personPolicy } from './policy.ts'
import type { EmploymentRow, PersonListRow, PersonRow } from './queries.ts'

type Context = Pick<AnyContext, 'actor' | 't' | 'lang' | 'format'>

const ACCOUNT_KIND: Record<string, string> = {
  active: 'success',
  invited: 'info',
  pending: 'warning',
  blocked: 'danger',
}

export const accountBadge = (t: Context['t'], state: string | null) => ({
  kind: ACCOUNT_KIND[state ?? ''] ?? 'neutral',
  text: t(`people.account.${state ?? 'none'}`),
})

/** `place`: the organisation or department that the list is narrowed to by a link. */
type Choices = { positions: { id: number; name: string }[]; place: string }

/** The list with its filters, tabs of the directories and saved filters. */
export function presentList(
  { actor, t }: Context,
  criteria: Criteria,
  result: Paged<PersonListRow>,
  total: { count: number; capped: boolean },
  saved: SavedFilter[],
  choices: Choices,
  table: Awaited<ReturnType<typeof directoryTable>>,
) {
  const kept: Record<string, unknown> = { ...criteria, state: criteria.state === 'active' ? undefined : criteria.state }
  if (criteria.directory === 'all') kept.directory = undefined
  const query = queryString(kept)
  const { directory: _directory, q: _q, ...narrowing } = kept
  const narrowed = Object.values({ ...kept, filter: undefined }).some((value) => value !== undefined)
  return {
    filter: criteria,
    activeFilters: Object.values(narrowing).filter((value) => value !== undefined).length + (criteria.q ? 1 : 0),
    tabs: DIRECTORIES.map((directory) => ({
      href: `/people?${queryString({ ...kept, directory: directory === 'all' ? undefined : directory })}`,
      label: t(`people.directory.${directory}`),
      active: directory === criteria.directory,
    })),
    kinds: ORGANISATION_KINDS.map((kind) => ({ value: kind, label: t(`organisations.kind.${kind}`) })),
    positions: choices.positions.map((position) => ({ value: String(position.id), label: position.name })),
    accountStates: ['none', 'invited', 'active', 'pending', 'blocked'].map((state) => ({
      value: state,
      label: t(`people.account.${state}`),
    })),
    place: choices.place,
    columns: table.columns,
    rows: result.rows.map((row, at) => ({ id: row.id, name: fullName(row), cells: table.cells[at] })),
    total: total.capped ? t('ui.count.over', { count: total.count }) : t('people.list.count', { count: total.count }),
    pager: pagerLinks('/people', kept, result),
    exportHref: `/people/export?${query}`,
    query,
    saved: saved.map(({ id, name }) => ({ value: String(id), label: name })),
    filterHref: criteria.filter ? `/people/filters/${criteria.filter}` : null,
    keepHref: narrowed ? `/people/filters/new?${query}` : null,
    everyone: total.capped || total.count < 2 ? null : t('people.list.everyone', { count: total.count }),
    canCreate: hasEverywhere(actor, 'people.edit'),
    canInvite: hasEverywhere(actor, 'accounts.edit'),
  }
}

type PersonWithAccount = PersonRow & { account_state: string | null; login: string | null; factor_since: string | null }

export function presentCard(
  context: Context,
  person: PersonWithAccount,
  {
    fields,
    work,
    grants,
    isGuarded,
  }: { fields: FieldsOf; work: EmploymentRow[]; grants: unknown[]; isGuarded: boolean },
) {
  const { actor, t, format } = context
  return {
    id: person.id,
    version: person.version,
    name: fullName(person),
    photoUrl: fileUrl(person.photo_file_id),
    isArchived: person.state === 'archived',
    facts: [
      { label: t('people.form.birthDate'), value: format.date(person.birth_date) },
      { label: t('people.form.email'), value: person.email },
      { label: t('people.form.phone'), value: person.phone },
      {
        label: t('people.form.experience'),
        value: person.experience_years === null ? '' : t('people.card.years', { count: person.experience_years }),
      },
      { label: t('people.form.about'), value: person.about },
    ].filter((fact) => fact.value),
    account: {
      ...accountBadge(t, person.account_state),
      ...{ state: person.account_state ?? 'none', login: person.login, hasFactor: person.factor_since !== null },
    },
    more: {
      sections: presentValues(context, fields),
      editHref: fields.edited.length ? `/people/${person.id}/fields` : null,
    },
    employments: work.map((row) => presentEmployment(context, row)),
    grants,
    can: {
      ...personPolicy.abilities(actor, fields.places),
      grant: hasEverywhere(actor, 'rights.edit'),
      account: hasEverywhere(actor, 'accounts.edit'),
      consents: hasEverywhere(actor, 'privacy.consents'),
      erase: hasEverywhere(actor, 'privacy.erase') && actor.personId !== person.id && !isGuarded,
      viewAs: hasEverywhere(actor, VIEWING_PERMISSION),
    },
    isOneself: actor.personId === person.id,
    isGuarded,
  }
}

const period = (format: Context['format'], t: Context['t'], from: string | null, to: string | null) => {
  if (from && to) return t('people.employment.fromTo', { from: format.shortDate(from), to: format.shortDate(to) })
  if (from) return t('people.employment.from', { from: format.shortDate(from) })
  return to ? t('people.employment.to', { to: format.shortDate(to) }) : ''
}

/** Links lead only to what the reader may open: who teaches a person seldom sees their school and superior. */
const presentEmployment = ({ actor, t, format }: Context, row: EmploymentRow) => ({
  id: row.id,
  organisation: row.organisation,
  organisationHref: organisationPolicy.can(actor, 'view', row) ? `/organisations/${row.organisation_id}` : null,
  department: row.department,
  position: row.position,
  manager: row.manager,
  managerHref:
    row.manager_id && allows(actor, 'people.view', organisationScopes(row.path)) ? `/people/${row.manager_id}` : null,
  isHead: row.is_head === 1,
  state: row.state,
  period: period(format, t, row.starts_on, row.ends_on),
  editHref: `/people/${row.person_id}/employments/${row.id}`,
})

export const personValues = (person: PersonRow): Form['values'] => ({
  lastName: person.last_name,
  firstName: person.first_name,
  middleName: person.middle_name,
  gender: person.gender ?? '',
  birthDate: person.birth_date,
  email: person.email,
  phone: person.phone,
  categoryId: person.category_id,
  experienceYears: person.experience_years,
  about: person.about,
  version: person.version,
})

export const employmentValues = (row: EmploymentRow): Form['values'] => ({
  organisation: row.organisation_name,
  department: row.department,
  position: row.position,
  manager: row.manager_id ? `${row.manager} #${row.manager_id}` : '',
  isHead: row.is_head === 1,
  startsOn: row.starts_on,
  endsOn: row.ends_on,
  version: row.version,
})

export const presentForm = (
  { t, lang }: Context,
  form: Form,
  categories: { id: number; name: Translated }[],
  id?: number,
) => ({
  form,
  isNew: !id,
  action: id ? `/people/${id}` : '/people',
  cancelHref: id ? `/people/${id}` : '/people',
  genders: ['', 'female', 'male'].map((gender) => ({
    value: gender,
    label: t(`people.gender.${gender || 'unknown'}`),
  })),
  categories: categories.map((category) => ({ value: String(category.id), label: pick(category.name, lang) })),
})
