import { expect } from 'chai'
import { io, type Socket } from 'socket.io-client'
import { useApp } from '../../testing/app.ts'
import { makeUser } from '../../testing/builders.ts'
import type { TestClient } from '../../testing/client.ts'
import { db } from '../db/index.ts'

describe('sockets', () => {
  const app = useApp()
  const sockets: Socket[] = []

  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.disconnect()
  })

  const open = (client: TestClient, headers: Record<string, string> = {}) => {
    const extraHeaders = { cookie: client.cookie, ...headers }
    const socket = io(app.url, { extraHeaders, transports: ['websocket'], forceNew: true, reconnection: false })
    sockets.push(socket)
    return new Promise<Socket | Error>((resolve) => {
      socket.once('connect', () => resolve(socket))
      socket.once('connect_error', resolve)
    })
  }
  const closed = (socket: Socket) => new Promise((resolve) => socket.once('disconnect', resolve))

  it('end when their person signs out, and not those of others', async () => {
    await makeUser('leaves')
    await makeUser('stays')
    const client = await app.signedIn('leaves')
    const [socket, other] = [await open(client), await open(await app.signedIn('stays'))] as [Socket, Socket]
    const end = closed(socket)
    await client.post('/sign-out')
    expect(await end).to.equal('io server disconnect')
    expect(other.connected).to.equal(true)
  })

  it('end when the account is closed, however that came about', async () => {
    await makeUser('admin', 'administrator')
    const id = await makeUser('blocked')
    const socket = (await open(await app.signedIn('blocked'))) as Socket
    const end = closed(socket)
    const admin = await app.signedIn('admin')
    expect((await admin.post(`/accounts/${id}/state`, { state: 'blocked' })).status).to.equal(303)
    expect(await end).to.equal('io server disconnect')
  })

  it('answer nothing once the rights behind them are gone', async () => {
    const id = await makeUser('archived')
    const socket = (await open(await app.signedIn('archived'))) as Socket
    await db()('people').where({ id }).update({ state: 'archived' })
    const end = closed(socket)
    expect(await socket.emitWithAck('journal:follow', { groupId: 1 })).to.include({ ok: false, error: 'errors.signIn' })
    expect(await end).to.equal('io server disconnect')
  })

  it('open from our own pages only', async () => {
    await makeUser('lured')
    const client = await app.signedIn('lured')
    expect(await open(client, { origin: 'http://evil.example' })).to.be.instanceOf(Error)
    expect(await open(client, { origin: 'http://127.0.0.1:1' })).to.be.instanceOf(Error)
    expect(await open(client, { origin: app.url })).to.have.property('connected', true)
  })
})
