import { cleanForm, type Form, formOverNewer } from '../../core/http/forms.ts'
import { json, page, type Reply, redirect } from '../../core/http/reply.ts'
import { type AnyContext, mayEverywhere, type Routes } from '../../core/http/route.ts'
import {
  idParams,
  mergeInput,
  type PositionQuery,
  positionInput,
  positionQuery,
  positionUpdate,
  stateInput,
  suggestQuery,
} from './input.ts'
import { createPosition, mergePosition, renamePosition, setPositionState } from './position-service.ts'
import { presentPosition, presentPositions } from './presenter.ts'
import { countPositions, listPositions, listSpellings, selectPosition, suggestPositions } from './queries.ts'

const access = mayEverywhere('dictionaries.edit')

/** Positions: what people are employed as. */
export function positionRoutes(routes: Routes): void {
  routes.get('/positions', { access, query: positionQuery }, (context) =>
    showList(context, context.query, cleanForm({})),
  )
  routes.get('/positions/suggest', { access, query: suggestQuery }, async ({ query }) => {
    const found = query.q ? await suggestPositions(query.q) : []
    return json(found.map(({ name }) => ({ value: name })))
  })
  routes.post(
    '/positions',
    { access, body: positionInput, invalid: (context, form) => showList(context, { state: 'active' }, form) },
    async ({ actor, body }) => {
      await createPosition(actor, body.name)
      return redirect('/positions', 'dictionaries.positions.flash.created')
    },
  )
  routes.get('/positions/:id', { access, params: idParams }, (context) => showPosition(context))
  routes.post(
    '/positions/:id',
    {
      access,
      params: idParams,
      body: positionUpdate,
      invalid: (context, form) => showPosition(context, { rename: form }),
      stale: async (context, form) => {
        const { name, version } = await selectPosition(context.params.id)
        return showPosition(context, { rename: formOverNewer(form, { name, version }) })
      },
    },
    async ({ actor, params, body }) => {
      await renamePosition(actor, params.id, body)
      return redirect(`/positions/${params.id}`, 'dictionaries.positions.flash.renamed')
    },
  )
  routes.post('/positions/:id/state', { access, params: idParams, body: stateInput }, async (context) => {
    const { actor, params, body } = context
    await setPositionState(actor, params.id, body)
    return redirect(`/positions/${params.id}`, `dictionaries.positions.flash.${body.state}`)
  })
  routes.post(
    '/positions/:id/merge',
    { access, params: idParams, body: mergeInput, invalid: (context, form) => showPosition(context, { merge: form }) },
    async ({ actor, params, body }) => {
      const id = await mergePosition(actor, params.id, body)
      return redirect(`/positions/${id}`, 'dictionaries.positions.flash.merged')
    },
  )
}

async function showList(context: AnyContext, query: PositionQuery, form: Form): Promise<Reply> {
  const [result, total] = await Promise.all([listPositions(query), countPositions(query)])
  return page('dictionaries/positions', presentPositions(context, query, result, total, form), {
    title: context.t('dictionaries.positions.title'),
  })
}

async function showPosition(context: AnyContext, shown: { rename?: Form; merge?: Form } = {}): Promise<Reply> {
  const { params, t } = context
  const [position, spellings] = await Promise.all([selectPosition(params.id), listSpellings(params.id)])
  const forms = { rename: shown.rename ?? cleanForm({ name: position.name }), merge: shown.merge ?? cleanForm({}) }
  return page('dictionaries/position', presentPosition(context, position, spellings, forms), {
    title: position.name,
    breadcrumbs: [{ href: '/positions', label: t('dictionaries.positions.title') }],
  })
}
