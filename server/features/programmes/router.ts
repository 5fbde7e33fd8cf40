import { cleanForm, type Form, formOverNewer } from '../../core/http/forms.ts'
import { type Crumb, page, type Reply, redirect } from '../../core/http/reply.ts'
import { type AnyContext, jsonOrPage, may, type Routes } from '../../core/http/route.ts'
import {
  copyInput,
  idParams,
  listQuery,
  newProgrammeInput,
  programmeInput,
  programmeQuery,
  programmeState,
} from './input.ts'
import { formValues, presentForm, presentList, presentProgramme, programmeActions, programmeTabs } from './presenter.ts'
import { listProgrammes, selectProgramme, selectProgrammeToEdit } from './queries.ts'
import { createProgramme, demandMayCreate, setProgrammeState, updateProgramme } from './service.ts'
import { loadStructure } from './structure.ts'
import { listTaughtGroups } from './teaching.ts'
import { copyProgramme } from './transfer/copy.ts'
import { selectUsage } from './usage.ts'
import { crumbs, textsOf, usageInWords, words } from './words.ts'

const view = may('programmes.view')
const edit = may('programmes.edit')
export const STYLES = ['programmes.css']
export const EDITOR_STYLES = [...STYLES, 'editor.css']

/** Programmes as a whole: list, page, form, state, copy. */
export function programmeRoutes(routes: Routes): void {
  routes.get('/programmes', { access: view, query: listQuery }, async ({ actor, query, t, lang }) => {
    const model = presentList(actor, t, lang, query, await listProgrammes(actor, query))
    const actions = [
      { href: '/programmes/import', label: t('programmes.list.import'), icon: 'file-import' },
      { href: '/programmes/new', label: t('programmes.list.create'), icon: 'plus', kind: 'primary' as const },
    ]
    const title = t('programmes.list.title')
    return page('programmes/list', model, { title, actions: model.canCreate ? actions : [], styles: STYLES })
  })

  routes.get('/programmes/new', { access: edit }, (context) => showForm(context, cleanForm({ hours: 72 })))

  routes.post(
    '/programmes',
    { access: edit, body: newProgrammeInput, once: true, invalid: showForm },
    async ({ actor, body }) => {
      const id = await createProgramme(actor, body)
      return redirect(`/programmes/${id}`, 'programmes.flash.created')
    },
  )

  routes.get('/programmes/:id', { access: view, params: idParams, query: programmeQuery }, async (context) => {
    return showProgramme(context, context.params.id, context.query.open)
  })

  routes.get('/programmes/:id/edit', { access: edit, params: idParams }, async (context) => {
    const programme = await selectProgrammeToEdit(context.actor, context.params.id)
    return showForm(context, cleanForm(formValues(programme)), programme.id)
  })

  routes.post(
    '/programmes/:id',
    {
      access: edit,
      params: idParams,
      body: programmeInput,
      invalid: (context, form) => showForm(context, form, context.params.id),
      stale: async (context, form) => {
        const newest = formValues(await selectProgrammeToEdit(context.actor, context.params.id))
        return showForm(context, formOverNewer(form, newest), context.params.id)
      },
    },
    async ({ actor, params, body }) => {
      await updateProgramme(actor, params.id, body)
      return redirect(`/programmes/${params.id}`, 'programmes.flash.changed')
    },
  )

  routes.post(
    '/programmes/:id/state',
    {
      access: edit,
      params: idParams,
      body: programmeState,
      invalid: (context, form) => showProgramme(context, context.params.id, undefined, form),
    },
    async ({ actor, params, body }) => {
      await setProgrammeState(actor, params.id, body.state, body.version)
      return redirect(`/programmes/${params.id}`, `programmes.flash.${body.state}`)
    },
  )

  routes.get('/programmes/:id/copy', { access: edit, params: idParams }, async (context) => {
    const { title } = await selectProgramme(context.actor, context.params.id)
    const suggested = Object.fromEntries(
      Object.entries(textsOf(title)).map(([code, text]) => [
        code,
        context.t('programmes.copy.suggested', { title: text }),
      ]),
    )
    return showCopy(context, cleanForm({ title: suggested }))
  })

  routes.post(
    '/programmes/:id/copy',
    { access: edit, params: idParams, body: copyInput, once: true, invalid: showCopy },
    async ({ actor, params, body }) => {
      const id = await copyProgramme(actor, params.id, body.title)
      return redirect(`/programmes/${id}`, 'programmes.flash.copied')
    },
  )
}

