import { type MatrixRow, SIGNED_IN } from '../../testing/matrix.ts'

const rows: MatrixRow[] = [
  { route: 'GET /help', path: '/help', may: SIGNED_IN },
  { route: 'GET /help/topics/:topic', path: '/help/topics/home', may: SIGNED_IN },
  { route: 'GET /help/guides/:guide', path: '/help/guides/learner', may: SIGNED_IN },
  {
    route: 'POST /help/tours/:name/seen',
    path: '/help/tours/director/seen',
    may: ['director'],
  },
]
export default rows
