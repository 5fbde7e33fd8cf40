import { expect } from 'chai'
import { useApp } from '../../testing/app.ts'
import { db, insertRows, openedDatabase, rootDatabase } from '../db/index.ts'
import { nowUtc } from '../time.ts'
import { openSnapshot } from './snapshot.ts'

describe('a snapshot of the database', function () {
  this.timeout(30_000)
  useApp()

  before(async () => {
    const event = { type: 'testHappened', occurred_at: nowUtc(), subject_type: 'test', delivered_at: nowUtc() }
    const data = JSON.stringify({ text: 'слово '.repeat(100) })
    await insertRows(
      'domain_events',
      Array.from({ length: 20_000 }, (_, at) => ({ ...event, subject_id: at, data })),
    )
  })

  it('is put away in the middle of a table, as when the disk is full', async () => {
    const snapshot = await openSnapshot(openedDatabase())
    const { pieces } = await snapshot.read('domain_events')
    expect((await pieces.next()).value).to.have.length(500)
    await snapshot.close()
    await snapshot.close()
  })

  // The embedded database has no connection to lose.
  if (process.env.INTEGRAL_TEST_DB !== 'mysql') return
  it('whose connection is lost says so to its reader, and ends no process', async () => {
    const others = () => rootDatabase()('information_schema.processlist').pluck('id')
    const before = await others()
    const snapshot = await openSnapshot(openedDatabase())
    const { pieces } = await snapshot.read('domain_events')
    await pieces.next()
    const [own] = (await others()).filter((id) => !before.includes(id))
    await db().raw('kill ?', [own])
    const rest = async () => {
      for await (const _piece of pieces);
    }
    const error = await rest().catch((thrown) => thrown)
    expect(error).to.have.property('message').that.includes('Connection lost')
    await snapshot.close()
  })
})
