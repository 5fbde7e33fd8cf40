import type { z } from 'zod'
import { noteRead } from '../../core/audit/reads.ts'
import { NotFoundError } from '../../core/errors.ts'
import type { Form } from '../../core/http/forms.ts'
import { page, type Reply, redirect } from '../../core/http/reply.ts'
import { type AnyContext, may, type Routes } from '../../core/http/route.ts'
import { fullName } from '../../core/text.ts'
import { acceptEvidence, declineEvidence } from './evidence-service.ts'
import { commentInput, confirmInput, idParams, milestoneParams, versionInput } from './input.ts'
import { readerOf, view } from './load.ts'
import {
  listEvidence,
  listHistory,
  listMilestones,
  selectEvidencePlace,
  selectHead,
  selectMilestone,
} from './milestone-queries.ts'
import { seesModule } from './policy.ts'
import { type Failed, presentCard, presentLearner } from './present-milestone.ts'
import { say } from './present-state.ts'
import { confirmMilestone, reopenMilestone, returnMilestone, waiveMilestone } from './service.ts'

const confirm = may('tracking.confirm')
const PATH = '/tracking/enrolments/:id/milestones/:milestone'
const upload = { field: 'file', use: 'evidence' }

/** One learner's journal, and one milestone of it with everything that can be decided. */
export function milestoneRoutes(routes: Routes): void {
  routes.get('/tracking/enrolments/:id', { access: view, params: idParams }, async (context) => {
    const { actor, params, t } = context
    const reader = readerOf(context)
    const learner = await selectHead(actor, params.id, reader.today)
    await noteRead(actor, 'tracking', { type: 'enrolment', id: params.id }, learner.places.personId)
    const milestones = (await listMilestones(learner)).filter(({ module_id: moduleId }) =>
      seesModule(actor, { places: learner.places, moduleId }),
    )
    const model = presentLearner(actor, reader, learner, milestones)
    return page('tracking/learner', model, {
      title: model.name,
      subtitle: `${t('tracking.title')} · ${learner.cohortTitle}`,
      breadcrumbs: crumbs(context, learner.places.cohortId),
      styles: ['tracking.css', 'files.css'],
    })
  })

  routes.get(PATH, { access: view, params: milestoneParams }, (context) =>
    showCard(context, context.params.id, context.params.milestone),
  )

  routes.post(
    `${PATH}/confirm`,
    { access: confirm, params: milestoneParams, upload, body: confirmInput, ...again('confirm') },
    async ({ actor, params, body, file }) => {
      await confirmMilestone(actor, params.id, params.milestone, body, file)
      return redirect(hrefOf(params), 'tracking.flash.confirmed')
    },
  )

  const decisions = {
    return: { change: returnMilestone, flash: 'tracking.flash.returned' },
    waive: { change: waiveMilestone, flash: 'tracking.flash.waived' },
    reopen: { change: reopenMilestone, flash: 'tracking.flash.reopened' },
  } as const
  for (const name of ['return', 'waive', 'reopen'] as const) {
    const definition = { access: confirm, params: milestoneParams, body: commentInput, ...again(name) }
    routes.post(`${PATH}/${name}`, definition, async ({ actor, params, body }) => {
      await decisions[name].change(actor, params.id, params.milestone, body)
      return redirect(hrefOf(params), decisions[name].flash)
    })
  }

  routes.post(
    '/tracking/evidence/:id/accept',
    { access: confirm, params: idParams, body: versionInput },
    async ({ actor, params, body }) => {
      const place = await acceptEvidence(actor, params.id, body.version)
      return redirect(hrefOf({ id: place.enrolmentId, milestone: place.milestoneId }), 'tracking.flash.accepted')
    },
  )

  routes.post(
    '/tracking/evidence/:id/decline',
    { access: confirm, params: idParams, body: commentInput, invalid: declineAgain },
    async ({ actor, params, body }) => {
      const place = await declineEvidence(actor, params.id, body)
      return redirect(hrefOf({ id: place.enrolmentId, milestone: place.milestoneId }), 'tracking.flash.returned')
    },
  )
}

const hrefOf = (params: z.infer<typeof milestoneParams>) =>
  `/tracking/enrolments/${params.id}/milestones/${params.milestone}`

/** Shows the page again with what was typed into one of its forms: with reasons, or because it was stale. */
const again = (name: Failed['name']) => ({
  invalid: (context: AnyContext, form: Form) =>
    showCard(context, context.params.id, context.params.milestone, { name, form }),
  stale: (context: AnyContext, form: Form) =>
    showCard(context, context.params.id, context.params.milestone, { name, form, isStale: true }),
})

async function declineAgain(context: AnyContext, form: Form): Promise<Reply> {
  const { id } = context.params
  const place = await selectEvidencePlace(id)
  return showCard(context, place.enrolmentId, place.milestoneId, { name: 'decline', form, evidenceId: id })
}

const crumbs = ({ t }: AnyContext, cohortId: number) => [
  { href: `/tracking/cohorts/${cohortId}`, label: t('tracking.title') },
]

async function showCard(
  context: AnyContext,
  enrolmentId: number,
  milestoneId: number,
  failed?: Failed,
): Promise<Reply> {
  const { actor } = context
  const reader = readerOf(context)
  const learner = await selectHead(actor, enrolmentId, reader.today)
  const milestone = await selectMilestone(learner, milestoneId)
  if (!seesModule(actor, { places: learner.places, moduleId: milestone.module_id })) throw new NotFoundError()
  if (!failed) await noteRead(actor, 'tracking', { type: 'enrolment', id: enrolmentId }, learner.places.personId)
  const evidence = await listEvidence(enrolmentId, milestoneId)
  const history = await listHistory(milestone.stateId)
  const model = presentCard(actor, reader, learner, milestone, evidence, history, failed)
  return page('tracking/milestone', model, {
    title: say(reader, milestone.title),
    subtitle: fullName(learner),
    breadcrumbs: [...crumbs(context, learner.places.cohortId), { href: model.learner.href, label: model.learner.name }],
    styles: ['tracking.css', 'files.css'],
  })
}
