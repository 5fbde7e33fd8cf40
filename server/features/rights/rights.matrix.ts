import { db, insertRow } from '../../core/db/index.ts'
import { nowUtc } from '../../core/time.ts'
import { makeEmployment, makeGrant, makeOrganisation, makePerson } from '../../testing/builders.ts'
import type { MatrixRow } from '../../testing/matrix.ts'
import type { Half } from '../../testing/world.ts'

/** A role that nobody of the sweep holds, so that changing it changes nothing for the others. */
const someRole = async () => (await db()('roles').where({ code: 'department-nobody' }).first('id'))?.id ?? makeRole()
const makeRole = () =>
  insertRow('roles', {
    code: 'department-nobody',
    name: '{}',
    scope_types: '[]',
    created_at: nowUtc(),
    updated_at: nowUtc(),
  })

/** Rights of somebody of this half, in an organisation that nobody of the sweep has to do with. */
async function revokePath(half: Half): Promise<string> {
  const person = await makePerson()
  await makeEmployment(person, half.organisation)
  const grant = await makeGrant(person, 'director', { type: 'organisation', id: await makeOrganisation() })
  return `/people/${person}/grants/${grant}/revoke`
}

const admin = ['administrator'] as const
const rows: MatrixRow[] = [
  { route: 'GET /rights', path: '/rights', may: admin },
  { route: 'GET /rights/why', path: '/rights/why', may: admin },
  { route: 'GET /rights/roles/new', path: '/rights/roles/new', may: admin },
  {
    route: 'POST /rights/roles',
    path: '/rights/roles',
    body: () => ({ name: { ru: 'Роль' }, scopeTypes: 'authority' }),
    may: admin,
  },
  { route: 'GET /rights/roles/:id', path: async () => `/rights/roles/${await someRole()}`, may: admin },
  {
    route: 'POST /rights/roles/:id',
    path: async () => `/rights/roles/${await someRole()}`,
    body: () => ({ name: { ru: 'Роль' }, scopeTypes: 'authority', permissions: [], version: 1 }),
    may: admin,
  },
  {
    route: 'POST /rights/roles/:id/delete',
    path: async () => `/rights/roles/${await someRole()}/delete`,
    may: admin,
  },
  { route: 'GET /rights/second-step', path: '/rights/second-step', may: admin },
  {
    route: 'POST /rights/second-step',
    path: '/rights/second-step',
    body: () => ({ factorGraceDays: 14 }),
    may: admin,
  },
  { route: 'GET /people/:id/grants/new', path: (half) => `/people/${half.person}/grants/new`, may: admin },
  {
    route: 'POST /people/:id/grants',
    path: (half) => `/people/${half.person}/grants`,
    body: () => ({ roleId: 999999, scope: 'authority:0' }),
    may: admin,
  },
  { route: 'POST /people/:id/grants/:grantId/revoke', path: revokePath, may: admin },
]
export default rows
