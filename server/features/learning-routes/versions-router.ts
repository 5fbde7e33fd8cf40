import { noteRead } from '../../core/audit/reads.ts'
import { page, type Reply } from '../../core/http/reply.ts'
import { type AnyContext, may, type Routes } from '../../core/http/route.ts'
import { compareQuery, enrolmentParams, submitInput, versionParams } from './input.ts'
import { loadRoute } from './load-route.ts'
import { presentSnapshot, presentVersions } from './present-pages.ts'
import { routeUrl } from './presenter.ts'
import { answerStep, readerOf, STYLES, takenWords } from './router-steps.ts'
import { takeVersion } from './service.ts'
import { listTopicComments, listVersions, selectVersion } from './version-queries.ts'

const view = may('routes.view', 'routes.edit', 'routes.approve')
const edit = may('routes.edit')
const BASE = '/learning-routes/:enrolmentId'

export function versionRoutes(routes: Routes): void {
  routes.get(`${BASE}/versions`, { access: view, params: enrolmentParams }, showVersions)
  routes.get(`${BASE}/versions/compare`, { access: view, params: enrolmentParams, query: compareQuery }, showComparison)
  routes.get(`${BASE}/versions/:number`, { access: view, params: versionParams }, showVersion)

  routes.post(
    `${BASE}/versions/:number/take`,
    { access: edit, params: versionParams, body: submitInput },
    (context) => {
      const { enrolmentId, number } = context.params
      return answerStep(context, enrolmentId, 'map', async () =>
        takenWords(await takeVersion(context.actor, enrolmentId, number, context.body.revision)),
      )
    },
  )
}

const crumbs = (context: AnyContext, enrolmentId: number) => [
  { href: routeUrl(enrolmentId), label: context.t('learning-routes.title') },
]

async function showVersions(context: AnyContext): Promise<Reply> {
  const { data, isOwn, moment } = await loadRoute(context.actor, context.params.enrolmentId)
  const model = presentVersions(readerOf(context, moment.now), data.head, await listVersions(data.head.routeId))
  return page('learning-routes/versions', model, {
    title: context.t('learning-routes.versions.title'),
    subtitle: isOwn ? '' : data.head.personName,
    breadcrumbs: crumbs(context, data.head.enrolmentId),
    styles: STYLES,
  })
}

async function showVersion(context: AnyContext): Promise<Reply> {
  const { can, closed, data, isOwn, moment } = await loadRoute(context.actor, context.params.enrolmentId)
  const { draftRevision, enrolmentId, routeId } = data.head
  const version = await selectVersion(routeId, context.params.number)
  if (!isOwn) await noteRead(context.actor, 'route', { type: 'enrolment', id: enrolmentId }, null)
  const reader = readerOf(context, moment.now)
  const comments = await listTopicComments(routeId, version.number)
  const [presented] = presentVersions(reader, data.head, [version]).versions
  const take = {
    href: `${routeUrl(enrolmentId)}/versions/${version.number}/take`,
    label: context.t('learning-routes.versions.take'),
    method: 'post',
    icon: 'restore',
    fields: { revision: draftRevision },
  }
  const model = {
    version: presented,
    snapshot: presentSnapshot(reader, version.content, null, comments),
    take: can.edit && closed === null ? take : null,
  }
  return page('learning-routes/version', model, {
    title: context.t('learning-routes.versions.number', { number: version.number }),
    subtitle: isOwn ? '' : data.head.personName,
    breadcrumbs: [
      ...crumbs(context, enrolmentId),
      { href: `${routeUrl(enrolmentId)}/versions`, label: context.t('learning-routes.versions.title') },
    ],
    styles: STYLES,
  })
}

/** Two versions side by side in one list; without a choice, the last two. */
async function showComparison(context: AnyContext): Promise<Reply> {
  const { data, moment } = await loadRoute(context.actor, context.params.enrolmentId)
  const { enrolmentId, routeId, versionNumber } = data.head
  const to = await selectVersion(routeId, context.query.to ?? versionNumber)
  const from = await selectVersion(routeId, context.query.from ?? Math.max(1, to.number - 1))
  const reader = readerOf(context, moment.now)
  const { versions, choices, compareAction } = presentVersions(reader, data.head, await listVersions(routeId))
  const model = {
    from: versions.find((version) => version.number === from.number),
    to: versions.find((version) => version.number === to.number),
    chosen: { from: from.number, to: to.number },
    choices,
    compareAction,
    snapshot: presentSnapshot(reader, to.content, from.content),
  }
  return page('learning-routes/compare', model, {
    title: context.t('learning-routes.compare.title'),
    breadcrumbs: [
      ...crumbs(context, enrolmentId),
      { href: `${routeUrl(enrolmentId)}/versions`, label: context.t('learning-routes.versions.title') },
    ],
    styles: STYLES,
  })
}
