import { cleanForm, type Form, formOverNewer } from '../../core/http/forms.ts'
import { page, type Reply, redirect } from '../../core/http/reply.ts'
import { type AnyContext, may, type Routes } from '../../core/http/route.ts'
import { authorityToday } from '../../core/settings.ts'
import { closeDepartment, renameDepartment, reopenDepartment } from './department-service.ts'
import { departmentClose, departmentParams, departmentRename, departmentReopen } from './input.ts'
import { organisationPolicy } from './policy.ts'
import { presentDepartment } from './presenter.ts'
import { selectDepartment, selectOrganisation } from './queries.ts'

const edit = may('organisations.edit')
const one = '/organisations/:id/departments/:departmentId'

/** A department of an organisation: its name, its end, its beginning anew. */
export function departmentRoutes(routes: Routes): void {
  routes.get(one, { access: edit, params: departmentParams }, (context) => showDepartment(context))
  routes.post(
    one,
    {
      access: edit,
      params: departmentParams,
      body: departmentRename,
      invalid: (context, form) => showDepartment(context, { rename: form }),
      stale: async (context, form) => showDepartment(context, { rename: formOverNewer(form, await newest(context)) }),
    },
    async ({ actor, params, body }) => {
      await renameDepartment(actor, params.id, params.departmentId, body)
      return redirect(`/organisations/${params.id}`, 'organisations.flash.departmentRenamed')
    },
  )
  routes.post(
    `${one}/close`,
    {
      access: edit,
      params: departmentParams,
      body: departmentClose,
      invalid: (context, form) => showDepartment(context, { close: form }),
      stale: async (context, form) => {
        // While it is open, there is no other last day to compare with.
        const values = { closedOn: form.values.closedOn, version: (await newest(context)).version }
        return showDepartment(context, { close: formOverNewer(form, values) })
      },
    },
    async ({ actor, params, body }) => {
      await closeDepartment(actor, params.id, params.departmentId, body)
      return redirect(`/organisations/${params.id}`, 'organisations.flash.departmentClosed')
    },
  )
  routes.post(
    `${one}/reopen`,
    {
      access: edit,
      params: departmentParams,
      body: departmentReopen,
      invalid: (context, form) => showDepartment(context, { rename: form }),
    },
    async ({ actor, params, body }) => {
      await reopenDepartment(actor, params.id, params.departmentId, body.version)
      return redirect(`/organisations/${params.id}`, 'organisations.flash.departmentReopened')
    },
  )
}

/** What the form of the name would show now. */
async function newest({ actor, params }: AnyContext): Promise<Form['values']> {
  await selectOrganisation(actor, params.id)
  const { name, version } = await selectDepartment(params.id, params.departmentId)
  return { name, version }
}

async function showDepartment(context: AnyContext, shown: { rename?: Form; close?: Form } = {}): Promise<Reply> {
  const { actor, params, t } = context
  const organisation = await selectOrganisation(actor, params.id)
  organisationPolicy.demand(actor, 'edit', organisation)
  const department = await selectDepartment(params.id, params.departmentId)
  const { name } = department
  const rename = shown.rename ? { ...shown.rename, values: { name, ...shown.rename.values } } : cleanForm({ name })
  const close = shown.close ?? cleanForm({ closedOn: authorityToday() })
  return page('organisations/department', presentDepartment(context, department, { rename, close }), {
    title: name,
    breadcrumbs: [
      { href: '/organisations', label: t('organisations.list.title') },
      { href: `/organisations/${params.id}`, label: organisation.short_name },
    ],
  })
}
