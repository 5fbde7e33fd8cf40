import { cleanForm, type Form, formOverNewer } from '../../../core/http/forms.ts'
import { page, type Reply, redirect } from '../../../core/http/reply.ts'
import { type AnyContext, may, type Routes } from '../../../core/http/route.ts'
import { direction, idParams, orderInput, versionInput } from '../input.ts'
import { programmeTabs } from '../presenter.ts'
import { selectProgramme, selectProgrammeToEdit } from '../queries.ts'
import { ordered, removePage, STYLES, usageSentence } from '../router.ts'
import { hasEnrolments } from '../usage.ts'
import { crumbs, tabCrumbs, words } from '../words.ts'
import { milestoneInput, milestoneUpdate } from './input.ts'
import { formValues, presentForm, presentMilestones } from './presenter.ts'
import { listMilestones, listModuleChoices, type MilestoneInPlace, selectMilestoneToEdit } from './queries.ts'
import {
  createMilestone,
  moveMilestone,
  orderMilestones,
  removeMilestone,
  restoreMilestone,
  updateMilestone,
} from './service.ts'

const view = may('programmes.view')
const edit = may('programmes.edit')
const listHref = (programmeId: number) => `/programmes/${programmeId}/milestones`

/** Milestones: the lines of a programme's tracking journals. */
export function milestoneRoutes(routes: Routes): void {
  routes.get('/programmes/:id/milestones', { access: view, params: idParams }, showList)

  routes.get('/programmes/:id/milestones/new', { access: edit, params: idParams }, (context) =>
    showNewForm(context, cleanForm({ kind: 'manual', requiredCount: 1, required: true })),
  )

  routes.post(
    '/programmes/:id/milestones',
    { access: edit, params: idParams, body: milestoneInput, once: true, invalid: showNewForm },
    async ({ actor, params, body }) => {
      await createMilestone(actor, params.id, body)
      return redirect(listHref(params.id), 'programmes.flash.milestoneCreated')
    },
  )

  routes.post(
    '/programmes/:id/milestones/order',
    { access: edit, params: idParams, body: orderInput },
    async (context) => {
      await orderMilestones(context.actor, context.params.id, context.body.order)
      return ordered(context, listHref(context.params.id))
    },
  )

  routes.get('/milestones/:id/edit', { access: edit, params: idParams }, async (context) => {
    const milestone = await selectMilestoneToEdit(context.actor, context.params.id)
    return showForm(context, cleanForm(formValues(milestone)), milestone)
  })

  routes.post(
    '/milestones/:id',
    {
      access: edit,
      params: idParams,
      body: milestoneUpdate,
      invalid: async (context, form) =>
        showForm(context, form, await selectMilestoneToEdit(context.actor, context.params.id)),
      stale: async (context, form) => {
        const milestone = await selectMilestoneToEdit(context.actor, context.params.id)
        return showForm(context, formOverNewer(form, formValues(milestone)), milestone)
      },
    },
    async ({ actor, params, body }) => {
      const { programme_id: programme } = await selectMilestoneToEdit(actor, params.id)
      await updateMilestone(actor, params.id, body)
      return redirect(listHref(programme), 'programmes.flash.changed')
    },
  )

  routes.get('/milestones/:id/remove', { access: edit, params: idParams }, showRemove)

  routes.post(
    '/milestones/:id/remove',
    { access: edit, params: idParams, body: versionInput },
    async ({ actor, params, body }) => {
      const { done, programmeId } = await removeMilestone(actor, params.id, body.version)
      return redirect(listHref(programmeId), `programmes.flash.milestone_${done}`)
    },
  )

  routes.post(
    '/milestones/:id/restore',
    { access: edit, params: idParams, body: versionInput },
    async ({ actor, params, body }) => {
      const { programme_id: programme } = await restoreMilestone(actor, params.id, body.version)
      return redirect(listHref(programme), 'programmes.flash.milestoneRestored')
    },
  )

  routes.post('/milestones/:id/move', { access: edit, params: idParams, body: direction }, async (context) => {
    const milestone = await moveMilestone(context.actor, context.params.id, context.body.direction)
    return ordered(context, `${listHref(milestone.programme_id)}#milestone-${milestone.id}`)
  })
}

async function showList(context: AnyContext): Promise<Reply> {
  const { actor, t, lang, params } = context
  const programme = await selectProgramme(actor, params.id)
  const model = presentMilestones(actor, t, lang, programme.id, await listMilestones(programme.id))
  const create = {
    href: `${listHref(programme.id)}/new`,
    label: t('programmes.milestone.add'),
    icon: 'plus',
    kind: 'primary' as const,
  }
  const tabs = programmeTabs(t, programme.id, 'milestones')
  return page(
    'programmes/milestones',
    { ...model, tabs },
    {
      title: words(programme.title, lang),
      breadcrumbs: crumbs(actor, t, lang),
      actions: model.canEdit ? [create] : [],
      styles: STYLES,
    },
  )
}

const placeOf = (milestone: MilestoneInPlace) => ({
  programmeId: milestone.programme_id,
  programmeTitle: milestone.programme_title,
})

async function showNewForm(context: AnyContext, form: Form): Promise<Reply> {
  const { id, title } = await selectProgrammeToEdit(context.actor, context.params.id)
  return formPage(context, form, { programmeId: id, programmeTitle: title })
}

const showForm = (context: AnyContext, form: Form, milestone: MilestoneInPlace): Promise<Reply> =>
  formPage(context, form, placeOf(milestone), milestone.id)

async function formPage(
  context: AnyContext,
  form: Form,
  place: ReturnType<typeof placeOf>,
  id?: number,
): Promise<Reply> {
  const { t, lang } = context
  const { programmeId } = place
  const options = { modules: await listModuleChoices(programmeId), usage: await usageSentence(context, programmeId) }
  return page('programmes/milestone-form', presentForm(t, lang, form, { ...options, programmeId, id }), {
    title: t(`programmes.milestone.${id ? 'titleEdit' : 'titleNew'}`),
    breadcrumbs: tabCrumbs(context, 'milestones', place),
    styles: STYLES,
  })
}

async function showRemove(context: AnyContext): Promise<Reply> {
  const { actor, t, lang, params } = context
  const milestone = await selectMilestoneToEdit(actor, params.id)
  const place = placeOf(milestone)
  const used = await hasEnrolments(place.programmeId)
  return removePage(context, {
    name: words(milestone.title, lang),
    breadcrumbs: tabCrumbs(context, 'milestones', place),
    confirm: {
      text: t(used ? 'programmes.remove.milestoneArchive' : 'programmes.remove.milestoneDelete'),
      items: [
        used && (await usageSentence(context, place.programmeId)),
        t(used ? 'programmes.remove.milestoneKept' : 'programmes.remove.milestoneDeleted'),
      ],
      action: `/milestones/${milestone.id}/remove`,
      fields: { version: milestone.version },
      submitLabel: t(used ? 'programmes.remove.toArchive' : 'programmes.remove.delete'),
      cancelHref: listHref(place.programmeId),
    },
  })
}
