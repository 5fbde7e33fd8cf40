/** Requests of the journal. A lost connection rejects; everything else is answered with its status. */

const KEEPALIVE_LIMIT = 60_000

/**
 * @param {{ save: string, cells: string }} urls
 */
export function createHttp(urls) {
  const meta = document.querySelector('meta[name="csrf-token"]')

  async function request(url, options = {}) {
    const headers = { accept: 'application/json', ...options.headers }
    const response = await fetch(url, { ...options, headers, credentials: 'same-origin', redirect: 'manual' })
    // The sign-in page is only ever reached by a redirect.
    if (response.type === 'opaqueredirect') return { status: 401, body: null }
    const isJson = response.headers.get('content-type')?.includes('json')
    return { status: response.status, body: isJson ? await response.json() : null }
  }

  function send(changes) {
    const body = JSON.stringify({ cells: changes })
    const headers = { 'content-type': 'application/json', 'x-csrf-token': meta?.content ?? '' }
    // keepalive lets the last words through while the page is being left; browsers limit its size.
    return request(urls.save, { method: 'POST', body, headers, keepalive: body.length < KEEPALIVE_LIMIT })
  }

  const load = () => request(urls.cells)

  return {
    get: request,
    load,
    /** Saves; after a new sign-in the page's token is stale, so it is renewed once. */
    async save(changes) {
      const answer = await send(changes)
      if (answer.status !== 403 || !meta) return answer
      const fresh = await load()
      if (fresh.status !== 200 || !fresh.body?.csrfToken) return fresh.status === 401 ? fresh : answer
      meta.content = fresh.body.csrfToken
      return send(changes)
    },
  }
}
