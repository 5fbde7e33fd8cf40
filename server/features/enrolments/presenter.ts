import { type Paged, pagerLinks, queryString } from '../../core/http/paging.ts'
import { fullName, pick } from '../../core/text.ts'
import { type Context, cohortTabs } from '../cohorts/frame.ts'
import { presentPeopleHistory } from '../cohorts/history-presenter.ts'
import type { PersonHappening } from '../cohorts/history-queries.ts'
import { cohortPolicy } from '../cohorts/policy.ts'
import type { CohortCard } from '../cohorts/queries.ts'
import { seesContactsIn } from '../people/contacts.ts'
import type { EnrolmentState } from './change-service.ts'
import { type Action, type PeopleFilter, ROUTES, STATES } from './input.ts'
import { byEnrolment, type EnrolmentRow, type GroupChoice, type MembershipRow } from './queries.ts'

const STATE_KIND = { active: 'success', suspended: 'warning', withdrawn: 'neutral', completed: 'primary' } as const
const ROUTE_KIND: Record<string, string> = { approved: 'success', submitted: 'info', returned: 'warning' }

export const stateBadge = (t: Context['t'], state: EnrolmentState) => ({
  kind: STATE_KIND[state],
  text: t(`enrolments.state.${state}`),
})

export const routeBadge = (t: Context['t'], route: string | null) => ({
  kind: ROUTE_KIND[route ?? ''] ?? 'neutral',
  text: t(`enrolments.route.${route ?? 'none'}`),
})

/** One name where a person is in groups of one name in all modules, else all of them. */
export const groupsText = (rows: readonly MembershipRow[]): string =>
  [...new Set(rows.map((row) => row.name))].join(', ')

/** Groups as choices of a select, under their modules. */
export const groupOptions = ({ t, lang }: Context, groups: readonly GroupChoice[]) =>
  groups.map((group) => ({
    value: String(group.id),
    label:
      group.capacity === null
        ? group.name
        : t('enrolments.move.groupOption', { group: group.name, left: Math.max(0, group.capacity - group.members) }),
    group: pick(group.moduleTitle, lang),
  }))

/** What may be done with people in this state of the list. */
const BULK: Record<string, Action[]> = {
  current: ['move', 'cohort', 'suspend', 'resume', 'complete', 'withdraw'],
  all: ['move', 'cohort', 'suspend', 'resume', 'complete', 'withdraw'],
  active: ['move', 'cohort', 'suspend', 'complete', 'withdraw'],
  suspended: ['resume', 'move', 'withdraw'],
  completed: ['resume'],
  withdrawn: [],
}
const ICONS: Record<Action, string> = {
  move: 'transfer',
  cohort: 'arrow-right',
  suspend: 'clock',
  resume: 'player-play',
  complete: 'circle-check',
  withdraw: 'user-x',
}

type Lists = {
  result: Paged<EnrolmentRow>
  total: { count: number; capped: boolean }
  memberships: MembershipRow[]
  groups: GroupChoice[]
  organisations: { id: number; short_name: string }[]
}

/** The people of a cohort with filters, bulk actions and exports. */
export function presentPeople(context: Context, cohort: CohortCard, filter: PeopleFilter, lists: Lists) {
  const { actor, t, lang, format } = context
  const { result, total, memberships, groups, organisations } = lists
  const base = `/cohorts/${cohort.id}/people`
  const kept: Record<string, unknown> = { ...filter, state: filter.state === 'current' ? undefined : filter.state }
  const own = byEnrolment(memberships)
  const modules = new Map(groups.map((group) => [group.module_id, pick(group.moduleTitle, lang)]))
  const canEnrol = cohortPolicy.can(actor, 'enrol', cohort)
  const countText = total.capped
    ? t('ui.count.over', { count: total.count })
    : t('enrolments.list.count', { count: total.count })
  return {
    tabs: cohortTabs(context, cohort, 'people'),
    action: base,
    filter,
    activeFilters:
      [filter.q, filter.organisation, filter.group, filter.route, filter.without].filter(Boolean).length +
      Number(filter.state !== 'current'),
    without: filter.without ? (modules.get(filter.without) ?? null) : null,
    states: STATES.map((state) => ({ value: state, label: t(`enrolments.list.states.${state}`) })),
    routes: ROUTES.map((route) => ({ value: route, label: t(`enrolments.list.routes.${route}`) })),
    organisations: organisations.map(({ id, short_name }) => ({ value: String(id), label: short_name })),
    groups: groupOptions(context, groups),
    rows: result.rows.map((row) => ({
      id: row.id,
      href: `${base}/${row.id}`,
      name: fullName(row),
      selectLabel: t('enrolments.list.select', { name: fullName(row) }),
      work: row.organisation,
      position: row.position,
      groups: groupsText(own.get(row.id) ?? []),
      route: routeBadge(t, row.route),
      state: stateBadge(t, row.state),
      since: format.shortDate(row.enrolled_on),
      isGone: row.state === 'withdrawn',
    })),
    total: countText,
    pager: pagerLinks(base, kept, result),
    exportHref: `${base}/export?${queryString(kept)}`,
    bulk:
      canEnrol && result.rows.length > 0
        ? presentBulk(context, base, filter, queryString(kept), total.count, Boolean(result.next ?? result.previous))
        : null,
    canEnrol,
    enrolHref: `/cohorts/${cohort.id}/enrol`,
  }
}

