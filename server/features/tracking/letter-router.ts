import { cleanForm, type Form } from '../../core/http/forms.ts'
import { queryString } from '../../core/http/paging.ts'
import { page, type Reply, redirect } from '../../core/http/reply.ts'
import { type AnyContext, may, type Routes } from '../../core/http/route.ts'
import { fullName, innerQuotes } from '../../core/text.ts'
import { selectCohort } from './cohort-queries.ts'
import { idParams, type JournalQuery, journalQuery, letterInput } from './input.ts'
import { listAllLearners, listColumns } from './journal-queries.ts'
import { sendLetters } from './letter-service.ts'
import { loadJournal, readerOf } from './load.ts'
import { say } from './present-state.ts'

const write = may('tracking.letter')

/** A letter to exactly those whom the filter shows. */
export function letterRoutes(routes: Routes): void {
  routes.get(
    '/tracking/cohorts/:id/letter',
    { access: write, params: idParams, query: journalQuery },
    async (context) => {
      const { query, params, t } = context
      const reader = readerOf(context)
      const cohort = await selectCohort(context.actor, params.id, reader.today)
      const milestone = (await listColumns(cohort)).find((column) => column.id === query.milestone)
      const title = milestone ? say(reader, milestone.title) : ''
      const about = query.state === 'late' || query.state === 'returned' ? query.state : 'missing'
      return showLetter(
        context,
        query,
        cleanForm({
          subject: t(title ? 'tracking.letter.subjectOf' : 'tracking.letter.subjectAny', { title }),
          text: t(`tracking.letter.text.${about}`, {
            title: title
              ? t('tracking.letter.quoted', { title: innerQuotes(title) })
              : t('tracking.letter.anyMilestone'),
          }),
        }),
      )
    },
  )

  routes.post(
    '/tracking/cohorts/:id/letter',
    {
      access: write,
      params: idParams,
      query: journalQuery,
      body: letterInput,
      once: true,
      invalid: (context, form) => showLetter(context, context.query, form),
    },
    async ({ actor, params, body }) => {
      const { sent, withoutAddress } = await sendLetters(actor, params.id, body)
      const key = withoutAddress ? 'tracking.letter.sentSome' : 'tracking.letter.sent'
      const kind = sent ? 'success' : 'warning'
      return redirect(`/tracking/cohorts/${params.id}`, { kind, key, values: { count: sent, withoutAddress } })
    },
  )
}

async function showLetter(context: AnyContext, query: JournalQuery, form: Form): Promise<Reply> {
  const { actor, params, t } = context
  const { cohort, journal } = await loadJournal(context, params.id, query)
  const people = await listAllLearners(actor, journal)
  const typed = [form.values.enrolments ?? people.map((row) => row.id)].flat().map(String)
  const model = {
    form,
    action: `/tracking/cohorts/${cohort.id}/letter?${queryString(journal.filter)}`,
    cancelHref: `/tracking/cohorts/${cohort.id}?${queryString(journal.filter)}`,
    people: people.map((row) => ({
      id: row.id,
      name: fullName(row),
      organisation: row.organisation,
      email: row.email,
      chosen: typed.includes(String(row.id)),
    })),
    countLabel: t('tracking.letter.to', { count: people.length }),
    withoutAddress: people.filter((row) => !row.email).length,
  }
  return page('tracking/letter', model, {
    title: t('tracking.letter.title'),
    subtitle: cohort.title,
    styles: ['tracking.css'],
    breadcrumbs: [{ href: `/tracking/cohorts/${cohort.id}`, label: t('tracking.title') }],
  })
}
