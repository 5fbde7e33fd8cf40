import { expect } from 'chai'
import { io, type Socket } from 'socket.io-client'
import { db } from '../../core/db/index.ts'
import { checkSockets, tellRoom } from '../../core/realtime/index.ts'
import { useApp } from '../../testing/app.ts'
import { makeUser } from '../../testing/builders.ts'
import type { TestClient } from '../../testing/client.ts'
import { roomOf } from './cells-service.ts'
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

  describe('end for who loses the right to the journal, while others hear on', () => {
    let number = 0

    /** Two instructors with the journal open, until only the second hears of its changes. */
    const lose = async (take: (personId: number, login: string) => Promise<unknown>) => {
      const logins = [`leaves${++number}`, `stays${number}`] as const
      const personId = await makeInstructor(logins[0], own.group)
      await makeInstructor(logins[1], own.group)
      const heard: [number[], number[]] = [[], []]
      const open = await Promise.all(
        logins.map(async (login, at) => {
          const socket = await connect(await app.signedIn(login))
          expect((await follow(socket, { groupId: own.group })).ok).to.equal(true)
          socket.on('journal:ping', (n: number) => heard[at]?.push(n))
          return socket
        }),
      )
      const ping = async (n: number) => {
        tellRoom(roomOf(own.group), 'journal:ping', n)
        while (!heard[1].includes(n)) await new Promise((resolve) => setTimeout(resolve, 20))
        await new Promise((resolve) => setTimeout(resolve, 50))
        return heard[0].includes(n)
      }
      expect(await ping(0)).to.equal(true)
      await take(personId, logins[0])
      let n = 1
      for (const until = Date.now() + 8000; (await ping(n)) && Date.now() < until; n++);
      expect(await ping(n + 1)).to.equal(false)
      return open[0] as Socket
    }
    const admin = async () => app.signedIn('chief')
    before(() => makeUser('chief', 'administrator'))

    it('when a grant is withdrawn', async () => {
      const socket = await lose(async (personId) => {
        const grant = await db()('grants').where({ person_id: personId }).first('id')
        const answer = await (await admin()).post(`/people/${personId}/grants/${grant.id}/revoke`)
        expect(answer.status).to.equal(303)
      })
      expect(socket.connected).to.equal(true)
      expect(await follow(socket, { groupId: own.group })).to.deep.equal({ ok: false, error: 'errors.notFound' })
    })

    it('when they teach the group no longer', async () => {
      await lose(async (personId) => {
        await db()('grants').where({ person_id: personId }).update({ source: 'teaching', source_id: own.group })
        const path = `/cohorts/${own.cohort}/groups/${own.group}/instructors/remove`
        expect((await (await admin()).post(path, { personId })).status).to.equal(303)
      })
    })

    it('when their session ends or their account is closed: the connection as well', async () => {
      for (const take of [
        async (personId: number) =>
          expect((await (await admin()).post(`/accounts/${personId}/state`, { state: 'blocked' })).status).to.equal(
            303,
          ),
        async (personId: number) => {
          const session = await db()('sessions').where({ person_id: personId }).first('id')
          await db()('sessions').where({ id: session.id }).del()
          checkSockets()
        },
      ]) {
        expect((await lose(take)).connected).to.equal(false)
      }
    })

    it('when another process ended it without a word to this one, at the next look', async () => {
      await lose(async (personId) => {
        await db()('grants').where({ person_id: personId }).update({ ends_on: '2020-01-01' })
        checkSockets()
      })
    })
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
