import { cleanForm, type Form, formOverNewer } from '../../../core/http/forms.ts'
import { type Action, page, type Reply, redirect } from '../../../core/http/reply.ts'
import { type AnyContext, may, type Routes } from '../../../core/http/route.ts'
import {
  aimInput,
  direction,
  idParams,
  moduleInput,
  moduleUpdate,
  newModuleQuery,
  orderInput,
  versionInput,
} from '../input.ts'
import { programmeEditing } from '../policy.ts'
import { listStages, selectProgrammeToEdit } from '../queries.ts'
import { EDITOR_STYLES, ordered, removePage, STYLES, usageSentence } from '../router.ts'
import { countModuleChoosers, isModuleUsed } from '../usage.ts'
import { crumbs, words } from '../words.ts'
import { formValues, presentForm, presentModule } from './presenter.ts'
import {
  listMaterialsOfModule,
  listRequirements,
  listTopics,
  type ModuleWithProgramme,
  selectModule,
  selectModuleToArrange,
  selectModuleToEdit,
} from './queries.ts'
import {
  createModule,
  moveModule,
  orderModules,
  removeModule,
  restoreModule,
  updateAim,
  updateModule,
} from './service.ts'

const read = may('programmes.view', 'materials.view')
const editContent = may('modules.edit')
const arrange = may('programmes.edit')

/** Modules: to read, to edit, and their place in the programme. */
export function moduleRoutes(routes: Routes): void {
  routes.get('/programmes/:id/modules/new', { access: arrange, params: idParams, query: newModuleQuery }, (context) =>
    showNewForm(context, cleanForm({ hours: 18, stageId: context.query.stage ?? null })),
  )

  routes.post(
    '/programmes/:id/modules',
    { access: arrange, params: idParams, body: moduleInput, once: true, invalid: showNewForm },
    async ({ actor, params, body }) => {
      const id = await createModule(actor, params.id, body)
      return redirect(`/programmes/${params.id}?open=${id}#module-${id}`, 'programmes.flash.moduleCreated')
    },
  )

  routes.post('/programmes/:id/order', { access: arrange, params: idParams, body: orderInput }, async (context) => {
    const { actor, params, body } = context
    await orderModules(actor, params.id, body.list, body.order)
    return ordered(context, `/programmes/${params.id}`)
  })

  routes.get('/modules/:id', { access: read, params: idParams }, showModule)

  routes.get('/modules/:id/edit', { access: editContent, params: idParams }, async (context) => {
    const module = await selectModuleToEdit(context.actor, context.params.id)
    return showForm(context, cleanForm(formValues(module)), module)
  })

  routes.post(
    '/modules/:id',
    {
      access: arrange,
      params: idParams,
      body: moduleUpdate,
      invalid: async (context, form) =>
        showForm(context, form, await selectModuleToArrange(context.actor, context.params.id)),
      stale: async (context, form) => {
        const module = await selectModuleToArrange(context.actor, context.params.id)
        return showForm(context, formOverNewer(form, formValues(module)), module)
      },
    },
    async ({ actor, params, body }) => {
      await updateModule(actor, params.id, body)
      return redirect(`/modules/${params.id}`, 'programmes.flash.changed')
    },
  )

  routes.post(
    '/modules/:id/aim',
    {
      access: editContent,
      params: idParams,
      body: aimInput,
      invalid: async (context, form) =>
        showForm(context, form, await selectModuleToEdit(context.actor, context.params.id)),
      stale: async (context, form) => {
        const module = await selectModuleToEdit(context.actor, context.params.id)
        return showForm(context, formOverNewer(form, formValues(module)), module)
      },
    },
    async ({ actor, params, body }) => {
      await updateAim(actor, params.id, body)
      return redirect(`/modules/${params.id}`, 'programmes.flash.changed')
    },
  )

  routes.get('/modules/:id/remove', { access: arrange, params: idParams }, (context) => showRemove(context))

  routes.post(
    '/modules/:id/remove',
    { access: arrange, params: idParams, body: versionInput, invalid: showRemove },
    async ({ actor, params, body }) => {
      const module = await selectModuleToArrange(actor, params.id)
      const done = await removeModule(actor, params.id, body.version)
      return redirect(`/programmes/${module.programme_id}`, `programmes.flash.module_${done}`)
    },
  )

  routes.post(
    '/modules/:id/restore',
    { access: arrange, params: idParams, body: versionInput },
    async ({ actor, params, body }) => {
      await restoreModule(actor, params.id, body.version)
      return redirect(`/modules/${params.id}`, 'programmes.flash.moduleRestored')
    },
  )

  routes.post('/modules/:id/move', { access: arrange, params: idParams, body: direction }, async (context) => {
    const programme = await moveModule(context.actor, context.params.id, context.body.direction)
    return ordered(context, `/programmes/${programme}#module-${context.params.id}`)
  })
}

