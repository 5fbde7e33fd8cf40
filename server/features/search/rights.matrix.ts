import { type MatrixRow, SIGNED_IN } from '../../testing/matrix.ts'

const rows: MatrixRow[] = [
  { route: 'GET /search', path: '/search?q=школа', may: SIGNED_IN },
  { route: 'GET /search/suggest', path: '/search/suggest?q=школа', may: SIGNED_IN },
  { route: 'POST /search/rebuild', path: '/search/rebuild', may: ['administrator'] },
]
export default rows
