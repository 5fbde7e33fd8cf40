import { expect } from 'chai'
import { allSubscriptions } from '../../app.ts'
import { useApp } from '../../testing/app.ts'
import { db } from '../db/index.ts'
import { SYSTEM } from '../rights/index.ts'
import { startDispatcher, stopDispatcher } from './dispatcher.ts'
import { recordEvent } from './index.ts'

describe('domain events', () => {
  useApp()
  const heard: string[] = []
  let hangs = true

  before(async () => {
    await stopDispatcher()
    startDispatcher([
      {
        name: 'test.hangs',
        events: ['testHappened'],
        patienceMs: 100,
        handle: async (event) => {
          if (hangs) await new Promise(() => {})
          heard.push(`late ${event.subject.id}`)
        },
      },
      {
        name: 'test.listens',
        events: ['testHappened'],
        handle: async (event) => void heard.push(`${event.subject.id}`),
      },
    ])
  })

  after(async () => {
    await stopDispatcher()
    startDispatcher(allSubscriptions)
  })

  const until = async (condition: () => boolean | Promise<boolean>) => {
    const end = Date.now() + 10_000
    while (!(await condition())) {
      if (Date.now() > end) throw new Error(`heard only ${heard.join(', ')}`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  it('reach the others past a subscriber that never returns, and it later', async () => {
    for (const id of [1, 2]) await recordEvent(SYSTEM, 'testHappened', { type: 'test', id })
    await until(() => heard.length === 2)
    expect(heard).to.deep.equal(['1', '2'])
    await until(async () => !(await db()('domain_events').whereNull('delivered_at').first('id')))
    const retries = () => db()('jobs').where({ kind: 'events.redeliver' }).orderBy('id')
    expect((await retries()).map((job) => job.state)).to.deep.equal(['queued', 'queued'])

    // It hangs once more: the job notes why and waits longer.
    const [first, second] = await retries()
    await db()('jobs').where({ id: first.id }).update({ run_at: '2020-01-01 00:00:00.000' })
    await until(async () => (await retries())[0].error !== null)
    const again = (await retries())[0]
    expect([again.state, again.attempts, again.error]).to.deep.equal(['queued', 1, 'No end within 100 ms'])
    expect(again.run_at > first.run_at).to.equal(true)

    hangs = false
    await db()('jobs').whereIn('id', [first.id, second.id]).update({ run_at: '2020-01-01 00:00:00.000' })
    await until(() => heard.length === 4)
    expect(heard.slice(2).sort()).to.deep.equal(['late 1', 'late 2'])
  })
})
