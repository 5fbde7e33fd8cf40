import type { Socket } from 'socket.io'
import { AppError } from '../errors.ts'
import { loadActor } from '../rights/actor.ts'
import type { Actor } from '../rights/index.ts'
import { setting } from '../settings.ts'

/** Looks whether a person may (still) hear a room; throws as the pages do if not. */
export type MayHear = (actor: Actor) => Promise<unknown>

const roomsOf = (socket: Socket): Map<string, MayHear> => {
  socket.data.rooms ??= new Map()
  return socket.data.rooms
}

/**
 * Lets a socket hear what is told to a room (`tellRoom`), for as long as its person may: that is looked at again whenever
 * rights may have ended, and by the clock.
 */
export async function joinRoom(socket: Socket, room: string, mayHear: MayHear): Promise<void> {
  roomsOf(socket).set(room, mayHear)
  await socket.join(room)
}

/** Takes sockets out of rooms that their people may hear no more. Two queries a person and those of `mayHear` a room. */
export async function checkRooms(sockets: readonly Socket[]): Promise<void> {
  const { timeZone } = await setting('authority')
  const actors = new Map<number, Promise<Actor | undefined>>()
  for (const socket of sockets) {
    const rooms = roomsOf(socket)
    if (!rooms.size) continue
    const personId: number = socket.data.personId
    const known = actors.get(personId) ?? loadActor(personId, timeZone)
    actors.set(personId, known)
    const actor = await known
    for (const [room, mayHear] of rooms) {
      if (actor && (await isAllowed(mayHear, actor))) continue
      rooms.delete(room)
      await socket.leave(room)
    }
  }
}

/** A refusal is an answer; a database that does not answer is none, and nobody is sent away for it. */
const isAllowed = (mayHear: MayHear, actor: Actor): Promise<boolean> =>
  mayHear(actor).then(
    () => true,
    (error) => {
      if (error instanceof AppError && error.status < 500) return false
      throw error
    },
  )
