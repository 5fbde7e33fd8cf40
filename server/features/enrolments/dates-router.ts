import { cleanForm, type Form, formOverNewer } from '../../core/http/forms.ts'
import { page, type Reply, redirect } from '../../core/http/reply.ts'
import { type AnyContext, may, type Routes } from '../../core/http/route.ts'
import { fullName } from '../../core/text.ts'
import { belowCohort } from '../cohorts/frame.ts'
import { selectCohort } from '../cohorts/queries.ts'
import { correctDates } from './dates-service.ts'
import { datesInput, enrolmentParams } from './input.ts'
import { type EnrolmentRow, selectEnrolmentToEdit } from './queries.ts'

const PATH = '/cohorts/:id/people/:enrolmentId/dates'

const valuesOf = (row: EnrolmentRow): Form['values'] => ({
  enrolledOn: row.enrolled_on,
  endedOn: row.ended_on,
  version: row.version,
})

/** Correcting when somebody was enrolled and left. */
export function datesRoutes(routes: Routes): void {
  const access = may('enrolments.edit')
  routes.get(PATH, { access, params: enrolmentParams }, (context) => showDates(context))
  routes.post(
    PATH,
    {
      access,
      params: enrolmentParams,
      body: datesInput,
      invalid: (context, form) => showDates(context, () => form),
      stale: (context, form) => showDates(context, (row) => formOverNewer(form, valuesOf(row))),
    },
    async ({ actor, params, body }) => {
      await correctDates(actor, params.id, params.enrolmentId, body)
      return redirect(`/cohorts/${params.id}/people/${params.enrolmentId}`, 'enrolments.dates.saved')
    },
  )
}

async function showDates(
  context: AnyContext,
  formOf: (row: EnrolmentRow) => Form = (row) => cleanForm(valuesOf(row)),
): Promise<Reply> {
  const { actor, params, t } = context
  const cohort = await selectCohort(actor, params.id)
  const row = await selectEnrolmentToEdit(actor, cohort.id, params.enrolmentId)
  const back = `/cohorts/${cohort.id}/people/${row.id}`
  const model = { form: formOf(row), action: `${back}/dates`, cancelHref: back, isOver: row.ended_on !== null }
  return page(
    'enrolments/dates',
    model,
    belowCohort(context, cohort, 'people', t('enrolments.dates.title'), { subtitle: fullName(row) }),
  )
}
