import { noteRead } from '../../core/audit/reads.ts'
import { exportFormat, sendTable } from '../../core/export/index.ts'
import { cleanForm, type Form } from '../../core/http/forms.ts'
import { queryString } from '../../core/http/paging.ts'
import { page, type Reply, redirect } from '../../core/http/reply.ts'
import { type AnyContext, type Context, may, type Routes } from '../../core/http/route.ts'
import { hasAnywhere } from '../../core/rights/index.ts'
import { fullName } from '../../core/text.ts'
import { belowCohort, cohortOptions } from '../cohorts/frame.ts'
import { listEnrolmentHistory } from '../cohorts/history-queries.ts'
import { cohortPolicy } from '../cohorts/policy.ts'
import { type CohortCard, selectCohort } from '../cohorts/queries.ts'
import { seesContactsIn } from '../people/contacts.ts'
import { groupsOfTarget, presentChange, titleOf } from './change-presenter.ts'
import { completeEnrolments, resumeEnrolments, suspendEnrolments, withdrawEnrolments } from './change-service.ts'
import { datesRoutes } from './dates-router.ts'
import { enrolRoutes } from './enrol-router.ts'
import { MOST_AT_ONCE } from './enrol-service.ts'
import {
  bulkInput,
  type ChangeInput,
  changeInput,
  changeQuery,
  cohortParams,
  enrolmentParams,
  groupsInput,
  peopleFilter,
  peopleQuery,
} from './input.ts'
import { changeCohort, moveToGroups } from './move-service.ts'
import { groupsText, presentEnrolment, presentPeople } from './presenter.ts'
import {
  countEnrolments,
  exportEnrolments,
  listChosen,
  listEnrolmentIds,
  listEnrolments,
  listGroupChoices,
  listMemberships,
  listOrganisationsOf,
  listOtherCohorts,
  selectEnrolment,
} from './queries.ts'

const view = may('cohorts.view')
const edit = may('enrolments.edit')

export function enrolmentRoutes(routes: Routes): void {
  routes.get('/cohorts/:id/people', { access: view, params: cohortParams, query: peopleQuery }, showPeople)

  routes.get('/cohorts/:id/people/export', { access: view, params: cohortParams, query: peopleFilter }, sendPeople)

  routes.post(
    '/cohorts/:id/people/bulk',
    { access: edit, params: cohortParams, query: peopleFilter, body: bulkInput },
    async (context) => {
      const { actor, params, query, body } = context
      const ids = body.everyone ? await listEnrolmentIds(actor, params.id, query, MOST_AT_ONCE) : body.ids
      if (ids.length) return askChange(context, { action: body.action, ids })
      return redirect(`/cohorts/${params.id}/people?${queryString(query)}`, {
        kind: 'warning',
        key: 'enrolments.bulk.nobody',
      })
    },
  )

  routes.get('/cohorts/:id/people/change', { access: edit, params: cohortParams, query: changeQuery }, (context) =>
    askChange(context, context.query),
  )

  routes.post(
    '/cohorts/:id/people/change',
    { access: edit, params: cohortParams, body: changeInput, invalid: askAgain },
    applyChange,
  )

  routes.get('/cohorts/:id/people/:enrolmentId', { access: view, params: enrolmentParams }, showEnrolment)

  routes.post(
    '/cohorts/:id/people/:enrolmentId/groups',
    { access: edit, params: enrolmentParams, body: groupsInput },
    async ({ actor, params, body }) => {
      const groupIds = Object.values(body.groups).filter((id): id is number => id !== null)
      const moved = await moveToGroups(actor, params.id, [params.enrolmentId], groupIds, { version: body.version })
      const key = moved ? 'enrolments.flash.groupsChanged' : 'enrolments.flash.groupsSame'
      return redirect(`/cohorts/${params.id}/people/${params.enrolmentId}`, { kind: moved ? 'success' : 'info', key })
    },
  )

  datesRoutes(routes)
  enrolRoutes(routes)
}

async function showPeople(context: Context<typeof cohortParams, typeof peopleQuery>): Promise<Reply> {
  const { actor, params, query, t } = context
  const cohort = await selectCohort(actor, params.id)
  const { after: _after, before: _before, ...filter } = query
  const [result, total, groups, organisations] = await Promise.all([
    listEnrolments(actor, cohort.id, filter, query),
    countEnrolments(actor, cohort.id, filter),
    listGroupChoices(cohort.id),
    listOrganisationsOf(actor, cohort.id),
  ])
  const memberships = await listMemberships(result.rows.map((row) => row.id))
  const model = presentPeople(context, cohort, filter, { result, total, memberships, groups, organisations })
  const enrol = {
    href: model.enrolHref,
    label: t('cohorts.overview.enrol'),
    icon: 'user-plus',
    kind: 'primary',
  } as const
  const isOpen = cohort.state === 'planned' || cohort.state === 'running'
  return page(
    'enrolments/people',
    model,
    cohortOptions(context, cohort, { actions: model.canEnrol && isOpen ? [enrol] : [] }),
  )
}

