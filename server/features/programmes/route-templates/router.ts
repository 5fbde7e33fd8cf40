import { cleanForm, type Form, formOverNewer } from '../../../core/http/forms.ts'
import { page, type Reply, redirect } from '../../../core/http/reply.ts'
import { type AnyContext, may, type Routes } from '../../../core/http/route.ts'
import { direction, idParams, orderInput } from '../input.ts'
import { programmeTabs } from '../presenter.ts'
import { selectProgramme, selectProgrammeToEdit } from '../queries.ts'
import { EDITOR_STYLES, ordered, removePage, STYLES } from '../router.ts'
import { listTemplates } from '../structure.ts'
import { listTopicChoices } from '../topics/queries.ts'
import { crumbs, tabCrumbs, words } from '../words.ts'
import { templateInput, templateUpdate } from './input.ts'
import { formValues, presentForm, presentTemplates } from './presenter.ts'
import {
  createTemplate,
  deleteTemplate,
  listTemplateTopics,
  moveTemplate,
  orderTemplates,
  selectTemplateToEdit,
  type TemplateInPlace,
  updateTemplate,
} from './service.ts'

const view = may('programmes.view')
const edit = may('programmes.edit')
const listHref = (programmeId: number) => `/programmes/${programmeId}/route-templates`

/** Recommended routes of a programme. */
export function routeTemplateRoutes(routes: Routes): void {
  routes.get('/programmes/:id/route-templates', { access: view, params: idParams }, showList)

  routes.get('/programmes/:id/route-templates/new', { access: edit, params: idParams }, (context) =>
    showNewForm(context, cleanForm()),
  )

  routes.post(
    '/programmes/:id/route-templates',
    { access: edit, params: idParams, body: templateInput, once: true, invalid: showNewForm },
    async ({ actor, params, body }) => {
      await createTemplate(actor, params.id, body)
      return redirect(listHref(params.id), 'programmes.flash.templateCreated')
    },
  )

  routes.post(
    '/programmes/:id/route-templates/order',
    { access: edit, params: idParams, body: orderInput },
    async (context) => {
      await orderTemplates(context.actor, context.params.id, context.body.order)
      return ordered(context, listHref(context.params.id))
    },
  )

  routes.get('/route-templates/:id/edit', { access: edit, params: idParams }, async (context) => {
    return showForm(context, cleanForm(await valuesNow(context)))
  })

  routes.post(
    '/route-templates/:id',
    { access: edit, params: idParams, body: templateUpdate, invalid: showForm, stale: showStale },
    async ({ actor, params, body }) => {
      const programme = await updateTemplate(actor, params.id, body)
      return redirect(listHref(programme), 'programmes.flash.changed')
    },
  )

  routes.get('/route-templates/:id/remove', { access: edit, params: idParams }, showRemove)

  routes.post('/route-templates/:id/remove', { access: edit, params: idParams }, async ({ actor, params }) => {
    return redirect(listHref(await deleteTemplate(actor, params.id)), 'programmes.flash.templateDeleted')
  })

  routes.post('/route-templates/:id/move', { access: edit, params: idParams, body: direction }, async (context) => {
    const programme = await moveTemplate(context.actor, context.params.id, context.body.direction)
    return ordered(context, listHref(programme))
  })
}

async function showList(context: AnyContext): Promise<Reply> {
  const { actor, t, lang, params } = context
  const programme = await selectProgramme(actor, params.id)
  const templates = await listTemplates(programme.id)
  const topics = await listTopicChoices(programme.id)
  const model = presentTemplates(actor, t, lang, programme, templates, topics)
  const create = {
    href: `${listHref(programme.id)}/new`,
    label: t('programmes.template.add'),
    icon: 'plus',
    kind: 'primary' as const,
  }
  return page(
    'programmes/route-templates',
    { ...model, tabs: programmeTabs(t, programme.id, 'templates') },
    {
      title: words(programme.title, lang),
      breadcrumbs: crumbs(actor, t, lang),
      actions: model.canEdit && topics.length ? [create] : [],
      styles: STYLES,
    },
  )
}

const placeOf = (template: TemplateInPlace) => ({
  programmeId: template.programme_id,
  programmeTitle: template.programme_title,
})

async function showNewForm(context: AnyContext, form: Form): Promise<Reply> {
  const { id, title } = await selectProgrammeToEdit(context.actor, context.params.id)
  return formPage(context, form, { programmeId: id, programmeTitle: title })
}

async function valuesNow({ actor, params }: AnyContext): Promise<Form['values']> {
  const template = await selectTemplateToEdit(actor, params.id)
  return formValues(template, await listTemplateTopics(template.id))
}

const showStale = async (context: AnyContext, form: Form): Promise<Reply> =>
  showForm(context, formOverNewer(form, await valuesNow(context)))

async function showForm(context: AnyContext, form: Form): Promise<Reply> {
  const template = await selectTemplateToEdit(context.actor, context.params.id)
  return formPage(context, form, placeOf(template), template.id)
}

async function formPage(
  context: AnyContext,
  form: Form,
  place: ReturnType<typeof placeOf>,
  id?: number,
): Promise<Reply> {
  const { t, lang } = context
  const { programmeId } = place
  const choices = await listTopicChoices(programmeId)
  return page('programmes/route-template-form', presentForm(lang, form, { programmeId, id, choices }), {
    title: t(`programmes.template.${id ? 'titleEdit' : 'titleNew'}`),
    breadcrumbs: tabCrumbs(context, 'templates', place),
    styles: EDITOR_STYLES,
  })
}

async function showRemove(context: AnyContext): Promise<Reply> {
  const { actor, t, lang, params } = context
  const template = await selectTemplateToEdit(actor, params.id)
  return removePage(context, {
    name: words(template.title, lang),
    breadcrumbs: tabCrumbs(context, 'templates', placeOf(template)),
    confirm: {
      text: t('programmes.remove.template'),
      items: [t('programmes.remove.templateGone')],
      action: `/route-templates/${template.id}/remove`,
      submitLabel: t('programmes.remove.delete'),
      cancelHref: listHref(template.programme_id),
    },
  })
}
