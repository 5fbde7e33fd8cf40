import { cleanForm, type Form, formOverNewer } from '../../../core/http/forms.ts'
import { type Action, page, type Reply, redirect } from '../../../core/http/reply.ts'
import { type AnyContext, may, type Routes } from '../../../core/http/route.ts'
import { direction, idParams, orderInput, versionInput } from '../input.ts'
import { listMaterialsOf, listRequirements, selectModuleToEdit } from '../modules/queries.ts'
import { EDITOR_STYLES, ordered, removePage, STYLES, usageSentence } from '../router.ts'
import { countChoosers, isTopicUsed } from '../usage.ts'
import { crumbs, words } from '../words.ts'
import { topicInput, topicUpdate } from './input.ts'
import { formValues, presentForm, presentTopic } from './presenter.ts'
import {
  listDependants,
  listPrerequisites,
  listTopicChoices,
  selectTopic,
  selectTopicToEdit,
  type TopicInPlace,
} from './queries.ts'
import { createTopic, moveTopic, orderTopics, removeTopic, restoreTopic, updateTopic } from './service.ts'

const read = may('programmes.view', 'materials.view')
const edit = may('modules.edit')

/** Topics of modules. */
export function topicRoutes(routes: Routes): void {
  routes.get('/modules/:id/topics/new', { access: edit, params: idParams }, (context) =>
    showNewForm(context, cleanForm({ hours: 4, format: 'seminar' })),
  )

  routes.post(
    '/modules/:id/topics',
    { access: edit, params: idParams, body: topicInput, once: true, invalid: showNewForm },
    async ({ actor, params, body }) => {
      const id = await createTopic(actor, params.id, body)
      return redirect(`/topics/${id}`, 'programmes.flash.topicCreated')
    },
  )

  routes.post('/modules/:id/order', { access: edit, params: idParams, body: orderInput }, async (context) => {
    await orderTopics(context.actor, context.params.id, context.body.order)
    return ordered(context, `/modules/${context.params.id}`)
  })

  routes.get('/topics/:id', { access: read, params: idParams }, showTopic)

  routes.get('/topics/:id/edit', { access: edit, params: idParams }, async (context) => {
    const topic = await selectTopicToEdit(context.actor, context.params.id)
    return showForm(context, cleanForm(await valuesOf(topic)), topic)
  })

  routes.post(
    '/topics/:id',
    {
      access: edit,
      params: idParams,
      body: topicUpdate,
      invalid: async (context, form) =>
        showForm(context, form, await selectTopicToEdit(context.actor, context.params.id)),
      stale: async (context, form) => {
        const topic = await selectTopicToEdit(context.actor, context.params.id)
        return showForm(context, formOverNewer(form, await valuesOf(topic)), topic)
      },
    },
    async ({ actor, params, body }) => {
      await updateTopic(actor, params.id, body)
      return redirect(`/topics/${params.id}`, 'programmes.flash.changed')
    },
  )

  routes.get('/topics/:id/remove', { access: edit, params: idParams }, (context) => showRemove(context))

  routes.post(
    '/topics/:id/remove',
    { access: edit, params: idParams, body: versionInput, invalid: showRemove },
    async ({ actor, params, body }) => {
      const { module_id: module } = await selectTopicToEdit(actor, params.id)
      const done = await removeTopic(actor, params.id, body.version)
      return redirect(`/modules/${module}`, `programmes.flash.topic_${done}`)
    },
  )

  routes.post(
    '/topics/:id/restore',
    { access: edit, params: idParams, body: versionInput },
    async ({ actor, params, body }) => {
      await restoreTopic(actor, params.id, body.version)
      return redirect(`/topics/${params.id}`, 'programmes.flash.topicRestored')
    },
  )

  routes.post('/topics/:id/move', { access: edit, params: idParams, body: direction }, async (context) => {
    const topic = await moveTopic(context.actor, context.params.id, context.body.direction)
    const back = context.req.get('referer')?.includes('/programmes/')
      ? `/programmes/${topic.programme_id}?open=${topic.module_id}#module-${topic.module_id}`
      : `/modules/${topic.module_id}`
    return ordered(context, back)
  })
}

