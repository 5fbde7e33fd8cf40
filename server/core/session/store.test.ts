import { expect } from 'chai'
import type { SessionData } from 'express-session'
import { useApp } from '../../testing/app.ts'
import { makeUser } from '../../testing/builders.ts'
import { db } from '../db/index.ts'
import { DatabaseSessionStore, hashSessionId, SessionUser } from './store.ts'

describe('sessions in the database', () => {
  useApp()
  const store = new DatabaseSessionStore()
  const done = <T>(
    work: (callback: (error?: unknown, data?: T | null) => void) => void,
  ): Promise<T | null | undefined> =>
    new Promise((resolve, reject) => work((error, data) => (error ? reject(error) : resolve(data))))
  const rows = (id: string) => db()('sessions').where({ id: hashSessionId(id) })

  it('name their person by the id alone, and read what the person may do along with it', async () => {
    const personId = await makeUser('reader', 'methodist')
    const data = { cookie: {}, passport: { user: new SessionUser(personId, undefined) } } as unknown as SessionData
    await done((callback) => store.set('one', data, callback))
    const [row] = await rows('one')
    expect(row.person_id).to.equal(personId)
    expect(JSON.parse(row.data).passport).to.deep.equal({ user: personId })
    const read = await done<SessionData>((callback) => store.get('one', callback))
    const roles = read?.passport?.user?.actor?.grants.map((grant) => grant.roleCode)
    expect(roles).to.include.members(['everyone', 'methodist']).and.not.include('manager')
  })

  it('stay ended when a request that was under way writes its own', async () => {
    const personId = await makeUser('ended')
    const data = { cookie: {}, passport: { user: new SessionUser(personId, undefined) } } as unknown as SessionData
    await done((callback) => store.set('two', data, callback))
    const underWay = (await done<SessionData>((callback) => store.get('two', callback))) as SessionData
    await done((callback) => store.destroy('two', callback))
    await done((callback) => store.set('two', underWay, callback))
    expect(await rows('two')).to.have.length(0)
  })
})
