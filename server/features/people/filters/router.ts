import { InputError } from '../../../core/errors.ts'
import { cleanForm, type Form } from '../../../core/http/forms.ts'
import { json, page, type Reply, redirect } from '../../../core/http/reply.ts'
import { type AnyContext, may, type Routes } from '../../../core/http/route.ts'
import { criteria } from '../input.ts'
import { choicesOf } from './choices.ts'
import { changed, type Draft, draftOf, emptyDraft, filterOf } from './draft.ts'
import { filterOfCriteria } from './from-criteria.ts'
import {
  type BuildInput,
  buildInput,
  countInput,
  draftFrom,
  type FilterInput,
  filterInput,
  filterUpdate,
  idParams,
} from './input.ts'
import { conditionsOf, type Filter } from './model.ts'
import { organisationNames, withNames, withOrganisations } from './organisations.ts'
import { countText, presentBuilder, presentSaved, presentShared } from './presenter.ts'
import { countMatching, fieldsFor, listSavedFilters, type SavedFilter, selectSavedFilter } from './queries.ts'
import { deleteFilter, saveFilter, updateFilter } from './service.ts'
import type { Vocabulary } from './words.ts'

const view = may('people.view')

/** Filters over people: kept, shared, built. */
export function filterRoutes(routes: Routes): void {
  routes.get('/people/filters', { access: view }, showList)

  routes.get('/people/filters/new', { access: view, query: criteria }, async (context) => {
    const { actor, query } = context
    const from = query.filter
      ? (await selectSavedFilter(actor, query.filter)).filter
      : await filterOfCriteria(actor, query)
    const draft = from ? await withNames(actor, draftOf(from)) : emptyDraft()
    return showBuilder(context, { draft, form: cleanForm() })
  })

  // Adds and removes rows, or only looks: nothing is kept.
  routes.post('/people/filters/build', { access: view, body: buildInput }, async (context) => {
    const { actor, body } = context
    const saved = body.id ? await selectSavedFilter(actor, body.id) : undefined
    const draft = changed(await draftFor(context, body), body.do)
    return showBuilder(context, { draft, saved, form: formOf(body), silent: true })
  })

  routes.post('/people/filters/count', { access: view, body: countInput }, async (context) => {
    const { filter, errors } = filterOf(await draftFor(context, context.body), await fieldsFor(context.actor))
    const count = errors.length ? undefined : await countMatching(context.actor, filter)
    return json({ text: count ? countText(context, count) : context.t('people-filters.count.unknown') })
  })

  routes.post(
    '/people/filters',
    { access: view, body: filterInput, once: true, invalid: showAgain },
    async (context) => {
      const made = await saveFilter(context.actor, await savedOf(context, context.body))
      return redirect(`/people?filter=${made}`, 'people-filters.flash.saved')
    },
  )

  routes.get('/people/filters/:id', { access: view, params: idParams }, async (context) => {
    const saved = await selectSavedFilter(context.actor, context.params.id)
    if (saved.ownerId !== context.actor.personId) return showShared(context, saved)
    const draft = saved.filter ? await withNames(context.actor, draftOf(saved.filter)) : emptyDraft()
    const { name, isShared, version } = saved
    return showBuilder(context, { draft, saved, form: cleanForm({ name, isShared, version }) })
  })
  routes.post(
    '/people/filters/:id',
    { access: view, params: idParams, body: filterUpdate, invalid: showAgain, stale: showStale },
    async (context) => {
      const { actor, params, body } = context
      await updateFilter(actor, params.id, { ...(await savedOf(context, body)), version: body.version })
      return redirect(`/people?filter=${params.id}`, 'people-filters.flash.saved')
    },
  )
  routes.post('/people/filters/:id/delete', { access: view, params: idParams }, async ({ actor, params }) => {
    await deleteFilter(actor, params.id)
    return redirect('/people/filters', 'people-filters.flash.deleted')
  })
}

type Typed = Pick<BuildInput, 'match' | 'group' | 'row'>

const draftFor = async ({ actor }: AnyContext, typed: Typed): Promise<Draft> =>
  withOrganisations(actor, draftFrom(typed, await fieldsFor(actor)))

