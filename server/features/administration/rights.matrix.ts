import type { MatrixRow } from '../../testing/matrix.ts'

const rows: MatrixRow[] = [{ route: 'GET /administration', path: '/administration', may: ['administrator'] }]
export default rows
