import { z } from 'zod'
import { id, list } from '../../core/http/fields.ts'
import { cleanForm, type Form, formOverNewer } from '../../core/http/forms.ts'
import { page, type Reply, redirect } from '../../core/http/reply.ts'
import { type AnyContext, mayEverywhere, type Routes } from '../../core/http/route.ts'
import { setting } from '../../core/settings.ts'
import { cohortValues, presentAll, presentCohort, systemValues } from './presenter.ts'
import { listCohorts, selectCohort } from './queries.ts'
import { changeForAll, changeForCohort, stampOf } from './service.ts'

const access = mayEverywhere('settings.edit')
const keys = list(z.string().max(100))
const version = z.string().max(40)
const allInput = z.object({ employers: keys, instructors: keys, learners: keys, version })
const cohortInput = z.object({
  version,
  choice: z.record(z.string().max(100), z.enum(['same', 'shown', 'hidden'])).default({}),
})
const idParams = z.object({ id: id() })

/** What flows to whom: for the whole system, and otherwise for single cohorts. */
export function visibilityRoutes(routes: Routes): void {
  routes.get('/visibility', { access }, (context) => showAll(context))
  routes.post(
    '/visibility',
    {
      access,
      body: allInput,
      stale: async (context, form) => showAll(context, formOverNewer(form, await allValues())),
    },
    async ({ actor, body }) => {
      await changeForAll(actor, body.version, [...body.employers, ...body.instructors, ...body.learners])
      return redirect('/visibility', 'visibility.saved')
    },
  )
  routes.get('/visibility/cohorts/:id', { access, params: idParams }, (context) => showCohort(context))
  routes.post(
    '/visibility/cohorts/:id',
    {
      access,
      params: idParams,
      body: cohortInput,
      stale: async (context, form) => showCohort(context, formOverNewer(form, await valuesOfCohort(context.params.id))),
    },
    async ({ actor, params, body }) => {
      await changeForCohort(actor, params.id, body.version, body.choice)
      return redirect(`/visibility/cohorts/${params.id}`, 'visibility.saved')
    },
  )
}

async function allValues() {
  const now = await setting('visibility')
  return { ...systemValues(now), version: stampOf(now) }
}

async function valuesOfCohort(cohortId: number) {
  const now = await setting('visibility')
  return { choice: cohortValues(now, cohortId), version: stampOf(now) }
}

async function showAll({ t }: AnyContext, form?: Form): Promise<Reply> {
  const now = await setting('visibility')
  const cohorts = await listCohorts(Object.keys(now.cohorts).map(Number))
  const model = presentAll(t, now, cohorts, form ?? cleanForm(await allValues()))
  return page('visibility/all', model, { title: t('visibility.title') })
}

async function showCohort({ params, t }: AnyContext, form?: Form): Promise<Reply> {
  const now = await setting('visibility')
  const cohort = await selectCohort(params.id)
  const model = presentCohort(t, now, cohort, form ?? cleanForm(await valuesOfCohort(cohort.id)))
  return page('visibility/cohort', model, {
    title: t('visibility.cohort.title'),
    subtitle: cohort.title,
    breadcrumbs: [{ href: '/visibility', label: t('visibility.title') }],
  })
}
