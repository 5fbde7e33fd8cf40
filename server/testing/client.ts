export type Answer = {
  status: number
  text: string
  headers: Headers
  location: string
  /** Queries that the request made. */
  queries: number
  json: <T = Record<string, unknown>>() => T
}
type Fields = Record<string, unknown>
type Options = { headers?: Record<string, string>; json?: boolean }

function append(to: URLSearchParams | FormData, name: string, value: unknown) {
  if (value === undefined || value === null) return
  if (Array.isArray(value)) for (const item of value) append(to, name, item)
  else if (value instanceof Blob) (to as FormData).append(name, value)
  else if (typeof value === 'object') {
    for (const [key, item] of Object.entries(value)) append(to, `${name}[${key}]`, item)
  } else to.append(name, String(value))
}

/** A browser as far as tests need one: cookies, the form token, no redirects followed. */
export class TestClient {
  readonly #url: string
  readonly #cookies = new Map<string, string>()

  constructor(url: string) {
    this.#url = url
  }

  /** The cookies as a header, for sockets. */
  get cookie(): string {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  }

  get(path: string, options: Options = {}): Promise<Answer> {
    return this.#send('GET', path, undefined, options)
  }

  /** Sends a form as a page would: with the token, fetched from the sign-in page if there is none yet. */
  async post(path: string, fields: Fields = {}, options: Options = {}): Promise<Answer> {
    await this.#fetchToken()
    const form = new URLSearchParams()
    for (const [name, value] of Object.entries({ _csrf: this.#token(), ...fields })) append(form, name, value)
    return this.#send('POST', path, form, options)
  }

  /** Sends a form with files (Blob or File values). */
  async upload(path: string, fields: Fields, options: Options = {}): Promise<Answer> {
    await this.#fetchToken()
    const form = new FormData()
    for (const [name, value] of Object.entries({ _csrf: this.#token(), ...fields })) append(form, name, value)
    return this.#send('POST', path, form, options)
  }

  /** Sends JSON as our scripts do, and wants JSON back. */
  async postJson(path: string, data: unknown): Promise<Answer> {
    await this.#fetchToken()
    const headers = { 'content-type': 'application/json', 'x-csrf-token': this.#token() }
    return this.#send('POST', path, JSON.stringify(data), { headers, json: true })
  }

  /** Forgets the session, as if it had ended, but not the rest. */
  loseSession(): void {
    this.#cookies.delete('integral.sid')
  }

  /** The session has another address: the next form brings the token of now, as a new page does. */
  forgetToken(): void {
    this.#cookies.delete('integral.csrf')
  }

  /** Tokens are bound to the session, so signing in makes the old one void. Every page brings one, also "not found". */
  async #fetchToken(): Promise<void> {
    if (!this.#cookies.has('integral.csrf')) await this.get('/no-such-page')
  }

  // The signed cookie holds the very token that forms repeat.
  #token(): string {
    return decodeURIComponent(this.#cookies.get('integral.csrf') ?? '')
  }

  async #send(
    method: string,
    path: string,
    body: URLSearchParams | FormData | string | undefined,
    options: Options,
  ): Promise<Answer> {
    const headers = {
      cookie: this.cookie,
      accept: options.json ? 'application/json' : 'text/html',
      'sec-fetch-site': 'same-origin',
      ...options.headers,
    }
    const response = await fetch(new URL(path, this.#url), {
      method,
      headers,
      redirect: 'manual',
      ...(body ? { body } : {}),
    })
    for (const cookie of response.headers.getSetCookie()) this.#keep(cookie)
    const text = await response.text()
    if (path === '/sign-in' && method === 'POST' && response.status === 303) this.#cookies.delete('integral.csrf')
    return {
      status: response.status,
      text,
      headers: response.headers,
      location: response.headers.get('location') ?? '',
      queries: Number(response.headers.get('x-query-count') ?? -1),
      json: () => JSON.parse(text),
    }
  }

  #keep(cookie: string) {
    const [pair = '', ...attributes] = cookie.split(';')
    const at = pair.indexOf('=')
    const gone = attributes.some((attribute) => /expires=Thu, 01 Jan 1970/i.test(attribute))
    if (gone) this.#cookies.delete(pair.slice(0, at))
    else this.#cookies.set(pair.slice(0, at), pair.slice(at + 1))
  }
}
