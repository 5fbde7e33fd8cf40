import { page, redirect } from '../../core/http/reply.ts'
import { may, type Routes } from '../../core/http/route.ts'
import { selectOptionalJob } from '../../core/jobs/index.ts'
import { hasEverywhere } from '../../core/rights/index.ts'
import { setting } from '../../core/settings.ts'
import { slipsPage } from '../accounts/slips-page.ts'
import { presentDone } from './done-presenter.ts'
import { idParams, slipsInput } from './input.ts'
import { inviteNewcomers, listNewcomers, printSlips } from './newcomers.ts'
import { pageOf, stepper } from './presenter.ts'
import { selectImport } from './queries.ts'

const access = may('imports.run')

/** The fourth step: what was done, and access for those who were added. */
export function doneRoutes(routes: Routes): void {
  routes.get('/imports/:id/done', { access, params: idParams }, async ({ actor, params, t, format }) => {
    const row = await selectImport(actor, params.id)
    if (row.state !== 'done') return redirect(pageOf(row))
    const newcomers = row.kind === 'people' ? await listNewcomers(row.id) : { reachable: [], offline: [] }
    const job = row.job_id === null ? undefined : await selectOptionalJob(row.job_id)
    const isInviting = job?.kind === 'imports.invite' && ['queued', 'running'].includes(job.state)
    const { enabled } = await setting('mail')
    const state = { newcomers, isInviting, mailEnabled: enabled, mayInvite: hasEverywhere(actor, 'accounts.edit') }
    return page(
      'imports/done',
      { ...presentDone(t, format, row, state), stepper: stepper(t, 'done', row) },
      {
        title: t('imports.done.title'),
        subtitle: row.file_name,
        breadcrumbs: [{ href: '/imports', label: t('imports.list.title') }],
        styles: ['imports.css'],
      },
    )
  })

  routes.post('/imports/:id/invitations', { access, params: idParams }, async ({ actor, params }) => {
    await inviteNewcomers(actor, params.id)
    return redirect(`/imports/${params.id}/done`, { kind: 'info', key: 'imports.access.started' })
  })

  routes.post(
    '/imports/:id/slips',
    { access, params: idParams, body: slipsInput },
    async ({ actor, params, body, t }) =>
      slipsPage(t, await printSlips(actor, params.id, body.whom, body.part), { backUrl: `/imports/${params.id}/done` }),
  )
}
