import type { Channel } from './kinds.ts'
import { messengerOutlet } from './messenger/outlet.ts'
import { pushOutlet } from './push/outlet.ts'

/** A notice in its reader's words, ready to leave. */
export type Message = {
  deliveryId: number
  personId: number
  title: string
  text: string
  /** The page in the system: its path, and its full address if the system knows its own. */
  path: string
  url: string | null
  /** What has it already, of several places where this person is reached: as the outlet itself noted. */
  reached: number[]
}

/** What came of sending: the words of the reason are `notices.why.<code>`, filled with `values`. */
export type Outcome =
  | { kind: 'sent' }
  /** Nobody is reached by this way any more. */
  | { kind: 'gone' }
  /** This one was not taken: it counts as a try. */
  | { kind: 'refused'; code: string; values: Record<string, unknown>; reached?: number[] }
  /** The server itself cannot: of what was not even tried no try counts. */
  | {
      kind: 'away'
      code: string
      values: Record<string, unknown>
      reached?: number[]
      isUntried?: boolean
      retryInSeconds?: number
    }

/** A way out of the system beside letters. One more is one more of these. */
export type Outlet = {
  channel: Exclude<Channel, 'app' | 'email'>
  /** Whether the authority allows it at all. */
  isOn: () => Promise<boolean>
  /** Which of these people are reached by it. */
  listReached: (personIds: readonly number[]) => Promise<number[]>
  send: (message: Message) => Promise<Outcome>
  /** How many are sent at once. */
  together: number
  /** One server takes all: if it is away, nothing more is tried in this run. */
  isOneServer: boolean
}

export const OUTLETS: readonly Outlet[] = [pushOutlet, messengerOutlet]

/** The channels by which a notice may come here and now. */
export async function openChannels(): Promise<Channel[]> {
  const open: Channel[] = ['app', 'email']
  for (const outlet of OUTLETS) if (await outlet.isOn()) open.push(outlet.channel)
  return open
}
