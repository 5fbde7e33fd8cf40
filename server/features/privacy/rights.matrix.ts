import { db, insertRow, toJson } from '../../core/db/index.ts'
import { nowUtc } from '../../core/time.ts'
import { makePerson } from '../../testing/builders.ts'
import { EVERYONE, type MatrixRow, SIGNED_IN } from '../../testing/matrix.ts'
import type { World } from '../../testing/world.ts'

const may = ['administrator'] as const
const stamps = () => ({ created_at: nowUtc(), updated_at: nowUtc() })
const both = toJson({ ru: 'Цель', en: 'Purpose' })
const texts = { title: both, description: both, basis_note: both, data_categories: both, people_categories: both }
const more = { recipients: both, retention: both, consent_text: both }

const makePurpose = (legal_basis = 'consent') =>
  insertRow('processing_purposes', { position: 1, legal_basis, ...texts, ...more, ...stamps() })

/** A text of a purpose that asks nobody, unless one is given: the rest of the sweep goes on unasked. */
async function makeText(purpose_id?: number): Promise<number> {
  const id = purpose_id ?? (await makePurpose('law'))
  return insertRow('consent_texts', { purpose_id: id, number: 1, title: both, text: both, published_at: nowUtc() })
}

/** A consent of every role to a purpose of its own. */
async function makeConsent({ ids }: World): Promise<number> {
  const purpose_id = await makePurpose()
  const text_id = await makeText(purpose_id)
  const row = { purpose_id, text_id, action: 'given', source: 'page', answered_at: nowUtc() }
  for (const person_id of Object.values(ids)) await db()('consents').insert({ ...row, person_id })
  return purpose_id
}

const makeAct = async () =>
  insertRow('erasures', {
    person_id: await makePerson({ login: null }),
    ...{ state: 'done', reason: 'x', counts: '{}', ordered_at: nowUtc() },
  })

const makeRequest = (person_id: number) =>
  insertRow('data_requests', { person_id, kind: 'access', text: 'x', state: 'open', due_on: '2030-01-01', ...stamps() })

const title = { ru: 'Цель', en: 'Purpose' }
const body = () => ({ title, legalBasis: 'law', dataCategories: title, peopleCategories: title, retention: title })

const rows: MatrixRow[] = [
  { route: 'GET /personal-data', path: '/personal-data', may: EVERYONE },
  {
    route: 'GET /personal-data/texts/:id',
    path: async () => `/personal-data/texts/${await makeText()}`,
    may: EVERYONE,
    mayForeign: EVERYONE,
  },
  { route: 'GET /purposes', path: '/purposes', may },
  { route: 'POST /purposes/ready', path: '/purposes/ready', may },
  { route: 'GET /purposes/new', path: '/purposes/new', may },
  { route: 'POST /purposes', path: '/purposes', body, may },
  { route: 'GET /purposes/:id', path: async () => `/purposes/${await makePurpose()}`, may },
  {
    route: 'POST /purposes/:id',
    path: async () => `/purposes/${await makePurpose()}`,
    body: () => ({ ...body(), version: 1 }),
    may,
  },
  {
    route: 'POST /purposes/:id/publish',
    path: async () => {
      return `/purposes/${await makePurpose('law')}/publish`
    },
    body: () => ({ version: 1 }),
    may,
  },
  {
    route: 'POST /purposes/:id/state',
    path: async () => `/purposes/${await makePurpose()}/state`,
    body: () => ({ state: 'closed', version: 1 }),
    may,
  },
  { route: 'GET /consents', path: '/consents', may: SIGNED_IN },
  { route: 'POST /consents', path: '/consents', body: () => ({ texts: [] }), may: SIGNED_IN },
  { route: 'GET /my/consents', path: '/my/consents', may: SIGNED_IN },
  {
    route: 'POST /my/consents',
    path: '/my/consents',
    body: () => ({ textId: 1 }),
    may: SIGNED_IN,
  },
  {
    route: 'GET /my/consents/:id/withdraw',
    path: async (_half, world) => `/my/consents/${await makeConsent(world)}/withdraw`,
    may: SIGNED_IN,
    mayForeign: SIGNED_IN,
  },
  {
    route: 'POST /my/consents/:id/withdraw',
    path: async (_half, world) => `/my/consents/${await makeConsent(world)}/withdraw`,
    may: SIGNED_IN,
    mayForeign: SIGNED_IN,
  },
  { route: 'GET /consents/register', path: '/consents/register', may },
  { route: 'GET /consents/register/export', path: '/consents/register/export', may },
  { route: 'GET /people/:id/consents', path: ({ person }) => `/people/${person}/consents`, may },
  {
    route: 'POST /people/:id/consents',
    path: ({ person }) => `/people/${person}/consents`,
    body: () => ({ textId: 1, signedOn: '2026-01-01' }),
    upload: true,
    may,
  },
  { route: 'GET /my/data', path: '/my/data', may: SIGNED_IN },
  { route: 'GET /my/data/:table', path: '/my/data/people', may: SIGNED_IN },
  { route: 'POST /my/data/copies', path: '/my/data/copies', may: SIGNED_IN },
  { route: 'GET /my/data/reads', path: '/my/data/reads', may: SIGNED_IN },
  { route: 'GET /people/:id/erasure', path: ({ person }) => `/people/${person}/erasure`, may },
  { route: 'GET /people/:id/erasure/confirm', path: ({ person }) => `/people/${person}/erasure/confirm`, may },
  { route: 'POST /people/:id/erasure', path: ({ person }) => `/people/${person}/erasure`, may },
  { route: 'GET /my/requests', path: '/my/requests', may: SIGNED_IN },
  {
    route: 'POST /my/requests',
    path: '/my/requests',
    body: () => ({ kind: 'access', text: 'Покажите' }),
    may: SIGNED_IN,
  },
  {
    route: 'POST /my/requests/:id/cancel',
    path: async ({ person }) => `/my/requests/${await makeRequest(person)}/cancel`,
    may: ['learner'],
    mayForeign: [],
  },
  { route: 'GET /data-requests', path: '/data-requests', may },
  { route: 'POST /data-requests', path: '/data-requests', body: () => ({ person: '#0' }), may },
  {
    route: 'POST /data-requests/deadlines',
    path: '/data-requests/deadlines',
    body: () => ({ accessWorkingDays: 10, correctionWorkingDays: 7, erasureDays: 30 }),
    may,
  },
  {
    route: 'GET /data-requests/:id',
    path: async ({ person }) => `/data-requests/${await makeRequest(person)}`,
    may,
  },
  {
    route: 'POST /data-requests/:id/take',
    path: async ({ person }) => `/data-requests/${await makeRequest(person)}/take`,
    body: () => ({ version: 1 }),
    may,
  },
  {
    route: 'POST /data-requests/:id/decide',
    path: async ({ person }) => `/data-requests/${await makeRequest(person)}/decide`,
    body: () => ({ state: 'done', decision: 'Сделано', version: 1 }),
    may,
  },
  { route: 'GET /retention', path: '/retention', may },
  { route: 'GET /retention/:name', path: '/retention/left', may },
  { route: 'POST /retention/:name', path: '/retention/letters', body: () => ({ days: 180 }), may },
  { route: 'GET /erasures', path: '/erasures', may },
  { route: 'GET /erasures/:id', path: async () => `/erasures/${await makeAct()}`, may },
]
export default rows
