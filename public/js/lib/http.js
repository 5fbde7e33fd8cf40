import { text } from './texts.js'

/** An answer that is not a success: `status` (0: no connection), `code`, a `message` for people, `fields`, whole `data`. */
export class HttpError extends Error {
  constructor(status, message, data = {}) {
    super(message)
    this.name = 'HttpError'
    this.status = status
    this.code = data.error?.code ?? ''
    this.fields = data.error?.fields ?? []
    this.data = data
  }
}

const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds))
/** The form token of the page. */
export const csrfToken = () => document.querySelector('meta[name=csrf-token]')?.content ?? ''

const MESSAGES = { 401: 'http.signedOut', 403: 'http.forbidden', 409: 'http.conflict' }

/** The server's own words come first, except after the end of a session, where it does not know of this page. */
function messageOf(status, data) {
  if (status !== 401 && data.error?.message) return data.error.message
  return text(MESSAGES[status] ?? 'http.failed')
}

async function readBody(response) {
  if (!(response.headers.get('content-type') ?? '').includes('json')) return {}
  return response.json().catch(() => ({}))
}

/**
 * Asks the application in JSON. What may be sent twice without harm (`safe`: reading, and writes that say so) is repeated
 * after a lost connection or a 502, 503, 504, with growing pauses.
 * @param {'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'} method
 * @param {string} url of this application
 * @param {{ body?: unknown, safe?: boolean, retries?: number, signal?: AbortSignal, keepalive?: boolean }} [options] a FormData or
 *   URLSearchParams body goes as it is, everything else as JSON
 * @returns {Promise<any>} the parsed JSON, or an empty object if there was none
 * @throws {HttpError}
 */
export async function request(method, url, options = {}) {
  const { body, safe = method === 'GET', retries = 3, signal, keepalive } = options
  const headers = { accept: 'application/json' }
  if (method !== 'GET') headers['x-csrf-token'] = csrfToken()
  const plain = body === undefined || body instanceof FormData || body instanceof URLSearchParams
  if (!plain) headers['content-type'] = 'application/json'

  for (let attempt = 0; ; attempt++) {
    const again = safe && attempt < retries
    let response
    try {
      response = await fetch(url, {
        method,
        headers,
        body: plain ? body : JSON.stringify(body),
        credentials: 'same-origin',
        signal,
        keepalive,
      })
    } catch (error) {
      if (error.name === 'AbortError') throw error
      if (!again) throw new HttpError(0, text('http.offline'))
    }
    if (response?.ok) return readBody(response)
    if (response && !(again && [502, 503, 504].includes(response.status))) {
      const data = await readBody(response)
      throw new HttpError(response.status, messageOf(response.status, data), data)
    }
    await pause(400 * 3 ** attempt)
  }
}

export const get = (url, options) => request('GET', url, options)
export const post = (url, body, options) => request('POST', url, { ...options, body })