const formOf = ({ name, isShared, version, formKey }: BuildInput): Form =>
  cleanForm({ name, isShared, version, formKey })

/** The filter that was typed. @throws InputError naming every row that is unfinished */
async function savedOf(context: AnyContext, body: FilterInput) {
  const { filter, errors } = filterOf(await draftFor(context, body), await fieldsFor(context.actor))
  if (errors.length)
    throw new InputError(errors.map(({ row, problem }) => ({ field: `row.${row}.values`, ...problem })))
  return { name: body.name, isShared: body.isShared, filter }
}

/** The builder as it was sent, with the reasons. */
async function showAgain(context: AnyContext, form: Form): Promise<Reply> {
  const body = buildInput.safeParse({ ...form.values, ...context.req.body }).data ?? buildInput.parse({})
  const saved = context.params?.id ? await selectSavedFilter(context.actor, context.params.id) : undefined
  return showBuilder(context, { draft: await draftFor(context, body), saved, form })
}

/** The same over what was saved meanwhile in another window: what is typed stays, the version is that of now. */
async function showStale(context: AnyContext, form: Form): Promise<Reply> {
  const saved = await selectSavedFilter(context.actor, context.params.id)
  const message = context.t('people-filters.builder.stale')
  const values = { ...form.values, version: saved.version }
  return showAgain(context, { ...form, values, summary: [{ field: '', message }] })
}

type Shown = { draft: Draft; form: Form; saved?: SavedFilter | undefined; silent?: boolean }

async function showBuilder(context: AnyContext, { draft, form, saved, silent }: Shown): Promise<Reply> {
  const { actor, t } = context
  const fields = await fieldsFor(actor)
  const { filter, errors } = filterOf(draft, fields)
  const asked = draft.groups.flatMap(({ rows }) => rows.flatMap((row) => fields.get(row.field) ?? []))
  const [choices, count] = await Promise.all([
    choicesOf(context, asked),
    errors.length ? undefined : countMatching(actor, filter),
  ])
  const words = { fields, choices, organisations: new Map() }
  const reasons = silent ? [] : errors.map(({ row, problem }) => [row, t(problem.code, problem.values)] as const)
  const isTried = Boolean(form.summary.length)
  const model = presentBuilder(context, { draft, words, errors: new Map(isTried ? reasons : []), count, saved, form })
  return page('people/filters/builder', model, {
    title: saved?.name ?? t('people-filters.builder.title'),
    breadcrumbs: crumbs(context),
    styles: ['people-filters.css'],
  })
}

const crumbs = ({ t }: AnyContext) => [
  { href: '/people', label: t('people.list.title') },
  { href: '/people/filters', label: t('people-filters.list.title') },
]

/** Everything that is needed to say these filters in words. */
async function vocabularyOf(context: AnyContext, filters: readonly (Filter | undefined)[]): Promise<Vocabulary> {
  const conditions = filters.flatMap((filter) => (filter ? conditionsOf(filter) : []))
  const fields = await fieldsFor(context.actor)
  const asked = [...new Set(conditions.flatMap(({ field }) => fields.get(field) ?? []))]
  const ids = conditions.flatMap(({ op, values }) => (/within/i.test(op) ? [Number(values[0])] : []))
  const [choices, organisations] = await Promise.all([choicesOf(context, asked), organisationNames(context.actor, ids)])
  return { fields, choices, organisations }
}

async function showList(context: AnyContext): Promise<Reply> {
  const { actor, t } = context
  const saved = await listSavedFilters(actor)
  const words = await vocabularyOf(
    context,
    saved.map(({ filter }) => filter),
  )
  return page('people/filters/list', presentSaved(context, saved, words), {
    title: t('people-filters.list.title'),
    breadcrumbs: [{ href: '/people', label: t('people.list.title') }],
    actions: [{ href: '/people/filters/new', label: t('people-filters.list.create'), icon: 'plus', kind: 'primary' }],
  })
}

async function showShared(context: AnyContext, saved: SavedFilter): Promise<Reply> {
  const words = await vocabularyOf(context, [saved.filter])
  return page('people/filters/shared', presentShared(context, saved, words), {
    title: saved.name,
    breadcrumbs: crumbs(context),
  })
}
