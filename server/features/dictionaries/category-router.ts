import { cleanForm, type Form, formOverNewer } from '../../core/http/forms.ts'
import { page, type Reply, redirect } from '../../core/http/reply.ts'
import { type AnyContext, mayEverywhere, type Routes } from '../../core/http/route.ts'
import { pick } from '../../core/text.ts'
import { createCategory, moveCategory, renameCategory, setCategoryState } from './category-service.ts'
import { categoryInput, categoryUpdate, idParams, moveInput, stateInput } from './input.ts'
import { presentCategories, presentCategory } from './presenter.ts'
import { listCategories, selectCategory } from './queries.ts'

const access = mayEverywhere('dictionaries.edit')

/** Categories: what kind of learners the authority tells apart. */
export function categoryRoutes(routes: Routes): void {
  routes.get('/categories', { access }, (context) => showList(context, cleanForm()))
  routes.post(
    '/categories',
    { access, body: categoryInput, once: true, invalid: showList },
    async ({ actor, body }) => {
      await createCategory(actor, body.name)
      return redirect('/categories', 'dictionaries.categories.flash.created')
    },
  )
  routes.get('/categories/:id', { access, params: idParams }, (context) => showCategory(context))
  routes.post(
    '/categories/:id',
    {
      access,
      params: idParams,
      body: categoryUpdate,
      invalid: showCategory,
      stale: async (context, form) => {
        const { name, version } = await selectCategory(context.params.id)
        return showCategory(context, formOverNewer(form, { name, version }))
      },
    },
    async ({ actor, params, body }) => {
      await renameCategory(actor, params.id, body)
      return redirect('/categories', 'dictionaries.categories.flash.renamed')
    },
  )
  routes.post(
    '/categories/:id/state',
    { access, params: idParams, body: stateInput, invalid: showCategory },
    async ({ actor, params, body }) => {
      await setCategoryState(actor, params.id, body)
      return redirect('/categories', `dictionaries.categories.flash.${body.state}`)
    },
  )
  routes.post('/categories/:id/move', { access, params: idParams, body: moveInput }, async (context) => {
    const { actor, params, body } = context
    await moveCategory(actor, params.id, body.direction)
    return redirect('/categories', 'dictionaries.categories.flash.moved')
  })
}

async function showList(context: AnyContext, form: Form): Promise<Reply> {
  return page('dictionaries/categories', presentCategories(context, await listCategories(), form), {
    title: context.t('dictionaries.categories.title'),
  })
}

async function showCategory(context: AnyContext, typed?: Form): Promise<Reply> {
  const { params, t, lang } = context
  const category = await selectCategory(params.id)
  // What was typed is shown again; a refused reopening typed nothing.
  const form = typed?.values.name ? typed : { ...cleanForm({ name: category.name }), summary: typed?.summary ?? [] }
  return page('dictionaries/category', presentCategory(category, form), {
    title: pick(category.name, lang),
    breadcrumbs: [{ href: '/categories', label: t('dictionaries.categories.title') }],
  })
}
