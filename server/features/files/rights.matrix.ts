import type { MatrixRow } from '../../testing/matrix.ts'

// A file that hangs on nothing is nobody's; features test their own attachments.
const rows: MatrixRow[] = [{ route: 'GET /files/:id', path: () => '/files/1', may: [], mayForeign: [] }]
export default rows
