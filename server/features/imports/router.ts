import { noteRead } from '../../core/audit/reads.ts'
import { sendTable } from '../../core/export/index.ts'
import { cleanForm, type Form } from '../../core/http/forms.ts'
import { json, page, type Reply, redirect } from '../../core/http/reply.ts'
import { type AnyContext, may, type Routes } from '../../core/http/route.ts'
import { selectOptionalJob } from '../../core/jobs/index.ts'
import { selectOrganisation } from '../organisations/queries.ts'
import { presentCheck, presentRows, problemText } from './check-presenter.ts'
import { doneRoutes } from './done-router.ts'
import { exampleTable } from './example.ts'
import {
  columnsInput,
  columnsQuery,
  correctionsInput,
  exampleQuery,
  exportQuery,
  idParams,
  rowsQuery,
  versionInput,
} from './input.ts'
import { listOwnFields } from './lookups.ts'
import {
  cancelAction,
  fileFacts,
  headingsOf,
  lookOf,
  pageOf,
  presentColumns,
  presentList,
  stepper,
} from './presenter.ts'
import { type ImportRow, listImports, listRows, listRowsByLine, selectImport, streamRefused } from './queries.ts'
import {
  acceptSuggestions,
  cancelImport,
  checkAgain,
  chooseColumns,
  confirmImport,
  correctRows,
  startImport,
} from './service.ts'

const access = may('imports.run')
const upload = { field: 'file', use: 'import' }
const styles = ['imports.css']

const crumbs = ({ t }: AnyContext) => [{ href: '/imports', label: t('imports.list.title') }]

export function importRoutes(routes: Routes): void {
  routes.get('/imports', { access }, async ({ actor, t, format }) => {
    const model = presentList(t, format, await listImports(actor))
    return page('imports/list', model, {
      title: t('imports.list.title'),
      actions: [{ href: '/imports/new', label: t('imports.list.create'), icon: 'upload', kind: 'primary' }],
    })
  })

  routes.get('/imports/new', { access }, (context) => showNew(context, cleanForm()))

  routes.get('/imports/example', { access, query: exampleQuery }, ({ query, t }) =>
    sendTable('xlsx', exampleTable(t, query.kind)),
  )

  routes.post('/imports', { access, upload, invalid: showNew }, async ({ actor, file }) => {
    const id = await startImport(actor, file)
    return redirect(`/imports/${id}/columns`)
  })

  routes.get('/imports/:id', { access, params: idParams }, async ({ actor, params }) =>
    redirect(pageOf(await selectImport(actor, params.id))),
  )

  routes.get('/imports/:id/columns', { access, params: idParams, query: columnsQuery }, (context) =>
    showColumns(context, cleanForm()),
  )

  routes.post(
    '/imports/:id/columns',
    { access, params: idParams, body: columnsInput, invalid: showColumns },
    async ({ actor, params, body }) => {
      await chooseColumns(actor, params.id, body)
      return redirect(`/imports/${params.id}/check`)
    },
  )

  routes.get('/imports/:id/check', { access, params: idParams }, (context) => showCheck(context, cleanForm()))

  routes.get('/imports/:id/progress', { access, params: idParams }, async ({ actor, params, t }) => {
    const row = await selectImport(actor, params.id)
    return json(await progressOf(row, t))
  })

  routes.get('/imports/:id/rows', { access, params: idParams, query: rowsQuery }, async (context) => {
    const { actor, params, query, t, format } = context
    const row = await selectImport(actor, params.id)
    if (!row.summary.check || !['checked', 'done'].includes(row.state)) return redirect(pageOf(row))
    const model = presentRows(t, format, row, query, await listRows(row.id, query))
    const step = row.state === 'done' ? 'done' : 'check'
    return page(
      'imports/rows',
      { ...model, stepper: stepper(t, step, row) },
      {
        title: t('imports.rows.title'),
        subtitle: row.file_name,
        breadcrumbs: [...crumbs(context), { href: pageOf(row), label: t(`imports.steps.${step}`) }],
        styles,
      },
    )
  })

  routes.get(
    '/imports/:id/refused',
    { access, params: idParams, query: exportQuery },
    async ({ actor, params, query, t, format }) => {
      const row = await selectImport(actor, params.id)
      if (!row.reading || !row.summary.check) return redirect(pageOf(row))
      await noteRead(actor, 'refused', { type: 'import', id: row.id }, null)
      return sendTable(query.format, {
        fileName: t('imports.refused.fileName', { name: row.file_name.replace(/\.[^.]{1,8}$/, '') }),
        title: t('imports.refused.title'),
        columns: [...headingsOf(t, row), t('imports.refused.reason')],
        rows: refusedRows(row, t, format),
      })
    },
  )

  routes.post(
    '/imports/:id/corrections',
    { access, params: idParams, body: correctionsInput },
    async ({ actor, params, body }) => {
      await correctRows(actor, params.id, body)
      return redirect(`/imports/${params.id}/check`)
    },
  )

  routes.post(
    '/imports/:id/suggestions',
    { access, params: idParams, body: versionInput },
    async ({ actor, params, body }) => {
      await acceptSuggestions(actor, params.id, body.version)
      return redirect(`/imports/${params.id}/check`)
    },
  )

  routes.post(
    '/imports/:id/recheck',
    { access, params: idParams, body: versionInput },
    async ({ actor, params, body }) => {
      await checkAgain(actor, params.id, body.version)
      return redirect(`/imports/${params.id}/check`)
    },
  )

  routes.post(
    '/imports/:id/commit',
    { access, params: idParams, body: versionInput, invalid: showCheck },
    async ({ actor, params, body }) => {
      await confirmImport(actor, params.id, body.version)
      return redirect(`/imports/${params.id}/check`)
    },
  )

  routes.post(
    '/imports/:id/cancel',
    { access, params: idParams, body: versionInput },
    async ({ actor, params, body }) => {
      await cancelImport(actor, params.id, body.version)
      return redirect('/imports', 'imports.cancel.done')
    },
  )

  doneRoutes(routes)
}

