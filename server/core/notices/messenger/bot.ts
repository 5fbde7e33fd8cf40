import { sendOut } from '../../http/outbound.ts'
import { type Setting, setting } from '../../settings.ts'

/** What the messenger's server answers: the result, or why there is none. */
export type BotAnswer<T> =
  | { ok: true; result: T }
  | { ok: false; status: number; words: string; retryAfter: number | undefined }

type Options = { patienceMs?: number; signal?: AbortSignal }
type Raw = { ok?: boolean; result?: unknown; description?: string; parameters?: { retry_after?: number } }

/** Whether the authority has a bot, and lets it write. */
export const isBotOn = ({ enabled, server, token }: Setting<'messenger'>): boolean =>
  enabled && server !== '' && token !== ''

/**
 * Calls a method of the bot's HTTP interface with the stored settings.
 * @throws what the network says if the server does not answer, or not in its language
 */
export async function callBot<T>(method: string, input: object, options: Options = {}): Promise<BotAnswer<T>> {
  const { server, token } = await setting('messenger')
  const answer = await sendOut('POST', `${server.replace(/\/+$/, '')}/bot${token}/${method}`, {
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(input),
    mayBePrivate: true,
    ...options,
  })
  const said = parsed(answer.text)
  if (said?.ok === true && answer.status === 200) return { ok: true, result: said.result as T }
  return {
    ok: false,
    status: answer.status,
    words: (said?.description ?? answer.text).slice(0, 300),
    retryAfter: said?.parameters?.retry_after ?? answer.retryAfter,
  }
}

function parsed(text: string): Raw | undefined {
  try {
    return JSON.parse(text) as Raw
  } catch {
    return undefined
  }
}

/** Says something in a conversation. Plain text: nothing in it is a command or a mark. */
export const say = (chatId: string, text: string): Promise<BotAnswer<unknown>> =>
  callBot('sendMessage', { chat_id: chatId, text, disable_web_page_preview: true })
