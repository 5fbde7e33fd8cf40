import { type MatrixRow, SIGNED_IN } from '../../testing/matrix.ts'

const rows: MatrixRow[] = [
  { route: 'GET /home', path: '/home', may: SIGNED_IN },
  // One's own and nobody else's, not even for an administrator.
  { route: 'GET /home', path: (half) => `/home?enrolment=${half.enrolment}`, may: ['learner'], mayForeign: [] },
]
export default rows
