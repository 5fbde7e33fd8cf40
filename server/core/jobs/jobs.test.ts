import { expect } from 'chai'
import { allJobs } from '../../app.ts'
import { useApp } from '../../testing/app.ts'
import { db, withTransaction } from '../db/index.ts'
import { requestContext, withRequestContext } from '../http/context.ts'
import { inSeconds } from '../time.ts'
import { enqueueJob, type JobDefinition, runJobs, startWorker, stopWorker } from './index.ts'
import { takeLease } from './leases.ts'

describe('jobs', () => {
  useApp()
  const ticks: string[] = []
  const givenUp: unknown[] = []
  let run: JobDefinition['run'] = async () => undefined

  before(async () => {
    await stopWorker()
    // Before the clock first strikes: this process would keep a lease that it has.
    await takeLease('schedule:test.elsewhere', 'another process', 60)
    startWorker([
      {
        kind: 'test.work',
        attempts: 3,
        run: (payload, context) => run(payload, context),
        givenUp: async ({ name }) => givenUp.push(name),
      },
      { kind: 'test.urgent', lane: 'urgent', run: async () => void ticks.push('urgent') },
      ...['test.own', 'test.elsewhere'].map((kind) => ({
        kind,
        schedule: '* * * * * *',
        run: async () => void ticks.push(kind),
      })),
    ])
  })

  after(async () => {
    await stopWorker()
    startWorker(allJobs)
  })

  it('begin after the transaction that asked for them, outside it and outside its request', async () => {
    const seen = new Promise((resolve) => {
      run = async () => {
        resolve([requestContext(), Number((await db()('settings').count('* as n').first())?.n)])
      }
    })
    await withRequestContext({ requestId: 'of a request', ip: '192.0.2.1' }, () =>
      withTransaction(async () => {
        await enqueueJob('test.work', {})
        await new Promise((resolve) => setTimeout(resolve, 60))
        await db()('settings').first()
      }),
    )
    const [context, count] = (await seen) as [unknown, number]
    expect(context).to.equal(undefined)
    expect(count).to.be.a('number')
  })

  it('on a schedule are left alone while another process has them', async () => {
    ticks.length = 0
    while (ticks.length < 2) await new Promise((resolve) => setTimeout(resolve, 50))
    expect(new Set(ticks)).to.deep.equal(new Set(['test.own']))
  })

  it('that are urgent neither queue behind others nor wait for the one under way', async () => {
    let finish = () => {}
    const long = new Promise<void>((resolve) => {
      finish = resolve
    })
    const begun = new Promise<void>((resolve) => {
      run = async () => {
        resolve()
        await long
      }
    })
    ticks.length = 0
    for (let count = 0; count < 8; count++) await enqueueJob('test.work', {})
    await begun
    await enqueueJob('test.urgent', {})
    while (!ticks.includes('urgent')) await new Promise((resolve) => setTimeout(resolve, 20))
    const states = await db()('jobs').where({ kind: 'test.work' }).whereIn('state', ['queued', 'running'])
    expect(states).to.have.length(8)
    finish()
    await runJobs()
    while (await db()('jobs').whereIn('state', ['queued', 'running']).first('id')) {
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  })

  it('that ended their process every time are given up', async () => {
    let runs = 0
    run = async () => {
      runs++
    }
    const id = await enqueueJob('test.work', { name: 'killed' }, { inSeconds: 3600 })
    const abandoned = { state: 'running', lease_owner: 'a dead process', lease_until: inSeconds(-1), attempts: 3 }
    await db()('jobs').where({ id }).update(abandoned)
    await runJobs()
    const job = await db()('jobs').where({ id }).first()
    expect([job.state, runs]).to.deep.equal(['failed', 0])
    expect(givenUp).to.include('killed')
  })

  it('are not finished by a process that has lost them', async () => {
    const id = await enqueueJob('test.work', {}, { inSeconds: 3600 })
    run = async () => {
      await db()('jobs').where({ id }).update({ lease_owner: 'another process', attempts: 2 })
    }
    await db()('jobs')
      .where({ id })
      .update({ run_at: inSeconds(-1) })
    await runJobs()
    const job = await db()('jobs').where({ id }).first()
    expect([job.state, job.lease_owner]).to.deep.equal(['running', 'another process'])
    await db()('jobs').where({ id }).del()
  })
})
