import { expect } from 'chai'
import { db } from '../../../core/db/index.ts'
import { useApp } from '../../../testing/app.ts'
import { makeModule, makeProgramme, makeUser } from '../../../testing/builders.ts'
import type { TestClient } from '../../../testing/client.ts'

describe('stages and the order of modules', () => {
  const app = useApp()
  let admin: TestClient
  let programme: number
  let stages: number[]
  let modules: number[]

  before(async () => {
    await makeUser('admin', 'administrator')
    admin = await app.signedIn('admin')
  })

  beforeEach(async () => {
    programme = await makeProgramme()
    for (const [at, ru] of ['Первый этап', 'Второй этап'].entries()) {
      await admin.post(`/programmes/${programme}/stages`, { title: { ru }, version: at + 1 })
    }
    stages = await db()('programme_stages').where({ programme_id: programme }).orderBy('position').pluck('id')
    modules = []
    for (const stage_id of [stages[0], stages[0], stages[1], null]) {
      modules.push(await makeModule({ programme_id: programme, stage_id, position: modules.length + 1 }))
    }
  })

  const order = (): Promise<number[]> =>
    db()('modules').where({ programme_id: programme }).orderBy('position').pluck('id')
  const [a, b, c, d] = [0, 1, 2, 3] as const
  const ids = (...places: number[]) => places.map((place) => modules[place] as number)

  it('let a script put a module into another stage', async () => {
    const sent = { order: ids(b, c), list: String(stages[1]) }
    const answer = await admin.postJson(`/programmes/${programme}/order`, sent)
    expect(answer.status).to.equal(200)
    expect(await order()).to.deep.equal(ids(a, b, c, d))
    expect((await db()('modules').where({ id: modules[b] }).first()).stage_id).to.equal(stages[1])
    const out = await admin.postJson(`/programmes/${programme}/order`, { order: ids(d, a), list: '' })
    expect(out.status).to.equal(200)
    expect(await order()).to.deep.equal(ids(b, c, d, a))
    expect((await db()('modules').where({ id: modules[a] }).first()).stage_id).to.equal(null)
  })

  it('say that a list has changed meanwhile', async () => {
    const answer = await admin.postJson(`/programmes/${programme}/order`, { order: ids(a), list: stages[0] })
    expect(answer.status).to.equal(409)
    expect(answer.json<{ error: { message: string } }>().error.message).to.include('изменил кто-то другой')
    expect(await order()).to.deep.equal(modules)
  })

  it('take no module of another programme', async () => {
    const foreign = await makeModule()
    const answer = await admin.postJson(`/programmes/${programme}/order`, {
      order: [...ids(c), foreign],
      list: stages[1],
    })
    expect(answer.status).to.equal(409)
  })

  it('move by plain buttons too', async () => {
    const answer = await admin.post(`/modules/${modules[a]}/move`, { direction: 'down' })
    expect(answer.location).to.equal(`/programmes/${programme}#module-${modules[a]}`)
    expect(await order()).to.deep.equal(ids(b, a, c, d))
    await admin.post(`/programmes/${programme}/stages/${stages[1]}/move`, { direction: 'up' })
    expect(await order()).to.deep.equal(ids(c, b, a, d))
  })

  it('leave their modules in the programme when deleted', async () => {
    const path = `/programmes/${programme}/stages/${stages[0]}`
    expect((await admin.post(`${path}/delete`, { version: 1 })).status).to.equal(409)
    expect((await admin.post(`${path}/delete`, { version: 3 })).status).to.equal(303)
    expect(await order()).to.deep.equal(ids(c, a, b, d))
    expect((await admin.get(`${path}/edit`)).status).to.equal(404)
  })
})
