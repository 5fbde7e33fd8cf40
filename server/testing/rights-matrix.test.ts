import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect } from 'chai'
import { packageRoot } from '../core/paths.ts'
import { useApp } from './app.ts'
import type { TestClient } from './client.ts'
import type { MatrixRow } from './matrix.ts'
import { makeWorld, ROLES, type Role, type World } from './world.ts'

const folder = join(packageRoot, 'server', 'features')
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('rights.matrix.ts'),
)
const rows: MatrixRow[] = []
for (const file of files) rows.push(...(await import(pathToFileURL(join(folder, file)).href)).default)

const REFUSED = [401, 403, 404]

describe('rights matrix', function () {
  this.timeout(120_000)
  const app = useApp()
  let world: World
  const clients = new Map<Role, TestClient>()

  before(async () => {
    world = await makeWorld()
    for (const role of ROLES) clients.set(role, role === 'visitor' ? app.visitor() : await app.signedIn(role))
  })

  it('lists every route of the application', () => {
    const listed = new Set(rows.map((row) => row.route))
    const missing = app.app.routes
      .map((route) => `${route.method} ${route.path}` as MatrixRow['route'])
      .filter((route) => !listed.has(route) && route !== 'POST /sign-out')
    expect(missing, 'routes without a row in a rights.matrix.ts').to.deep.equal([])
    // Signing out would end the sessions of the sweep; accounts.test.ts tries it.
    const known = new Set(app.app.routes.map((route) => `${route.method} ${route.path}` as MatrixRow['route']))
    expect(
      [...listed].filter((route) => !known.has(route)),
      'rows without a route',
    ).to.deep.equal([])
  })

  const isPublic = (name: string) =>
    app.app.routes.some((route) => `${route.method} ${route.path}` === name && 'public' in route.access)

  const ask = async (row: MatrixRow, half: 'own' | 'foreign', role: Role) => {
    const client = clients.get(role) as TestClient
    const path = typeof row.path === 'string' ? row.path : await row.path(world[half], world)
    if (row.route.startsWith('GET')) return client.get(path)
    const body = row.body?.(world[half], world) ?? {}
    return row.upload ? client.upload(path, body) : client.post(path, body)
  }

  for (const row of rows) {
    const halves = typeof row.path === 'string' ? (['own'] as const) : (['own', 'foreign'] as const)
    for (const half of halves) {
      it(`${row.route} (${half})`, async () => {
        const may = half === 'own' ? row.may : (row.mayForeign ?? ['administrator'])
        // Those who may not go first: what the others do may change the object.
        const order = [...ROLES].sort((a, b) => Number(may.includes(a)) - Number(may.includes(b)))
        for (const role of order) {
          const answer = await ask(row, half, role)
          const expected = may.includes(role)
          expect(REFUSED.includes(answer.status), `${role} got ${answer.status} ${answer.location}`).to.equal(!expected)
          expect(answer.status, `${role} got ${answer.status}: ${answer.text.slice(0, 300)}`).to.be.below(500)
          if (role === 'visitor' && !expected && !isPublic(row.route)) expect(answer.status).to.equal(401)
        }
      })
    }
  }
})
