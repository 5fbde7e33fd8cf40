import { joinRoom, type SocketHandler } from '../../core/realtime/index.ts'
import { roomOf } from './cells-service.ts'
import { followInput } from './input.ts'
import { selectGroup } from './queries.ts'

/** A page with a journal open asks for its news; only who may see the journal gets them. */
export const journalSockets: SocketHandler[] = [
  {
    message: 'journal:follow',
    input: followInput,
    handle: async ({ actor, socket, input }) => {
      const { groupId } = followInput.parse(input)
      const group = await selectGroup(actor, groupId)
      await joinRoom(socket, roomOf(group.id), (later) => selectGroup(later, group.id))
    },
  },
]
