import { insertRow } from '../../core/db/index.ts'
import { nowUtc } from '../../core/time.ts'
import type { MatrixRow } from '../../testing/matrix.ts'

const makeJob = () => {
  const now = nowUtc()
  return insertRow('jobs', { kind: 'test.none', payload: '{}', state: 'failed', run_at: now, created_at: now })
}

const rows: MatrixRow[] = [
  { route: 'GET /system', path: '/system', may: ['administrator'] },
  { route: 'POST /system/maintenance', path: '/system/maintenance', body: () => ({}), may: ['administrator'] },
  { route: 'POST /system/announcement', path: '/system/announcement', body: () => ({}), may: ['administrator'] },
  { route: 'GET /system/jobs', path: '/system/jobs', may: ['administrator'] },
  {
    route: 'POST /system/jobs/:id/retry',
    path: async () => `/system/jobs/${await makeJob()}/retry`,
    body: () => ({}),
    may: ['administrator'],
  },
]

export default rows
