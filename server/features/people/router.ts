import { noteRead } from '../../core/audit/reads.ts'
import { exportFormat, sendTable } from '../../core/export/index.ts'
import { cleanForm, type Form, formOverNewer } from '../../core/http/forms.ts'
import { page, type Reply, redirect } from '../../core/http/reply.ts'
import { type AnyContext, may, type Routes } from '../../core/http/route.ts'
import { hasEverywhere } from '../../core/rights/index.ts'
import { selectOptionalPlace, selectOrganisation } from '../organisations/queries.ts'
import { presentGrants } from '../rights/presenter.ts'
import { listGrantsOf } from '../rights/queries.ts'
import { isMorePowerful } from '../rights/service.ts'
import { directoryTable } from './directories.ts'
import { employmentRoutes } from './employment-router.ts'
import { peopleTable } from './export.ts'
import { fieldRoutes } from './fields/router.ts'
import { fieldsOfPerson } from './fields/value-service.ts'
import { listSavedFilters, narrowing } from './filters/queries.ts'
import { filterRoutes } from './filters/router.ts'
import { archiveInput, criteria, idParams, type ListQuery, listQuery, newPersonInput, personUpdate } from './input.ts'
import { pickerRoutes } from './picker/router.ts'
import { personPolicy } from './policy.ts'
import { accountBadge, personValues, presentCard, presentForm, presentList } from './presenter.ts'
import {
  countPeople,
  listCategories,
  listEmployments,
  listPeople,
  listPositions,
  type PersonListRow,
  selectPerson,
  selectPlaces,
} from './queries.ts'
import { createPerson, removePhoto, setPersonState, updatePerson } from './service.ts'

const view = may('people.view')
const edit = may('people.edit')

export function peopleRoutes(routes: Routes): void {
  filterRoutes(routes)
  fieldRoutes(routes)
  pickerRoutes(routes)
  routes.get('/people', { access: view, query: listQuery }, showList)

  routes.get('/people/export', { access: view, query: criteria }, async (context) => {
    const { actor, query, req } = context
    await noteRead(actor, 'people', { type: 'list', id: 0 }, null, { filter: query })
    return sendTable(exportFormat(req.query.format), await peopleTable(context, query))
  })

  routes.get('/people/new', { access: edit }, (context) => showForm(context, cleanForm({ gender: '' })))
  routes.post(
    '/people',
    { access: edit, body: newPersonInput, once: true, invalid: showForm },
    async ({ actor, body }) => redirect(`/people/${await createPerson(actor, body)}`, 'people.flash.created'),
  )

  routes.get('/people/:id', { access: view, params: idParams }, async (context) => {
    const { actor, params, t } = context
    const person = await selectPerson(actor, params.id)
    const [fields, work, grants, isGuarded] = await Promise.all([
      fieldsOfPerson(actor, params.id),
      listEmployments(params.id),
      listGrantsOf(params.id),
      isMorePowerful(params.id, actor),
    ])
    await noteRead(actor, 'card', { type: 'person', id: params.id }, params.id)
    const model = presentCard(context, person, { fields, work, grants: presentGrants(context, grants), isGuarded })
    return page('people/card', model, {
      title: model.name,
      breadcrumbs: [{ href: '/people', label: t('people.list.title') }],
      actions: model.can.edit
        ? [{ href: `/people/${params.id}/edit`, label: t('people.card.edit'), icon: 'pencil' }]
        : [],
    })
  })

  routes.get('/people/:id/edit', { access: edit, params: idParams }, async (context) => {
    const person = await selectPerson(context.actor, context.params.id)
    return showForm(context, cleanForm(personValues(person)), context.params.id)
  })
  routes.post(
    '/people/:id',
    {
      access: edit,
      params: idParams,
      body: personUpdate,
      invalid: (context, form) => showForm(context, form, context.params.id),
      stale: async (context, form) => {
        const newest = personValues(await selectPerson(context.actor, context.params.id))
        return showForm(context, formOverNewer(form, newest), context.params.id)
      },
    },
    async ({ actor, params, body }) => {
      await updatePerson(actor, params.id, body)
      return redirect(`/people/${params.id}`, 'people.flash.changed')
    },
  )
  routes.post(
    '/people/:id/state',
    { access: edit, params: idParams, body: archiveInput },
    async ({ actor, params, body }) => {
      await setPersonState(actor, params.id, body.state, body.version)
      return redirect(`/people/${params.id}`, `people.flash.${body.state}`)
    },
  )
  routes.post('/people/:id/photo/remove', { access: edit, params: idParams }, async ({ actor, params }) => {
    await removePhoto(actor, params.id)
    return redirect(`/people/${params.id}`, 'people.flash.photoRemoved')
  })
  employmentRoutes(routes)
}

async function showList(context: AnyContext & { query: ListQuery }): Promise<Reply> {
  const { actor, query, t } = context
  const { after, before, ...filter } = query
  const narrow = await narrowing(actor, filter)
  const total = await countPeople(actor, narrow)
  const [result, saved, positions, organisation, department] = await Promise.all([
    listPeople(actor, narrow, { after, before }, total.capped),
    listSavedFilters(actor),
    listPositions(true),
    filter.organisationId ? selectOrganisation(actor, filter.organisationId).catch(() => null) : null,
    filter.departmentId ? selectOptionalPlace(actor, filter.departmentId) : undefined,
  ])
  const places = [department && `${department.organisation}, ${department.name}`, organisation?.short_name]
  const place = places.find(Boolean) ?? ''

  const account = ({ account_state }: PersonListRow) => ({ badge: accountBadge(t, account_state) })
  const table = await directoryTable(context, filter.directory, result.rows, account)
  const model = presentList(context, filter, result, total, saved, { positions, place }, table)
  const create = { href: '/people/new', label: t('people.list.create'), icon: 'user-plus', kind: 'primary' } as const
  const load = { href: '/imports', label: t('people.list.import'), icon: 'upload' } as const
  const actions = [...(hasEverywhere(actor, 'imports.run') ? [load] : []), ...(model.canCreate ? [create] : [])]
  return page('people/list', model, { title: t('people.list.title'), actions })
}

/** The form of a person. Who may not edit them does not get it. */
async function showForm(context: AnyContext, form: Form, id?: number): Promise<Reply> {
  const { actor, t } = context
  const person = id ? await selectPerson(actor, id) : undefined
  if (id) personPolicy.demand(actor, 'edit', await selectPlaces(id))
  return page('people/form', presentForm(context, form, await listCategories(person?.category_id), id), {
    title: t(id ? 'people.form.titleEdit' : 'people.form.titleNew'),
    breadcrumbs: [{ href: '/people', label: t('people.list.title') }],
  })
}
