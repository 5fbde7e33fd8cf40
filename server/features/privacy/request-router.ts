import { z } from 'zod'
import { civilDate, line, versionField, whole } from '../../core/http/fields.ts'
import { cleanForm, type Form } from '../../core/http/forms.ts'
import { pagerLinks, pagingQuery } from '../../core/http/paging.ts'
import { page, type Reply, redirect } from '../../core/http/reply.ts'
import { type AnyContext, mayEverywhere, type Routes, signedIn } from '../../core/http/route.ts'
import { hasEverywhere } from '../../core/rights/index.ts'
import { authorityToday, setting } from '../../core/settings.ts'
import { fullName } from '../../core/text.ts'
import { idParams } from './input.ts'
import { presentRequest } from './request-presenter.ts'
import { countPending, listOwn, listRequests, PENDING, REQUEST_KINDS, selectRequest } from './request-queries.ts'
import {
  cancelRequest,
  changeDeadlines,
  decideRequest,
  recordRequest,
  sendRequest,
  takeRequest,
} from './request-service.ts'

const access = mayEverywhere('privacy.requests')
const own = { access: signedIn, beforeConsent: true, isOwn: true } as const

// A withdrawal is asked for by withdrawing.
const kind = z.enum(REQUEST_KINDS).exclude(['withdrawal'])
const sendInput = z.object({ kind, text: z.string().trim().min(1).max(4000) })
const paperInput = z.object({
  person: line(300),
  kind: z.enum(REQUEST_KINDS),
  text: z.string().trim().min(1).max(4000),
  receivedOn: civilDate(),
})
const versionInput = z.object({ version: versionField() })
const decideInput = z.object({
  state: z.enum(['done', 'declined']),
  decision: z.string().trim().min(1).max(2000),
  version: versionField(),
})
const deadlineInput = z.object({
  accessWorkingDays: whole(1, 60),
  correctionWorkingDays: whole(1, 60),
  erasureDays: whole(1, 90),
})
const queueQuery = z.object({ tab: z.enum(['pending', 'answered']).default('pending'), ...pagingQuery })

/** What people ask about their data, and the queue in which it is answered in time. */
export function requestRoutes(routes: Routes): void {
  routes.get('/my/requests', own, (context) => showOwn(context, cleanForm()))
  routes.post('/my/requests', { ...own, body: sendInput, once: true, invalid: showOwn }, async ({ actor, body }) => {
    await sendRequest(actor, body)
    return redirect('/my/requests', 'privacy.requests.flash.sent')
  })
  routes.post('/my/requests/:id/cancel', { ...own, params: idParams }, async ({ actor, params }) => {
    await cancelRequest(actor, params.id)
    return redirect('/my/requests', 'privacy.requests.flash.cancelled')
  })

  routes.get('/data-requests', { access, query: queueQuery }, (context) => showQueue(context, {}))
  routes.post(
    '/data-requests',
    { access, body: paperInput, once: true, invalid: (context, paper) => showQueue(withQuery(context), { paper }) },
    async ({ actor, body }) => {
      const id = await recordRequest(actor, Number(/(?:^|#)(\d+)\s*$/.exec(body.person)?.[1] ?? 0), body)
      return redirect(`/data-requests/${id}`, 'privacy.requests.flash.recorded')
    },
  )
  routes.post(
    '/data-requests/deadlines',
    { access, body: deadlineInput, invalid: (context, deadlines) => showQueue(withQuery(context), { deadlines }) },
    async ({ actor, body }) => {
      await changeDeadlines(actor, body)
      return redirect('/data-requests', 'privacy.requests.flash.deadlines')
    },
  )
  routes.get('/data-requests/:id', { access, params: idParams }, (context) => showRequest(context, cleanForm()))
  routes.post(
    '/data-requests/:id/take',
    { access, params: idParams, body: versionInput },
    async ({ actor, params, body }) => {
      await takeRequest(actor, params.id, body.version)
      return redirect(`/data-requests/${params.id}`, 'privacy.requests.flash.taken')
    },
  )
  routes.post(
    '/data-requests/:id/decide',
    { access, params: idParams, body: decideInput, invalid: showRequest, stale: showRequest },
    async ({ actor, params, body }) => {
      await decideRequest(actor, params.id, body)
      return redirect('/data-requests', 'privacy.requests.flash.decided')
    },
  )
}

const withQuery = (context: AnyContext) => ({ ...context, query: queueQuery.parse({}) })

const kinds = ({ t }: AnyContext, names: readonly string[]) =>
  names.map((value) => ({
    value,
    label: t(`privacy.requests.kind.${value}`),
    hint: t(`privacy.requests.kindHint.${value}`),
  }))

async function showOwn(context: AnyContext, form: Form): Promise<Reply> {
  const { actor, t } = context
  const rows = await listOwn(actor.personId as number)
  const model = { form, kinds: kinds(context, kind.options), rows: rows.map((row) => presentRequest(context, row)) }
  return page('privacy/my-requests', model, {
    title: t('privacy.requests.mine'),
    breadcrumbs: [{ href: '/profile', label: t('accounts.profile.title') }],
  })
}

async function showQueue(
  context: AnyContext & { query: z.infer<typeof queueQuery> },
  forms: { paper?: Form; deadlines?: Form },
): Promise<Reply> {
  const { query, t } = context
  const isPending = query.tab === 'pending'
  const [result, counts] = [await listRequests(isPending, query), await countPending(authorityToday())]
  const model = {
    tabs: (['pending', 'answered'] as const).map((tab) => ({
      href: `/data-requests?tab=${tab}`,
      label: t(`privacy.requests.tab.${tab}`),
      active: tab === query.tab,
      ...(tab === 'pending' && counts.waiting ? { badge: counts.waiting } : {}),
    })),
    rows: result.rows.map((row) => presentRequest(context, row)),
    isPending,
    pager: pagerLinks('/data-requests', { tab: query.tab }, result),
    paper: forms.paper ?? cleanForm({ receivedOn: authorityToday() }),
    deadlines: forms.deadlines ?? cleanForm(await setting('dataRequests')),
    kinds: kinds(context, REQUEST_KINDS),
  }
  return page('privacy/requests', model, { title: t('privacy.requests.title') })
}

async function showRequest(context: AnyContext, form: Form): Promise<Reply> {
  const { actor, params, t } = context
  const request = await selectRequest(params.id)
  const model = {
    form,
    request: presentRequest(context, request),
    isPending: PENDING.includes(request.state),
    isOpen: request.state === 'open',
    version: request.version,
    personHref: `/people/${request.person_id}`,
    eraseHref:
      hasEverywhere(actor, 'privacy.erase') && ['erasure', 'withdrawal'].includes(request.kind)
        ? `/people/${request.person_id}/erasure`
        : null,
  }
  return page('privacy/request', model, {
    title: t(`privacy.requests.kind.${request.kind}`),
    subtitle: fullName(request),
    breadcrumbs: [{ href: '/data-requests', label: t('privacy.requests.title') }],
  })
}
