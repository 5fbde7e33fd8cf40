import { db } from '../../db/index.ts'
import { log } from '../../log.ts'
import { setting } from '../../settings.ts'
import type { Message, Outcome, Outlet } from '../outlets.ts'
import { isBotOn, say } from './bot.ts'
import { unlinkChat } from './links.ts'

/** A message takes 4096 letters; the address of the page must still fit. */
const MOST_LETTERS = 3500
const REST_SECONDS = 30
const LONGEST_REST_SECONDS = 3600

/** The server has asked for a pause, or did not answer. */
let restingUntil = 0

const textOf = ({ title, text, url }: Message): string => {
  const words = text ? `${title}\n\n${text}` : title
  const shown = words.length > MOST_LETTERS ? `${words.slice(0, MOST_LETTERS - 1)}…` : words
  return url ? `${shown}\n\n${url}` : shown
}

const away = (code: string, seconds: number, values: Record<string, unknown>, isUntried = false): Outcome => {
  restingUntil = Date.now() + seconds * 1000
  return { kind: 'away', code, values, isUntried, retryInSeconds: seconds }
}

/** The server's name, for the words of the reason: the address itself holds the bot's secret. */
const serverName = async () => {
  const { server } = await setting('messenger')
  return URL.canParse(server) ? new URL(server).host : server
}

async function send(message: Message): Promise<Outcome> {
  const link = await db()('messenger_links').where({ person_id: message.personId }).first('chat_id')
  if (!link?.chat_id) return { kind: 'gone' }
  const host = await serverName()
  const wait = (restingUntil - Date.now()) / 1000
  if (wait > 0) return { kind: 'away', code: 'noAnswer', values: { host }, isUntried: true, retryInSeconds: wait }
  try {
    const answer = await say(link.chat_id, textOf(message))
    if (answer.ok) return { kind: 'sent' }
    const { status, words } = answer
    const values = { host, status, words }
    // Blocked by the person, or the conversation is there no more.
    if (status === 403 || (status === 400 && /chat not found/i.test(words))) {
      await unlinkChat(link.chat_id)
      return { kind: 'gone' }
    }
    if (status === 429)
      return away('tooMany', Math.min(answer.retryAfter ?? REST_SECONDS, LONGEST_REST_SECONDS), values, true)
    if (status === 401 || status === 404) return away('wrongToken', REST_SECONDS, values)
    if (status >= 500) return away('serverError', REST_SECONDS, values)
    return { kind: 'refused', code: 'refused', values }
  } catch (error) {
    log.warn({ error, host }, 'the messenger could not be reached')
    return away('noAnswer', REST_SECONDS, { host, words: String(error).slice(0, 300) })
  }
}

/** Tests try again at once. */
export const restNoLonger = (): void => {
  restingUntil = 0
}

/** A bot of the authority writes to whoever has linked a conversation with it. */
export const messengerOutlet: Outlet = {
  channel: 'messenger',
  isOn: async () => isBotOn(await setting('messenger')),
  listReached: (personIds) =>
    db()('messenger_links').whereIn('person_id', personIds).whereNotNull('chat_id').pluck('person_id'),
  send,
  together: 1,
  isOneServer: true,
}
