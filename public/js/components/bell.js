/**
 * The bell of the header: its number follows what comes while the page is open. A page that is left at once never asks for
 * a socket; one that was out of sight asks for the number when it is seen again.
 */
import { notify } from '../lib/announce.js'
import { get } from '../lib/http.js'

const PATIENCE_MS = 2000
const AWAY_MS = 30_000
const MOST_SHOWN = 99

export default function bell(element) {
  const badge = element.querySelector('.count-badge')
  const label = element.querySelector('[data-label]')
  let hiddenAt = 0

  function show(unread) {
    badge.hidden = unread === 0
    badge.textContent = unread > MOST_SHOWN ? `${MOST_SHOWN}+` : String(unread)
    const words = unread === 0 ? element.dataset.none : element.dataset.count.replace('{{count}}', String(unread))
    label.textContent = words
    element.title = words
  }

  async function follow() {
    const { io } = await import(element.dataset.client)
    const socket = io({ transports: ['websocket', 'polling'] })
    socket.on('notices:unread', ({ unread, title }) => {
      show(unread)
      if (title) notify('info', title)
    })
    // What came while the socket was away is only a number now.
    socket.io.on('reconnect', refresh)
  }

  async function refresh() {
    const answer = await get('/notices/unread').catch(() => null)
    if (answer) show(answer.unread)
  }

  document.addEventListener('visibilitychange', () => {
    if (document.hidden) hiddenAt = Date.now()
    else if (hiddenAt && Date.now() - hiddenAt > AWAY_MS) refresh()
  })
  setTimeout(() => follow().catch(() => {}), PATIENCE_MS)
}
