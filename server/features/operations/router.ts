import { z } from 'zod'
import { checkbox, id, optionalCivilDate, optionalTranslated } from '../../core/http/fields.ts'
import { cleanForm, type Form } from '../../core/http/forms.ts'
import { pagerLinks, pagingQuery } from '../../core/http/paging.ts'
import { page, type Reply, redirect } from '../../core/http/reply.ts'
import { type AnyContext, mayEverywhere, type Routes } from '../../core/http/route.ts'
import { listSlowest } from '../../core/http/timings.ts'
import { readSearchState } from '../../core/search/index.ts'
import { setting } from '../../core/settings.ts'
import { readBackups, readDatabaseSize, readDisk, readQueues, readVersions } from './health.ts'
import { presentChecks, presentJob, presentTiming } from './presenter.ts'
import { JOB_STATES, listJobs } from './queries.ts'
import { changeAnnouncement, changeMaintenance, retryJob } from './service.ts'

const access = mayEverywhere('settings.edit')
const SLOWEST = 10

const message = () => optionalTranslated(500).transform((texts) => texts ?? {})
const maintenanceInput = z.object({ enabled: checkbox(), message: message() })
const announcementInput = z.object({ text: message(), until: optionalCivilDate().transform((date) => date ?? '') })
const jobsQuery = z.object({ state: z.enum(JOB_STATES).default('failed'), ...pagingQuery })

export function operationsRoutes(routes: Routes): void {
  routes.get('/system', { access }, (context) => showSystem(context))

  routes.post(
    '/system/maintenance',
    { access, body: maintenanceInput, invalid: (context, form) => showSystem(context, { maintenance: form }) },
    async ({ actor, body }) => {
      await changeMaintenance(actor, body)
      return redirect('/system', body.enabled ? 'operations.flash.closed' : 'operations.flash.open')
    },
  )
  routes.post(
    '/system/announcement',
    { access, body: announcementInput, invalid: (context, form) => showSystem(context, { announcement: form }) },
    async ({ actor, body }) => {
      await changeAnnouncement(actor, body)
      return redirect('/system', 'operations.flash.announced')
    },
  )

  routes.get('/system/jobs', { access, query: jobsQuery }, async (context) => {
    const { t, query } = context
    const result = await listJobs(query.state, query)
    const model = {
      state: query.state,
      states: JOB_STATES.map((state) => ({ value: state, label: t(`operations.jobState.${state}`) })),
      rows: result.rows.map((row) => presentJob(context, row)),
      pager: pagerLinks('/system/jobs', { state: query.state }, result),
    }
    return page('operations/jobs', model, {
      title: t('operations.jobs'),
      breadcrumbs: [{ href: '/system', label: t('operations.title') }],
    })
  })
  routes.post('/system/jobs/:id/retry', { access, params: z.object({ id: id() }) }, async ({ actor, params }) => {
    await retryJob(actor, params.id)
    return redirect('/system/jobs', 'operations.flash.retried')
  })
}

async function showSystem(
  context: AnyContext,
  typed: { maintenance?: Form; announcement?: Form } = {},
): Promise<Reply> {
  const { t } = context
  const [versions, disk, size, queues, backups, search] = await Promise.all([
    readVersions(),
    readDisk(),
    readDatabaseSize(),
    readQueues(),
    readBackups(),
    readSearchState(),
  ])
  const { since } = await setting('storeTrouble')
  const model = {
    checks: presentChecks(context, { disk, size, queues, backups, search, hasStoreTrouble: since !== '' }),
    versions: Object.entries(versions).map(([name, value]) => ({ label: t(`operations.version.${name}`), value })),
    slowest: listSlowest(SLOWEST).map((timing) => presentTiming(context, timing)),
    maintenance: typed.maintenance ?? cleanForm(await setting('maintenance')),
    announcement: typed.announcement ?? cleanForm(await setting('announcement')),
  }
  return page('operations/system', model, { title: t('operations.title') })
}
