import type { Server as HttpServer, IncomingMessage } from 'node:http'
import type { Request, RequestHandler } from 'express'
import { Server, type Socket } from 'socket.io'
import type { z } from 'zod'
import { inBackground } from '../background.ts'
import { afterCommit, chunks } from '../db/index.ts'
import { AppError } from '../errors.ts'
import { baseUrl } from '../http/base-url.ts'
import { log } from '../log.ts'
import { loadActor } from '../rights/actor.ts'
import type { Actor } from '../rights/index.ts'
import { lackingFactor, mustSetFactor } from '../rights/second-factor.ts'
import { hashSessionId, listLiveSessions } from '../session/store.ts'
import { setting } from '../settings.ts'
import { today } from '../time.ts'
import { checkRooms } from './rooms.ts'

export { joinRoom } from './rooms.ts'

/**
 * A message that a page may send. Parsed by its schema, answered by the same services as pages use; the answer goes back
 * as the acknowledgement `{ ok, data | error }`.
 */
export type SocketHandler<S extends z.ZodType = z.ZodType> = {
  /** `feature:verb` */
  message: string
  input: S
  // biome-ignore lint/suspicious/noExplicitAny: the schema types the input where the handler is written
  handle: (context: { actor: Actor; socket: Socket; input: any }) => Promise<unknown>
}

let io: Server | undefined

/** Starts sockets on the HTTP server. `session` are the page's own session handlers: a socket is who the page is. */
export function startRealtime(server: HttpServer, session: RequestHandler[], handlers: readonly SocketHandler[]): void {
  io = new Server(server, {
    serveClient: false,
    maxHttpBufferSize: 100_000,
    allowRequest: (request, decide) => {
      isOwnOrigin(request).then(
        (isOwn) => decide(null, isOwn),
        () => decide(null, false),
      )
    },
  })
  for (const handler of session) io.engine.use(handler)
  io.on('connection', (socket) => {
    const { user, sessionID } = socket.request as Request
    if (!user || user.personId === null || user.viewedBy || mustSetFactor(user)) return void socket.disconnect(true)
    const { personId } = user
    socket.data.personId = personId
    socket.data.sessionKey = hashSessionId(sessionID)
    void socket.join(`person:${personId}`)
    for (const handler of handlers) {
      socket.on(handler.message, (raw: unknown, acknowledge: unknown) => {
        const answer = typeof acknowledge === 'function' ? (acknowledge as (result: unknown) => void) : () => {}
        receive(handler, personId, socket, raw).then(answer, (error) => answer(failure(error)))
      })
    }
  })
  sweeper = setInterval(checkSoon, SWEEP_MS)
  sweeper.unref()
}

/** Ports and sister domains share cookies: only our own pages may open a socket. Programs send no origin. */
async function isOwnOrigin(request: IncomingMessage): Promise<boolean> {
  const { origin, host, 'x-forwarded-host': forwarded } = request.headers
  if (!origin) return true
  if (!URL.canParse(origin)) return false
  const asked = new URL(origin).host
  // A proxy may put its own name in place of ours.
  return [host, forwarded].includes(asked) || new URL(await baseUrl()).host === asked
}

/** A socket outlives the page that opened it, so who it is and what they may do is asked anew for every message. */
async function receive(handler: SocketHandler, personId: number, socket: Socket, raw: unknown) {
  const [live, { timeZone }] = [await listLiveSessions([socket.data.sessionKey]), await setting('authority')]
  const actor = live.length ? await loadActor(personId, timeZone) : undefined
  if (!actor || mustSetFactor(actor)) {
    // After the answer, which tells the page why.
    setImmediate(() => socket.disconnect(true))
    throw new AppError(401, 'errors.signIn')
  }
  const parsed = handler.input.safeParse(raw)
  if (!parsed.success) return { ok: false, error: 'errors.badRequest' }
  return { ok: true, data: (await handler.handle({ actor, socket, input: parsed.data })) ?? null }
}

function failure(error: unknown) {
  if (error instanceof AppError && error.status < 500) return { ok: false, error: error.code }
  log.error({ error }, 'a socket message failed')
  return { ok: false, error: 'errors.internal' }
}

/** Tells a room right after commit what has changed. Nobody hears it where sockets are not started (jobs, commands). */
export const tellRoom = (room: string, message: string, data: unknown): void => void io?.to(room).emit(message, data)

const SWEEP_MS = 30_000
let sweeper: NodeJS.Timeout | undefined

/** Ends sockets whose session is over, wherever and however it ended: they hear nothing more. One query for all. */
async function endStaleSockets(sockets: readonly Socket[]): Promise<void> {
  if (!sockets.length) return
  const live = new Set(await listLiveSessions([...new Set(sockets.map((socket) => socket.data.sessionKey as string))]))
  const barred = await listBarred([...new Set(sockets.map((socket) => socket.data.personId as number))])
  for (const socket of sockets)
    if (!live.has(socket.data.sessionKey) || barred.has(socket.data.personId)) socket.disconnect(true)
}

/** Those of the people who must set up the second step before anything else. */
async function listBarred(personIds: readonly number[]): Promise<Set<number>> {
  const { timeZone } = await setting('authority')
  const barred = new Set<number>()
  for (const piece of chunks(personIds)) {
    for (const id of await lackingFactor(today(timeZone)).whereIn('p.id', piece).pluck('p.id')) {
      const actor = await loadActor(id, timeZone)
      if (actor && mustSetFactor(actor)) barred.add(id)
    }
  }
  return barred
}

let checking: Promise<void> | undefined
let again = false

/** One look at a time; what changes meanwhile is seen by the next. */
function checkSoon(): void {
  again = checking !== undefined
  if (again) return
  checking = inBackground(async () => {
    const sockets = () => [...(io?.sockets.sockets.values() ?? [])]
    await endStaleSockets(sockets())
    await checkRooms(sockets())
  })
    .catch((error) => log.warn({ error }, 'sockets were not checked'))
    .finally(() => {
      checking = undefined
      if (again) checkSoon()
    })
}

/** Looks at once whether sockets must end or leave rooms: after sessions were ended, an account closed or rights taken. */
export const checkSockets = (): void => afterCommit(checkSoon)

export async function stopRealtime(): Promise<void> {
  clearInterval(sweeper)
  await checking
  await io?.close()
  io = undefined
}
