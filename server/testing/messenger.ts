import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

type Refusal = { status: number; description: string; retryAfter?: number }

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))

/** A messenger's server on this machine, which speaks the HTTP interface of bots of the Telegram kind. */
export class MessengerServer {
  readonly token = '12345:secret-of-the-bot'
  readonly said: { chat: string; text: string }[] = []
  /** Refuses messages to a conversation, or all (`*`). */
  readonly refuses = new Map<string, Refusal>()
  requests = 0
  port = 0
  #updates: { update_id: number }[] = []
  #number = 100
  #server: Server | undefined

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  async start(port = 0): Promise<void> {
    this.#server = createServer((request, response) => void this.#receive(request, response))
    this.#server.listen(port, '127.0.0.1')
    await once(this.#server, 'listening')
    this.port = (this.#server.address() as AddressInfo).port
  }

  async stop(): Promise<void> {
    this.#server?.closeAllConnections()
    await new Promise((resolve) => this.#server?.close(resolve))
    this.#server = undefined
  }

  /** Somebody writes to the bot. */
  write(chat: number, text: string, more: object = {}): void {
    const message = { chat: { id: chat, type: 'private', ...more }, from: { username: `user${chat}` }, text }
    this.#updates.push({ update_id: this.#number++, message } as { update_id: number })
  }

  /** Somebody blocks the bot. */
  block(chat: number): void {
    const my_chat_member = { chat: { id: chat, type: 'private' }, new_chat_member: { status: 'kicked' } }
    this.#updates.push({ update_id: this.#number++, my_chat_member } as { update_id: number })
  }

  textsTo = (chat: number): string[] => this.said.filter((one) => one.chat === String(chat)).map(({ text }) => text)

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.requests++
    const pieces: Buffer[] = []
    for await (const piece of request) pieces.push(piece as Buffer)
    const input = JSON.parse(Buffer.concat(pieces).toString() || '{}')
    const [, token, method] = /^\/bot([^/]+)\/(\w+)$/.exec(request.url ?? '') ?? []
    const answer = (result: unknown) => response.end(JSON.stringify({ ok: true, result }))
    const refuse = ({ status, description, retryAfter }: Refusal) => {
      response.statusCode = status
      const parameters = retryAfter ? { parameters: { retry_after: retryAfter } } : {}
      response.end(JSON.stringify({ ok: false, error_code: status, description, ...parameters }))
    }
    response.setHeader('content-type', 'application/json')
    if (token !== this.token) return void refuse({ status: 401, description: 'Unauthorized' })
    if (method === 'getMe') return void answer({ id: 1, username: 'integral_bot' })
    if (method === 'getUpdates') return void answer(await this.#heard(input, request))
    const refusal = this.refuses.get(String(input.chat_id)) ?? this.refuses.get('*')
    if (refusal) return void refuse(refusal)
    this.said.push({ chat: String(input.chat_id), text: input.text })
    answer({ message_id: this.said.length })
  }

  /** What was written since `offset`; waits for it as long as the bot wants. */
  async #heard({ offset = 0, timeout = 0 }: { offset?: number; timeout?: number }, request: IncomingMessage) {
    this.#updates = this.#updates.filter(({ update_id }) => update_id >= offset)
    const until = Date.now() + timeout * 1000
    while (!this.#updates.length && Date.now() < until && !request.socket.destroyed && this.#server) await pause(20)
    return [...this.#updates]
  }
}
