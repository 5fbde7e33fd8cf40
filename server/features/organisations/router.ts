import { exportFormat, sendTable } from '../../core/export/index.ts'
import { cleanForm, type Form, formOverNewer } from '../../core/http/forms.ts'
import { json, page, type Reply, redirect } from '../../core/http/reply.ts'
import { type AnyContext, may, type Routes } from '../../core/http/route.ts'
import { hasEverywhere } from '../../core/rights/index.ts'
import { departmentRoutes } from './department-router.ts'
import { createDepartment } from './department-service.ts'
import {
  departmentInput,
  idParams,
  listQuery,
  organisationInput,
  organisationUpdate,
  stateInput,
  suggestQuery,
} from './input.ts'
import { organisationPolicy } from './policy.ts'
import { formValues, presentCard, presentForm, presentList } from './presenter.ts'
import {
  countOrganisations,
  exportOrganisations,
  findOrganisationsByName,
  listDepartments,
  listOrganisationChoices,
  listOrganisations,
  selectOrganisation,
} from './queries.ts'
import { createOrganisation, setOrganisationState, updateOrganisation } from './service.ts'

const view = may('organisations.view')
const edit = may('organisations.edit')

export function organisationRoutes(routes: Routes): void {
  routes.get('/organisations', { access: view, query: listQuery }, async ({ actor, query, t }) => {
    const [result, total] = await Promise.all([listOrganisations(actor, query), countOrganisations(actor, query)])
    const model = presentList(actor, t, query, result, total)
    const load = { href: '/imports', label: t('organisations.list.import'), icon: 'upload' } as const
    const create = {
      href: '/organisations/new',
      label: t('organisations.list.create'),
      icon: 'plus',
      kind: 'primary',
    } as const
    return page('organisations/list', model, {
      title: t('organisations.list.title'),
      actions: [...(hasEverywhere(actor, 'imports.run') ? [load] : []), ...(model.canCreate ? [create] : [])],
    })
  })

  routes.get('/organisations/export', { access: view, query: listQuery }, async ({ actor, query, req, t }) => {
    const rows = await exportOrganisations(actor, query)
    const columns = ['name', 'shortName', 'kind', 'inn', 'address', 'phone', 'email', 'headName', 'employees']
    return sendTable(exportFormat(req.query.format), {
      fileName: t('organisations.list.fileName'),
      title: t('organisations.list.title'),
      columns: columns.map((name) => t(`organisations.form.${name}`)),
      rows: rows.map((row) => [
        ...[row.name, row.short_name, t(`organisations.kind.${row.kind}`), row.inn, row.address, row.phone, row.email],
        ...[row.head_name, row.employees],
      ]),
    })
  })

  routes.get('/organisations/suggest', { access: view, query: suggestQuery }, async ({ actor, query }) => {
    const found = query.q ? await findOrganisationsByName(actor, query.q, 10) : []
    return json(found.map((row) => ({ value: row.short_name })))
  })

  routes.get('/organisations/new', { access: edit }, (context) => showForm(context, cleanForm({ kind: 'school' })))

  routes.post(
    '/organisations',
    { access: edit, body: organisationInput, once: true, invalid: showForm },
    async ({ actor, body }) =>
      redirect(`/organisations/${await createOrganisation(actor, body)}`, 'organisations.flash.created'),
  )

  routes.get('/organisations/:id', { access: view, params: idParams }, (context) => showCard(context, cleanForm({})))

  routes.get('/organisations/:id/edit', { access: edit, params: idParams }, async (context) => {
    const organisation = await selectOrganisation(context.actor, context.params.id)
    return showForm(context, cleanForm(formValues(organisation)), context.params.id)
  })

  routes.post(
    '/organisations/:id',
    {
      access: edit,
      params: idParams,
      body: organisationUpdate,
      invalid: (context, form) => showForm(context, form, context.params.id),
      stale: async (context, form) => {
        const newest = formValues(await selectOrganisation(context.actor, context.params.id))
        return showForm(context, formOverNewer(form, newest), context.params.id)
      },
    },
    async ({ actor, params, body }) => {
      await updateOrganisation(actor, params.id, body)
      return redirect(`/organisations/${params.id}`, 'organisations.flash.changed')
    },
  )

  routes.post(
    '/organisations/:id/state',
    { access: edit, params: idParams, body: stateInput, invalid: showCard },
    async ({ actor, params, body }) => {
      await setOrganisationState(actor, params.id, body.state, body.version)
      return redirect(`/organisations/${params.id}`, `organisations.flash.${body.state}`)
    },
  )

  routes.post(
    '/organisations/:id/departments',
    { access: edit, params: idParams, body: departmentInput, invalid: showCard },
    async ({ actor, params, body }) => {
      await createDepartment(actor, params.id, body.name)
      return redirect(`/organisations/${params.id}`, 'organisations.flash.departmentCreated')
    },
  )
  departmentRoutes(routes)
}

/** The card; `form` is what was typed to add a department, or why the organisation cannot be opened again. */
async function showCard(context: AnyContext, form: Form): Promise<Reply> {
  const { actor, params, t } = context
  const organisation = await selectOrganisation(actor, params.id)
  const departments = await listDepartments(params.id)
  return page('organisations/card', presentCard(context, organisation, departments, form), {
    title: organisation.short_name,
    breadcrumbs: [{ href: '/organisations', label: t('organisations.list.title') }],
  })
}

/** The form, empty, filled or with reasons. Who may not edit the organisation does not get it. */
async function showForm(context: AnyContext, form: Form, id?: number): Promise<Reply> {
  const { actor, t } = context
  if (id) organisationPolicy.demand(actor, 'edit', await selectOrganisation(actor, id))
  const parents = await listOrganisationChoices(actor)
  return page('organisations/form', presentForm(t, form, parents, id), {
    title: t(id ? 'organisations.form.titleEdit' : 'organisations.form.titleNew'),
    breadcrumbs: [{ href: '/organisations', label: t('organisations.list.title') }],
  })
}
