import type { MatrixRow } from '../../testing/matrix.ts'

const may = ['administrator'] as const
const body = () => ({ version: 'of an older page' })
const rows: MatrixRow[] = [
  { route: 'GET /visibility', path: '/visibility', may },
  { route: 'POST /visibility', path: '/visibility', body, may },
  { route: 'GET /visibility/cohorts/:id', path: (half) => `/visibility/cohorts/${half.cohort}`, may },
  { route: 'POST /visibility/cohorts/:id', path: (half) => `/visibility/cohorts/${half.cohort}`, body, may },
]
export default rows
