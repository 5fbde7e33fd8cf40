import { z } from 'zod'
import { id } from '../../core/http/fields.ts'
import { cleanForm, type Form, formOverNewer } from '../../core/http/forms.ts'
import { page, type Reply, redirect } from '../../core/http/reply.ts'
import { type AnyContext, may, type Routes } from '../../core/http/route.ts'
import { fullName } from '../../core/text.ts'
import { addEmployment, updateEmployment } from './employment-service.ts'
import { employmentUpdate, idParams, newEmploymentInput } from './input.ts'
import { personPolicy } from './policy.ts'
import { employmentValues } from './presenter.ts'
import { listPositions, selectEmployment, selectPerson, selectPlaces } from './queries.ts'

const params = z.object({ id: id(), employmentId: id() })
const edit = may('people.edit')

/** Places of work of a person. */
export function employmentRoutes(routes: Routes): void {
  routes.get('/people/:id/employments/new', { access: edit, params: idParams }, (context) =>
    showForm(context, cleanForm(), context.params.id),
  )
  routes.post(
    '/people/:id/employments',
    {
      access: edit,
      params: idParams,
      body: newEmploymentInput,
      once: true,
      invalid: (context, form) => showForm(context, form, context.params.id),
    },
    async ({ actor, params, body }) => {
      await addEmployment(actor, params.id, body)
      return redirect(`/people/${params.id}`, 'people.flash.employmentAdded')
    },
  )
  routes.get('/people/:id/employments/:employmentId', { access: edit, params }, async (context) => {
    const { id: personId, employmentId } = context.params
    await selectPerson(context.actor, personId)
    const work = await selectEmployment(personId, employmentId)
    return showForm(context, cleanForm(employmentValues(work)), personId, employmentId)
  })
  routes.post(
    '/people/:id/employments/:employmentId',
    {
      access: edit,
      params,
      body: employmentUpdate,
      invalid: (context, form) => showForm(context, form, context.params.id, context.params.employmentId),
      stale: async (context, form) => {
        const { id: personId, employmentId } = context.params
        await selectPerson(context.actor, personId)
        const newest = employmentValues(await selectEmployment(personId, employmentId))
        return showForm(context, formOverNewer(form, newest), personId, employmentId)
      },
    },
    async ({ actor, params, body }) => {
      await updateEmployment(actor, params.id, params.employmentId, body)
      return redirect(`/people/${params.id}`, 'people.flash.employmentChanged')
    },
  )
}

async function showForm(context: AnyContext, form: Form, personId: number, employmentId?: number): Promise<Reply> {
  const { actor, t } = context
  const person = await selectPerson(actor, personId)
  personPolicy.demand(actor, 'edit', await selectPlaces(personId))
  const positions = await listPositions()
  const address = `/people/${personId}/employments`
  const model = {
    form,
    isNew: !employmentId,
    action: employmentId ? `${address}/${employmentId}` : address,
    cancelHref: `/people/${personId}`,
    positions: positions.map((position) => position.name),
  }
  return page('people/employment', model, {
    title: t(employmentId ? 'people.employment.titleEdit' : 'people.employment.titleNew'),
    breadcrumbs: [
      { href: '/people', label: t('people.list.title') },
      { href: `/people/${personId}`, label: fullName(person) },
    ],
  })
}
