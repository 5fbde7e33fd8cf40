import { expect } from 'chai'
import { io, type Socket } from 'socket.io-client'
import { useApp } from '../../testing/app.ts'
import type { TestClient } from '../../testing/client.ts'
import { type Class, change, makeClass, makeInstructor, type Saved, save } from './testing.ts'

type Acknowledged = { ok: boolean; error?: string }
type News = { groupId: number; cells: Saved['saved']; totals: Saved['totals'] }

describe('news of a module journal', () => {
  const app = useApp()
  let own: Class
  let anna: TestClient
  let stranger: TestClient
  const sockets: Socket[] = []

  before(async () => {
    own = await makeClass(2, 1)
    const other = await makeClass(1, 1)
    await makeInstructor('anna', own.group)
    await makeInstructor('stranger', other.group)
    anna = await app.signedIn('anna')
    stranger = await app.signedIn('stranger')
  })
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.disconnect()
  })

  const connect = async (client: TestClient) => {
    const socket = io(app.url, { extraHeaders: { cookie: client.cookie }, transports: ['websocket'], forceNew: true })
    sockets.push(socket)
    await new Promise((resolve) => socket.once('connect', () => resolve(undefined)))
    return socket
  }
  const follow = (socket: Socket, message: unknown): Promise<Acknowledged> =>
    socket.emitWithAck('journal:follow', message)

  it('reach who follows it, right after the change, with the new sums', async () => {
    const socket = await connect(anna)
    expect((await follow(socket, { groupId: own.group })).ok).to.equal(true)
    const heard = new Promise<News>((resolve) => socket.once('journal:cells', resolve))
    const [lesson, learner] = [own.lessons[0] as number, own.enrolments[0] as number]
    await save(anna, own.group, change(lesson, learner, { attendance: 'absent' }))
    const news = await heard
    expect(news.groupId).to.equal(own.group)
    expect(news.cells[0]).to.include({ lessonId: lesson, enrolmentId: learner, attendance: 'absent', version: 1 })
    expect(news.totals[learner]?.percent).to.equal(0)
  })

  it('are not for who may not see the journal, nor for a message that makes no sense', async () => {
    const socket = await connect(stranger)
    expect(await follow(socket, { groupId: own.group })).to.deep.equal({ ok: false, error: 'errors.notFound' })
    for (const nonsense of [null, 'x', { groupId: 'x' }, { groupId: { $gt: 0 } }, [own.group]]) {
      expect((await follow(socket, nonsense)).ok).to.equal(false)
    }
    let heard = false
    socket.on('journal:cells', () => {
      heard = true
    })
    await save(anna, own.group, change(own.lessons[0] as number, own.enrolments[1] as number))
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(heard).to.equal(false)
  })
})
