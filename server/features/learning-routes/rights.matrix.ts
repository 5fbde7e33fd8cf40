import { db, insertRow, toJson } from '../../core/db/index.ts'
import { nowUtc } from '../../core/time.ts'
import type { MatrixRow } from '../../testing/matrix.ts'
import { SIGNED_IN } from '../../testing/matrix.ts'
import type { Half } from '../../testing/world.ts'

const base = (half: Half) => `/learning-routes/${half.enrolment}`

/** Brings the route of a half into a state, with one version and one own item. @returns the id of the own item */
async function prepare(half: Half, state: string): Promise<number> {
  const stamps = { created_at: nowUtc(), updated_at: nowUtc() }
  const found = await db()('learning_routes').where({ enrolment_id: half.enrolment }).first('id')
  const id =
    found?.id ?? (await insertRow('learning_routes', { enrolment_id: half.enrolment, state: 'draft', ...stamps }))
  await db()('learning_routes').where({ id }).update({ state, version_number: 1, draft_revision: 1 })
  const content = toJson({ topicHours: 0, ownHours: 0, modules: [], ownItems: [] })
  const version = { route_id: id, number: 1, state: 'submitted', content, hours: 0, submitted_at: nowUtc() }
  await db()('route_versions').insert(version).onConflict(['route_id', 'number']).merge(['state'])
  const item = await db()('route_own_items').where({ route_id: id }).first('id')
  if (item) {
    await db()('route_own_items').where({ id: item.id }).update({ in_draft: 1, in_force: 0, version: 1 })
    return item.id
  }
  const own = { kind: 'self_education', place: 'inside', title: 'Чтение', hours: 1, in_draft: 1, in_force: 0 }
  return insertRow('route_own_items', { route_id: id, ...own, ...stamps })
}

const templates = new Map<number, number>()

async function prepareTemplate(half: Half): Promise<void> {
  if (templates.has(half.enrolment)) return
  const row = { programme_id: half.programme, title: toJson({ ru: 'Основа' }), description: toJson({}) }
  templates.set(half.enrolment, await insertRow('route_templates', row))
}

const VIEW = ['learner', 'instructor', 'director', 'manager', 'methodist', 'administrator'] as const
const EDIT = ['learner', 'methodist', 'administrator'] as const
const APPROVE = ['methodist', 'administrator'] as const
const item = { kind: 'self_education', place: 'inside', title: 'Курс', hours: 1, version: 1 }

const see = (path: string): MatrixRow => ({
  route: `GET /learning-routes/:enrolmentId${path.replace(/\/1$/, '/:number')}`,
  path: async (half) => {
    await prepare(half, 'draft')
    return `${base(half)}${path}`
  },
  may: VIEW,
})

const step = (path: string, state: string, body: Record<string, unknown> = {}): MatrixRow => ({
  route: `POST /learning-routes/:enrolmentId${path}`,
  path: async (half) => {
    const own = await prepare(half, state)
    await prepareTemplate(half)
    return `${base(half)}${path.replace(':topicId', String(half.topic)).replace(':itemId', String(own))}`
  },
  body: (half) => ({ template: templates.get(half.enrolment), ...body }),
  may: EDIT,
})

const decide = (path: string): MatrixRow => ({
  route: `POST /route-approvals/:enrolmentId${path}`,
  path: async (half) => {
    await prepare(half, 'submitted')
    return `/route-approvals/${half.enrolment}${path}`
  },
  body: () => ({ version: 1, comment: 'Хорошо' }),
  may: APPROVE,
})

const rows: MatrixRow[] = [
  { route: 'GET /learning-routes', path: '/learning-routes', may: SIGNED_IN },
  see(''),
  see('/print'),
  see('/versions'),
  see('/versions/compare'),
  see('/versions/1'),
  step('/topics/:topicId/choose', 'draft'),
  step('/topics/:topicId/remove', 'draft'),
  step('/template', 'draft', { revision: 1 }),
  {
    ...step('/versions/1/take', 'draft', { revision: 1 }),
    route: 'POST /learning-routes/:enrolmentId/versions/:number/take',
  },
  step('/submit', 'draft', { revision: 1 }),
  step('/withdraw', 'submitted'),
  step('/change', 'approved'),
  step('/discard', 'draft'),
  {
    route: 'GET /learning-routes/:enrolmentId/own-items/new',
    path: (half) => `${base(half)}/own-items/new`,
    may: EDIT,
  },
  {
    route: 'GET /learning-routes/:enrolmentId/own-items/:itemId',
    path: async (half) => `${base(half)}/own-items/${await prepare(half, 'draft')}`,
    may: EDIT,
  },
  step('/own-items', 'draft', item),
  step('/own-items/:itemId', 'draft', item),
  step('/own-items/:itemId/remove', 'draft'),
  step('/own-items/:itemId/restore', 'draft'),
  { route: 'GET /route-approvals', path: '/route-approvals', may: APPROVE },
  { route: 'GET /route-approvals/export', path: '/route-approvals/export', may: APPROVE },
  { route: 'POST /route-approvals', path: '/route-approvals', body: () => ({ routes: '1.1' }), may: APPROVE },
  {
    route: 'GET /route-approvals/:enrolmentId',
    path: async (half) => {
      await prepare(half, 'submitted')
      return `/route-approvals/${half.enrolment}`
    },
    may: APPROVE,
  },
  decide('/approve'),
  decide('/return'),
]

export default rows
