import { listStoredFiles } from '../../../core/files/index.ts'
import { cleanForm, type Form, formOverNewer } from '../../../core/http/forms.ts'
import { json, page, type Reply, redirect } from '../../../core/http/reply.ts'
import { type AnyContext, may, type Routes } from '../../../core/http/route.ts'
import { loadPreview } from '../../files/load.ts'
import { direction, idParams } from '../input.ts'
import { listMaterialsOf } from '../modules/queries.ts'
import { EDITOR_STYLES, ordered, removePage, STYLES } from '../router.ts'
import { crumbs, words } from '../words.ts'
import { kindQuery, materialInput, materialOrder, materialUpdate } from './input.ts'
import { formValues, presentForm, presentMaterial } from './presenter.ts'
import { type MaterialInPlace, type OwnerType, selectMaterial, selectMaterialToEdit, selectOwner } from './queries.ts'
import { createMaterial, keepPicture, moveMaterial, orderMaterials, removeMaterial, updateMaterial } from './service.ts'

const read = may('programmes.view', 'materials.view')
const edit = may('modules.edit')
const upload = { field: 'file', use: 'material' }

/** Materials of modules and topics: to read and to write. */
export function materialRoutes(routes: Routes): void {
  for (const type of ['module', 'topic'] as const) ownedRoutes(routes, type)

  routes.post(
    '/materials/pictures',
    { access: edit, upload: { field: 'file', use: 'picture' } },
    async ({ actor, file }) => json({ url: `/files/${await keepPicture(actor, file)}` }),
  )

  routes.get('/materials/:id', { access: read, params: idParams }, showMaterial)

  routes.get('/materials/:id/edit', { access: edit, params: idParams }, async (context) => {
    const material = await selectMaterialToEdit(context.actor, context.params.id)
    return showForm(context, cleanForm(formValues(material)), material)
  })

  routes.post(
    '/materials/:id',
    {
      access: edit,
      params: idParams,
      upload,
      body: materialUpdate,
      invalid: async (context, form) =>
        showForm(context, form, await selectMaterialToEdit(context.actor, context.params.id)),
      stale: async (context, form) => {
        const material = await selectMaterialToEdit(context.actor, context.params.id)
        return showForm(context, formOverNewer(form, formValues(material)), material)
      },
    },
    async ({ actor, params, body, file }) => {
      await updateMaterial(actor, params.id, body, file)
      return redirect(`/materials/${params.id}`, 'programmes.flash.changed')
    },
  )

  routes.get('/materials/:id/remove', { access: edit, params: idParams }, showRemove)

  routes.post('/materials/:id/remove', { access: edit, params: idParams }, async ({ actor, params }) => {
    const material = await removeMaterial(actor, params.id)
    return redirect(ownerHref(material), 'programmes.flash.materialRemoved')
  })

  routes.post('/materials/:id/move', { access: edit, params: idParams, body: direction }, async (context) => {
    const material = await moveMaterial(context.actor, context.params.id, context.body.direction)
    return ordered(context, ownerHref(material))
  })
}

const ownerHref = (material: MaterialInPlace) => `/${material.owner_type}s/${material.owner_id}`

function ownedRoutes(routes: Routes, type: OwnerType) {
  routes.get(`/${type}s/:id/materials/new`, { access: edit, params: idParams, query: kindQuery }, (context) =>
    showNewForm(context, type, cleanForm({ kind: context.query.kind })),
  )

  routes.post(
    `/${type}s/:id/materials`,
    {
      access: edit,
      params: idParams,
      upload,
      body: materialInput,
      once: true,
      invalid: (context, form) => showNewForm(context, type, form),
    },
    async ({ actor, params, body, file }) => {
      const id = await createMaterial(actor, { type, id: params.id }, body, file)
      return redirect(`/materials/${id}`, 'programmes.flash.materialCreated')
    },
  )

  routes.post(
    `/${type}s/:id/materials/order`,
    { access: edit, params: idParams, body: materialOrder },
    async (context) => {
      const { actor, params, body } = context
      await orderMaterials(actor, { type, id: params.id }, body.order)
      return ordered(context, `/${type}s/${params.id}`)
    },
  )
}

type Place = { programmeId: number; programmeTitle: string; moduleId: number; moduleTitle: string }
const around = (place: Place, topic?: { id: number; title: string }) => ({
  ...place,
  ...(topic && { topicId: topic.id, topicTitle: topic.title }),
})
const placeOf = (material: MaterialInPlace) =>
  around(
    {
      programmeId: material.programme_id,
      programmeTitle: material.programme_title,
      moduleId: material.module_id,
      moduleTitle: material.module_title,
    },
    material.topic_title === null ? undefined : { id: material.owner_id, title: material.topic_title },
  )

async function showMaterial(context: AnyContext): Promise<Reply> {
  const { actor, t, lang, format } = context
  const material = await selectMaterial(actor, context.params.id)
  const siblings = await listMaterialsOf(material.owner_type, material.owner_id)
  const canEdit = material.may_edit
  const shown = presentMaterial(t, format, lang, material, siblings, canEdit)
  const [file] = material.file_id === null ? [] : await listStoredFiles([material.file_id])
  const model = { ...shown, preview: file ? await loadPreview(context, file, `/materials/${material.id}`) : null }
  return page('programmes/material', model, {
    title: words(material.title, lang),
    subtitle: model.meta,
    breadcrumbs: crumbs(actor, t, lang, placeOf(material)),
    actions: canEdit
      ? [{ href: `/materials/${material.id}/edit`, label: t('programmes.material.edit'), icon: 'pencil' }]
      : [],
    styles: [...STYLES, 'files.css'],
  })
}

async function showNewForm(context: AnyContext, type: OwnerType, form: Form): Promise<Reply> {
  const { actor, t, lang, params } = context
  const owner = await selectOwner(actor, type, params.id, true)
  const { programmeId, programmeTitle, moduleId, moduleTitle } = owner
  const place = around({ programmeId, programmeTitle, moduleId, moduleTitle }, type === 'topic' ? owner : undefined)
  return page('programmes/material-form', presentForm(t, lang, form, owner), {
    title: t('programmes.material.titleNew'),
    breadcrumbs: crumbs(actor, t, lang, place),
    styles: EDITOR_STYLES,
  })
}

async function showForm(context: AnyContext, form: Form, material: MaterialInPlace): Promise<Reply> {
  const { actor, t, lang } = context
  const place = placeOf(material)
  const title = material.topic_title ?? material.module_title
  const owner = { type: material.owner_type, id: material.owner_id, title, ...place }
  return page('programmes/material-form', presentForm(t, lang, form, owner, material), {
    title: t('programmes.material.titleEdit'),
    breadcrumbs: crumbs(actor, t, lang, place),
    styles: EDITOR_STYLES,
  })
}

async function showRemove(context: AnyContext): Promise<Reply> {
  const { actor, t, lang, params } = context
  const material = await selectMaterialToEdit(actor, params.id)
  const name = words(material.title, lang)
  return removePage(context, {
    name,
    breadcrumbs: crumbs(actor, t, lang, placeOf(material)),
    confirm: {
      text: t('programmes.remove.material', { name }),
      items: [t('programmes.remove.materialGone')],
      action: `/materials/${material.id}/remove`,
      submitLabel: t('programmes.remove.delete'),
      cancelHref: `/materials/${material.id}`,
    },
  })
}
