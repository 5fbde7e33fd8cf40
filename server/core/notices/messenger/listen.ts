import { translator } from '../../i18n/index.ts'
import type { JobDefinition } from '../../jobs/index.ts'
import { log } from '../../log.ts'
import { setting } from '../../settings.ts'
import { callBot, isBotOn, say } from './bot.ts'
import { linkByCode, unlinkChat } from './links.ts'

type Chat = { id: number | string; type?: string }
type Update = {
  update_id: number
  message?: { chat?: Chat; from?: { username?: string; first_name?: string }; text?: string }
  my_chat_member?: { chat?: Chat; new_chat_member?: { status?: string } }
}

const POLL_SECONDS = 20
/** A run ends before the scheduler begins the next, which another process may get. */
const RUN_MS = 29_000
const GLANCE_MS = 500
const PAUSE_MS = 10_000
/** Codes are long; who guesses at them is heard no more for an hour. */
const MOST_WRONG = 5
const HOUR_MS = 3_600_000

const wrong = new Map<string, { count: number; until: number }>()

function isGuessing(chatId: string): boolean {
  const known = wrong.get(chatId)
  return known !== undefined && known.until > Date.now() && known.count >= MOST_WRONG
}

function noteWrong(chatId: string): void {
  for (const [id, { until }] of wrong) if (until < Date.now()) wrong.delete(id)
  wrong.set(chatId, { count: (wrong.get(chatId)?.count ?? 0) + 1, until: Date.now() + HOUR_MS })
}

async function answer(chatId: string, language: string | null, key: string, values: object = {}): Promise<void> {
  const { defaultLanguage, name: authority } = await setting('authority')
  const t = translator(language ?? defaultLanguage)
  await say(chatId, t(`notices.messenger.bot.${key}`, { authority, ...values }))
}

async function receive({ message, my_chat_member: membership }: Update): Promise<void> {
  const left = membership?.chat?.id
  if (left !== undefined && membership?.new_chat_member?.status === 'kicked') await unlinkChat(String(left))
  // What concerns one person is said to that person: not in a group.
  if (message?.chat?.id === undefined || (message.chat.type ?? 'private') !== 'private') return
  const chatId = String(message.chat.id)
  const [command = '', code = ''] = (message.text ?? '').trim().split(/\s+/)
  const verb = command.split('@', 1)[0]
  if (verb === '/stop') {
    await answer(chatId, null, (await unlinkChat(chatId)) ? 'stopped' : 'notLinked')
    return
  }
  if (verb !== '/start' || !code) return answer(chatId, null, 'help')
  if (isGuessing(chatId)) return
  const { username, first_name: firstName } = message.from ?? {}
  const linked = await linkByCode(code, chatId, username ? `@${username}` : (firstName ?? ''))
  if (linked) return answer(chatId, linked.language, 'linked', { name: linked.firstName })
  noteWrong(chatId)
  await answer(chatId, null, 'wrongCode')
}

/**
 * Asks once for what people have written to the bot, and answers it.
 * @param seconds how long the server may keep the question until somebody writes
 * @returns the number from which to ask on
 */
async function listenOnce(offset: number, seconds: number, signal: AbortSignal): Promise<number> {
  const input = { offset, timeout: seconds, allowed_updates: ['message', 'my_chat_member'] }
  const heard = await callBot<Update[]>('getUpdates', input, { patienceMs: (seconds + 10) * 1000, signal })
  if (!heard.ok) throw new Error(`${heard.status} ${heard.words}`)
  let next = offset
  for (const update of heard.result) {
    next = Math.max(next, update.update_id + 1)
    // One that cannot be answered must not come again and again.
    await receive(update).catch((error) => log.warn({ error }, 'a message to the bot was not answered'))
  }
  return next
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))

/**
 * Listens to what people write to the bot until the process stops, the bot is switched off or the time is over. The
 * scheduler's lease lets one process of several do so.
 */
export async function listen(mayGoOn: () => boolean, until = Number.POSITIVE_INFINITY): Promise<void> {
  let offset = 0
  let quietUntil = 0
  while (mayGoOn() && Date.now() < until && isBotOn(await setting('messenger'))) {
    if (Date.now() < quietUntil) {
      await pause(GLANCE_MS)
      continue
    }
    const stop = new AbortController()
    const glance = setInterval(() => mayGoOn() || stop.abort(), GLANCE_MS)
    try {
      const left = Math.floor((until - Date.now()) / 1000)
      offset = await listenOnce(offset, Math.max(0, Math.min(POLL_SECONDS, left)), stop.signal)
    } catch (error) {
      if (mayGoOn()) log.warn({ error }, 'the messenger was not heard')
      quietUntil = Date.now() + PAUSE_MS
    } finally {
      clearInterval(glance)
    }
  }
  // What was answered is confirmed by the next question: nobody else must answer it again.
  if (offset)
    await callBot('getUpdates', { offset, timeout: 0, limit: 1 }, { patienceMs: GLANCE_MS * 4 }).catch(() => {})
}

export const messengerJob: JobDefinition = {
  kind: 'notices.listen',
  schedule: '*/30 * * * * *',
  run: (_payload, { mayGoOn }) => listen(mayGoOn, Date.now() + RUN_MS),
}
