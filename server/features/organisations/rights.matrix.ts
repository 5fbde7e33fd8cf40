import type { MatrixRow } from '../../testing/matrix.ts'

const form = { name: 'Новое имя', shortName: 'Имя', kind: 'school', version: 1 }

const rows: MatrixRow[] = [
  { route: 'GET /organisations', path: '/organisations', may: ['director', 'methodist', 'administrator'] },
  {
    route: 'GET /organisations/export',
    path: '/organisations/export',
    may: ['director', 'methodist', 'administrator'],
  },
  {
    route: 'GET /organisations/suggest',
    path: '/organisations/suggest?q=а',
    may: ['director', 'methodist', 'administrator'],
  },
  { route: 'GET /organisations/new', path: '/organisations/new', may: ['administrator'] },
  { route: 'POST /organisations', path: '/organisations', body: () => form, may: ['administrator'] },
  {
    route: 'GET /organisations/:id',
    path: (half) => `/organisations/${half.organisation}`,
    may: ['director', 'administrator'],
  },
  {
    route: 'GET /organisations/:id/edit',
    path: (half) => `/organisations/${half.organisation}/edit`,
    may: ['administrator'],
  },
  {
    route: 'POST /organisations/:id',
    path: (half) => `/organisations/${half.organisation}`,
    body: () => form,
    may: ['administrator'],
  },
  {
    route: 'POST /organisations/:id/state',
    path: (half) => `/organisations/${half.organisation}/state`,
    body: () => ({ state: 'active', version: 1 }),
    may: ['administrator'],
  },
  {
    route: 'POST /organisations/:id/departments',
    path: (half) => `/organisations/${half.organisation}/departments`,
    body: () => ({ name: 'Начальная школа' }),
    may: ['administrator'],
  },
]
export default rows
