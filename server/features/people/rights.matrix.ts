import { insertRow } from '../../core/db/index.ts'
import { nowUtc } from '../../core/time.ts'
import { type MatrixRow, SIGNED_IN } from '../../testing/matrix.ts'
import type { Half, World } from '../../testing/world.ts'

const name = { lastName: 'Иная', firstName: 'Анна', gender: '' }
const work = { organisation: 'Школа', position: 'учитель' }
const filter = { name: 'Все', 'row[0-0][field]': 'person.phone', 'row[0-0][op]': 'filled' }
const seeing = ['director', 'manager', 'methodist', 'instructor', 'administrator'] as const

/** A filter that everybody sees: the methodist's in the own half, the administrator's in the other. */
async function makeFilter(half: Half, { own, ids }: World): Promise<number> {
  const now = nowUtc()
  const filter = {
    subject: 'people',
    name: 'Все',
    criteria: '{"match":"all","groups":[]}',
    is_shared: 1,
    created_at: now,
    updated_at: now,
  }
  return insertRow('saved_filters', { ...filter, owner_id: half === own ? ids.methodist : ids.administrator })
}

/** A field that directors see and edit of their people, and everybody of themselves. */
async function makeField(): Promise<number> {
  const now = nowUtc()
  const json = { title: '{"ru":"Разряд"}', hint: '{}', section: '{}' }
  const seen = '["person","director"]'
  return insertRow('person_fields', {
    ...json,
    kind: 'line',
    seen_by: seen,
    edited_by: seen,
    created_at: now,
    updated_at: now,
  })
}
const field = { title: { ru: 'Свидетельство' }, kind: 'line' }

const rows: MatrixRow[] = [
  { route: 'GET /person-fields', path: '/person-fields', may: ['administrator'] },
  { route: 'GET /person-fields/new', path: '/person-fields/new', may: ['administrator'] },
  { route: 'POST /person-fields', path: '/person-fields', body: () => field, may: ['administrator'] },
  {
    route: 'GET /person-fields/:id',
    path: async () => `/person-fields/${await makeField()}`,
    may: ['administrator'],
  },
  {
    route: 'POST /person-fields/:id',
    path: async () => `/person-fields/${await makeField()}`,
    body: () => ({ ...field, version: 1 }),
    may: ['administrator'],
  },
  {
    route: 'POST /person-fields/:id/state',
    path: async () => `/person-fields/${await makeField()}/state`,
    body: () => ({ state: 'archived', version: 1 }),
    may: ['administrator'],
  },
  {
    route: 'POST /person-fields/:id/move',
    path: async () => `/person-fields/${await makeField()}/move`,
    body: () => ({ direction: 'up' }),
    may: ['administrator'],
  },
  {
    route: 'GET /people/:id/fields',
    path: async (half) => {
      await makeField()
      return `/people/${half.person}/fields`
    },
    may: ['director', 'manager', 'administrator'],
  },
  {
    route: 'POST /people/:id/fields',
    path: (half) => `/people/${half.person}/fields`,
    body: () => ({ version: 1 }),
    may: ['director', 'manager', 'administrator'],
  },
  { route: 'GET /profile/fields', path: '/profile/fields', may: SIGNED_IN },
  { route: 'POST /profile/fields', path: '/profile/fields', body: () => ({ version: 1 }), may: SIGNED_IN },
  { route: 'GET /people', path: '/people', may: seeing },
  { route: 'GET /people/export', path: '/people/export', may: seeing },
  { route: 'GET /people/suggest', path: '/people/suggest?q=а', may: seeing },
  { route: 'POST /people/pick', path: '/people/pick', body: () => ({ text: 'Иная Анна' }), may: seeing },
  { route: 'GET /people/new', path: '/people/new', may: ['administrator'] },
  { route: 'POST /people', path: '/people', body: () => name, may: ['administrator'] },
  { route: 'GET /people/filters', path: '/people/filters', may: seeing },
  { route: 'GET /people/filters/new', path: '/people/filters/new', may: seeing },
  { route: 'POST /people/filters/build', path: '/people/filters/build', body: () => filter, may: seeing },
  { route: 'POST /people/filters/count', path: '/people/filters/count', body: () => filter, may: seeing },
  { route: 'POST /people/filters', path: '/people/filters', body: () => filter, may: seeing },
  {
    route: 'GET /people/filters/:id',
    path: async (half, world) => `/people/filters/${await makeFilter(half, world)}`,
    may: seeing,
    mayForeign: seeing,
  },
  {
    route: 'POST /people/filters/:id',
    path: async (half, world) => `/people/filters/${await makeFilter(half, world)}`,
    body: () => ({ ...filter, version: 1 }),
    may: ['methodist'],
  },
  {
    route: 'POST /people/filters/:id/delete',
    path: async (half, world) => `/people/filters/${await makeFilter(half, world)}/delete`,
    may: ['methodist'],
  },
  { route: 'GET /people/:id', path: (half) => `/people/${half.person}`, may: seeing },
  { route: 'GET /people/:id/edit', path: (half) => `/people/${half.person}/edit`, may: ['administrator'] },
  {
    route: 'POST /people/:id',
    path: (half) => `/people/${half.person}`,
    body: () => ({ ...name, version: 1 }),
    may: ['administrator'],
  },
  {
    route: 'POST /people/:id/photo/remove',
    path: (half) => `/people/${half.person}/photo/remove`,
    may: ['administrator'],
  },
  {
    route: 'POST /people/:id/state',
    path: (half) => `/people/${half.person}/state`,
    body: () => ({ state: 'active', version: 1 }),
    may: ['administrator'],
  },
  {
    route: 'GET /people/:id/employments/new',
    path: (half) => `/people/${half.person}/employments/new`,
    may: ['administrator'],
  },
  {
    route: 'POST /people/:id/employments',
    path: (half) => `/people/${half.person}/employments`,
    body: () => work,
    may: ['administrator'],
  },
  {
    route: 'GET /people/:id/employments/:employmentId',
    path: (half) => `/people/${half.person}/employments/${half.employment}`,
    may: ['administrator'],
  },
  {
    route: 'POST /people/:id/employments/:employmentId',
    path: (half) => `/people/${half.person}/employments/${half.employment}`,
    body: () => ({ ...work, version: 1 }),
    may: ['administrator'],
  },
]
export default rows
