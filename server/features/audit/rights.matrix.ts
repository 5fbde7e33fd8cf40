import { db } from '../../core/db/index.ts'
import type { MatrixRow } from '../../testing/matrix.ts'

const lastEvent = async () => (await db()('domain_events').orderBy('id', 'desc').first('id')).id

const rows: MatrixRow[] = [
  { route: 'GET /audit', path: '/audit', may: ['administrator'] },
  { route: 'GET /audit/export', path: '/audit/export', may: ['administrator'] },
  { route: 'GET /audit/:id', path: async () => `/audit/${await lastEvent()}`, may: ['administrator'] },
]

export default rows