const placeOf = (module: ModuleWithProgramme) => ({
  programmeId: module.programme_id,
  programmeTitle: module.programme_title,
})

async function showModule(context: AnyContext): Promise<Reply> {
  const { actor, t, lang, format } = context
  const module = await selectModule(actor, context.params.id)
  const topics = await listTopics(actor, module.id)
  const materials = await listMaterialsOfModule(module.id)
  const requirements = await listRequirements(topics.map((topic) => topic.id))
  const model = presentModule(actor, t, format, lang, module, topics, materials, requirements)
  return page('programmes/module', model, {
    title: words(module.title, lang),
    breadcrumbs: crumbs(actor, t, lang, placeOf(module)),
    actions: model.canEdit ? actionsOf(context, module.id) : [],
    styles: STYLES,
  })
}

const actionsOf = ({ t }: AnyContext, id: number): Action[] => [
  { href: `/modules/${id}/edit`, label: t('programmes.module.edit'), icon: 'pencil' },
  { href: `/modules/${id}/topics/new`, label: t('programmes.module.addTopic'), icon: 'plus', kind: 'primary' },
]

async function showNewForm(context: AnyContext, form: Form): Promise<Reply> {
  const { actor, t, lang, params } = context
  const programme = await selectProgrammeToEdit(actor, params.id)
  const options = {
    stages: await listStages(programme.id),
    usage: await usageSentence(context, programme.id),
    programmeId: programme.id,
    aimOnly: false,
  }
  return page('programmes/module-form', presentForm(lang, form, options), {
    title: t('programmes.module.titleNew'),
    breadcrumbs: crumbs(actor, t, lang, { programmeId: programme.id, programmeTitle: programme.title }),
    styles: EDITOR_STYLES,
  })
}

async function showForm(context: AnyContext, form: Form, module: ModuleWithProgramme): Promise<Reply> {
  const { actor, t, lang } = context
  const options = {
    stages: await listStages(module.programme_id),
    usage: await usageSentence(context, module.programme_id),
    programmeId: module.programme_id,
    id: module.id,
    aimOnly: !programmeEditing.can(actor, 'edit', { programmeId: module.programme_id }),
  }
  return page('programmes/module-form', presentForm(lang, form, options), {
    title: t('programmes.module.titleEdit'),
    breadcrumbs: crumbs(actor, t, lang, { ...placeOf(module), moduleId: module.id, moduleTitle: module.title }),
    styles: EDITOR_STYLES,
  })
}

/** The question before a module goes, with what that means; after a refusal with the reason. */
async function showRemove(context: AnyContext, form?: Form): Promise<Reply> {
  const { actor, t, lang, params } = context
  const module = await selectModuleToArrange(actor, params.id)
  const used = await isModuleUsed(module.id)
  const choosers = used ? await countModuleChoosers(module.id) : 0
  const kept = [
    choosers > 0 && t('programmes.remove.moduleChosen', { count: choosers }),
    t('programmes.remove.moduleKept'),
  ]
  return removePage(context, {
    name: words(module.title, lang),
    breadcrumbs: crumbs(actor, t, lang, { ...placeOf(module), moduleId: module.id, moduleTitle: module.title }),
    refused: form?.summary,
    confirm: {
      text: t(used ? 'programmes.remove.moduleArchive' : 'programmes.remove.moduleDelete'),
      items: used
        ? [await usageSentence(context, module.programme_id), ...kept]
        : [t('programmes.remove.moduleDeleted')],
      action: `/modules/${module.id}/remove`,
      fields: { version: module.version },
      submitLabel: t(used ? 'programmes.remove.toArchive' : 'programmes.remove.delete'),
      cancelHref: `/modules/${module.id}`,
    },
  })
}
