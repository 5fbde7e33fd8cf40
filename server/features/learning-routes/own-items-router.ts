import { ForbiddenError, NotFoundError } from '../../core/errors.ts'
import { cleanForm, type Form, formOverNewer, formOverNews } from '../../core/http/forms.ts'
import { page, type Reply, redirect } from '../../core/http/reply.ts'
import { type AnyContext, may, type Routes } from '../../core/http/route.ts'
import {
  enrolmentParams,
  itemParams,
  OWN_ITEM_KINDS,
  OWN_ITEM_PLACES,
  ownItemInput,
  ownItemUpdate,
  stepInput,
} from './input.ts'
import { loadRoute } from './load-route.ts'
import { addOwnItem, removeOwnItem, restoreOwnItem, updateOwnItem } from './own-items-service.ts'
import { refusalText } from './present-refusal.ts'
import { routeUrl } from './presenter.ts'
import { RouteRefusal } from './refusal.ts'
import { answerStep, backTo, showConstructor } from './router-steps.ts'
import { ownItemsAnchor } from './rules-types.ts'

const edit = may('routes.edit')
const BASE = '/learning-routes/:enrolmentId/own-items'

export function ownItemRoutes(routes: Routes): void {
  routes.get(`${BASE}/new`, { access: edit, params: enrolmentParams }, (context) =>
    showForm(context, cleanForm({ kind: 'self_education', place: 'inside' })),
  )

  routes.post(
    BASE,
    { access: edit, params: enrolmentParams, body: ownItemInput, once: true, invalid: showForm },
    async (context) => {
      const { enrolmentId } = context.params
      return saved(context, enrolmentId, 'ownAdded', () => addOwnItem(context.actor, enrolmentId, context.body))
    },
  )

  routes.get(`${BASE}/:itemId`, { access: edit, params: itemParams }, async (context) => {
    const { data } = await loadRoute(context.actor, context.params.enrolmentId)
    const item = data.ownItems.find((one) => one.id === context.params.itemId && one.inDraft)
    if (!item) throw new NotFoundError()
    return showForm(context, cleanForm({ ...item }))
  })

  routes.post(
    `${BASE}/:itemId`,
    { access: edit, params: itemParams, body: ownItemUpdate, invalid: showForm, stale: showStale },
    async (context) => {
      const { enrolmentId, itemId } = context.params
      return saved(context, enrolmentId, 'ownChanged', () =>
        updateOwnItem(context.actor, enrolmentId, itemId, context.body),
      )
    },
  )

  for (const [name, act, opposite] of [
    ['remove', removeOwnItem, 'restore'],
    ['restore', restoreOwnItem, 'remove'],
  ] as const)
    routes.post(`${BASE}/:itemId/${name}`, { access: edit, params: itemParams, body: stepInput }, (context) => {
      const { enrolmentId, itemId } = context.params
      return answerStep(context, enrolmentId, context.body.face, async () => {
        await act(context.actor, enrolmentId, itemId)
        const undo = `${routeUrl(enrolmentId)}/own-items/${itemId}/${opposite}`
        return { key: `learning-routes.flash.own-${name}`, undo, anchor: ownItemsAnchor }
      })
    })
}

/** After saving, back to the section; what the rules refuse is said on the constructor. */
async function saved(
  context: AnyContext,
  enrolmentId: number,
  flash: string,
  save: () => Promise<unknown>,
): Promise<Reply> {
  try {
    await save()
    return redirect(backTo(enrolmentId, 'map', ownItemsAnchor), `learning-routes.flash.${flash}`)
  } catch (error) {
    if (!(error instanceof RouteRefusal)) throw error
    const words = (route: Awaited<ReturnType<typeof loadRoute>>, reader: Parameters<typeof refusalText>[0]) => ({
      message: { kind: 'warning' as const, text: refusalText(reader, route.data, error.refusal) },
    })
    return showConstructor(context, enrolmentId, 'map', words, error.status)
  }
}

/**
 * Someone changed the item meanwhile, for example the learner in another tab. What was typed stays, the item as it is now
 * is said above it; one that has left the draft can be added anew.
 */
async function showStale(context: AnyContext, form: Form): Promise<Reply> {
  const { t } = context
  const { enrolmentId, itemId } = context.params
  const { data } = await loadRoute(context.actor, enrolmentId)
  const item = data.ownItems.find((one) => one.id === itemId && one.inDraft)
  if (!item) {
    const message = t('learning-routes.own.staleGone')
    return showForm({ ...context, params: { enrolmentId } }, formOverNews(form, null, message))
  }
  return showForm(context, formOverNewer(form, { ...item }))
}

/** The form, empty, filled, or with reasons. */
async function showForm(context: AnyContext, form: Form): Promise<Reply> {
  const { t, format } = context
  const { enrolmentId, itemId } = context.params
  const { data, can, evaluation } = await loadRoute(context.actor, enrolmentId)
  if (!can.edit) throw new ForbiddenError()
  const { cohort } = data.head
  const item = data.ownItems.find((one) => one.id === itemId)
  const left = evaluation.ownHoursLeft === null ? null : evaluation.ownHoursLeft + (item?.hours ?? 0)
  const option = (group: string) => (value: string) => ({ value, label: t(`learning-routes.own.${group}.${value}`) })
  const model = {
    form,
    action: `${routeUrl(enrolmentId)}/own-items${itemId ? `/${itemId}` : ''}`,
    cancelHref: backTo(enrolmentId, 'map', ownItemsAnchor),
    kinds: OWN_ITEM_KINDS.map(option('kind')),
    places: OWN_ITEM_PLACES.map(option('place')),
    cohort,
    datesHint: t('learning-routes.own.datesHint', {
      from: format.shortDate(cohort.startsOn),
      to: format.shortDate(cohort.endsOn),
    }),
    hoursHint: left === null ? '' : t('learning-routes.own.hoursLeft', { count: left }),
    isNew: !itemId,
  }
  return page('learning-routes/own-item', model, {
    title: t(`learning-routes.own.${itemId ? 'titleEdit' : 'titleNew'}`),
    breadcrumbs: [{ href: routeUrl(enrolmentId), label: t('learning-routes.title') }],
  })
}