async function sendPeople(context: Context<typeof cohortParams, typeof peopleFilter>): Promise<Reply> {
  const { actor, params, query, req, t, format } = context
  const cohort = await selectCohort(actor, params.id)
  await noteRead(actor, 'learners', { type: 'cohort', id: cohort.id }, null, { filter: query })
  const names = ['name', 'email', 'organisation', 'position', 'groups', 'route', 'state', 'enrolledOn', 'endedOn']
  const seesEmail = seesContactsIn(cohort.id, cohortPolicy.can(actor, 'oversee', cohort))
  async function* rows() {
    for await (const { row, groups } of exportEnrolments(actor, cohort.id, query)) {
      const states = [t(`enrolments.route.${row.route ?? 'none'}`), t(`enrolments.state.${row.state}`)]
      const work = [seesEmail ? row.email : '', row.organisation, row.position]
      const days = [format.shortDate(row.enrolled_on), format.shortDate(row.ended_on)]
      yield [fullName(row), ...work, groupsText(groups), ...states, ...days]
    }
  }
  return sendTable(exportFormat(req.query.format), {
    fileName: t('enrolments.export.fileName', { cohort: cohort.title }),
    title: cohort.title,
    columns: names.map((name) => t(`enrolments.export.${name}`)),
    rows: rows(),
  })
}

async function showEnrolment(context: Context<typeof enrolmentParams>): Promise<Reply> {
  const { actor, params, t } = context
  const cohort = await selectCohort(actor, params.id)
  const row = await selectEnrolment(actor, cohort.id, params.enrolmentId)
  const [memberships, groups, history] = await Promise.all([
    listMemberships([row.id]),
    listGroupChoices(cohort.id),
    listEnrolmentHistory(row.id),
  ])
  const links = [
    { permission: 'people.view', href: `/people/${row.person_id}`, label: t('enrolments.card.person'), icon: 'user' },
    {
      permission: 'routes.view',
      href: `/learning-routes/${row.id}`,
      label: t('enrolments.card.toRoute'),
      icon: 'route',
    },
  ]
    .filter((link) => hasAnywhere(actor, link.permission))
    .map(({ permission: _permission, ...link }) => link)
  const model = presentEnrolment(context, cohort, row, memberships, groups, history)
  return page('enrolments/card', model, belowCohort(context, cohort, 'people', fullName(row), { actions: links }))
}

type Question = { action: ChangeInput['action']; ids: number[]; version?: number | undefined }

/** Asks before anything is changed: whom it concerns and what follows. */
async function askChange(context: AnyContext, { action, ids, version }: Question, form?: Form): Promise<Reply> {
  const { actor, params } = context
  const cohort = await selectCohort(actor, params.id)
  cohortPolicy.demand(actor, 'enrol', cohort)
  const people = await listChosen(actor, cohort.id, ids)
  if (people.length === 0)
    return redirect(`/cohorts/${cohort.id}/people`, { kind: 'warning', key: 'enrolments.bulk.nobody' })
  const choices = {
    groups: action === 'move' ? await listGroupChoices(cohort.id) : [],
    cohorts: action === 'cohort' ? await listOtherCohorts(cohort.programme_id, cohort.id) : [],
  }
  const model = presentChange(context, cohort, action, people, choices, form ?? cleanForm(), version)
  return page(
    'enrolments/change',
    model,
    belowCohort(context, cohort, 'people', titleOf(context, action, people.length)),
  )
}

/** The question again, with what was typed and why it was refused. */
async function askAgain(context: AnyContext, form: Form): Promise<Reply> {
  const sent = changeQuery.safeParse(context.req.body)
  if (!sent.success)
    return redirect(`/cohorts/${context.params.id}/people`, { kind: 'warning', key: 'enrolments.bulk.nobody' })
  return askChange(context, sent.data, form)
}

async function applyChange(context: Context<typeof cohortParams, undefined, typeof changeInput>): Promise<Reply> {
  const { actor, params, body } = context
  const cohort = await selectCohort(actor, params.id)
  const count = await change(context, cohort, body)
  const alone = body.version !== undefined && body.ids.length === 1
  const home = body.action === 'cohort' && alone ? `/cohorts/${body.toCohortId}` : `/cohorts/${params.id}`
  const key = `enrolments.flash.${body.action}`
  return redirect(alone ? `${home}/people/${body.ids[0]}` : `${home}/people`, {
    kind: 'success',
    key,
    values: { count },
  })
}

async function change({ actor }: AnyContext, cohort: CohortCard, body: ChangeInput): Promise<number> {
  const { ids, reason, version } = body
  const options = { reason, ...(version === undefined ? {} : { version }) }
  switch (body.action) {
    case 'move': {
      const groups = await listGroupChoices(cohort.id)
      return moveToGroups(actor, cohort.id, ids, groupsOfTarget(groups, body.target), options)
    }
    case 'cohort':
      return changeCohort(actor, cohort.id, ids, body.toCohortId ?? 0, options)
    case 'suspend':
      return suspendEnrolments(actor, cohort.id, ids, options)
    case 'resume':
      return resumeEnrolments(actor, cohort.id, ids, options)
    case 'complete':
      return completeEnrolments(actor, cohort.id, ids, options)
    case 'withdraw':
      return withdrawEnrolments(actor, cohort.id, ids, options)
  }
}
