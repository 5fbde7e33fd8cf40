import { ConflictError, InputError } from '../../core/errors.ts'
import { cleanForm, type Form } from '../../core/http/forms.ts'
import { page, type Reply, redirect } from '../../core/http/reply.ts'
import { type AnyContext, type Context, may, type Routes } from '../../core/http/route.ts'
import { belowCohort } from '../cohorts/frame.ts'
import { cohortPolicy } from '../cohorts/policy.ts'
import { type CohortCard, selectCohort } from '../cohorts/queries.ts'
import { listSavedFilters } from '../people/filters/queries.ts'
import { matchListed } from '../people/picker/resolve.ts'
import { listPositions } from '../people/queries.ts'
import { listCandidates, listEnrolledAmong, listImports, listMatchingIds } from './candidates.ts'
import { presentPasted, presentSearch } from './enrol-presenter.ts'
import { type Enrolled, enrolPeople } from './enrol-service.ts'
import { type CandidateQuery, candidateQuery, cohortParams, enrolInput, type PasteInput, pasteInput } from './input.ts'

const edit = may('enrolments.edit')

/** Taking people in: from the list of people, by a saved choice, from an import, by a pasted list. */
export function enrolRoutes(routes: Routes): void {
  routes.get('/cohorts/:id/enrol', { access: edit, params: cohortParams, query: candidateQuery }, (context) =>
    showSearch(context, cleanForm()),
  )

  routes.post(
    '/cohorts/:id/enrol',
    { access: edit, params: cohortParams, query: candidateQuery, body: enrolInput, invalid: showSearch },
    async ({ actor, params, query, body }) => {
      const ids = body.all ? await listMatchingIds(actor, params.id, query) : body.ids
      // Someone may have been added to the choice, or enrolled, since the number on the button was shown.
      if (body.all && body.expected !== null && ids.length !== body.expected) {
        throw InputError.of('', 'enrolments.enrol.foundChanged', { before: body.expected, count: ids.length })
      }
      const source = query.import ? 'import' : 'list'
      return done(params.id, await enrolPeople(actor, params.id, ids, { source, groupNumber: body.groupNumber }))
    },
  )

  routes.get('/cohorts/:id/enrol/list', { access: edit, params: cohortParams }, (context) =>
    showPasted(context, cleanForm(), null),
  )

  routes.post(
    '/cohorts/:id/enrol/list',
    { access: edit, params: cohortParams, body: pasteInput, invalid: showPastedAgain },
    async (context) => {
      const { actor, params, body } = context
      if (!body.text.trim()) throw InputError.of('text', 'enrolments.paste.empty')
      if (!body.confirmed) return showPasted(context, cleanForm(valuesOf(body)), body.text)
      const chosen = Object.values(body.choice).filter((id): id is number => id !== null)
      const ids = [...body.ids, ...chosen]
      const options = { source: 'list', groupNumber: body.groupNumber } as const
      return done(params.id, await enrolPeople(actor, params.id, ids, options))
    },
  )
}

const valuesOf = (body: PasteInput) => ({ text: body.text, groupNumber: body.groupNumber ?? '' })

/** Back to the list of people, saying how many were enrolled and how many were there already. */
function done(cohortId: number, { enrolled, already }: Enrolled): Reply {
  const to = `/cohorts/${cohortId}/people`
  const values = { count: enrolled.length, already: already.length }
  if (enrolled.length === 0) return redirect(to, { kind: 'info', key: 'enrolments.flash.allAlready', values })
  const key = already.length ? 'enrolments.flash.enrolledSome' : 'enrolments.flash.enrolled'
  return redirect(to, { kind: 'success', key, values })
}

/** A cohort into which the actor may enrol people. @throws ConflictError if it takes nobody any more */
async function selectOpenCohort({ actor, params }: AnyContext): Promise<CohortCard> {
  const cohort = await selectCohort(actor, params.id)
  cohortPolicy.demand(actor, 'enrol', cohort)
  if (cohort.state !== 'planned' && cohort.state !== 'running') throw new ConflictError('enrolments.enrol.cohortClosed')
  return cohort
}

async function showSearch(context: Context<typeof cohortParams, typeof candidateQuery>, form: Form): Promise<Reply> {
  const { actor, query, t } = context
  const cohort = await selectOpenCohort(context)
  const [result, ids, positions, saved, imports] = await Promise.all([
    listCandidates(actor, cohort.id, query, query),
    isNarrowed(query) ? listMatchingIds(actor, cohort.id, query) : null,
    listPositions(),
    listSavedFilters(actor),
    listImports(actor),
  ])
  const lists = { result, matching: ids?.length ?? null, positions, saved, imports }
  const model = presentSearch(context, cohort, query, lists, form)
  return page('enrolments/search', model, belowCohort(context, cohort, 'people', t('enrolments.enrol.title')))
}

/** Whether anything is asked for: only then are all who match counted and offered at once. */
const isNarrowed = ({ after: _after, before: _before, state: _state, directory, ...asked }: CandidateQuery) =>
  directory !== 'all' || Object.values(asked).some((value) => value !== undefined)

async function showPasted(context: AnyContext, form: Form, text: string | null): Promise<Reply> {
  const { t } = context
  const cohort = await selectOpenCohort(context)
  const [checked, saved] = await Promise.all([
    text === null ? null : check(context, cohort, text),
    listSavedFilters(context.actor),
  ])
  const model = presentPasted(context, cohort, form, checked, saved)
  return page('enrolments/paste', model, belowCohort(context, cohort, 'people', t('enrolments.enrol.title')))
}

/** After a refusal: the list as it was checked, if it had been, with the reason. */
function showPastedAgain(context: AnyContext, form: Form): Promise<Reply> {
  const text = typeof form.values.text === 'string' && form.values.confirmed ? form.values.text : null
  return showPasted(context, form, text)
}

async function check({ actor }: AnyContext, cohort: CohortCard, text: string) {
  const { matched, people, cutOff } = await matchListed(actor, text)
  const ids = people.map(({ id }) => id)
  return { matched, enrolled: new Set(await listEnrolledAmong(cohort.id, ids)), cutOff }
}
