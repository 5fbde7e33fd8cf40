import type { MatrixRow } from '../../testing/matrix.ts'
import type { Half } from '../../testing/world.ts'

const may = ['director', 'manager', 'methodist', 'administrator'] as const
const person = (half: Half) => `/employees/${half.enrolment}`

const rows: MatrixRow[] = [
  { route: 'GET /employees', path: '/employees', may },
  { route: 'GET /employees/export', path: '/employees/export', may },
  { route: 'GET /employees/print', path: '/employees/print', may },
  { route: 'GET /employees/trend', path: '/employees/trend', may },
  { route: 'GET /employees/:id', path: person, may },
  { route: 'GET /employees/:id/print', path: (half) => `${person(half)}/print`, may },
  { route: 'GET /employees/:id/progress', path: (half) => `${person(half)}/progress`, may },
]
export default rows
