import { NotFoundError } from '../../../core/errors.ts'
import { cleanForm, type Form, formOverNewer } from '../../../core/http/forms.ts'
import { page, type Reply, redirect } from '../../../core/http/reply.ts'
import { type AnyContext, may, type Routes } from '../../../core/http/route.ts'
import { direction, idParams, orderInput, stageInput, stageParams, versionInput } from '../input.ts'
import { listStages, selectProgrammeToEdit } from '../queries.ts'
import { ordered, STYLES } from '../router.ts'
import { crumbs, textsOf } from '../words.ts'
import { createStage, deleteStage, moveStage, orderStages, renameStage } from './service.ts'

const edit = may('programmes.edit')

/** Stages: headings over the modules of a programme. */
export function stageRoutes(routes: Routes): void {
  routes.get('/programmes/:id/stages/new', { access: edit, params: idParams }, async (context) => {
    const programme = await selectProgrammeToEdit(context.actor, context.params.id)
    return showForm(context, cleanForm({ version: programme.version }))
  })

  routes.post(
    '/programmes/:id/stages',
    { access: edit, params: idParams, body: stageInput, invalid: showForm, stale: showNewStale },
    async ({ actor, params, body }) => {
      await createStage(actor, params.id, body.title, body.version)
      return redirect(`/programmes/${params.id}`, 'programmes.flash.stageCreated')
    },
  )

  routes.post('/programmes/:id/stages/order', { access: edit, params: idParams, body: orderInput }, async (context) => {
    await orderStages(context.actor, context.params.id, context.body.order)
    return ordered(context, `/programmes/${context.params.id}`)
  })

  routes.get('/programmes/:id/stages/:stage/edit', { access: edit, params: stageParams }, async (context) => {
    return showForm(context, cleanForm(await stageValues(context)), context.params.stage)
  })

  routes.post(
    '/programmes/:id/stages/:stage',
    {
      access: edit,
      params: stageParams,
      body: stageInput,
      invalid: (context, form) => showForm(context, form, context.params.stage),
      stale: async (context, form) =>
        showForm(context, formOverNewer(form, await stageValues(context)), context.params.stage),
    },
    async ({ actor, params, body }) => {
      await renameStage(actor, params.id, params.stage, body.title, body.version)
      return redirect(`/programmes/${params.id}`, 'programmes.flash.changed')
    },
  )

  routes.post(
    '/programmes/:id/stages/:stage/delete',
    { access: edit, params: stageParams, body: versionInput },
    async ({ actor, params, body }) => {
      await deleteStage(actor, params.id, params.stage, body.version)
      return redirect(`/programmes/${params.id}`, 'programmes.flash.stageDeleted')
    },
  )

  routes.post(
    '/programmes/:id/stages/:stage/move',
    { access: edit, params: stageParams, body: direction },
    async (context) => {
      const { actor, params, body } = context
      await moveStage(actor, params.id, params.stage, body.direction)
      return ordered(context, `/programmes/${params.id}`)
    },
  )
}

/** What the form of a stage shows; its version is that of the programme. */
async function stageValues({ actor, params }: AnyContext): Promise<Form['values']> {
  const programme = await selectProgrammeToEdit(actor, params.id)
  const stage = (await listStages(programme.id)).find((row) => row.id === params.stage)
  if (!stage) throw new NotFoundError()
  return { title: textsOf(stage.title), version: programme.version }
}

/** The programme has changed while a stage was being added: nothing of what was typed is concerned. */
async function showNewStale(context: AnyContext, form: Form): Promise<Reply> {
  const { version } = await selectProgrammeToEdit(context.actor, context.params.id)
  return showForm(context, formOverNewer(form, { title: form.values.title, version }))
}

async function showForm(context: AnyContext, form: Form, stageId?: number): Promise<Reply> {
  const { actor, t, lang, params } = context
  const programme = await selectProgrammeToEdit(actor, params.id)
  const action = `/programmes/${programme.id}/stages${stageId ? `/${stageId}` : ''}`
  return page(
    'programmes/stage-form',
    { form, action, isNew: !stageId, cancelHref: `/programmes/${programme.id}` },
    {
      title: t(stageId ? 'programmes.stage.titleEdit' : 'programmes.stage.titleNew'),
      breadcrumbs: crumbs(actor, t, lang, { programmeId: programme.id, programmeTitle: programme.title }),
      styles: STYLES,
    },
  )
}
