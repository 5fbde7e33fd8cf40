import { noteRead } from '../../core/audit/reads.ts'
import { page, type Reply, redirect } from '../../core/http/reply.ts'
import { type AnyContext, may, type Routes, signedIn } from '../../core/http/route.ts'
import { nowUtc } from '../../core/time.ts'
import { approvalRoutes } from './approval-router.ts'
import { constructorQuery, enrolmentParams, stepInput, submitInput, templateInput, topicParams } from './input.ts'
import { listOwnRoutes } from './list-queries.ts'
import { loadShownRoute } from './load-route.ts'
import { ownItemRoutes } from './own-items-router.ts'
import { presentList } from './present-list.ts'
import { presentOwnRoutes } from './present-pages.ts'
import { presentState, routeUrl } from './presenter.ts'
import { answerStep, readerOf, STYLES, showConstructor, takenWords } from './router-steps.ts'
import { topicAnchor } from './rules-types.ts'
import { chooseTopic, removeTopic, takeTemplate } from './service.ts'
import { beginChange, discardChange, submitRoute, withdrawRoute } from './submit-service.ts'
import { versionRoutes } from './versions-router.ts'
import { say } from './wording.ts'

const view = may('routes.view', 'routes.edit', 'routes.approve')
const edit = may('routes.edit')
const BASE = '/learning-routes/:enrolmentId'

export function learningRouteRoutes(routes: Routes): void {
  routes.get('/learning-routes', { access: signedIn }, showOwnRoutes)

  routes.get(BASE, { access: view, params: enrolmentParams, query: constructorQuery }, (context) =>
    showConstructor(context, context.params.enrolmentId, context.query.face),
  )

  routes.post(`${BASE}/topics/:topicId/choose`, { access: edit, params: topicParams, body: stepInput }, (context) => {
    const { enrolmentId, topicId } = context.params
    return answerStep(context, enrolmentId, context.body.face, async () => {
      await chooseTopic(context.actor, enrolmentId, topicId)
      const undo = `${routeUrl(enrolmentId)}/topics/${topicId}/remove`
      return { key: 'learning-routes.flash.chosen', topicId, undo, anchor: topicAnchor(topicId) }
    })
  })

  routes.post(`${BASE}/topics/:topicId/remove`, { access: edit, params: topicParams, body: stepInput }, (context) => {
    const { enrolmentId, topicId } = context.params
    return answerStep(context, enrolmentId, context.body.face, async () => {
      await removeTopic(context.actor, enrolmentId, topicId)
      const undo = `${routeUrl(enrolmentId)}/topics/${topicId}/choose`
      return { key: 'learning-routes.flash.removed', topicId, undo, anchor: topicAnchor(topicId) }
    })
  })

  routes.post(`${BASE}/template`, { access: edit, params: enrolmentParams, body: templateInput }, (context) => {
    const { enrolmentId } = context.params
    const { template, revision, face } = context.body
    return answerStep(context, enrolmentId, face, async () =>
      takenWords(await takeTemplate(context.actor, enrolmentId, template, revision)),
    )
  })

  routes.post(`${BASE}/submit`, { access: edit, params: enrolmentParams, body: submitInput }, (context) => {
    const { enrolmentId } = context.params
    return answerStep(context, enrolmentId, 'map', async () => {
      const state = await submitRoute(context.actor, enrolmentId, context.body.revision)
      return { key: `learning-routes.flash.${state}` }
    })
  })

  for (const [name, act] of [
    ['withdraw', withdrawRoute],
    ['change', beginChange],
    ['discard', discardChange],
  ] as const)
    routes.post(`${BASE}/${name}`, { access: edit, params: enrolmentParams }, (context) => {
      const { enrolmentId } = context.params
      return answerStep(context, enrolmentId, 'map', async () => {
        await act(context.actor, enrolmentId)
        return { key: `learning-routes.flash.${name}` }
      })
    })

  routes.get(`${BASE}/print`, { access: view, params: enrolmentParams }, showPrint)
  versionRoutes(routes)
  ownItemRoutes(routes)
  approvalRoutes(routes)
}

/** One route is opened at once; several are listed. */
async function showOwnRoutes(context: AnyContext): Promise<Reply> {
  const own = await listOwnRoutes(context.actor.personId as number)
  const [first] = own
  if (first && own.length === 1) return redirect(routeUrl(first.enrolmentId))
  return page('learning-routes/own-routes', presentOwnRoutes(readerOf(context, nowUtc()), own), {
    title: context.t('learning-routes.own-routes.title'),
    styles: STYLES,
  })
}

async function showPrint(context: AnyContext): Promise<Reply> {
  const { t, format } = context
  const { data, evaluation, isOwn, moment } = await loadShownRoute(context.actor, context.params.enrolmentId)
  const reader = readerOf(context, moment.now)
  const { head } = data
  if (!isOwn) await noteRead(context.actor, 'route', { type: 'enrolment', id: head.enrolmentId }, null)
  const model = {
    list: presentList(reader, data, evaluation),
    person: head.personName,
    facts: t('learning-routes.print.facts', {
      programme: say(reader, head.programme.title),
      cohort: head.cohort.title,
      from: format.date(head.cohort.startsOn),
      to: format.date(head.cohort.endsOn),
    }),
    state: presentState(reader, data).label,
  }
  return page('learning-routes/print', model, {
    title: t('learning-routes.title'),
    subtitle: head.personName,
    layout: 'print',
    styles: STYLES,
    backUrl: `${routeUrl(head.enrolmentId)}?face=list`,
    printedAt: t('learning-routes.print.printedAt', { at: format.dateTime(moment.now) }),
  })
}
