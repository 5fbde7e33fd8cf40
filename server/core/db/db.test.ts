import { expect } from 'chai'
import type { Knex } from 'knex'
import { useApp } from '../../testing/app.ts'
import { makePerson } from '../../testing/builders.ts'
import { explain } from '../../testing/plans.ts'
import { beginningWith } from '../text.ts'
import { nowUtc } from '../time.ts'
import { db, isMysql, rootDatabase, withTransaction } from './index.ts'

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** How many settings of this test there are. */
const written = async (): Promise<number> =>
  (await rootDatabase()('settings').where('name', 'like', 'test.%').pluck('name')).length

const row = (name: string) => ({ name: `test.${name}`, value: '1', updated_at: nowUtc() })

const write = (name: string) => db()('settings').insert(row(name))

describe('the database', () => {
  useApp()

  afterEach(async () => {
    await rootDatabase()('settings').where('name', 'like', 'test.%').del()
  })

  it('answers readers while a long transaction goes on and more writers wait than there are connections', async () => {
    let finish!: () => void
    const finished = new Promise<void>((resolve) => {
      finish = resolve
    })
    const long = withTransaction(async () => {
      await write('long')
      await finished
    })
    await sleep(20)
    const waiting = Array.from({ length: 10 }, (_, at) =>
      at % 2 ? withTransaction(async () => void (await write(`t${at}`))) : write(`w${at}`).then(() => {}),
    )
    await sleep(50)
    const start = performance.now()
    const reads = await Promise.race([Promise.all(Array.from({ length: 8 }, written)), sleep(2000)])
    const took = performance.now() - start
    finish()
    await Promise.all([long, ...waiting])
    expect(reads).to.be.an('array')
    expect(took).to.be.below(100)
    if (!isMysql(rootDatabase())) expect(reads, 'writers wait').to.deep.equal(Array(8).fill(0))
    expect(await written()).to.equal(11)
  })

  it('lets the next writer go on after one that failed, with or without a transaction', async () => {
    const failing = [
      write('twice').then(() => write('twice')),
      withTransaction(async () => {
        await write('undone')
        throw new Error('thrown')
      }),
      withTransaction(() => withTransaction(() => write('long').then(() => write('long')))),
      rootDatabase().raw('update no_such_table set a = 1'),
    ]
    const outcomes = await Promise.allSettled(failing)
    expect(outcomes.map(({ status }) => status)).to.deep.equal(Array(4).fill('rejected'))
    await withTransaction(async () => {
      await write('a')
      // A savepoint inside.
      await db().transaction((inner) => inner('settings').insert(row('b')))
    })
    expect(await written()).to.equal(3)
  })

  it('looks up the beginnings of names and logins in an index', async () => {
    const queries: [string, Knex.QueryBuilder][] = [
      ['accounts', db()('accounts').whereBetween('login_folded', beginningWith('petrova.a')).select('login_folded')],
      ['people', db()('people').whereBetween('sort_name', beginningWith('петрова а')).select('id')],
      ['person_words', db()('person_words').whereBetween('word', beginningWith('петр')).select('person_id')],
    ]
    for (const [table, query] of queries) {
      const { sql, bindings } = query.toSQL().toNative()
      const [step] = (await explain(sql, bindings as string[])) as { key?: string; detail?: string }[]
      if (isMysql(db())) expect(step?.key, table).to.be.a('string')
      else expect(step?.detail).to.match(new RegExp(`^SEARCH ${table} USING (COVERING )?INDEX`))
    }
  })

  it('finds by the beginning what begins so, and nothing else', async () => {
    const names = ['анна_', 'анна', 'аннама', 'анн', 'анноа', 'анна%', 'анна я', 'анна 😀', 'бнна']
    for (const sort_name of names) await makePerson({ sort_name })
    const found = await db()('people').whereBetween('sort_name', beginningWith('анна')).pluck('sort_name')
    expect(found).to.have.members(['анна_', 'анна', 'аннама', 'анна%', 'анна я', 'анна 😀'])
    expect(await db()('people').whereBetween('sort_name', beginningWith('анна_')).pluck('sort_name')).to.deep.equal([
      'анна_',
    ])
  })
})
