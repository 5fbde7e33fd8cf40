import { noteRead } from '../../../core/audit/reads.ts'
import { ForbiddenError } from '../../../core/errors.ts'
import { cleanForm, type Form, formOverNewer } from '../../../core/http/forms.ts'
import { page, type Reply, redirect } from '../../../core/http/reply.ts'
import { type AnyContext, may, mayEverywhere, type Routes, signedIn } from '../../../core/http/route.ts'
import { fullName, pick } from '../../../core/text.ts'
import { selectPerson } from '../queries.ts'
import { createField, moveField, setFieldState, updateField } from './definition-service.ts'
import { fieldMove, fieldParams, fieldState, fieldUpdate, newFieldInput, personParams, valuesInput } from './input.ts'
import { fieldValues, presentField, presentFields, presentValuesForm, typedValues } from './presenter.ts'
import { listFields, selectField } from './queries.ts'
import { fieldsOfPerson, saveValues } from './value-service.ts'

const define = mayEverywhere('people.fields')
const view = may('people.view')

/** Fields that the authority adds to people, and their values. */
export function fieldRoutes(routes: Routes): void {
  routes.get('/person-fields', { access: define }, async (context) =>
    page('people/fields/list', presentFields(context, await listFields()), {
      title: context.t('person-fields.list.title'),
      actions: [
        { href: '/person-fields/new', label: context.t('person-fields.list.create'), icon: 'plus', kind: 'primary' },
      ],
    }),
  )
  routes.get('/person-fields/new', { access: define }, (context) =>
    showField(context, cleanForm({ kind: 'line', seenBy: ['person'], editedBy: [] })),
  )
  routes.post(
    '/person-fields',
    { access: define, body: newFieldInput, once: true, invalid: showField },
    async ({ actor, body }) => {
      await createField(actor, body)
      return redirect('/person-fields', 'person-fields.flash.created')
    },
  )
  routes.get('/person-fields/:id', { access: define, params: fieldParams }, (context) => showField(context))
  routes.post(
    '/person-fields/:id',
    {
      access: define,
      params: fieldParams,
      body: fieldUpdate,
      invalid: showField,
      stale: async (context, form) =>
        showField(context, formOverNewer(form, fieldValues(await selectField(context.params.id)))),
    },
    async ({ actor, params, body }) => {
      await updateField(actor, params.id, body)
      return redirect('/person-fields', 'person-fields.flash.changed')
    },
  )
  routes.post(
    '/person-fields/:id/state',
    { access: define, params: fieldParams, body: fieldState, invalid: (context, form) => showRefused(context, form) },
    async ({ actor, params, body }) => {
      await setFieldState(actor, params.id, body)
      return redirect('/person-fields', `person-fields.flash.${body.state}`)
    },
  )
  routes.post(
    '/person-fields/:id/move',
    { access: define, params: fieldParams, body: fieldMove },
    async ({ actor, params, body }) => {
      await moveField(actor, params.id, body.direction)
      return redirect('/person-fields', 'person-fields.flash.moved')
    },
  )
  valueRoutes(routes)
}

/** The values of one's own and of others. */
function valueRoutes(routes: Routes): void {
  routes.get('/people/:id/fields', { access: view, params: personParams }, (context) =>
    showValues(context, context.params.id),
  )
  routes.post(
    '/people/:id/fields',
    {
      access: view,
      params: personParams,
      body: valuesInput,
      invalid: (context, form) => showValues(context, context.params.id, form),
      stale: (context, form) => showNewerValues(context, context.params.id, form),
    },
    async ({ actor, params, body }) => {
      await saveValues(actor, params.id, body)
      return redirect(`/people/${params.id}`, 'person-fields.flash.saved')
    },
  )
  routes.get('/profile/fields', { access: signedIn }, (context) => showValues(context, ownId(context)))
  routes.post(
    '/profile/fields',
    {
      access: signedIn,
      body: valuesInput,
      invalid: (context, form) => showValues(context, ownId(context), form),
      stale: (context, form) => showNewerValues(context, ownId(context), form),
    },
    async (context) => {
      await saveValues(context.actor, ownId(context), context.body)
      return redirect('/profile', 'person-fields.flash.saved')
    },
  )
}

const ownId = ({ actor }: AnyContext): number => actor.personId as number

async function showField(context: AnyContext, typed?: Form): Promise<Reply> {
  const { t, lang, params } = context
  const field = params?.id ? await selectField(params.id) : undefined
  const form = typed ?? cleanForm(field && fieldValues(field))
  return page('people/fields/form', presentField(context, form, field), {
    title: field ? pick(field.title, lang) : t('person-fields.form.titleNew'),
    breadcrumbs: [{ href: '/person-fields', label: t('person-fields.list.title') }],
  })
}

/** A field that could not be taken back: nothing was typed, only the reason is new. */
async function showRefused(context: AnyContext, { summary }: Form): Promise<Reply> {
  return showField(context, { ...cleanForm(fieldValues(await selectField(context.params.id))), summary })
}

async function showValues(context: AnyContext, personId: number, typed?: Form): Promise<Reply> {
  const { actor, t, req } = context
  const person = await fieldsOfPerson(actor, personId)
  if (!person.edited.length) throw new ForbiddenError()
  const isOwn = req.path.startsWith('/profile')
  const back = isOwn ? '/profile' : `/people/${personId}`
  const name = isOwn ? t('accounts.profile.title') : fullName(await selectPerson(actor, personId))
  if (!isOwn) await noteRead(actor, 'card', { type: 'person', id: personId }, personId)
  const form = typed ?? cleanForm(typedValues(person))
  return page('people/fields/values', presentValuesForm(context, person, form, back), {
    title: t('person-fields.values.title'),
    breadcrumbs: [{ href: back, label: name }],
  })
}

/** What was typed over what somebody else has saved meanwhile. */
async function showNewerValues(context: AnyContext, personId: number, form: Form): Promise<Reply> {
  const newest = typedValues(await fieldsOfPerson(context.actor, personId))
  return showValues(context, personId, formOverNewer(form, newest))
}
