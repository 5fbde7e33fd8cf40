import { cleanForm, type Form } from '../../core/http/forms.ts'
import { ownPath } from '../../core/http/own-path.ts'
import { page, type Reply, redirect } from '../../core/http/reply.ts'
import { type AnyContext, type Routes, signedIn } from '../../core/http/route.ts'
import { presentAnswers } from './consent-presenter.ts'
import { latestAnswers, listAnswers, listOwed } from './consent-queries.ts'
import { agree, answerConsents, followAnswers, selectGiven, withdrawConsent } from './consent-service.ts'
import { agreeInput, answerInput, idParams, nextQuery } from './input.ts'
import { presentAsked } from './purpose-presenter.ts'
import { listAsked, selectPurpose } from './purpose-queries.ts'

/** Open without an answer, and to nobody who looks through the person's eyes. */
const own = { access: signedIn, beforeConsent: true, isOwn: true } as const

/** What a person is asked for before anything else, and what they have answered. */
export function consentRoutes(routes: Routes): void {
  routes.get('/consents', { ...own, query: nextQuery }, async (context) => {
    const asked = await showAsked(context, cleanForm(), context.query.next)
    if (asked) return asked
    await followAnswers(context.actor.personId as number)
    return redirect(ownPath(context.query.next))
  })
  const again = async (context: AnyContext, form: Form) =>
    (await showAsked(context, form, String(form.values.next ?? ''))) ?? redirect('/')
  routes.post(
    '/consents',
    {
      ...own,
      body: answerInput,
      invalid: again,
      stale: (context, form) => {
        const message = context.t('privacy.ask.newer')
        return again(context, { ...form, summary: [{ field: '', message }] })
      },
    },
    async ({ actor, body }) => {
      await answerConsents(actor, body)
      return redirect(ownPath(body.next), 'privacy.ask.done')
    },
  )

  routes.get('/my/consents', own, async (context) => {
    const { actor, t } = context
    const id = actor.personId as number
    const [asked, latest, history] = [await listAsked(), await latestAnswers(id), await listAnswers(id)]
    return page('privacy/my-consents', presentAnswers(context, asked, latest, history), {
      title: t('privacy.my.title'),
      breadcrumbs: [{ href: '/profile', label: t('accounts.profile.title') }],
    })
  })
  routes.post('/my/consents', { ...own, body: agreeInput }, async ({ actor, body }) => {
    await agree(actor, body.textId)
    return redirect('/my/consents', 'privacy.my.flash.given')
  })
  routes.get('/my/consents/:id/withdraw', { ...own, params: idParams }, showWithdrawal)
  routes.post('/my/consents/:id/withdraw', { ...own, params: idParams }, async ({ actor, params }) => {
    await withdrawConsent(actor, params.id)
    return redirect('/my/consents', 'privacy.my.flash.withdrawn')
  })
}

/** The page of texts that wait for an answer; undefined if none does. */
async function showAsked(context: AnyContext, form: Form, next?: string): Promise<Reply | undefined> {
  const { actor, t } = context
  const owed = await listOwed(actor.personId as number)
  if (!owed.length) return undefined
  const model = { form, next: ownPath(next), texts: owed.map((purpose) => presentAsked(context, purpose)) }
  return page('privacy/ask', model, {
    title: t('privacy.ask.title'),
    layout: 'plain',
    wide: true,
    styles: ['privacy.css'],
  })
}

async function showWithdrawal(context: AnyContext): Promise<Reply> {
  const { actor, params, t } = context
  await selectGiven(actor.personId as number, params.id)
  const purpose = await selectPurpose(params.id)
  const { title } = presentAsked(context, purpose)
  const consequences = purpose.demands ? ['closed', 'request', 'kept'] : ['stops', 'kept', 'again']
  const model = {
    text: t('privacy.withdraw.text', { title }),
    items: consequences.map((name) => t(`privacy.withdraw.${name}`)),
    action: `/my/consents/${params.id}/withdraw`,
  }
  return page('privacy/withdraw', model, {
    title: t('privacy.withdraw.title'),
    breadcrumbs: [{ href: '/my/consents', label: t('privacy.my.title') }],
  })
}
