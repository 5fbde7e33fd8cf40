import type { MatrixRow } from '../../testing/matrix.ts'

const none = { may: [], mayForeign: [] } as const
const may = ['administrator'] as const
const settings = { personMegabytes: 2000, authorityMegabytes: 0, keepFreeMegabytes: 0, unscanned: 'refuse' }

// A file that hangs on nothing is nobody's; features test their own attachments.
const rows: MatrixRow[] = [
  { route: 'GET /files/:id', path: () => '/files/1', ...none },
  { route: 'GET /files/:id/view', path: () => '/files/1/view', ...none },
  { route: 'GET /files/:id/thumb', path: () => '/files/1/thumb', ...none },
  { route: 'GET /files/:id/preview', path: () => '/files/1/preview', ...none },
  { route: 'GET /files/:id/preview/state', path: () => '/files/1/preview/state', ...none },
  { route: 'GET /storage', path: '/storage', may },
  { route: 'POST /storage', path: '/storage', body: () => ({ ...settings, limits: { photo: 10 } }), may },
  { route: 'GET /storage/progress', path: '/storage/progress', may },
  { route: 'POST /storage/move', path: '/storage/move', body: () => ({}), may },
]
export default rows
