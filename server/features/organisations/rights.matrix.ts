import { insertRow } from '../../core/db/index.ts'
import { fold } from '../../core/text.ts'
import { nowUtc } from '../../core/time.ts'
import type { MatrixRow } from '../../testing/matrix.ts'
import type { Half } from '../../testing/world.ts'

const form = { name: 'Новое имя', shortName: 'Имя', kind: 'school', version: 1 }

let departments = 0
const makeDepartment = async (half: Half, state = 'active') => {
  const name = `Подразделение ${++departments}`
  const stamps = { path: '', created_at: nowUtc(), updated_at: nowUtc() }
  const row = { organisation_id: half.organisation, name, name_folded: fold(name), state, ...stamps }
  return `/organisations/${half.organisation}/departments/${await insertRow('departments', row)}`
}

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
  {
    route: 'GET /organisations/:id/departments/:departmentId',
    path: (half) => makeDepartment(half),
    may: ['administrator'],
  },
  {
    route: 'POST /organisations/:id/departments/:departmentId',
    path: (half) => makeDepartment(half),
    body: () => ({ name: 'Старшие классы', version: 1 }),
    may: ['administrator'],
  },
  {
    route: 'POST /organisations/:id/departments/:departmentId/close',
    path: async (half) => `${await makeDepartment(half)}/close`,
    body: () => ({ closedOn: '2026-01-31', version: 1 }),
    may: ['administrator'],
  },
  {
    route: 'POST /organisations/:id/departments/:departmentId/reopen',
    path: async (half) => `${await makeDepartment(half, 'closed')}/reopen`,
    body: () => ({ version: 1 }),
    may: ['administrator'],
  },
]
export default rows
