import { noteRead } from '../../core/audit/reads.ts'
import { ForbiddenError } from '../../core/errors.ts'
import { exportFormat, sendTable } from '../../core/export/index.ts'
import { cleanForm, type Form } from '../../core/http/forms.ts'
import { EXPORT_PAGE, eachPage, type Paging } from '../../core/http/paging.ts'
import { page, type Reply, redirect } from '../../core/http/reply.ts'
import { type AnyContext, may, type Routes } from '../../core/http/route.ts'
import { nowUtc } from '../../core/time.ts'
import { approveRoute, approveRoutes, returnRoute } from './decide-service.ts'
import { approveInput, bulkApproveInput, enrolmentParams, queueQuery, returnInput } from './input.ts'
import { listWaiting, listWaitingCohorts } from './list-queries.ts'
import { authorityToday, loadRoute } from './load-route.ts'
import { presentQueue, presentQueueExport, presentSnapshot } from './present-pages.ts'
import { routeUrl } from './presenter.ts'
import { readerOf, STYLES } from './router-steps.ts'
import { listTopicComments, selectOptionalForceBefore, selectVersion } from './version-queries.ts'
import { say, sayMoment } from './wording.ts'

const approve = may('routes.approve')

export function approvalRoutes(routes: Routes): void {
  routes.get('/route-approvals', { access: approve, query: queueQuery }, async (context) => {
    const { actor, query, t } = context
    const date = await authorityToday()
    const [result, cohorts] = [await listWaiting(actor, date, query), await listWaitingCohorts(actor, date)]
    return page('learning-routes/queue', presentQueue(readerOf(context, nowUtc()), result, query, cohorts), {
      title: t('learning-routes.queue.title'),
      subtitle: t('learning-routes.queue.subtitle'),
    })
  })

  routes.get('/route-approvals/export', { access: approve, query: queueQuery }, async (context) => {
    const { actor, query, req, t } = context
    const date = await authorityToday()
    const reader = readerOf(context, nowUtc())
    await noteRead(actor, 'waiting', { type: 'list', id: 0 }, null, { filter: query })
    const rows = async function* () {
      const list = (paging: Paging) => listWaiting(actor, date, { ...query, ...paging }, EXPORT_PAGE)
      for await (const waiting of eachPage(list)) yield* presentQueueExport(reader, waiting)
    }
    const names = ['queue.person', 'queue.organisation', 'queue.cohort', 'queue.programme', 'queue.what', 'list.hours']
    return sendTable(exportFormat(req.query.format), {
      fileName: t('learning-routes.queue.title'),
      title: t('learning-routes.queue.title'),
      columns: [...names, 'queue.submitted'].map((name) => t(`learning-routes.${name}`)),
      rows: rows(),
    })
  })

  routes.post('/route-approvals', { access: approve, body: bulkApproveInput }, async ({ actor, body }) => {
    const { approved, refused } = await approveRoutes(actor, body.routes)
    const key = `learning-routes.flash.${refused > 0 ? 'bulkApprovedPartly' : 'bulkApproved'}`
    return redirect('/route-approvals', {
      kind: refused > 0 ? 'warning' : 'success',
      key,
      values: { count: approved, refused },
    })
  })

  routes.get('/route-approvals/:enrolmentId', { access: approve, params: enrolmentParams }, (context) =>
    showDecision(context, cleanForm({ comment: '' })),
  )

  routes.post(
    '/route-approvals/:enrolmentId/approve',
    { access: approve, params: enrolmentParams, body: approveInput, invalid: showDecision },
    async ({ actor, params, body }) => {
      const decided = { enrolmentId: params.enrolmentId, versionNumber: body.version }
      await approveRoute(actor, decided, body.comment)
      return redirect('/route-approvals', 'learning-routes.flash.decidedApproved')
    },
  )

  routes.post(
    '/route-approvals/:enrolmentId/return',
    { access: approve, params: enrolmentParams, body: returnInput, invalid: showDecision },
    async ({ actor, params, body }) => {
      const decided = { enrolmentId: params.enrolmentId, versionNumber: body.version }
      await returnRoute(actor, decided, { comment: body.comment, topics: body.topics })
      return redirect('/route-approvals', 'learning-routes.flash.decidedReturned')
    },
  )
}

/** What was submitted, compared with what is in force, and the two decisions. A route that no longer waits is shown as it is. */
async function showDecision(context: AnyContext, form: Form): Promise<Reply> {
  const { actor, params, t } = context
  const route = await loadRoute(actor, params.enrolmentId)
  if (!route.can.approve) throw new ForbiddenError(route.isOwn ? 'learning-routes.decision.own' : undefined)
  const { head } = route.data
  if (head.state !== 'submitted') {
    const key = 'learning-routes.flash.notWaiting'
    return redirect(routeUrl(head.enrolmentId), { kind: 'info', key })
  }
  const routeId = head.routeId as number
  await noteRead(actor, 'route', { type: 'enrolment', id: head.enrolmentId }, null)
  const reader = readerOf(context, route.moment.now)
  const version = await selectVersion(routeId, head.versionNumber)
  const before = await selectOptionalForceBefore(routeId, head.versionNumber)
  const earlier = await listTopicComments(routeId, head.versionNumber - 1)
  const model = {
    form,
    snapshot: presentSnapshot(reader, version.content, before?.content ?? null, earlier),
    version: version.number,
    typed: typedComments(form),
    base: `/route-approvals/${head.enrolmentId}`,
    routeHref: routeUrl(head.enrolmentId),
    facts: t('learning-routes.decision.facts', {
      number: version.number,
      at: sayMoment(reader, version.submittedAt),
      programme: say(reader, head.programme.title),
      cohort: head.cohort.title,
    }),
  }
  return page('learning-routes/decision', model, {
    title: head.personName,
    subtitle: model.facts,
    breadcrumbs: [{ href: '/route-approvals', label: t('learning-routes.queue.title') }],
    styles: STYLES,
  })
}

/** Comments on topics that were typed before the form came back. */
function typedComments(form: Form): Record<string, string> {
  const typed = form.values.topics
  return typed && typeof typed === 'object' ? (typed as Record<string, string>) : {}
}
