import { z } from 'zod'
import { NotFoundError } from '../../core/errors.ts'
import { optionalId } from '../../core/http/fields.ts'
import { page, type Reply, redirect } from '../../core/http/reply.ts'
import { type AnyContext, may, type Routes } from '../../core/http/route.ts'
import { offerEvidence, withdrawEvidence } from './evidence-service.ts'
import { evidenceInput, idParams, milestoneParams } from './input.ts'
import { readerOf } from './load.ts'
import { listEvidence, listMilestones, selectHead } from './milestone-queries.ts'
import { listOwnEnrolments } from './own-queries.ts'
import { type FailedOffer, presentOwn } from './present-milestone.ts'
import { say } from './present-state.ts'

const own = may('tracking.offer')
const ownQuery = z.object({ enrolment: optionalId().transform((value) => value ?? undefined) })

/** The learner's own tracking journal: every milestone, what it asks for, and where to offer evidence. */
export function ownRoutes(routes: Routes): void {
  routes.get('/my/tracking', { access: own, query: ownQuery }, (context) => showOwn(context, context.query.enrolment))

  routes.post(
    '/my/tracking/:id/milestones/:milestone/evidence',
    {
      access: own,
      params: milestoneParams,
      upload: { field: 'file', use: 'evidence' },
      body: evidenceInput,
      invalid: (context, form) => showOwn(context, context.params.id, { milestoneId: context.params.milestone, form }),
      stale: (context, form) =>
        showOwn(context, context.params.id, { milestoneId: context.params.milestone, form, isStale: true }),
    },
    async ({ actor, params, body, file }) => {
      await offerEvidence(actor, params.id, params.milestone, body, file)
      return redirect(`/my/tracking?enrolment=${params.id}#milestone-${params.milestone}`, 'tracking.flash.offered')
    },
  )

  routes.post('/my/evidence/:id/withdraw', { access: own, params: idParams }, async ({ actor, params }) => {
    const place = await withdrawEvidence(actor, params.id)
    return redirect(
      `/my/tracking?enrolment=${place.enrolmentId}#milestone-${place.milestoneId}`,
      'tracking.flash.withdrawn',
    )
  })
}

async function showOwn(context: AnyContext, enrolmentId: number | undefined, failed?: FailedOffer): Promise<Reply> {
  const { actor, t } = context
  const reader = readerOf(context)
  const all = await listOwnEnrolments(actor, reader.today)
  const title = t('tracking.own.title')
  const chosen = enrolmentId ?? all[0]?.id
  if (chosen !== undefined && !all.some((row) => row.id === chosen)) throw new NotFoundError()
  if (chosen === undefined) return page('tracking/own-empty', {}, { title })
  const learner = await selectHead({ ...actor, grants: actor.grants.filter(isPersonal) }, chosen, reader.today)
  const milestones = await listMilestones(learner)
  const evidence = await listEvidence(learner.enrolmentId)
  const model = presentOwn(actor, reader, learner, milestones, evidence, failed)
  const others = all.filter((row) => row.id !== chosen)
  return page(
    'tracking/own',
    { ...model, others: others.map((row) => ({ href: `/my/tracking?enrolment=${row.id}`, label: row.title })) },
    {
      title,
      subtitle: `${learner.cohortTitle} · ${say(reader, learner.programmeTitle)}`,
      styles: ['tracking.css', 'files.css'],
    },
  )
}

/** On one's own pages only one's own counts, whatever else one may see as staff. */
const isPersonal = (grant: { scope: { type: string } }) => grant.scope.type === 'person'
