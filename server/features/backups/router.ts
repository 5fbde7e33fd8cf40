import { z } from 'zod'
import { BACKUP_NAME } from '../../core/backup/make.ts'
import { checkbox, whole } from '../../core/http/fields.ts'
import { cleanForm, type Form } from '../../core/http/forms.ts'
import { custom, json, page, type Reply, redirect } from '../../core/http/reply.ts'
import { type AnyContext, mayEverywhere, type Routes } from '../../core/http/route.ts'
import { setting } from '../../core/settings.ts'
import { selectLastJob } from './queries.ts'
import { changeSchedule, deleteBackup, listBackups, requestBackup, takeBackup } from './service.ts'

const access = mayEverywhere('backups.run')
const nameParams = z.object({ name: z.string().regex(BACKUP_NAME) })
const scheduleInput = z.object({ enabled: checkbox(), hour: whole(0, 23), keep: whole(1, 365) })

export function backupRoutes(routes: Routes): void {
  routes.get('/backups', { access }, (context) => showBackups(context))

  routes.post('/backups', { access }, async ({ actor }) => {
    await requestBackup(actor)
    return redirect('/backups')
  })

  routes.get('/backups/progress', { access }, async ({ t }) => {
    const job = await selectLastJob()
    const { working, percent } = progressOf(job)
    return json({ working, percent, text: t('backups.progress', { percent }) })
  })

  routes.post('/backups/schedule', { access, body: scheduleInput, invalid: showBackups }, async ({ actor, body }) => {
    await changeSchedule(actor, body)
    return redirect('/backups', 'backups.flash.schedule')
  })

  routes.get('/backups/:name', { access, params: nameParams }, async ({ actor, params }) => {
    const path = await takeBackup(actor, params.name)
    return custom((_req, res) => {
      res.set('Cache-Control', 'no-store')
      res.download(path, params.name, { dotfiles: 'allow', cacheControl: false })
    })
  })

  routes.post('/backups/:name/delete', { access, params: nameParams }, async ({ actor, params }) => {
    await deleteBackup(actor, params.name)
    return redirect('/backups', 'backups.flash.deleted')
  })
}

type JobState = Awaited<ReturnType<typeof selectLastJob>>

function progressOf(job: JobState): { working: boolean; percent: number } {
  const working = job?.state === 'queued' || job?.state === 'running'
  const total = Number(job?.progress_total ?? 0)
  return {
    working,
    percent: working && total ? Math.round((Number(job?.progress_done) / total) * 100) : working ? 0 : 100,
  }
}

async function showBackups(context: AnyContext, typed?: Form): Promise<Reply> {
  const { t, format } = context
  const [backups, job, schedule] = await Promise.all([listBackups(), selectLastJob(), setting('backups')])
  const size = (bytes: number) => t('backups.size', { size: format.number(bytes / 2 ** 20, 1) })
  const model = {
    ...progressOf(job),
    failure: job?.state === 'failed' ? t('backups.failed', { reason: job.error ?? '' }) : '',
    form: typed ?? cleanForm(schedule),
    hours: Array.from({ length: 24 }, (_, hour) => ({
      value: String(hour),
      label: `${String(hour).padStart(2, '0')}:00`,
    })),
    rows: backups.map(({ name, size: bytes, madeAt }) => ({
      name,
      href: `/backups/${name}`,
      size: size(bytes),
      date: { iso: madeAt.slice(0, 10), text: format.human(madeAt), exact: format.dateTime(madeAt) },
    })),
  }
  return page('backups/list', model, { title: t('backups.title') })
}
