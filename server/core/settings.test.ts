import { expect } from 'chai'
import { useApp } from '../testing/app.ts'
import { makeUser } from '../testing/builders.ts'
import { db, toJson, withTransaction } from './db/index.ts'
import { forgetSettings, saveSetting, setting } from './settings.ts'

describe('settings', () => {
  const app = useApp()
  const name = async () => (await setting('authority')).name
  const save = (value: string) => saveSetting('authority', { name: value })
  const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

  it('hold at once where they are changed, many times in a row as well', async () => {
    for (const value of ['Первое', 'Второе', 'Третье']) {
      await Promise.all([name(), save(value), name()])
      expect(await name()).to.equal(value)
    }
    await Promise.all(['а', 'б', 'в'].map(save))
    const stored = JSON.parse((await db()('settings').where({ name: 'authority' }).first()).value).name
    expect(await name()).to.equal(stored)
  })

  it('are seen by their own transaction before the commit, and by others only after it', async () => {
    await save('Прежнее')
    let other: string | undefined
    await withTransaction(async () => {
      await save('Новое')
      expect(await name()).to.equal('Новое')
      // Outside the transaction: as another request would ask.
      const answer = await fetch(`${app.url}/sign-in`)
      other = await answer.text()
    })
    expect(other).to.include('Прежнее').and.not.include('Новое')
    expect(await name()).to.equal('Новое')
  })

  it('of a transaction that failed never hold', async () => {
    await save('Прежнее')
    await withTransaction(async () => {
      await save('Несбывшееся')
      await name()
      throw new Error('on purpose')
    }).catch(() => {})
    expect(await name()).to.equal('Прежнее')
  })

  it('that another process changes are followed within seconds, without a query in any request', async () => {
    await makeUser('reader')
    const reader = await app.signedIn('reader')
    await save('Прежнее')
    // The first request of all also reads what roles may do.
    await reader.get('/profile')
    const usual = (await reader.get('/profile')).queries
    await db()('settings')
      .where({ name: 'authority' })
      .update({ value: toJson({ name: 'Из другого процесса' }) })
    const counts = new Set<number>()
    const until = Date.now() + 8000
    while ((await name()) !== 'Из другого процесса' && Date.now() < until) {
      counts.add((await reader.get('/profile')).queries)
      await pause(50)
    }
    expect(await name()).to.equal('Из другого процесса')
    expect([...counts]).to.deep.equal([usual])
  }).timeout(10_000)

  it('are read once for all who ask at the same time after they were forgotten', async () => {
    await save('Одно')
    forgetSettings()
    expect(new Set(await Promise.all(Array.from({ length: 20 }, name)))).to.deep.equal(new Set(['Одно']))
  })
})
