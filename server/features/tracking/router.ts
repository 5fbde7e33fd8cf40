import { noteRead } from '../../core/audit/reads.ts'
import { exportFormat, sendTable } from '../../core/export/index.ts'
import { EXPORT_PAGE, eachPage, type Paging, queryString } from '../../core/http/paging.ts'
import { page, redirect } from '../../core/http/reply.ts'
import { type AnyContext, may, type Routes } from '../../core/http/route.ts'
import { confirmMany } from './bulk-service.ts'
import { listCohorts } from './cohort-queries.ts'
import { bulkInput, idParams, type JournalQuery, journalQuery, listQuery } from './input.ts'
import { countLearners, listAllLearners, listChoices, listLearners, listStates } from './journal-queries.ts'
import { letterRoutes } from './letter-router.ts'
import { loadJournal, readerOf, view } from './load.ts'
import { milestoneRoutes } from './milestone-router.ts'
import { ownRoutes } from './own-router.ts'
import {
  presentCohortExport,
  presentCohorts,
  presentColumns,
  presentExport,
  presentJournal,
  presentRows,
} from './present-journal.ts'
import { presentLegend, say } from './present-state.ts'

export function trackingRoutes(routes: Routes): void {
  routes.get('/tracking', { access: view, query: listQuery }, async (context) => {
    const { actor, query, t } = context
    const reader = readerOf(context)
    const result = await listCohorts(actor, query, reader.today)
    // Most people work with one cohort: they land in it.
    const [only] = result.rows
    if (only && result.rows.length === 1 && !query.q && !query.all && !result.next && !result.previous) {
      return redirect(`/tracking/cohorts/${only.id}`)
    }
    return page('tracking/cohorts', presentCohorts(reader, query, result), { title: t('tracking.title') })
  })

  routes.get('/tracking/export', { access: view, query: listQuery }, async (context) => {
    const { actor, query, req, t } = context
    const reader = readerOf(context)
    const rows = async function* () {
      const list = (paging: Paging) => listCohorts(actor, { ...query, ...paging }, reader.today, EXPORT_PAGE)
      for await (const cohorts of eachPage(list)) yield* presentCohortExport(reader, cohorts)
    }
    const names = ['cohort', 'programme', 'startsOn', 'learners', 'waiting', 'late']
    return sendTable(exportFormat(req.query.format), {
      fileName: t('tracking.title'),
      title: t('tracking.title'),
      columns: names.map((name) => t(`tracking.list.${name}`)),
      rows: rows(),
    })
  })

  routes.get('/tracking/cohorts/:id', { access: view, params: idParams, query: journalQuery }, async (context) => {
    const { actor, params, query, t } = context
    const reader = readerOf(context)
    const { cohort, columns, journal } = await loadJournal(context, params.id, query)
    const counts = await countLearners(actor, journal)
    const result = await listLearners(actor, journal, query)
    const states = await listStates(result.rows.map((row) => row.id))
    const choices = await listChoices(actor, cohort, reader.today)
    const parts = { cohort, columns, rows: result.rows, states, choices, counts, page: result }
    const model = presentJournal(actor, reader, parts, query)
    const write = { href: model.letterHref ?? '', label: model.letterLabel, icon: 'mail', kind: 'primary' } as const
    return page('tracking/journal', model, {
      title: t('tracking.title'),
      subtitle: `${cohort.title} · ${say(reader, cohort.programmeTitle)}`,
      breadcrumbs: [{ href: '/tracking?all=1', label: t('tracking.list.title') }],
      actions: model.letterHref ? [write] : [],
      styles: ['tracking.css'],
    })
  })

  routes.get(
    '/tracking/cohorts/:id/export',
    { access: view, params: idParams, query: journalQuery },
    async (context) => {
      const { params, query, req, t } = context
      const parts = await loadWhole(context, params.id, query)
      await noteRead(context.actor, 'learners', { type: 'cohort', id: params.id }, null, { filter: query })
      const table = presentExport(readerOf(context), parts)
      return sendTable(exportFormat(req.query.format), {
        fileName: `${t('tracking.title')} ${parts.cohort.title}`,
        title: `${t('tracking.title')}: ${parts.cohort.title}`,
        ...table,
      })
    },
  )

  routes.get(
    '/tracking/cohorts/:id/print',
    { access: view, params: idParams, query: journalQuery },
    async (context) => {
      const { params, query, t, format } = context
      const reader = readerOf(context)
      const parts = await loadWhole(context, params.id, query)
      await noteRead(context.actor, 'learners', { type: 'cohort', id: params.id }, null, { filter: query })
      const model = {
        columns: presentColumns(reader, parts.cohort, parts.columns),
        rows: presentRows(reader, parts),
        legend: presentLegend(t),
      }
      return page('tracking/print', model, {
        title: t('tracking.title'),
        subtitle: `${parts.cohort.title} · ${say(reader, parts.cohort.programmeTitle)}`,
        layout: 'print',
        landscape: true,
        backUrl: `/tracking/cohorts/${params.id}`,
        printedAt: t('tracking.print.printedAt', { date: format.date(reader.today) }),
        styles: ['tracking-print.css'],
      })
    },
  )

  routes.post(
    '/tracking/cohorts/:id/confirm',
    { access: may('tracking.confirm'), params: idParams, body: bulkInput },
    async ({ actor, params, body }) => {
      const { confirmed, skipped } = await confirmMany(actor, params.id, body)
      const kind = confirmed ? 'success' : 'warning'
      const key = confirmed ? (skipped ? 'tracking.bulk.doneSome' : 'tracking.bulk.done') : 'tracking.bulk.doneNone'
      return redirect(`/tracking/cohorts/${params.id}?${queryString({ milestone: body.milestone })}`, {
        kind,
        key,
        values: { count: confirmed || skipped, skipped },
      })
    },
  )

  letterRoutes(routes)
  milestoneRoutes(routes)
  ownRoutes(routes)
}

/** The whole journal under a filter, without pages. */
async function loadWhole(context: AnyContext, cohortId: number, query: JournalQuery) {
  const { cohort, columns, journal } = await loadJournal(context, cohortId, query)
  const rows = await listAllLearners(context.actor, journal)
  const states = await listStates(rows.map((row) => row.id))
  return { cohort, columns, rows, states }
}
