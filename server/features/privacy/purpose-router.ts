import { cleanForm, type Form, formOverNewer } from '../../core/http/forms.ts'
import { page, type Reply, redirect } from '../../core/http/reply.ts'
import { type AnyContext, anyone, mayEverywhere, type Routes } from '../../core/http/route.ts'
import { setting } from '../../core/settings.ts'
import { pick } from '../../core/text.ts'
import { idParams, LEGAL_BASES, publishInput, purposeInput, purposeState, purposeUpdate } from './input.ts'
import { presentPolicy, presentPurposes, presentText, presentVersions } from './purpose-presenter.ts'
import { countAnswers, listPurposes, listTexts, selectPurpose, selectText } from './purpose-queries.ts'
import {
  addReadyPurposes,
  createPurpose,
  publishText,
  purposeValues,
  setPurposeState,
  updatePurpose,
} from './purpose-service.ts'

const access = mayEverywhere('privacy.purposes')

/** The list of purposes: for everybody to read, for an administrator to keep. */
export function purposeRoutes(routes: Routes): void {
  routes.get('/personal-data', { access: anyone }, async (context) => {
    const { contact, name } = await setting('authority')
    const model = { ...presentPolicy(context, await listPurposes()), contact, authority: name }
    return page('privacy/policy', model, { title: context.t('privacy.policy.title'), layout: 'plain', wide: true })
  })
  routes.get('/personal-data/texts/:id', { access: anyone, params: idParams }, async (context) => {
    const text = await selectText(context.params.id)
    const options = { title: pick(text.title, context.lang), layout: 'plain', wide: true } as const
    return page('privacy/text', presentText(context, text), options)
  })

  routes.get('/purposes', { access }, async (context) => {
    const model = presentPurposes(context, await listPurposes(), await countAnswers())
    const add = {
      href: '/purposes/new',
      label: context.t('privacy.purposes.add'),
      icon: 'plus',
      kind: 'primary',
    } as const
    return page('privacy/purposes', model, { title: context.t('privacy.purposes.title'), actions: [add] })
  })
  routes.post('/purposes/ready', { access }, async ({ actor }) => {
    await addReadyPurposes(actor)
    return redirect('/purposes', 'privacy.purposes.flash.ready')
  })
  routes.get('/purposes/new', { access }, (context) => showForm(context, cleanForm({ legalBasis: 'consent' })))
  routes.post(
    '/purposes',
    { access, body: purposeInput, once: true, invalid: (context, form) => showForm(context, form) },
    async ({ actor, body }) =>
      redirect(`/purposes/${await createPurpose(actor, body)}`, 'privacy.purposes.flash.created'),
  )
  routes.get('/purposes/:id', { access, params: idParams }, (context) => showPurpose(context))
  routes.post(
    '/purposes/:id',
    {
      access,
      params: idParams,
      body: purposeUpdate,
      invalid: showPurpose,
      stale: async (context, form) => {
        const newest = purposeValues(await selectPurpose(context.params.id))
        return showPurpose(context, formOverNewer(form, newest))
      },
    },
    async ({ actor, params, body }) => {
      await updatePurpose(actor, params.id, body)
      return redirect(`/purposes/${params.id}`, 'privacy.purposes.flash.saved')
    },
  )
  routes.post(
    '/purposes/:id/publish',
    { access, params: idParams, body: publishInput, invalid: showRefusal },
    async ({ actor, params, body }) => {
      await publishText(actor, params.id, body.version)
      return redirect(`/purposes/${params.id}`, 'privacy.purposes.flash.published')
    },
  )
  routes.post(
    '/purposes/:id/state',
    { access, params: idParams, body: purposeState },
    async ({ actor, params, body }) => {
      await setPurposeState(actor, params.id, body)
      return redirect('/purposes', `privacy.purposes.flash.${body.state}`)
    },
  )
}

const formModel = ({ t }: AnyContext, form: Form) => ({
  form,
  bases: LEGAL_BASES.map((value) => ({
    value,
    label: t(`privacy.basis.${value}`),
    hint: t(`privacy.basisHint.${value}`),
  })),
})

const breadcrumbs = ({ t }: AnyContext) => [{ href: '/purposes', label: t('privacy.purposes.title') }]

const showForm = (context: AnyContext, form: Form): Reply =>
  page(
    'privacy/purpose',
    { ...formModel(context, form), purpose: null },
    { title: context.t('privacy.purposes.add'), breadcrumbs: breadcrumbs(context) },
  )

/** A text that may not be published: the reason above the purpose as it is. */
async function showRefusal(context: AnyContext, refused: Form): Promise<Reply> {
  const values = purposeValues(await selectPurpose(context.params.id))
  return showPurpose(context, { ...refused, values })
}

async function showPurpose(context: AnyContext, typed?: Form): Promise<Reply> {
  const { params, lang } = context
  const purpose = await selectPurpose(params.id)
  const model = {
    ...formModel(context, typed ?? cleanForm(purposeValues(purpose))),
    purpose: presentVersions(context, purpose, await listTexts(params.id)),
  }
  return page('privacy/purpose', model, { title: pick(purpose.title, lang), breadcrumbs: breadcrumbs(context) })
}
