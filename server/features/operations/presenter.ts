import { saySize } from '../../core/files/present.ts'
import type { Timing } from '../../core/http/timings.ts'
import type { Format } from '../../core/i18n/format.ts'
import type { Translate } from '../../core/i18n/index.ts'
import type { readSearchState } from '../../core/search/index.ts'
import { daysAgo } from '../../core/time.ts'
import type { readBackups, readQueues, State } from './health.ts'
import type { JobRow } from './queries.ts'

type Words = { t: Translate; format: Format }
type Found = {
  disk: { free: number; total: number; state: State }
  size: number
  queues: Awaited<ReturnType<typeof readQueues>>
  backups: Awaited<ReturnType<typeof readBackups>>
  hasStoreTrouble: boolean
  search: Awaited<ReturnType<typeof readSearchState>>
}

const OLD_BACKUP_DAYS = 3

/** Each thing that can go wrong, how it is, and where to look. */
export function presentChecks(words: Words, { disk, size, queues, backups, search, hasStoreTrouble }: Found) {
  const { t, format } = words
  const check = (name: string, state: State, values: Record<string, unknown>, href?: string) => ({
    label: t(`operations.check.${name}`),
    badge: { kind: state, text: t(`operations.state.${state}`) },
    text: t(`operations.found.${name}`, values),
    href,
  })
  const failed = (count: number): State => (count ? 'warning' : 'success')
  const { last } = backups
  const isOld = !last || last.madeAt < daysAgo(OLD_BACKUP_DAYS)
  return [
    check('disk', disk.state, { free: saySize(t, format, disk.free), total: saySize(t, format, disk.total) }),
    check('database', 'success', { size: saySize(t, format, size) }),
    check(
      'files',
      hasStoreTrouble ? 'danger' : 'success',
      { count: queues.files, size: saySize(t, format, queues.fileBytes) },
      '/storage',
    ),
    last
      ? check(
          'backup',
          isOld ? 'warning' : 'success',
          { when: format.human(last.madeAt), size: saySize(t, format, last.size) },
          '/backups',
        )
      : { ...check('backup', 'warning', {}, '/backups'), text: t('operations.found.noBackup') },
    check(
      'jobs',
      failed(queues.jobsFailed),
      { waiting: queues.jobsWaiting, failed: queues.jobsFailed },
      '/system/jobs',
    ),
    check('letters', failed(queues.lettersFailed), { waiting: queues.lettersWaiting, failed: queues.lettersFailed }),
    search.builtAt && !search.isUnderWay
      ? check('search', 'success', { count: search.documents, when: format.human(search.builtAt) })
      : {
          ...check('search', 'warning', {}),
          text: t(`operations.found.${search.isUnderWay ? 'searchUnderWay' : 'noSearch'}`),
        },
    check('events', failed(queues.eventsLate), { count: queues.eventsLate }),
  ]
}

export const presentTiming = ({ format }: Words, { page, count, p50, p95, longest }: Timing) => ({
  page,
  cells: [count, p50, p95, longest].map((number) => format.number(number)),
})

export function presentJob({ t, format }: Words, row: JobRow) {
  const at = row.finished_at ?? row.run_at
  const name = t(`operations.job.${row.kind}`)
  return {
    id: row.id,
    name: name === `operations.job.${row.kind}` ? row.kind : name,
    kind: row.kind,
    date: { iso: at.slice(0, 10), text: format.human(at), exact: format.dateTime(at) },
    attempts: row.attempts,
    error: row.error ?? '',
    progress: row.progress_total ? `${format.number(row.progress_done)} / ${format.number(row.progress_total)}` : '',
    retryHref: row.state === 'failed' ? `/system/jobs/${row.id}/retry` : null,
  }
}
