import { z } from 'zod'
import { id, line } from '../../core/http/fields.ts'
import { cleanForm, type Form } from '../../core/http/forms.ts'
import { ownPath } from '../../core/http/own-path.ts'
import { page, type Reply, redirect } from '../../core/http/reply.ts'
import { type AnyContext, mayEverywhere, type Routes, signedIn } from '../../core/http/route.ts'
import { mustSetFactor } from '../../core/rights/second-factor.ts'
import { confirmFactor, dropFactor, offerSecret, renewCodes, resetFactor, selectFactorState } from './second-factor.ts'

/** Where one wanted to go when one signed in. */
const laterQuery = z.object({ next: z.string().max(2000).optional() })
const passwordBody = z.object({ password: z.string().min(1).max(1000) })

/** The second step of signing in: switched on and off by each person, reset by an administrator. */
export function secondFactorRoutes(routes: Routes): void {
  const base = '/profile/second-step'
  routes.get(
    base,
    { access: signedIn, beforeSecondStep: true, beforeConsent: true, isOwn: true, query: laterQuery },
    (context) => showFactor(context),
  )
  routes.post(
    base,
    {
      access: signedIn,
      beforeSecondStep: true,
      beforeConsent: true,
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
    isRequired: actor.secondFactor !== undefined,
    ...demandOf(context),
  }
  // Nothing else may be reached: the page offers nothing else.
  const frame = mustSetFactor(actor) ? { layout: 'plain' as const, wide: true } : { breadcrumbs: crumbs(context) }
  return page('accounts/second-factor', model, { title: t('accounts.factor.title'), ...frame })
}

/** What is said to who has not set it up although a role demands it. */
function demandOf({ actor, t, format, query }: AnyContext) {
  const { secondFactor } = actor
  if (!secondFactor || secondFactor.isOn) return { demand: '', laterHref: '', isBarred: false }
  const isBarred = mustSetFactor(actor)
  return {
    demand: isBarred
      ? t('accounts.factor.demandNow')
      : t('accounts.factor.demandUntil', { date: format.dateTime(secondFactor.dueAt) }),
    laterHref: !isBarred && query?.next !== undefined ? ownPath(query.next) : '',
    isBarred,
  }
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
