import { announce } from '../lib/announce.js'
import { get } from '../lib/http.js'

const PAUSE = 1000

/** Asks how far background work is, moves the bar, and opens what comes next when it is done. */
export default function jobProgress(element) {
  const bar = element.querySelector('progress')
  const words = element.querySelector('.progress-text')
  element.querySelector('[data-refresh]').hidden = true
  let announced = 0
  const ask = async () => {
    if (!element.isConnected) return
    try {
      const { working, percent, text } = await get(element.dataset.url)
      if (!working) {
        announce(element.dataset.done)
        location.replace(element.dataset.next)
        return
      }
      bar.value = percent
      words.textContent = text
      // A screen reader hears quarters, not every second.
      if (percent >= announced + 25) {
        announced = percent
        announce(text)
      }
    } catch {
      // The connection may come back; without it there is still the button.
      element.querySelector('[data-refresh]').hidden = false
    }
    setTimeout(ask, PAUSE)
  }
  setTimeout(ask, PAUSE / 2)
}
