import { expect } from 'chai'
import { useApp } from '../../testing/app.ts'
import { db, insertRows, toJson } from '../db/index.ts'
import { takeLease } from '../jobs/leases.ts'
import { inSeconds } from '../time.ts'
import { sealAll, sealSome, verifySeals } from './seal.ts'

describe('the seal of the audit trail', function () {
  this.timeout(60_000)
  useApp()

  const record = (count: number, ageSeconds = 600) =>
    insertRows(
      'domain_events',
      Array.from({ length: count }, (_, at) => ({
        type: 'testHappened',
        occurred_at: inSeconds(-ageSeconds),
        delivered_at: inSeconds(-ageSeconds),
        actor_id: null,
        subject_type: 'person',
        subject_id: at + 1,
        data: toJson({ before: { name: 'Было' }, after: { name: `Стало ${at}` } }),
        ip: '203.0.113.7',
      })),
    )
  const some = async (at = 3): Promise<number> =>
    (await db()('domain_events').whereNotNull('seal_id').orderBy('id').offset(at).first('id')).id
  const kinds = async () => (await verifySeals()).problems.map((problem) => problem.kind)
  /** Does something to the trail, looks at what the check says, and puts it right again. */
  const having = async (id: number, change: Record<string, unknown>) => {
    const before = await db()('domain_events').where({ id }).first()
    await db()('domain_events').where({ id }).update(change)
    const found = await verifySeals()
    await db()('domain_events').where({ id }).update(before)
    return found.problems
  }

  // Seals of earlier files have left their numbers behind.
  let first: number
  let second: number

  before(async () => {
    // The job that seals every two minutes stays away.
    await takeLease('schedule:audit.seal', 'this test', 600)
    await db()('domain_events').del()
    await db()('audit_seals').del()
    await record(25)
    await sealSome(10)
    await sealSome(10)
    await sealAll(() => true)
    ;[first, second] = (await db()('audit_seals').orderBy('id').pluck('id')) as [number, number]
  })

  it('holds every event that is old enough, and no younger one', async () => {
    await record(3, 5)
    expect(await sealAll(() => true)).to.equal(0)
    const verdict = await verifySeals()
    expect(verdict).to.deep.include({ seals: 3, events: 25, erased: 0, problems: [] })
    expect(verdict.head?.hash).to.match(/^[0-9a-f]{64}$/)
  })

  it('shows every kind of change', async () => {
    const id = await some()
    for (const change of [
      { actor_id: 7 },
      { type: 'otherHappened' },
      { occurred_at: inSeconds(-900) },
      { subject_id: 99 },
      { personal_hash: 'f'.repeat(64), erased_at: inSeconds(0) },
    ]) {
      const problems = await having(id, change)
      expect(problems[0], JSON.stringify(change)).to.deep.include({ kind: 'hash' })
    }
    const erased_at = inSeconds(0)
    for (const change of [
      ...[{ data: '{}' }, { ip: null }, { salt: '0'.repeat(32) }],
      // What was changed is not taken for erased.
      ...[
        { data: '{"after":"other"}', erased_at },
        { data: '{}', ip: '192.0.2.77', salt: null, erased_at },
      ],
    ]) {
      const problems = await having(id, change)
      expect(problems, JSON.stringify(change)).to.deep.equal([
        { sealId: first, kind: 'personal', eventIds: [Number(id)] },
      ])
    }
    expect(await kinds()).to.deep.equal([])
  })

  it('shows what was taken out, and what was put in', async () => {
    const id = await some(12)
    const row = await db()('domain_events').where({ id }).first()
    await db()('domain_events').where({ id }).del()
    expect(await kinds()).to.deep.equal(['count'])
    await db()('domain_events').insert(row)
    await db()('domain_events').whereNull('seal_id').limit(1).update({ seal_id: second })
    expect(await kinds()).to.include('count')
    await db()('domain_events').where({ seal_id: second, salt: null }).update({ seal_id: null })
    expect(await kinds()).to.deep.equal([])
  })

  it('shows a seal that was taken out or made anew', async () => {
    const seal = await db()('audit_seals').where({ id: second }).first()
    await db()('audit_seals').where({ id: second }).del()
    expect(await kinds()).to.include('chain')
    await db()('audit_seals').insert({ ...seal, hash: 'a'.repeat(64) })
    expect(await kinds()).to.deep.equal(['hash', 'hash'])
    await db()('audit_seals').where({ id: second }).update(seal)
    expect(await kinds()).to.deep.equal([])
  })

  it('bears that personal values are erased', async () => {
    const id = await some(5)
    await db()('domain_events')
      .where({ id })
      .update({ data: '{}', ip: null, salt: null, erased_at: inSeconds(0) })
    expect(await verifySeals()).to.deep.include({ erased: 1, problems: [] })
  })

  it('makes one chain although two processes seal at once', async () => {
    await record(40)
    await Promise.allSettled([sealSome(10), sealSome(10), sealSome(10)])
    await sealAll(() => true)
    const verdict = await verifySeals()
    expect(verdict).to.deep.include({ events: 65, problems: [] })
  })
})
