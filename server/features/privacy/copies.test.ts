import { expect } from 'chai'
import { db } from '../../core/db/index.ts'
import { type Store, StoreError, stores } from '../../core/files/stores/index.ts'
import { inSeconds } from '../../core/time.ts'
import { useApp } from '../../testing/app.ts'
import { makeUser } from '../../testing/builders.ts'
import type { TestClient } from '../../testing/client.ts'

describe('the file with everything that is held', function () {
  this.timeout(60_000)
  const app = useApp()
  let person: number
  let client: TestClient

  before(async () => {
    person = await makeUser('curious')
    client = await app.signedIn('curious')
  })

  let working: Store['put']
  beforeEach(() => {
    working = stores().main.put
  })
  afterEach(() => {
    stores().main.put = working
  })

  const state = async () => (await db()('data_copies').where({ person_id: person }).orderBy('id', 'desc').first()).state
  const order = async () => {
    expect((await client.post('/my/data/copies')).status).to.equal(303)
    await app.settle()
  }

  it('that finds no room has failed at once; the page says so and lets one order again', async () => {
    stores().main.put = async () => {
      throw new StoreError('errors.storeFull', new Error('no space left'))
    }
    await order()
    expect(await state()).to.equal('failed')
    const page = (await client.get('/my/data')).text
    expect(page)
      .to.include('подготовить не удалось')
      .and.include('Подготовить файл')
      .and.not.include('Файл готовится (заказан')
    stores().main.put = working
    await order()
    expect(await state()).to.equal('ready')
    expect((await client.get('/my/data')).text).not.to.include('подготовить не удалось')
  })

  it('is tried again, and has failed after the last try', async () => {
    await db()('data_copies').del()
    stores().main.put = async () => {
      throw new Error('something unforeseen')
    }
    await order()
    for (let tries = 1; tries < 3; tries++) {
      expect(await state(), `after ${tries}`).to.equal('waiting')
      await db()('jobs')
        .where({ kind: 'privacy.copy', state: 'queued' })
        .update({ run_at: inSeconds(-1) })
      await app.settle()
    }
    expect(await state()).to.equal('failed')
    expect((await client.get('/my/data')).text).to.include('Подготовить файл')
    stores().main.put = working
    await order()
    expect(await state()).to.equal('ready')
  })
})