async function valuesOf(topic: TopicInPlace): Promise<Form['values']> {
  const all = await listPrerequisites(topic.programme_id)
  const requires = all.filter((row) => row.topic_id === topic.id).map((row) => row.requires_topic_id)
  return formValues(topic, requires)
}

const placeOf = (topic: TopicInPlace) => ({
  programmeId: topic.programme_id,
  programmeTitle: topic.programme_title,
  moduleId: topic.module_id,
  moduleTitle: topic.module_title,
})

async function showTopic(context: AnyContext): Promise<Reply> {
  const { actor, t, lang, format } = context
  const topic = await selectTopic(actor, context.params.id)
  const materials = await listMaterialsOf('topic', topic.id)
  const requirements = await listRequirements([topic.id])
  const model = presentTopic(t, format, lang, topic, materials, requirements)
  const actions: Action[] = [
    { href: `/topics/${topic.id}/edit`, label: t('programmes.topic.edit'), icon: 'pencil' },
    {
      href: `/topics/${topic.id}/materials/new`,
      label: t('programmes.material.add'),
      icon: 'plus',
      kind: 'primary',
    },
  ]
  return page('programmes/topic', model, {
    title: words(topic.title, lang),
    breadcrumbs: crumbs(actor, t, lang, placeOf(topic)),
    actions: model.canEdit ? actions : [],
    styles: STYLES,
  })
}

async function showNewForm(context: AnyContext, form: Form): Promise<Reply> {
  const { actor, t, lang, params } = context
  const module = await selectModuleToEdit(actor, params.id)
  const options = {
    moduleId: module.id,
    choices: await listTopicChoices(module.programme_id),
    effects: [await usageSentence(context, module.programme_id)].filter(Boolean),
  }
  const place = { programmeId: module.programme_id, programmeTitle: module.programme_title }
  return page('programmes/topic-form', presentForm(t, lang, form, options), {
    title: t('programmes.topic.titleNew'),
    breadcrumbs: crumbs(actor, t, lang, { ...place, moduleId: module.id, moduleTitle: module.title }),
    styles: EDITOR_STYLES,
  })
}

async function showForm(context: AnyContext, form: Form, topic: TopicInPlace): Promise<Reply> {
  const { actor, t, lang } = context
  const choosers = await countChoosers(topic.id)
  const effects = [
    await usageSentence(context, topic.programme_id),
    choosers > 0 && t('programmes.usage.chosen', { count: choosers }),
  ]
  const options = {
    moduleId: topic.module_id,
    topic,
    choices: await listTopicChoices(topic.programme_id),
    effects: effects.filter((text): text is string => Boolean(text)),
  }
  return page('programmes/topic-form', presentForm(t, lang, form, options), {
    title: t('programmes.topic.titleEdit'),
    breadcrumbs: crumbs(actor, t, lang, { ...placeOf(topic), topicId: topic.id, topicTitle: topic.title }),
    styles: EDITOR_STYLES,
  })
}

/** The question before a topic goes, with what that means; after a refusal with the reason. */
async function showRemove(context: AnyContext, form?: Form): Promise<Reply> {
  const { actor, t, lang, params } = context
  const topic = await selectTopicToEdit(actor, params.id)
  const used = await isTopicUsed(topic.id)
  const choosers = used ? await countChoosers(topic.id) : 0
  const dependants = (await listDependants(topic.id)).map((row) => words(row.title, lang))
  return removePage(context, {
    name: words(topic.title, lang),
    breadcrumbs: crumbs(actor, t, lang, { ...placeOf(topic), topicId: topic.id, topicTitle: topic.title }),
    refused: form?.summary,
    confirm: {
      text: t(used ? 'programmes.remove.topicArchive' : 'programmes.remove.topicDelete'),
      items: [
        choosers > 0 && t('programmes.remove.topicChosen', { count: choosers }),
        t(used ? 'programmes.remove.topicKept' : 'programmes.remove.topicDeleted'),
        dependants.length > 0 && t('programmes.remove.topicRequired', { topics: dependants.join(', ') }),
      ],
      action: `/topics/${topic.id}/remove`,
      fields: { version: topic.version },
      submitLabel: t(used ? 'programmes.remove.toArchive' : 'programmes.remove.delete'),
      cancelHref: `/topics/${topic.id}`,
    },
  })
}
