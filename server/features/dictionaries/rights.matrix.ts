import { insertRow, toJson } from '../../core/db/index.ts'
import { nowUtc } from '../../core/time.ts'
import type { MatrixRow } from '../../testing/matrix.ts'

const may = ['administrator'] as const
let made = 0
const makePosition = (name = `должность ${++made}`) =>
  insertRow('positions', { name, name_folded: name, created_at: nowUtc() })
const makeCategory = () =>
  insertRow('person_categories', { code: `c${++made}`, name: toJson({ ru: `категория ${made}` }) })

const rows: MatrixRow[] = [
  { route: 'GET /positions', path: '/positions', may },
  { route: 'GET /positions/suggest', path: '/positions/suggest?q=у', may },
  { route: 'POST /positions', path: '/positions', body: () => ({ name: 'логопед' }), may },
  { route: 'GET /positions/:id', path: async () => `/positions/${await makePosition()}`, may },
  {
    route: 'POST /positions/:id',
    path: async () => `/positions/${await makePosition()}`,
    body: () => ({ name: `тьютор ${++made}`, version: 1 }),
    may,
  },
  {
    route: 'POST /positions/:id/state',
    path: async () => `/positions/${await makePosition()}/state`,
    body: () => ({ state: 'closed', version: 1 }),
    may,
  },
  {
    route: 'POST /positions/:id/merge',
    path: async () => `/positions/${await makePosition()}/merge`,
    body: () => ({ into: 'учитель математики', version: 1 }),
    may,
  },
  { route: 'GET /categories', path: '/categories', may },
  { route: 'POST /categories', path: '/categories', body: () => ({ name: { ru: 'студент' } }), may },
  { route: 'GET /categories/:id', path: async () => `/categories/${await makeCategory()}`, may },
  {
    route: 'POST /categories/:id',
    path: async () => `/categories/${await makeCategory()}`,
    body: () => ({ name: { ru: `методист ${++made}` }, version: 1 }),
    may,
  },
  {
    route: 'POST /categories/:id/state',
    path: async () => `/categories/${await makeCategory()}/state`,
    body: () => ({ state: 'closed', version: 1 }),
    may,
  },
  {
    route: 'POST /categories/:id/move',
    path: async () => `/categories/${await makeCategory()}/move`,
    body: () => ({ direction: 'up' }),
    may,
  },
]
export default rows