function showNew(context: AnyContext, form: Form): Reply {
  const { t } = context
  return page(
    'imports/new',
    { form, stepper: stepper(t, 'file') },
    {
      title: t('imports.new.title'),
      breadcrumbs: crumbs(context),
      styles,
    },
  )
}

async function showColumns(context: AnyContext, form: Form): Promise<Reply> {
  const { actor, params, query, t } = context
  const row = await selectImport(actor, params.id)
  if (!['uploaded', 'checked', 'failed'].includes(row.state)) return redirect(pageOf(row))
  const typed = columnsQuery.safeParse(form.values)
  const look = lookOf(row, (form.values.columns ? typed.data : query) ?? {})
  const model = presentColumns(t, row, look, form, await employerName(actor, row), await listOwnFields(actor))
  return page(
    'imports/columns',
    { ...model, stepper: stepper(t, 'columns', row), cancel: cancelAction(t, row) },
    {
      title: t('imports.columns.title'),
      subtitle: row.file_name,
      breadcrumbs: crumbs(context),
      styles,
    },
  )
}

/** The organisation that was named for the whole list, if it can still be seen. */
async function employerName(actor: AnyContext['actor'], { options }: ImportRow): Promise<string> {
  if (options.employerId === null) return ''
  return selectOrganisation(actor, options.employerId).then(
    (organisation) => organisation.short_name,
    () => '',
  )
}

/** One address for the whole of the third step: its progress, its failure, its findings. */
async function showCheck(context: AnyContext, form: Form): Promise<Reply> {
  const { actor, params, t, format } = context
  const row = await selectImport(actor, params.id)
  const options = { title: t('imports.check.title'), subtitle: row.file_name, breadcrumbs: crumbs(context), styles }
  const frame = { stepper: stepper(t, 'check', row), facts: fileFacts(t, row.info), cancel: cancelAction(t, row) }
  if (row.state === 'checking' || row.state === 'committing') {
    const model = { id: row.id, nextHref: `/imports/${row.id}/check`, heading: t(`imports.progress.${row.state}`) }
    return page('imports/progress', { ...frame, ...model, percent: (await progressOf(row, t)).percent }, options)
  }
  if (row.state === 'failed') {
    const { code, values } = row.summary.failure ?? { code: 'unexpected', values: {} }
    const own = ['stale', 'forbidden', 'gone', 'store', 'unexpected'].includes(code)
    const reason = own ? t(`imports.failure.${code}`) : t(`imports.file.${code}`, values)
    const model = { id: row.id, version: row.version, reason, canRetry: own && code !== 'gone' && row.reading !== null }
    return page('imports/failed', { ...frame, ...model }, options)
  }
  if (row.state !== 'checked' || !row.summary.check) return redirect(pageOf(row))
  const lines = [...new Set(row.summary.check.problems.flatMap((problem) => problem.lines))]
  const model = presentCheck(t, format, row, await listRowsByLine(row.id, lines))
  const employer = await employerName(actor, row)
  const facts = [frame.facts, employer && t('imports.check.employer', { name: employer })].filter(Boolean).join(' · ')
  return page('imports/check', { ...frame, ...model, facts, form }, options)
}

async function progressOf(row: ImportRow, t: AnyContext['t']) {
  const job = row.job_id === null ? undefined : await selectOptionalJob(row.job_id)
  const total = Number(job?.progress_total ?? 0)
  const percent = total > 0 ? Math.round((Number(job?.progress_done ?? 0) / total) * 100) : 0
  const working = row.state === 'checking' || row.state === 'committing'
  return { working, percent: working ? percent : 100, text: t('imports.progress.percent', { percent }) }
}

async function* refusedRows(row: ImportRow, t: AnyContext['t'], format: AnyContext['format']) {
  const width = row.info.sheets[row.reading!.sheet]!.columnCount
  for await (const { cells, problems } of streamRefused(row.id)) {
    const reasons = problems
      .filter(({ severity }) => severity === 'error')
      .map((problem) => problemText(t, format, problem))
    yield [...Array.from({ length: width }, (_, at) => cells[at] ?? ''), reasons.join(' ')]
  }
}