/** The page of a programme; after a refused change of state with the reason above it. */
async function showProgramme(context: AnyContext, id: number, open?: number | 'all', form?: Form): Promise<Reply> {
  const { actor, t, lang } = context
  const programme = await selectProgramme(actor, id)
  const [structure, usage] = [await loadStructure(programme), await selectUsage(id)]
  const taught = await listTaughtGroups(
    actor,
    structure.modules.map((module) => module.id),
  )
  const model = presentProgramme(actor, t, lang, structure, usage, taught, open)
  const tabs = programmeTabs(t, id, 'structure')
  const title = words(programme.title, lang)
  return page(
    'programmes/programme',
    { ...model, tabs, refused: form?.summary ?? [] },
    {
      title,
      breadcrumbs: crumbs(actor, t, lang),
      actions: model.canEdit ? programmeActions(t, id) : [],
      styles: STYLES,
    },
  )
}

async function showForm(context: AnyContext, form: Form, id?: number): Promise<Reply> {
  const { actor, t, lang } = context
  const programme = id === undefined ? undefined : await selectProgrammeToEdit(actor, id)
  if (!programme) demandMayCreate(actor)
  const usage = programme ? await selectUsage(programme.id) : { cohorts: 0, learners: 0 }
  const place = programme && { programmeId: programme.id, programmeTitle: programme.title }
  return page('programmes/form', presentForm(t, form, usage, id), {
    title: t(id ? 'programmes.form.titleEdit' : 'programmes.form.titleNew'),
    breadcrumbs: crumbs(actor, t, lang, place),
    styles: EDITOR_STYLES,
  })
}

async function showCopy(context: AnyContext, form: Form): Promise<Reply> {
  const { actor, t, lang } = context
  demandMayCreate(actor)
  const programme = await selectProgramme(actor, context.params.id)
  return page(
    'programmes/copy',
    { form, id: programme.id },
    {
      title: t('programmes.copy.title'),
      breadcrumbs: crumbs(actor, t, lang, { programmeId: programme.id, programmeTitle: programme.title }),
      styles: STYLES,
    },
  )
}

type Removal = {
  name: string
  breadcrumbs: Crumb[]
  /** The options of views/shared/confirm.ejs; items that are nothing are left out. */
  confirm: {
    text: string
    items: (string | false)[]
    action: string
    submitLabel: string
    cancelHref: string
    fields?: object
  }
  /** Why it was refused a moment ago. */
  refused?: Form['summary']
}

/** The question before a part of a programme goes, with what hangs on it. */
export const removePage = ({ t }: AnyContext, { name, breadcrumbs, confirm, refused = [] }: Removal): Reply =>
  page(
    'programmes/remove',
    { confirm: { ...confirm, items: confirm.items.filter(Boolean) }, refused },
    { title: t('programmes.remove.title', { name }), breadcrumbs, styles: STYLES },
  )

/** Whom a change of a programme reaches, for the forms of its parts. */
export const usageSentence = async (context: AnyContext, programmeId: number): Promise<string> =>
  usageInWords(context.t, await selectUsage(programmeId))

/** After a change of order: scripts need no page. */
export const ordered = (context: AnyContext, to: string): Reply => jsonOrPage(context, { saved: true }, redirect(to))
