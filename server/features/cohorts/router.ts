import { cleanForm, type Form, formOverNewer } from '../../core/http/forms.ts'
import { pagerLinks } from '../../core/http/paging.ts'
import { page, type Reply, redirect } from '../../core/http/reply.ts'
import { type AnyContext, may, type Routes } from '../../core/http/route.ts'
import { belowCohort, cohortOptions, cohortTabs } from './frame.ts'
import { groupRoutes } from './group-router.ts'
import { presentCohortHistory, presentPeopleHistory } from './history-presenter.ts'
import { listCohortHistory, listPeopleHistory } from './history-queries.ts'
import { cohortInput, cohortUpdate, historyQuery, idParams, listQuery, newQuery, stateInput } from './input.ts'
import { presentOverview } from './overview-presenter.ts'
import { countStates, listComingLessons, listModuleSummaries } from './overview-queries.ts'
import { cohortPolicy } from './policy.ts'
import { formValues, presentForm, presentList } from './presenter.ts'
import {
  countCohorts,
  listCohortProgrammes,
  listCohorts,
  listGroupNames,
  listOpeningProgrammes,
  selectCohort,
} from './queries.ts'
import { createCohort, setCohortState, updateCohort } from './service.ts'
import { timetableRoutes } from './timetable-router.ts'

export const view = may('cohorts.view')
export const edit = may('cohorts.edit')

export function cohortRoutes(routes: Routes): void {
  routes.get('/cohorts', { access: view, query: listQuery }, async (context) => {
    const { actor, query, t } = context
    const [result, total, programmes] = await Promise.all([
      listCohorts(actor, query),
      countCohorts(actor, query),
      listCohortProgrammes(actor),
    ])
    const model = presentList(context, query, result, total, programmes)
    const create = { href: '/cohorts/new', label: t('cohorts.list.create'), icon: 'plus', kind: 'primary' } as const
    return page('cohorts/list', model, {
      title: t('cohorts.list.title'),
      actions: model.canCreate ? [create] : [],
      styles: ['cohorts.css'],
    })
  })

  routes.get('/cohorts/new', { access: edit, query: newQuery }, (context) => {
    const values = { programmeId: context.query.programme, groupsPerModule: 1 }
    return showForm(context, cleanForm(values))
  })

  routes.post('/cohorts', { access: edit, body: cohortInput, invalid: showForm }, async ({ actor, body }) => {
    const id = await createCohort(actor, body)
    return redirect(`/cohorts/${id}`, 'cohorts.flash.created')
  })

  routes.get('/cohorts/:id', { access: view, params: idParams }, async (context) => {
    const { actor, params, t } = context
    const cohort = await selectCohort(actor, params.id)
    const [numbers, modules, lessons] = await Promise.all([
      countStates(actor, cohort.id),
      listModuleSummaries(cohort.id, cohort.programme_id),
      listComingLessons(actor, cohort.id),
    ])
    const model = presentOverview(context, cohort, numbers, modules, lessons)
    const takesPeople = model.can.enrol && ['planned', 'running'].includes(cohort.state)
    const enrol = { href: `/cohorts/${cohort.id}/enrol`, label: t('cohorts.overview.enrol'), icon: 'user-plus' }
    const change = { href: `/cohorts/${cohort.id}/edit`, label: t('cohorts.overview.edit'), icon: 'pencil' }
    const actions = [
      ...(takesPeople ? [{ ...enrol, kind: 'primary' } as const] : []),
      ...(model.can.edit ? [change] : []),
    ]
    return page('cohorts/overview', model, cohortOptions(context, cohort, { actions }))
  })

  routes.get('/cohorts/:id/edit', { access: edit, params: idParams }, async (context) => {
    const cohort = await selectCohort(context.actor, context.params.id)
    return showForm(context, cleanForm(formValues(cohort)), context.params.id)
  })

  routes.post(
    '/cohorts/:id',
    {
      access: edit,
      params: idParams,
      body: cohortUpdate,
      invalid: (context, form) => showForm(context, form, context.params.id),
      stale: async (context, form) => {
        const newest = formValues(await selectCohort(context.actor, context.params.id))
        return showForm(context, formOverNewer(form, newest), context.params.id)
      },
    },
    async ({ actor, params, body }) => {
      await updateCohort(actor, params.id, body)
      return redirect(`/cohorts/${params.id}`, 'cohorts.flash.changed')
    },
  )

  routes.post('/cohorts/:id/state', { access: edit, params: idParams, body: stateInput }, async (context) => {
    const { actor, params, body } = context
    await setCohortState(actor, params.id, body.state, body.version)
    return redirect(`/cohorts/${params.id}`, `cohorts.flash.${body.state}`)
  })

  routes.get('/cohorts/:id/history', { access: view, params: idParams, query: historyQuery }, showHistory)

  groupRoutes(routes)
  timetableRoutes(routes)
}

/** The form, empty, filled or with reasons. Who may not edit the cohort does not get it. */
async function showForm(context: AnyContext, form: Form, id?: number): Promise<Reply> {
  const { actor, t } = context
  const cohort = id ? await selectCohort(actor, id) : undefined
  if (cohort) cohortPolicy.demand(actor, 'edit', cohort)
  const programmes = cohort ? [] : await listOpeningProgrammes(actor)
  const model = presentForm(context, form, programmes, id)
  return page('cohorts/form', model, {
    title: t(cohort ? 'cohorts.form.titleEdit' : 'cohorts.form.titleNew'),
    styles: ['cohorts.css'],
    breadcrumbs: cohort
      ? belowCohort(context, cohort, 'overview', '').breadcrumbs
      : [{ href: '/cohorts', label: t('cohorts.list.title') }],
  })
}

async function showHistory(context: AnyContext): Promise<Reply> {
  const { actor, params, query, t } = context
  const cohort = await selectCohort(actor, params.id)
  cohortPolicy.demand(actor, 'oversee', cohort)
  const path = `/cohorts/${cohort.id}/history`
  const faces = ['people', 'cohort'].map((of) => ({
    href: of === 'people' ? path : `${path}?of=${of}`,
    label: t(`cohorts.history.of.${of}`),
    active: query.of === of,
  }))
  const common = { tabs: cohortTabs(context, cohort, 'history'), faces }
  const links = (result: Parameters<typeof pagerLinks>[2]) =>
    pagerLinks(path, { of: query.of === 'people' ? undefined : query.of }, result)
  if (query.of === 'people') {
    const [result, groups] = await Promise.all([listPeopleHistory(cohort.id, query), listGroupNames(cohort.id)])
    const items = presentPeopleHistory(context, cohort.id, result.rows, true, groups)
    return page('cohorts/history', { ...common, items, pager: links(result) }, cohortOptions(context, cohort))
  }
  const result = await listCohortHistory(cohort.id, query)
  const items = presentCohortHistory(context, result.rows)
  return page('cohorts/history', { ...common, items, pager: links(result) }, cohortOptions(context, cohort))
}
