import { z } from 'zod'
import { id, line } from '../../core/http/fields.ts'
import { cleanForm, type Form } from '../../core/http/forms.ts'
import { page, type Reply, redirect } from '../../core/http/reply.ts'
import { type AnyContext, mayEverywhere, type Routes, signedIn } from '../../core/http/route.ts'
import { confirmFactor, dropFactor, offerSecret, renewCodes, resetFactor, selectFactorState } from './second-factor.ts'

const passwordBody = z.object({ password: z.string().min(1).max(1000) })

/** The second step of signing in: switched on and off by each person, reset by an administrator. */
export function secondFactorRoutes(routes: Routes): void {
  const base = '/profile/second-step'
  routes.get(base, { access: signedIn }, (context) => showFactor(context))
  routes.post(
    base,
    {
      access: signedIn,
      body: z.object({ code: line(20) }),
      invalid: (context, form) => showFactor(context, { code: form }),
    },
    async (context) => showCodes(context, await confirmFactor(context.actor, context.body.code)),
  )
  routes.post(
    `${base}/codes`,
    { access: signedIn, body: passwordBody, invalid: (context, form) => showFactor(context, { codes: form }) },
    async (context) => showCodes(context, await renewCodes(context.actor, context.body.password)),
  )
  routes.post(
    `${base}/off`,
    { access: signedIn, body: passwordBody, invalid: (context, form) => showFactor(context, { off: form }) },
    async ({ actor, body }) => {
      await dropFactor(actor, body.password)
      return redirect('/profile', 'accounts.factor.isOff')
    },
  )
  routes.post(
    '/people/:id/second-step/reset',
    { access: mayEverywhere('accounts.edit'), params: z.object({ id: id() }) },
    async ({ actor, params }) => {
      await resetFactor(actor, params.id)
      return redirect(`/people/${params.id}`, 'accounts.factor.isReset')
    },
  )
}

const crumbs = ({ t }: AnyContext) => [{ href: '/profile', label: t('accounts.profile.title') }]

async function showFactor(context: AnyContext, shown: { code?: Form; codes?: Form; off?: Form } = {}): Promise<Reply> {
  const { actor, t, format } = context
  const state = await selectFactorState(actor.personId as number)
  const offer = state.isOn ? null : await offerSecret(actor)
  const model = {
    isOn: state.isOn,
    since: format.dateTime(state.since),
    codesLeft: t('accounts.factor.codesLeft', { count: state.codesLeft }),
    // Four letters at a time are typed without a mistake.
    secret: offer?.secret.replace(/(.{4})(?=.)/g, '$1 ') ?? '',
    picture: offer ? `data:image/svg+xml;base64,${Buffer.from(offer.picture).toString('base64')}` : '',
    codeForm: shown.code ?? cleanForm({ code: '' }),
    codesForm: shown.codes ?? cleanForm({}),
    offForm: shown.off ?? cleanForm({}),
  }
  return page('accounts/second-factor', model, { title: t('accounts.factor.title'), breadcrumbs: crumbs(context) })
}

/** Shown once: only their hashes are kept. */
function showCodes(context: AnyContext, codes: string[]): Reply {
  const { t } = context
  return page(
    'accounts/recovery-codes',
    { codes },
    { title: t('accounts.factor.codesTitle'), breadcrumbs: crumbs(context) },
  )
}
