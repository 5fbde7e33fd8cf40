/** Asks this browser to show notices while no page is open. Where it cannot, or was forbidden to, the page says so. */
import { post } from '../lib/http.js'

const WORKER = '/js/push-worker.js'

const isAble = () =>
  window.isSecureContext && 'serviceWorker' in navigator && 'PushManager' in window && 'Notification' in window

/** The key as the browser wants it: bytes. */
function bytesOf(text) {
  const plain = atob(
    text
      .replace(/-/g, '+')
      .replace(/_/g, '/')
      .padEnd(Math.ceil(text.length / 4) * 4, '='),
  )
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0))
}

async function workerReady() {
  const registration = await navigator.serviceWorker.register(WORKER)
  const worker = registration.installing ?? registration.waiting
  if (!registration.active && worker) {
    await new Promise((done) => {
      worker.addEventListener('statechange', () => worker.state === 'activated' && done())
    })
  }
  return registration
}

/** A subscription of an earlier installation has other keys: the browser takes a new one only after giving that up. */
async function subscriptionFor(key) {
  const { pushManager } = await workerReady()
  const former = await pushManager.getSubscription()
  await former?.unsubscribe()
  return pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytesOf(key) })
}

export default function pushBrowser(element) {
  const { key, url, unable, denied, failed, busy } = element.dataset
  const words = element.querySelector('[data-words]')
  const row = element.querySelector('[data-ask]')
  const button = row.querySelector('button')

  const say = (text) => {
    words.textContent = text
    words.hidden = text === ''
  }

  if (!isAble()) return say(unable)
  if (Notification.permission === 'denied') return say(denied)
  say('')
  row.hidden = false

  button.addEventListener('click', async () => {
    button.disabled = true
    say(busy)
    try {
      if ((await Notification.requestPermission()) !== 'granted') {
        say(denied)
        return
      }
      await post(url, (await subscriptionFor(key)).toJSON())
      // The page as it is now, with this browser in the list.
      location.reload()
    } catch {
      say(failed)
    } finally {
      button.disabled = false
    }
  })
}