function presentBulk(
  { t }: Context,
  base: string,
  filter: PeopleFilter,
  query: string,
  count: number,
  hasMore: boolean,
) {
  const actions = BULK[filter.state] ?? []
  if (!actions.length) return null
  return {
    form: 'bulk',
    action: `${base}/bulk?${query}`,
    fields: hasMore ? [{ name: 'everyone', type: 'checkbox', label: t('enrolments.bulk.everyone', { count }) }] : [],
    buttons: actions.map((action) => ({
      name: 'action',
      value: action,
      label: t(`enrolments.bulk.action.${action}`),
      icon: ICONS[action],
      kind: action === 'withdraw' ? 'danger' : 'plain',
    })),
  }
}

/** One person's enrolment: where they are, what can be done, what happened. */
export function presentEnrolment(
  context: Context,
  cohort: CohortCard,
  row: EnrolmentRow,
  memberships: MembershipRow[],
  groups: GroupChoice[],
  history: PersonHappening[],
) {
  const { actor, t, lang, format } = context
  const base = `/cohorts/${cohort.id}/people/${row.id}`
  const canEnrol = cohortPolicy.can(actor, 'enrol', cohort)
  const names = new Map(groups.map((group) => [group.id, group.name]))
  for (const one of memberships) names.set(one.group_id, one.name)
  const modules = [...new Map(groups.map((group) => [group.module_id, pick(group.moduleTitle, lang)]))]
  const seesContacts = seesContactsIn(cohort.id, cohortPolicy.can(actor, 'oversee', cohort))
  const holds = row.state === 'active' || row.state === 'suspended'
  return {
    version: row.version,
    facts: [
      { label: t('enrolments.card.state'), value: { badge: stateBadge(t, row.state) } },
      { label: t('enrolments.card.route'), value: { badge: routeBadge(t, row.route) } },
      { label: t('enrolments.card.organisation'), value: row.organisation },
      { label: t('enrolments.card.position'), value: row.position },
      { label: t('enrolments.card.email'), value: seesContacts ? row.email : null },
      { label: t('enrolments.card.enrolledOn'), value: format.date(row.enrolled_on) },
      { label: t('enrolments.card.endedOn'), value: row.ended_on && format.date(row.ended_on) },
    ].filter((fact) => fact.value),
    groups: modules.map(([moduleId, title]) => {
      const own = memberships.find((one) => one.module_id === moduleId)
      return {
        name: `groups[m${moduleId}]`,
        title,
        own: own?.name ?? null,
        value: own ? String(own.group_id) : '',
        options: groups
          .filter((group) => group.module_id === moduleId)
          .map((group) => ({ value: String(group.id), label: group.name })),
      }
    }),
    canMove: canEnrol && holds && groups.length > 0,
    groupsAction: `${base}/groups`,
    actions: canEnrol
      ? [
          ...actionsFor(t, cohort.id, row),
          { href: `${base}/dates`, label: t('enrolments.dates.open'), icon: 'calendar-event', kind: 'quiet' },
        ]
      : [],
    history: presentPeopleHistory(context, cohort.id, history, false, names),
  }
}

function actionsFor(t: Context['t'], cohortId: number, row: EnrolmentRow) {
  if (row.state === 'withdrawn') {
    return [
      {
        href: `/cohorts/${cohortId}/enrol`,
        method: 'post',
        label: t('enrolments.card.again'),
        icon: 'user-plus',
        fields: { ids: row.person_id },
        confirm: t('enrolments.card.againConfirm'),
      },
    ]
  }
  const actions = (BULK[row.state] ?? []).filter((action) => action !== 'move')
  return actions.map((action) => ({
    href: `/cohorts/${cohortId}/people/change?${queryString({ action, ids: row.id, version: row.version })}`,
    label: t(`enrolments.bulk.action.${action}`),
    icon: ICONS[action],
    kind: action === 'withdraw' ? 'danger' : 'plain',
  }))
}
